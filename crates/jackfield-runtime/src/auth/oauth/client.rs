//! The OAuth client of a connector, and its authentication at the authorization server.

use std::fmt;

use super::identity::{Identity, Proof};
use super::metadata::Metadata;
use crate::call::rows::ClientAuthentication;
use crate::common::secret::Secret;

/// A client for which no authentication method has been chosen yet.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: Option<Secret>,
    pub(crate) authentication: ClientAuthentication,
}

impl Client {
    /// Chooses the authentication method that connector.toml sets, or else a method that the server supports.
    ///
    /// # Errors
    /// Returns an error if the server accepts no method that this client supports.
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

/// The reason why a client cannot authenticate as the authorization server requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProofError {
    NoSecret,
    /// This client supports no authentication method of the server.
    NoMethod,
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSecret => "the client has to authenticate with a secret, but has none",
            Self::NoMethod => {
                "the authorization server accepts client secrets neither in a header nor in a form"
            }
        })
    }
}

impl std::error::Error for ProofError {}
