//! How near a value comes to a schema.

use std::cmp::Reverse;

/// How near a value comes to a schema that it does not fit, the greater the nearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Nearness(pub(super) u32, pub(super) Reverse<u32>);

impl Nearness {
    /// Another type.
    pub(super) const TYPE: u32 = 0;
    /// Another constant.
    pub(super) const VALUE: u32 = 1;
    /// A property says that another alternative is meant: its constant differs.
    pub(super) const DISCRIMINATOR: u32 = 2;
    /// Properties are missing or unknown.
    pub(super) const SHAPE: u32 = 3;
    /// Another assertion about the value.
    pub(super) const ASSERTION: u32 = 4;
    /// Something within it; what is deeper is nearer.
    pub(super) const WITHIN: u32 = 5;

    pub(super) const fn of(rank: u32) -> Self {
        Self(rank, Reverse(1))
    }

    /// The nearness of a whole that fails in both.
    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0.min(other.0), Reverse(self.1.0.saturating_add(other.1.0)))
    }
}
