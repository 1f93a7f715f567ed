//! Authentication of a single outgoing request: client certificates, signatures and challenges.

use std::fmt;
use std::future::Future;

use http::{HeaderMap, Request};

use super::request_body::RequestBody;
use crate::call::outgoing_body::OutgoingBody;
use crate::common::secret::Secret;

/// Authenticates each request to a service: by a client certificate, by a signature, or by answering a
/// challenge.
pub(crate) trait Authenticate: Sync {
    /// The state of one hop: the challenges that were answered, and whose answers were refused.
    type Attempt: Default + Send;

    /// The client certificate and key of connections.
    fn identity(&self) -> Option<(&Secret, &Secret)>;

    /// Signs a request that is otherwise complete.
    ///
    /// # Errors
    /// Returns an error if the request cannot be signed. It is then not sent.
    fn sign(
        &self,
        request: &mut Request<RequestBody>,
        body: &OutgoingBody,
        attempt: &mut Self::Attempt,
    ) -> impl Future<Output = Result<(), SigningError>> + Send;

    /// Whether to send the request again, because its 401 contains a challenge that can be answered.
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

/// A request that cannot be signed, or a challenge that cannot be answered. The text is written for a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningError(String);

impl SigningError {
    /// Creates the error from its reason, a full sentence.
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
