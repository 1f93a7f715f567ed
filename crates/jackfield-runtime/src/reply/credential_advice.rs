//! Advice about a credential that a service refuses.

/// Advice for the user if a service refuses a credential.
pub(crate) struct CredentialAdvice {
    /// The advice after a 401.
    pub(crate) unauthorized: String,
    /// The origin of the credential that a 403 refuses, in words that follow "the credential that was sent".
    pub(crate) sent: String,
}
