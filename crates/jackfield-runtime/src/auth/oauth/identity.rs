//! Who the connector is to an authorization server.

use crate::common::secret::Secret;

/// A client, and its proof.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) id: String,
    pub(crate) proof: Proof,
}

/// How a client proves who it is.
#[derive(Clone)]
pub(crate) enum Proof {
    /// In the `Authorization` header.
    Basic(Secret),
    /// In the form.
    Post(Secret),
    /// Not at all: whoever knows its name is that client.
    None,
}
