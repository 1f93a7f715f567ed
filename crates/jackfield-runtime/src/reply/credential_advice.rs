//! The advice for a credential that a service refuses.

/// The advice for the user if a service refuses a credential.
pub(crate) struct CredentialAdvice {
    /// The advice after a 401.
    pub(crate) unauthorized: String,
    /// The source of the credential that a 403 refuses, as text that follows "the credential that was sent".
    pub(crate) sent: String,
}
