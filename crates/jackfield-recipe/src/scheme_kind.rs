//! The kinds of security schemes, and the location of each credential in a request.

use crate::credential_field::CredentialField;
use crate::location::Location;
use crate::slot::WireSlot;

/// A kind of security scheme. `N` is the type of names: `String` in the generator, `&str` in generated code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemeKind<N> {
    /// `Authorization: Bearer …`
    Bearer,
    /// `Authorization: Basic …`
    Basic,
    /// HTTP Digest authentication.
    Digest,
    /// Another HTTP authentication scheme, with its name.
    Http(N),
    /// A key in a header, a query parameter or a cookie.
    ApiKey {
        /// The location of the key.
        location: Location,
        /// The name of the header, parameter or cookie.
        wire: N,
    },
    /// OAuth 2.0: a bearer token that a flow of the scheme grants.
    OAuth2,
    /// OpenID Connect: a bearer token that a flow of the scheme grants.
    OpenIdConnect,
    /// A client certificate.
    MutualTls,
}

impl<N> SchemeKind<N> {
    /// Returns the credential fields that the user sets.
    pub const fn fields(&self) -> &'static [CredentialField] {
        use CredentialField as Field;
        match self {
            Self::Bearer => &[Field::Token],
            Self::OAuth2 | Self::OpenIdConnect => &[Field::Token, Field::ClientId, Field::ClientSecret],
            Self::ApiKey { .. } => &[Field::ApiKey],
            Self::Basic | Self::Digest => &[Field::Username, Field::Password],
            Self::MutualTls => &[Field::Certificate, Field::CertificateKey],
            Self::Http(_) => &[],
        }
    }

    /// Whether an authorization server can grant the token, as for OAuth 2.0 and OpenID Connect.
    pub const fn is_oauth(&self) -> bool {
        matches!(self, Self::OAuth2 | Self::OpenIdConnect)
    }

    /// Returns the `type` in connector.toml. `None` for an HTTP scheme that needs a signer.
    pub const fn as_str(&self) -> Option<&'static str> {
        Some(match self {
            Self::Bearer => "bearer",
            Self::Basic => "basic",
            Self::Digest => "digest",
            Self::ApiKey { .. } => "api_key",
            Self::OAuth2 => "oauth2",
            Self::OpenIdConnect => "openid_connect",
            Self::MutualTls => "mutual_tls",
            Self::Http(_) => return None,
        })
    }
}

impl<N: AsRef<str>> SchemeKind<N> {
    /// Returns the header, query parameter or cookie that contains the credential, with its declared name. `None` for a client certificate,
    /// which belongs to the connection.
    pub fn parameter(&self) -> Option<(Location, &str)> {
        match self {
            // A path cannot contain a key, so such a key is sent as a header.
            Self::ApiKey { location: Location::Path, wire } => Some((Location::Header, wire.as_ref())),
            Self::ApiKey { location, wire } => Some((*location, wire.as_ref())),
            Self::MutualTls => None,
            _ => Some((Location::Header, WireSlot::AUTHORIZATION)),
        }
    }

    /// Returns the slot of the credential in a request.
    pub fn slot(&self) -> WireSlot {
        match self.parameter() {
            Some((location, name)) => WireSlot::of_key(location, name),
            None => WireSlot::connection(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn api_key_is_sent_in_its_declared_parameter() {
        let key = |location, wire| SchemeKind::ApiKey { location, wire };
        for (kind, parameter, slot) in [
            (SchemeKind::Bearer, Some((Location::Header, "authorization")), "header `authorization`"),
            (SchemeKind::Http("AWS4"), Some((Location::Header, "authorization")), "header `authorization`"),
            (key(Location::Header, "X-Key"), Some((Location::Header, "X-Key")), "header `x-key`"),
            (key(Location::Path, "X-Key"), Some((Location::Header, "X-Key")), "header `x-key`"),
            (key(Location::Query, "Key"), Some((Location::Query, "Key")), "query parameter `Key`"),
            (key(Location::Cookie, "Sid"), Some((Location::Cookie, "Sid")), "cookie `Sid`"),
            (SchemeKind::MutualTls, None, "client certificate of the connection"),
        ] {
            assert_eq!(kind.parameter(), parameter, "{kind:?}");
            assert_eq!(kind.slot().to_string(), slot, "{kind:?}");
        }
        assert_eq!(key(Location::Header, "AUTHORIZATION").slot(), SchemeKind::<&str>::Basic.slot());
        assert_ne!(key(Location::Query, "Key").slot(), key(Location::Query, "key").slot());
    }
}
