//! The limits of reading.

/// How much of a document is read, so that none can exhaust the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one file.
    pub bytes: usize,
    /// Lists and mappings within each other; no more than [`Limits::DEEPEST`] counts.
    pub depth: usize,
    /// Values of one file after its aliases are expanded.
    pub nodes: usize,
}

impl Limits {
    /// As deep as both readers go.
    pub const DEEPEST: usize = 127;

    pub(crate) fn deepest(&self) -> usize {
        self.depth.min(Self::DEEPEST)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 64 << 20, depth: Self::DEEPEST, nodes: 20_000_000 }
    }
}
