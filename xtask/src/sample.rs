//! Selects random items. The seed determines the selection.

/// Selects `count` random items. The selection depends only on the seed.
pub(crate) fn sample<T>(mut all: Vec<T>, seed: u64, count: usize) -> Vec<T> {
    let mut state = seed;
    for at in 0..count.min(all.len()) {
        let left = all.len() - at;
        let chosen = at + usize::try_from(random(&mut state)).unwrap_or(usize::MAX) % left;
        all.swap(at, chosen);
    }
    all.truncate(count);
    all
}

/// Computes the next number of the SplitMix64 generator, which is short and random enough for a sample.
const fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_gives_the_same_sample_without_repeats() {
        let of = |seed| sample((0..1_000).collect(), seed, 20);
        assert_eq!(of(7), of(7));
        assert_ne!(of(7), of(8));
        let mut sorted: Vec<i32> = of(7);
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), 20);
        assert_eq!(sample(vec![1, 2], 1, 5).len(), 2);
    }
}
