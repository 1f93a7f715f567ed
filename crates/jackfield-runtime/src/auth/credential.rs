//! Credentials.

use crate::common::secret::Secret;

/// What a scheme is answered with.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credential {
    /// A bearer token.
    Token(Secret),
    /// An API key.
    Key(Secret),
    /// A name and its password.
    Password {
        /// The name.
        username: String,
        /// The password.
        password: Secret,
    },
    /// A client certificate, in PEM.
    Certificate {
        /// The certificate, and those between it and its authority.
        chain: Secret,
        /// Its private key.
        key: Secret,
    },
}

/// A credential that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// What would supply it, such as the variables to set.
    pub remedy: String,
}
