//! The trusted proxies of a server, which terminate TLS for it.

use std::fmt;
use std::net::IpAddr;
#[cfg(feature = "http")]
use std::net::SocketAddr;
use std::str::FromStr;

#[cfg(feature = "http")]
use http::HeaderMap;

use crate::mcp::error::{ServeError, ServeFault};

/// The addresses of trusted proxies. Only these addresses may connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

/// One IP address, or all addresses with the same leading bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    bits: u8,
}

impl TrustedProxies {
    /// Whether a peer is one of the proxies.
    #[cfg(feature = "http")]
    pub(super) fn contains(&self, peer: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(peer.to_canonical()))
    }

    /// Whether the headers of a proxy say that its client used TLS.
    #[cfg(feature = "http")]
    pub(super) fn has_tls(headers: &HeaderMap) -> bool {
        let mut values = headers.get_all("x-forwarded-proto").iter();
        let (first, second) = (values.next(), values.next());
        second.is_none() && first.is_some_and(|it| it.as_bytes().eq_ignore_ascii_case(b"https"))
    }

    /// Returns the address of the client, as the proxy reports it. Earlier entries of the header come from the
    /// client and cannot be trusted.
    #[cfg(feature = "http")]
    pub(super) fn client(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let values: Vec<&str> =
            headers.get_all("x-forwarded-for").iter().map(|it| it.to_str().unwrap_or("")).collect();
        // Some proxies append the port of the client.
        let parse = |text: &str| {
            let text = text.trim();
            let with_port = || text.parse::<SocketAddr>().map(|it| it.ip());
            text.trim_matches(['[', ']']).parse::<IpAddr>().or_else(|_| with_port()).ok()
        };
        for text in values.iter().rev().flat_map(|value| value.rsplit(',')) {
            let client = parse(text)?.to_canonical();
            // A trusted proxy in front of this proxy is not the client.
            if !self.contains(client) {
                return Some(client);
            }
        }
        None
    }
}

#[cfg(feature = "http")]
impl Network {
    fn contains(self, peer: IpAddr) -> bool {
        let same = |a: u128, b: u128, width: u32| {
            let bits = u32::from(self.bits).min(width);
            bits == 0 || (a ^ b) >> (width - bits) == 0
        };
        match (self.address, peer) {
            (IpAddr::V4(own), IpAddr::V4(peer)) => same(own.to_bits().into(), peer.to_bits().into(), 32),
            (IpAddr::V6(own), IpAddr::V6(peer)) => same(own.to_bits(), peer.to_bits(), 128),
            _ => false,
        }
    }
}

impl FromStr for TrustedProxies {
    type Err = ServeError;

    fn from_str(text: &str) -> Result<Self, ServeError> {
        let parse = |part: &str| -> Option<Network> {
            let (address, bits) = part.split_once('/').map_or((part, None), |(a, bits)| (a, Some(bits)));
            let address: IpAddr = address.parse().ok()?;
            let width = if address.is_ipv4() { 32 } else { 128 };
            let bits =
                bits.map_or(Some(width), |bits| bits.parse().ok().filter(|bits| (1..=width).contains(bits)))?;
            Some(Network { address, bits })
        };
        let networks: Option<Vec<Network>> = text.split(',').map(|part| parse(part.trim())).collect();
        networks.map(Self).ok_or_else(|| ServeFault::NoProxy(text.to_owned()).into())
    }
}

impl fmt::Display for TrustedProxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, Network { address, bits }) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            let is_whole = *bits == if address.is_ipv4() { 32 } else { 128 };
            match is_whole {
                true => write!(f, "{comma}{address}")?,
                false => write!(f, "{comma}{address}/{bits}")?,
            }
        }
        Ok(())
    }
}

#[cfg(all(test, feature = "http"))]
mod tests {
    use super::*;

    #[test]
    fn only_proxies_in_the_list_are_trusted() {
        let proxies: TrustedProxies = "192.0.2.1, 10.1.0.0/16,2001:db8::/32".parse().unwrap();
        assert_eq!(proxies.to_string(), "192.0.2.1,10.1.0.0/16,2001:db8::/32");
        for (peer, is_trusted) in [
            ("192.0.2.1", true),
            ("::ffff:192.0.2.1", true),
            ("192.0.2.2", false),
            ("10.1.255.255", true),
            ("10.2.0.0", false),
            ("2001:db8:1::1", true),
            ("2001:db9::1", false),
            ("127.0.0.1", false),
        ] {
            assert_eq!(proxies.contains(peer.parse().unwrap()), is_trusted, "{peer}");
        }
        for wrong in ["", "proxy", "192.0.2.1,", "10.0.0.0/0", "10.0.0.0/33", "192.0.2.1:80", "10.0.0.0/x"] {
            let why = wrong.parse::<TrustedProxies>().unwrap_err().to_string();
            assert!(why.contains("--trusted-proxy"), "{why}");
        }
    }

    #[test]
    fn client_address_is_the_last_address_that_is_not_a_proxy() {
        let proxies: TrustedProxies = "127.0.0.1,10.0.0.0/8".parse().unwrap();
        for (values, client) in [
            (&[][..], None),
            (&["198.51.100.7"], Some("198.51.100.7")),
            (&["203.0.113.9, 198.51.100.7"], Some("198.51.100.7")),
            (&["203.0.113.9", "198.51.100.7, 10.0.0.1"], Some("198.51.100.7")),
            (&["203.0.113.9, x"], None),
            (&["2001:db8::1"], Some("2001:db8::1")),
            (&["[2001:db8::1]"], Some("2001:db8::1")),
            (&["203.0.113.9, 198.51.100.7:4711"], Some("198.51.100.7")),
            (&["[2001:db8::1]:443, 10.0.0.1:8080"], Some("2001:db8::1")),
            (&["[::ffff:198.51.100.7]:1"], Some("198.51.100.7")),
            (&["198.51.100.7:x"], None),
            (&["198.51.100.7:99999"], None),
        ] {
            let mut headers = HeaderMap::new();
            values.iter().for_each(|it| _ = headers.append("x-forwarded-for", it.parse().unwrap()));
            assert_eq!(proxies.client(&headers), client.map(|it| it.parse().unwrap()), "{values:?}");
        }
    }

    #[test]
    fn proxy_request_without_a_tls_client_is_refused() {
        for (values, has_tls) in [
            (&["https"][..], true),
            (&[], false),
            (&["http"], false),
            (&["https", "https"], false),
            (&["https,http"], false),
        ] {
            let mut headers = HeaderMap::new();
            values.iter().for_each(|it| _ = headers.append("x-forwarded-proto", it.parse().unwrap()));
            assert_eq!(TrustedProxies::has_tls(&headers), has_tls, "{values:?}");
        }
    }
}
