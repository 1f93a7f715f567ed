//! The interface that authenticates a single outgoing request: client certificates, signatures and challenges.

use std::fmt;
use std::future::Future;

use http::{HeaderMap, Request};

use super::request_body::RequestBody;
use crate::call::outgoing_body::OutgoingBody;
use crate::common::secret::Secret;

/// Authenticates each request to a service by a client certificate, by a signature, or by the answer to a
/// challenge.
pub(crate) trait Authenticate: Sync {
    /// The state of one request in a chain of redirects: which challenges were already answered.
    type Attempt: Default + Send;

    /// Returns the client certificate and key to present when connecting, if any.
    fn identity(&self) -> Option<(&Secret, &Secret)>;

    /// Adds the signature to a request that is otherwise complete.
    ///
    /// # Errors
    /// Returns an error if the request cannot be signed. The request is not sent then.
    fn sign(
        &self,
        request: &mut Request<RequestBody>,
        body: &OutgoingBody,
        attempt: &mut Self::Attempt,
    ) -> impl Future<Output = Result<(), SigningError>> + Send;

    /// Returns whether to send the request again, because the 401 response contains a challenge that can be
    /// answered.
    ///
    /// # Errors
    /// Returns an error if the challenge cannot be parsed or answered.
    fn accept_challenge(
        &self,
        url: &str,
        refusal: &HeaderMap,
        attempt: &mut Self::Attempt,
    ) -> Result<bool, SigningError>;
}

/// The error for a request that cannot be signed, or for a challenge that cannot be answered. The text is written
/// for a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningError(String);

impl SigningError {
    /// Creates the error. `reason` is a full sentence.
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

/// Sends requests without authentication.
pub(crate) struct Anonymous;

impl Authenticate for Anonymous {
    type Attempt = ();

    fn identity(&self) -> Option<(&Secret, &Secret)> {
        None
    }

    async fn sign(
        &self,
        _: &mut Request<RequestBody>,
        _: &OutgoingBody,
        _: &mut (),
    ) -> Result<(), SigningError> {
        Ok(())
    }

    fn accept_challenge(&self, _: &str, _: &HeaderMap, _: &mut ()) -> Result<bool, SigningError> {
        Ok(false)
    }
}
