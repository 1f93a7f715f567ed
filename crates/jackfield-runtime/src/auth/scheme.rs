//! Names the kinds of security schemes in messages.

use crate::call::rows::{Scheme, SchemeKind};

impl Scheme<'_> {
    /// Returns the name of the scheme's kind in messages.
    pub(crate) const fn describe(&self) -> &'static str {
        match self.kind {
            SchemeKind::Bearer => "bearer token",
            SchemeKind::OAuth2 => "OAuth 2.0 access token",
            SchemeKind::OpenIdConnect => "OpenID Connect access token",
            SchemeKind::Basic => "name and password",
            SchemeKind::Digest => "name and password for digest",
            SchemeKind::ApiKey { .. } => "API key",
            SchemeKind::MutualTls => "client certificate",
            SchemeKind::Http(_) => "credential",
        }
    }
}
