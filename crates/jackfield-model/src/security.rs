use crate::{Location, WireName};

/// A declared way to authenticate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheme {
    /// The name by which requirements mention it.
    pub name: WireName,
    /// Which way it is.
    pub kind: SchemeKind,
}

/// The ways to authenticate that a document can declare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemeKind {
    /// `Authorization: Bearer …`
    Bearer,
    /// `Authorization: Basic …`
    Basic,
    /// HTTP digest.
    Digest,
    /// Another HTTP scheme of that name.
    Http(String),
    /// A key in a header, a query parameter or a cookie.
    ApiKey {
        /// Where it travels.
        location: Location,
        /// What it is called there.
        wire: WireName,
    },
    /// OAuth 2.0: a bearer token from the user's own flow.
    OAuth2,
    /// OpenID Connect: a bearer token from the user's own flow.
    OpenIdConnect,
    /// A client certificate.
    MutualTls,
}

/// Schemes that are needed together. An operation lists alternatives; an empty one means that nothing is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirement {
    /// All of these, sorted by name.
    pub needs: Vec<Need>,
}

/// One scheme, and what of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The scheme's name.
    pub scheme: WireName,
    /// The scopes or roles asked for.
    pub scopes: Vec<String>,
}
