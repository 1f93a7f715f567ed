//! The state of the tokens of a scheme.

/// What is known of the tokens of a scheme. None of it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenStatus {
    /// When the access token ends, in seconds since 1970, where the server has said so.
    pub expires_at: Option<u64>,
    /// What was granted; nothing where the server has not said.
    pub scopes: Vec<String>,
    /// Whether another access token can be had without the user.
    pub renewable: bool,
    /// By what name the authorization server goes, where it has one.
    pub issuer: Option<String>,
    /// Origins that the tokens may go to.
    pub origins: Vec<String>,
}
