//! Checks the protection of a server that other machines can reach.

use std::net::SocketAddr;

use crate::mcp::error::ServeFault;

/// The address of a server, and how the server is protected.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exposure {
    pub(super) address: SocketAddr,
    /// Whether each caller has an individual token: an access token or a named token.
    pub(super) knows_callers: bool,
    /// Whether the server has a certificate.
    pub(super) has_tls: bool,
    /// Whether only proxies that the user has named may connect. Such a proxy terminates TLS.
    pub(super) has_proxy: bool,
    /// Whether the user has set the URL that clients use.
    pub(super) has_public_url: bool,
}

impl Exposure {
    /// Returns the reason why the server must not start, or `None` if it may start.
    pub(super) fn refusal(&self) -> Option<ServeFault> {
        if self.address.ip().to_canonical().is_loopback() {
            return None;
        }
        if !self.knows_callers {
            return Some(ServeFault::UnknownCallers(self.address));
        }
        if !self.has_tls && !self.has_proxy {
            return Some(ServeFault::NoTls(self.address));
        }
        let is_unusable = self.address.ip().is_unspecified() && !self.has_public_url;
        is_unusable.then_some(ServeFault::NoPublicUrl(self.address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mcp::error::ServeError;

    #[test]
    fn address_beyond_loopback_requires_individual_tokens_and_tls() {
        let refusal = |address: &str, knows_callers, has_tls, has_proxy| {
            let address = address.parse().unwrap();
            let exposure = Exposure { address, knows_callers, has_tls, has_proxy, has_public_url: true };
            exposure.refusal().map(|fault| ServeError::from(fault).to_string())
        };
        for local in ["127.0.0.1:8700", "[::1]:8700", "127.9.9.9:1", "[::ffff:127.0.0.1]:1"] {
            assert_eq!(refusal(local, false, false, false), None, "{local}");
        }
        for open in ["0.0.0.0:8700", "[::]:8700", "192.0.2.1:443", "10.0.0.1:80", "[::ffff:10.0.0.1]:80"] {
            let unknown = refusal(open, false, true, true).unwrap();
            assert!(
                unknown.contains("--issuer") && unknown.contains("--http-auth named-tokens"),
                "{unknown}"
            );
            let bare = refusal(open, true, false, false).unwrap();
            assert!(bare.contains("--tls-cert") && bare.contains("--trusted-proxy"), "{bare}");
            assert_eq!((refusal(open, true, true, false), refusal(open, true, false, true)), (None, None));
        }
    }
}
