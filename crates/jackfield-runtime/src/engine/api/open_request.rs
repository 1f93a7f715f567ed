//! A request that is being sent.

use crate::call::outgoing::Outgoing;
use crate::transport::saving::Saving;

/// A request that may be sent several times, each time with current credentials.
pub(super) struct OpenRequest<'r> {
    pub(super) outgoing: &'r mut Outgoing,
    /// The file in which the reply is stored.
    pub(super) saving: Option<Saving>,
}
