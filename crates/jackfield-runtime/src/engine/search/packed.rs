//! Numbers as they are in a stored index, so that an index is used without being decoded.

use bytes::Bytes;

/// Numbers of four bytes, the lowest byte first.
#[derive(Clone, Default)]
pub(super) struct Packed(Bytes);

impl Packed {
    /// Uses the bytes of a stored index. `None` if they are not a whole number of numbers.
    pub(super) fn stored(bytes: Bytes) -> Option<Self> {
        bytes.len().is_multiple_of(4).then_some(Self(bytes))
    }

    /// Packs numbers that are already in their byte order.
    pub(super) fn of(numbers: Vec<[u8; 4]>) -> Self {
        Self(Bytes::from(numbers.into_flattened()))
    }

    pub(super) fn of_numbers(numbers: impl IntoIterator<Item = u32>) -> Self {
        Self::of(numbers.into_iter().map(u32::to_le_bytes).collect())
    }

    pub(super) fn of_floats(numbers: impl IntoIterator<Item = f32>) -> Self {
        Self::of(numbers.into_iter().map(f32::to_le_bytes).collect())
    }

    /// Returns the numbers, each in its byte order.
    pub(super) fn all(&self) -> &[[u8; 4]] {
        self.0.as_chunks().0
    }

    pub(super) fn len(&self) -> usize {
        self.0.len() / 4
    }

    pub(super) fn number(&self, at: usize) -> Option<u32> {
        self.all().get(at).copied().map(u32::from_le_bytes)
    }

    pub(super) fn float(&self, at: usize) -> Option<f32> {
        self.all().get(at).copied().map(f32::from_le_bytes)
    }

    /// Whether no number is lower than the one before.
    pub(super) fn is_ascending(&self) -> bool {
        self.all().is_sorted_by_key(|number| u32::from_le_bytes(*number))
    }

    pub(super) fn as_bytes(&self) -> &Bytes {
        &self.0
    }
}
