//! Searches a reply for credentials before the reply is stored in a file. A service may repeat credentials, and other
//! people may read the file later.

use crate::common::secret::Secrets;

/// The minimum length of a secret that is searched for. Shorter secrets occur in large files by chance.
const SHORTEST: usize = 8;

/// The maximum number of characters that encode one character of a secret, as in `&#x1F600;` or `%255C`.
const SPELLED: usize = 12;

/// The maximum number of trailing bytes that are kept and searched again together with the next chunk.
const MOST_REACH: usize = 64 * 1024;

/// The minimum number of trailing bytes that are kept, even while no secrets are known, because secrets may be
/// added later.
const LEAST_REACH: usize = 4 * 1024;

/// Searches consecutive chunks for secrets, which may span several chunks.
pub(super) struct LeakScan {
    secrets: Secrets,
    /// The last bytes of the previous chunks.
    tail: Vec<u8>,
    reach: usize,
}

impl LeakScan {
    pub(super) fn of(secrets: &Secrets) -> Self {
        let mut scan = Self { secrets: Secrets::default(), tail: Vec::new(), reach: LEAST_REACH };
        scan.add(secrets);
        scan
    }

    /// Adds secrets to search for. A secret that begins in the last bytes of the previous chunks is found too.
    pub(super) fn add(&mut self, secrets: &Secrets) {
        let (secrets, longest) = secrets.of_at_least(SHORTEST);
        self.secrets.extend(&secrets);
        self.reach = self.reach.max((longest * SPELLED).min(MOST_REACH));
    }

    /// Whether a secret occurs in the chunk `piece`, or begins in an earlier chunk and ends in `piece`.
    pub(super) fn finds(&mut self, piece: &[u8]) -> bool {
        if self.secrets.is_empty() {
            let new = &piece[piece.len().saturating_sub(self.reach)..];
            self.tail.drain(..(self.tail.len() + new.len()).saturating_sub(self.reach));
            self.tail.extend_from_slice(new);
            return false;
        }
        self.tail.extend_from_slice(piece);
        let is_found = self.secrets.redact_bytes(&self.tail).is_some();
        self.tail.drain(..self.tail.len().saturating_sub(self.reach));
        is_found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::secret::Secret;

    #[test]
    fn secret_that_spans_chunks_is_found_unless_it_is_short() {
        let mut secrets = Secrets::default();
        secrets.push(Secret::new("hunter2hunter2".to_owned()));
        secrets.push(Secret::new("abcd".to_owned()));
        let text = format!("{}\u{0}abcd %68unter2hunter2 {}", "x".repeat(1000), "y".repeat(1000));
        for size in [1, 7, 500, 5000] {
            let mut scan = LeakScan::of(&secrets);
            assert!(text.as_bytes().chunks(size).any(|piece| scan.finds(piece)), "{size}");
        }
        let mut scan = LeakScan::of(&secrets);
        assert!(!scan.finds(b"abcd hunter2hunter"));
        assert!(!LeakScan::of(&Secrets::default()).finds(b"hunter2hunter2"));
        // The secrets are added after the first chunks, as by a later attempt of the call.
        let mut scan = LeakScan::of(&Secrets::default());
        assert!(!scan.finds(&[b'x'; 10_000]) && !scan.finds(b"hunter2h") && scan.tail.len() == LEAST_REACH);
        scan.add(&secrets);
        assert!(scan.finds(b"unter2"));
    }
}
