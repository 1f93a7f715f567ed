//! The status of the tokens of a scheme.

/// The status of the tokens of a scheme. It contains no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenStatus {
    /// The expiry of the access token in seconds since 1970, if the server sent a lifetime.
    pub expires_at: Option<u64>,
    /// The time at which the access token was granted or renewed, in seconds since 1970.
    pub granted_at: u64,
    /// The time of the next scheduled renewal of the tokens, in seconds since 1970. `None` if no renewal is scheduled.
    pub due_at: Option<u64>,
    /// The granted scopes; empty if the server did not return them.
    pub scopes: Vec<String>,
    /// Whether another access token can be requested without the user.
    pub renewable: bool,
    /// The issuer of the authorization server, if known.
    pub issuer: Option<String>,
    /// The origins that the tokens may be sent to.
    pub origins: Vec<String>,
}
