//! Ranks how near a value is to a schema.

use std::cmp::Reverse;

/// The nearness of a value to a schema that the value does not match. A greater value is nearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Nearness(pub(super) u32, pub(super) Reverse<u32>);

impl Nearness {
    /// The type differs.
    pub(super) const TYPE: u32 = 0;
    /// A constant differs.
    pub(super) const VALUE: u32 = 1;
    /// A discriminating constant differs, so another alternative is meant.
    pub(super) const DISCRIMINATOR: u32 = 2;
    /// Properties are missing or unknown.
    pub(super) const SHAPE: u32 = 3;
    /// Another assertion about the value fails.
    pub(super) const ASSERTION: u32 = 4;
    /// A child of the value does not match. A problem at a greater depth is nearer.
    pub(super) const WITHIN: u32 = 5;

    pub(super) const fn of(rank: u32) -> Self {
        Self(rank, Reverse(1))
    }

    /// Combines two failures of one value: the lower rank counts, and the numbers of failures are added.
    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0.min(other.0), Reverse(self.1.0.saturating_add(other.1.0)))
    }
}
