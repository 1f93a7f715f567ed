//! The address of the pages.

/// The path of the pages at this server.
pub(super) const PATH: &str = "/connect";

/// The address at which browsers reach the pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// The scheme, the host and the port, as browsers send it in `Origin`.
    pub(super) origin: String,
    /// The host and the port, as browsers send it in `Host`.
    pub(super) host: String,
    /// The address of the endpoint for clients.
    pub(super) endpoint: String,
    /// The whole address of the pages.
    pages: String,
}

impl Address {
    /// The address of the pages of an endpoint, which is beside it.
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

    /// Whether browsers reach it with TLS.
    pub(super) fn is_secure(&self) -> bool {
        self.origin.starts_with("https://")
    }

    /// The address of a link.
    pub(super) fn of(&self, id: &str) -> String {
        format!("{}/{id}", self.pages)
    }

    /// The address to which the authorization server of a connector redirects. Each connector has its own, so that no server can bring
    /// the code of another one.
    pub(super) fn callback(&self, connector: Option<&str>) -> String {
        self.below("callback", connector)
    }

    /// The address of the metadata of a client. Only an address with TLS can be the id of a client.
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
    fn pages_are_beside_the_endpoint() {
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
