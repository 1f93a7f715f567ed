//! The part of authentication that happens with each request on its way out.

use std::fmt;
use std::future::Future;

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::Full;

use crate::common::secret::Secret;

/// Proves to a service who calls: with a client certificate, a signature, or an answer to its challenge.
pub(crate) trait Authenticate: Sync {
    /// State of one hop: the answers that the service has refused so far.
    type Attempt: Default + Send;

    /// The client certificate and its key that the connection is made with.
    fn identity(&self) -> Option<(&Secret, &Secret)>;

    /// Signs a request that is complete otherwise.
    ///
    /// # Errors
    /// The request cannot be signed, and is not sent.
    fn sign(
        &self,
        request: &mut Request<Full<Bytes>>,
        body: &[u8],
        attempt: &mut Self::Attempt,
    ) -> impl Future<Output = Result<(), SigningError>> + Send;

    /// Whether the request is sent once more, because the refusal says how to answer it.
    ///
    /// # Errors
    /// The challenge is not understood.
    fn accept_challenge(
        &self,
        url: &str,
        refusal: &HeaderMap,
        attempt: &mut Self::Attempt,
    ) -> Result<bool, SigningError>;
}

/// A request that cannot be signed, or a challenge that cannot be answered; in words for a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningError(String);

impl SigningError {
    /// The reason, as a sentence.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl From<String> for SigningError {
    fn from(reason: String) -> Self {
        Self(reason)
    }
}

impl From<&str> for SigningError {
    fn from(reason: &str) -> Self {
        Self(reason.to_owned())
    }
}

impl fmt::Display for SigningError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SigningError {}

/// No authentication.
pub(crate) struct Anonymous;

impl Authenticate for Anonymous {
    type Attempt = ();

    fn identity(&self) -> Option<(&Secret, &Secret)> {
        None
    }

    async fn sign(&self, _: &mut Request<Full<Bytes>>, _: &[u8], _: &mut ()) -> Result<(), SigningError> {
        Ok(())
    }

    fn accept_challenge(&self, _: &str, _: &HeaderMap, _: &mut ()) -> Result<bool, SigningError> {
        Ok(false)
    }
}
