//! The limits of parsing, which prevent a document from exhausting the machine.

/// The limits of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The maximum length in bytes.
    pub bytes: usize,
    /// The maximum depth of nested lists and mappings, at most [`Limits::DEEPEST`].
    pub depth: usize,
    /// The maximum number of values, with aliases expanded.
    pub nodes: usize,
}

impl Limits {
    /// The maximum depth that both parsers support.
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
