//! The client of a connector, and how it proves itself to an authorization server.

use std::fmt;

use super::identity::{Identity, Proof};
use super::metadata::Metadata;
use crate::call::rows::ClientAuthentication;
use crate::common::secret::Secret;

/// A client, before it is known what the server asks of it.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: Option<Secret>,
    pub(crate) authentication: ClientAuthentication,
}

impl Client {
    /// The proof that the row asks for, else one that the server takes.
    ///
    /// # Errors
    /// There is none that this client can give.
    pub(crate) fn proven(self, metadata: Option<&Metadata>) -> Result<Identity, ProofError> {
        let Self { id, secret, authentication } = self;
        let proof = match (authentication, secret) {
            (ClientAuthentication::None, _) | (ClientAuthentication::Discovered, None) => Proof::None,
            (ClientAuthentication::Basic, Some(secret)) => Proof::Basic(secret),
            (ClientAuthentication::Post, Some(secret)) => Proof::Post(secret),
            (ClientAuthentication::Basic | ClientAuthentication::Post, None) => {
                return Err(ProofError::NoSecret);
            }
            (ClientAuthentication::Discovered, Some(secret)) => {
                let taken =
                    metadata.and_then(|metadata| metadata.list("token_endpoint_auth_methods_supported"));
                let takes = |method| taken.as_ref().is_none_or(|taken| taken.contains(&method));
                if takes("client_secret_basic") {
                    Proof::Basic(secret)
                } else if takes("client_secret_post") {
                    Proof::Post(secret)
                } else {
                    return Err(ProofError::NoMethod);
                }
            }
        };
        Ok(Identity { id, proof })
    }
}

/// A client that cannot prove itself as the authorization server asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProofError {
    NoSecret,
    /// The server takes secrets in no way that is known here.
    NoMethod,
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSecret => "the client has to prove itself with a secret, and has none",
            Self::NoMethod => {
                "the authorization server takes client secrets neither in a header nor in a form"
            }
        })
    }
}

impl std::error::Error for ProofError {}
