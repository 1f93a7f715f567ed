//! The hosts in `NO_PROXY`, which are reached without a proxy.

use std::net::IpAddr;

/// The entries of `NO_PROXY`.
#[derive(Debug, Default)]
pub(super) struct Exempt(Vec<Entry>);

#[derive(Debug)]
enum Entry {
    /// `*`
    All,
    /// A domain name and its subdomains, at one port or, without a port, at any port.
    Domain(String, Option<u16>),
    /// An IP address, or a network with the length of its prefix.
    Network(IpAddr, u8),
}

impl Exempt {
    /// Parses a list separated by commas or spaces. Entries that are neither names nor addresses match nothing.
    pub(super) fn parse(text: &str) -> Self {
        let entries = text.split([',', ' ', '\t']).filter(|entry| !entry.is_empty());
        Self(entries.filter_map(Entry::parse).collect())
    }

    /// Whether the host is reached without a proxy.
    pub(super) fn contains(&self, host: &str, port: u16) -> bool {
        let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
        let address = host.parse::<IpAddr>().ok();
        self.0.iter().any(|entry| match (entry, address) {
            (Entry::All, _) => true,
            (Entry::Network(network, length), Some(address)) => is_within(address, *network, *length),
            (Entry::Domain(domain, of), None) => {
                of.is_none_or(|of| of == port) && is_or_is_below(host, domain)
            }
            _ => false,
        })
    }
}

impl Entry {
    fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::All);
        }
        let bare = |text: &str| text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
        if let Some((network, length)) = text.split_once('/') {
            let network = bare(network)?;
            let most = if network.is_ipv4() { 32 } else { 128 };
            return length
                .parse()
                .ok()
                .filter(|length| *length <= most)
                .map(|length| Self::Network(network, length));
        }
        if let Some(address) = bare(text) {
            return Some(Self::Network(address, if address.is_ipv4() { 32 } else { 128 }));
        }
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) => (name, Some(port.parse().ok()?)),
            None => (text, None),
        };
        let name = name.trim_start_matches("*.").trim_start_matches('.').trim_end_matches('.');
        (!name.is_empty()).then(|| Self::Domain(name.to_owned(), port))
    }
}

fn is_or_is_below(host: &str, domain: &str) -> bool {
    let Some(start) = host.len().checked_sub(domain.len()) else { return false };
    let (Some(before), Some(end)) = (host.get(..start), host.get(start..)) else { return false };
    end.eq_ignore_ascii_case(domain) && (before.is_empty() || before.ends_with('.'))
}

fn is_within(address: IpAddr, network: IpAddr, length: u8) -> bool {
    let bits = |address: IpAddr| match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()) << 96, 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    };
    let ((address, size), (network, of)) = (bits(address), bits(network));
    let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
    size == of && address & mask == network & mask
}

#[cfg(test)]
mod tests {
    use super::Exempt;

    #[test]
    fn no_proxy_matches_names_subdomains_addresses_and_networks() {
        let exempt = Exempt::parse(
            "example.com, .b.example.net *.c.org,10.0.0.0/8,192.0.2.7 [fd00::]/16,d.org:8080,::1/x,e/9",
        );
        for (host, port, expected) in [
            ("example.com", 443, true),
            ("API.Example.COM", 443, true),
            ("api.example.com.", 443, true),
            ("notexample.com", 443, false),
            ("example.com.evil.net", 443, false),
            ("b.example.net", 443, true),
            ("example.net", 443, false),
            ("x.c.org", 80, true),
            ("10.255.0.1", 80, true),
            ("11.0.0.1", 80, false),
            ("192.0.2.7", 80, true),
            ("192.0.2.8", 80, false),
            ("[fd00::1]", 80, true),
            ("[fe80::1]", 80, false),
            ("d.org", 8080, true),
            ("d.org", 443, false),
            ("é.example.com", 443, true),
            ("e", 443, false),
        ] {
            assert_eq!(exempt.contains(host, port), expected, "{host}:{port}");
        }
        assert!(Exempt::parse("*").contains("anything.example", 1));
        assert!(Exempt::parse("0.0.0.0/0").contains("203.0.113.9", 1));
        assert!(!Exempt::parse("").contains("example.com", 1));
    }
}
