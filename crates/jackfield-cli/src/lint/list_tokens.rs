//! Counts the tokens of a list.

use jackfield_build::o200k;

/// The size in bytes beyond which the number of tokens of a list is estimated.
const LONGEST_LIST: usize = 16 << 20;
const BYTES_PER_TOKEN: usize = 4;

/// The tokens and bytes of the entries that were counted so far.
#[derive(Debug, Default)]
pub(crate) struct ListTokens {
    tokens: usize,
    bytes: usize,
}

impl ListTokens {
    /// Returns the number of tokens of an entry.
    pub(crate) fn count(&mut self, text: &str) -> usize {
        self.bytes += text.len();
        let tokens = match self.bytes > LONGEST_LIST {
            true => text.len() / BYTES_PER_TOKEN,
            false => o200k().count(text),
        };
        self.tokens += tokens;
        tokens
    }

    /// Returns the number of tokens of all entries.
    pub(crate) const fn all(&self) -> usize {
        self.tokens
    }
}
