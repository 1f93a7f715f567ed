//! The identity of the connector at an authorization server.

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
    /// In the `Authorization` header.
    Basic(Secret),
    /// In the form body.
    Post(Secret),
    /// A public client: its name is not authenticated.
    None,
}
