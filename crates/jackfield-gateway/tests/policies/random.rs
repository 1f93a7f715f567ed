//! Pseudo-random numbers, which the seed determines.

/// A sequence of pseudo-random numbers.
pub(crate) struct Random(u64);

impl Random {
    /// Starts the sequence of a seed. Consecutive seeds give unrelated sequences.
    pub(crate) fn of(seed: u64) -> Self {
        let mixed = (seed.wrapping_add(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        Self((mixed ^ (mixed >> 31)) | 1)
    }

    pub(crate) fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % below
    }

    /// Returns true with a probability of 1 in `chances`.
    pub(crate) fn one_in(&mut self, chances: usize) -> bool {
        self.next(chances) == 0
    }

    pub(crate) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.next(of.len())]
    }

    /// Returns at least one of the values of `of`, each at most once.
    pub(crate) fn some<T: Copy + PartialEq>(&mut self, of: &[T]) -> Vec<T> {
        let mut chosen: Vec<T> = of.iter().copied().filter(|_| self.one_in(2)).collect();
        if chosen.is_empty() {
            chosen.push(self.one(of));
        }
        chosen
    }
}
