//! The part of the cache that a write makes stale.

/// The replies of one origin to one caller, identified by a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area(pub(super) u64);
