//! The identity with which the connector authenticates at an authorization server.

use crate::common::secret::Secret;

/// A client and its authentication.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) id: String,
    pub(crate) proof: Proof,
}

/// The authentication method of a client.
#[derive(Clone)]
pub(crate) enum Proof {
    /// The `Authorization` header.
    Basic(Secret),
    /// Fields of the form body.
    Post(Secret),
    /// A public client, which has no secret.
    None,
}
