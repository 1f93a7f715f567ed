//! Requests without a reply.

use crate::engine::upstream::attempts::NotBegun;
use crate::transport::error::SendError;

/// The reason why a request got no reply.
pub(super) enum NoReply {
    NotBegun(NotBegun),
    Failed(SendError),
}

impl From<NotBegun> for NoReply {
    fn from(why: NotBegun) -> Self {
        Self::NotBegun(why)
    }
}

impl From<SendError> for NoReply {
    fn from(error: SendError) -> Self {
        Self::Failed(error)
    }
}
