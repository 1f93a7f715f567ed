//! The replies that a write may change.

/// The replies of a caller from one origin, as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area(pub(super) u64);
