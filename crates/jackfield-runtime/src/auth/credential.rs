//! Credentials.

use crate::common::secret::Secret;

/// A credential for a security scheme.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credential {
    /// A bearer token.
    Token(Secret),
    /// An API key.
    Key(Secret),
    /// A username and password.
    Password {
        /// The username.
        username: String,
        /// The password.
        password: Secret,
    },
    /// A client certificate, in PEM.
    Certificate {
        /// The certificate and its intermediate certificates.
        chain: Secret,
        /// The private key of the certificate.
        key: Secret,
    },
}

/// The error for a missing credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The remedy, such as the variables to set.
    pub remedy: String,
}
