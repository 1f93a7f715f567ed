//! The login at the issuer of the gateway, which tells who sits at a browser.

use jackfield_runtime::v1::Scheme;
use jackfield_runtime::{Environment, LocalSource};

use crate::account::{Authorization, LoginDocument, source_of};
use crate::config::{GatewayConfig, HttpUpstream, UpstreamClient};

/// A name that no connector has.
const NAME: &str = "@issuer";

/// The login at the issuer.
#[derive(Clone, Debug)]
pub(super) struct IssuerLogin {
    issuer: String,
    audience: Option<String>,
    scopes: Vec<String>,
    client: Option<UpstreamClient>,
}

impl IssuerLogin {
    /// The login at the issuer that gateway.toml names.
    pub(super) fn of(config: &GatewayConfig) -> Option<Self> {
        let (audience, scopes) = (config.audience.clone(), config.scopes.clone());
        let client = config.issuer_client.clone();
        config.issuer.clone().map(|issuer| Self { issuer, audience, scopes, client })
    }

    /// Whether it is the issuer of that name.
    pub(super) fn is(&self, issuer: &str) -> bool {
        self.issuer.trim_end_matches('/') == issuer.trim_end_matches('/')
    }

    /// The client for tokens of this gateway, like those of its callers.
    pub(super) fn source(&self, endpoint: &str, environment: &Environment) -> (LocalSource, &'static Scheme) {
        let url = self.issuer.clone();
        let resource = self.audience.clone().unwrap_or_else(|| endpoint.to_owned());
        let authorization = Authorization { issuer: url.clone(), resource, scopes: self.scopes.clone() };
        let document = LoginDocument { url: url.clone(), authorization: Some(authorization) };
        let upstream = HttpUpstream { url, token: None, headers: Vec::new(), client: self.client.clone() };
        source_of(NAME, &upstream, &document, environment, None)
    }
}
