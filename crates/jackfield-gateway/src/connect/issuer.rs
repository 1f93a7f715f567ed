//! Logs a user in at the gateway's issuer, to authenticate the user of a browser.

use jackfield_runtime::{Environment, LocalSource};

use crate::account::{Authorization, LoginDocument, source_of};
use crate::config::{GatewayConfig, UpstreamClient};

/// The name of the issuer's login and of its scheme. Names of connectors cannot contain `@`.
pub(super) const NAME: &str = "@issuer";

/// The settings of the login at the gateway's issuer.
#[derive(Clone, Debug)]
pub(super) struct IssuerLogin {
    issuer: String,
    audience: Option<String>,
    scopes: Vec<String>,
    client: Option<UpstreamClient>,
}

impl IssuerLogin {
    /// Returns the issuer login that gateway.toml configures. `None` without `issuer`.
    pub(super) fn of(config: &GatewayConfig) -> Option<Self> {
        let (audience, scopes) = (config.audience.clone(), config.scopes.clone());
        let client = config.issuer_client.clone();
        config.issuer.clone().map(|issuer| Self { issuer, audience, scopes, client })
    }

    /// Whether `issuer` is this issuer. A trailing `/` is ignored.
    pub(super) fn is(&self, issuer: &str) -> bool {
        self.issuer.trim_end_matches('/') == issuer.trim_end_matches('/')
    }

    /// Returns the OAuth client that requests access tokens for this gateway, with the audience and scopes that callers' tokens need.
    pub(super) fn source(&self, endpoint: &str, environment: &Environment) -> LocalSource {
        let url = self.issuer.clone();
        let resource = self.audience.clone().unwrap_or_else(|| endpoint.to_owned());
        let authorization = Authorization { issuer: url.clone(), resource, scopes: self.scopes.clone() };
        let document = LoginDocument { url, authorization: Some(authorization) };
        source_of(NAME, self.client.as_ref(), &document, environment, None)
    }
}
