//! The advice to the user if a service refuses a credential.

/// The advice to the user if a service refuses a credential.
pub(crate) struct CredentialAdvice {
    /// The advice after a 401 response.
    pub(crate) unauthorized: String,
    /// The source of the credential that was refused by a 403 response, as text that follows "the credential that was sent".
    pub(crate) sent: String,
}
