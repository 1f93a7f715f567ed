//! The protection of a server, apart from the authentication of its clients.

use std::net::IpAddr;

use http::HeaderMap;

#[cfg(feature = "serve")]
use super::certificate::Certificate;
use crate::mcp::error::ServeError;
#[cfg(not(feature = "serve"))]
use crate::mcp::error::ServeFault;
use crate::mcp::options::TlsFiles;
use crate::mcp::proxies::TrustedProxies;

/// The TLS certificate of the server, or the proxies that terminate TLS for it.
#[derive(Default)]
pub(super) struct Protection {
    #[cfg(feature = "serve")]
    pub(super) certificate: Option<Certificate>,
    pub(super) proxies: Option<TrustedProxies>,
    /// Whether clients use a public URL instead of the server's address, so that they may connect through a proxy.
    pub(super) has_public_url: bool,
}

impl Protection {
    /// Reads the certificate.
    ///
    /// # Errors
    /// Returns an error if a file cannot be used, or if the program was built without TLS for servers.
    pub(super) fn of(
        tls: Option<TlsFiles>,
        proxies: Option<TrustedProxies>,
        has_public_url: bool,
    ) -> Result<Self, ServeError> {
        #[cfg(not(feature = "serve"))]
        if tls.is_some() {
            return Err(ServeFault::NeedsServe("--tls-cert").into());
        }
        Ok(Self {
            #[cfg(feature = "serve")]
            certificate: tls.map(Certificate::read).transpose()?,
            proxies,
            has_public_url,
        })
    }

    /// Whether the server itself has TLS.
    pub(super) const fn has_certificate(&self) -> bool {
        #[cfg(feature = "serve")]
        return self.certificate.is_some();
        #[cfg(not(feature = "serve"))]
        false
    }

    /// Whether a client may read the metrics at the MCP port. Only programs on this machine may read them. If requests can come through a
    /// proxy, no client may read them, because the peer would be the proxy.
    pub(super) fn shows_metrics_to(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> bool {
        let is_forwarded =
            ["forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "via"]
                .iter()
                .any(|name| headers.contains_key(*name));
        peer.is_none_or(|peer| peer.is_loopback())
            && self.proxies.is_none()
            && !self.has_public_url
            && !is_forwarded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_served_to_loopback_clients_only() {
        let local = Some(IpAddr::from([127, 0, 0, 1]));
        let mut forwarded = HeaderMap::new();
        forwarded.insert("x-forwarded-for", "198.51.100.7".parse().unwrap());
        let own = Protection::default();
        assert!(
            own.shows_metrics_to(local, &HeaderMap::new()) && own.shows_metrics_to(None, &HeaderMap::new())
        );
        assert!(!own.shows_metrics_to(Some(IpAddr::from([192, 0, 2, 1])), &HeaderMap::new()));
        assert!(!own.shows_metrics_to(local, &forwarded));
        let proxies = Protection { proxies: "127.0.0.1".parse().ok(), ..Protection::default() };
        let public = Protection { has_public_url: true, ..Protection::default() };
        assert!(!proxies.shows_metrics_to(local, &HeaderMap::new()));
        assert!(!public.shows_metrics_to(local, &HeaderMap::new()));
    }
}
