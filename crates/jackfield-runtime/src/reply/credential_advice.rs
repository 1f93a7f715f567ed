//! Advice about a credential that a service refuses.

/// What the user is told where a service does not accept a credential.
pub(crate) struct CredentialAdvice {
    /// What to do after 401.
    pub(crate) unauthorized: String,
    /// Where the credential was found that 403 refuses, in words that follow "the credential that was sent".
    pub(crate) sent: String,
}
