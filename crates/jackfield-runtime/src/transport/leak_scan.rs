//! Searches a reply for credentials before it is stored. A service may repeat them, and others may read the file later.

use crate::common::secret::Secrets;

/// The minimum length of a secret that is searched for. Shorter ones occur in large files by chance.
const SHORTEST: usize = 8;

/// The maximum number of characters that encode one character of a secret, as in `&#x1F600;` or `%255C`.
const SPELLED: usize = 12;

/// The maximum number of bytes that are searched again together with the next chunk.
const MOST_REACH: usize = 64 * 1024;

/// The minimum of that number, for secrets that are added later.
const LEAST_REACH: usize = 4 * 1024;

/// Searches consecutive chunks, including secrets that span several chunks.
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

    /// Adds secrets to search for. They are also found in the last bytes of the previous chunks.
    pub(super) fn add(&mut self, secrets: &Secrets) {
        let (secrets, longest) = secrets.of_at_least(SHORTEST);
        self.secrets.extend(&secrets);
        self.reach = self.reach.max((longest * SPELLED).min(MOST_REACH));
    }

    /// Whether a secret occurs in that chunk, or across the boundary to the previous ones.
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
    fn secret_across_pieces_is_found_and_a_short_one_is_not_searched() {
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
        // Credentials that a later attempt of the call uses.
        let mut scan = LeakScan::of(&Secrets::default());
        assert!(!scan.finds(&[b'x'; 10_000]) && !scan.finds(b"hunter2h") && scan.tail.len() == LEAST_REACH);
        scan.add(&secrets);
        assert!(scan.finds(b"unter2"));
    }
}
