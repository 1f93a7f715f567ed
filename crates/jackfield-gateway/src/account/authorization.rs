//! The authorization server of a server, as the server itself names it.

/// The authorization server of a server, as the server itself names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authorization {
    pub(crate) issuer: String,
    /// The resource for which tokens are requested, which is their audience.
    pub(crate) resource: String,
    pub(crate) scopes: Vec<String>,
}

/// The scheme, host and port of an address.
pub(crate) fn origin(url: &str) -> Option<String> {
    let parsed: http::Uri = url.parse().ok()?;
    Some(format!("{}://{}", parsed.scheme_str()?, parsed.authority()?))
}
