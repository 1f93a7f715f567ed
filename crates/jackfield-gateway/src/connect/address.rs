//! The URLs of the account connection pages.

/// The path of the account connection pages on this server.
pub(super) const PATH: &str = "/connect";

/// The URL at which browsers reach the pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// The scheme, the host and the port, as browsers send it in `Origin`.
    pub(super) origin: String,
    /// The host and the port, as browsers send it in `Host`.
    pub(super) host: String,
    /// The URL of the MCP endpoint.
    pub(super) endpoint: String,
    /// The full URL of the pages.
    pages: String,
}

impl Address {
    /// Returns the URL of the pages for an MCP endpoint: `/connect` replaces `/mcp`. `None` if the endpoint is not a URL that ends with
    /// `/mcp`.
    pub(super) fn of_endpoint(endpoint: &str) -> Option<Self> {
        let uri: http::Uri = endpoint.parse().ok()?;
        let (scheme, host) = (uri.scheme_str()?, uri.authority()?.as_str().to_ascii_lowercase());
        let usual = if scheme == "https" { ":443" } else { ":80" };
        let host = host.strip_suffix(usual).map(str::to_owned).unwrap_or(host);
        let origin = format!("{scheme}://{host}");
        let folder = uri.path().strip_suffix("/mcp")?;
        let endpoint = endpoint.to_owned();
        Some(Self { pages: format!("{origin}{folder}{PATH}"), origin, host, endpoint })
    }

    /// Whether browsers reach the pages over TLS.
    pub(super) fn is_secure(&self) -> bool {
        self.origin.starts_with("https://")
    }

    /// Returns the URL of the link with this id.
    pub(super) fn of(&self, id: &str) -> String {
        format!("{}/{id}", self.pages)
    }

    /// Returns the redirect URI for a connector's authorization server, or for the issuer if `connector` is `None`. Each connector has its
    /// own redirect URI, so that one authorization server cannot pass off its code as the code of another (mix-up attack).
    pub(super) fn callback(&self, connector: Option<&str>) -> String {
        self.below("callback", connector)
    }

    /// Returns the URL of the client metadata document. Only an `https` URL can be a client id.
    pub(super) fn client(&self, connector: Option<&str>) -> Option<String> {
        self.is_secure().then(|| self.below("client", connector))
    }

    fn below(&self, what: &str, connector: Option<&str>) -> String {
        match connector {
            Some(connector) => format!("{}/{what}/{connector}", self.pages),
            None => format!("{}/{what}", self.pages),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connect_url_replaces_the_mcp_segment_of_the_endpoint() {
        for (endpoint, origin, link) in [
            ("http://127.0.0.1:8800/mcp", "http://127.0.0.1:8800", "http://127.0.0.1:8800/connect/a"),
            (
                "https://Tools.example.com:443/mcp",
                "https://tools.example.com",
                "https://tools.example.com/connect/a",
            ),
            ("https://example.com/gw/mcp", "https://example.com", "https://example.com/gw/connect/a"),
        ] {
            let address = Address::of_endpoint(endpoint).unwrap();
            assert_eq!((address.origin.as_str(), address.of("a").as_str()), (origin, link));
        }
        assert_eq!(Address::of_endpoint("https://example.com/other"), None);
        let [secure, plain] = ["https://example.com/mcp", "http://127.0.0.1:1/mcp"]
            .map(|endpoint| Address::of_endpoint(endpoint).unwrap().client(Some("docs")));
        assert_eq!((secure.as_deref(), plain), (Some("https://example.com/connect/client/docs"), None));
    }
}
