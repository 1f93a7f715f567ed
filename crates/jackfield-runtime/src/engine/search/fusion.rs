//! Combines the scores from the search by words and the search by vectors.

/// The share of the score by words. The rest is the score by vectors.
const WORDS: f32 = 0.4;

/// Returns the combined score of each document. Both scores are first scaled to the range from 0 to 1 over the allowed documents, because
/// they have different units.
pub(super) fn fuse(words: &[f32], similarities: &[f32], allowed: &[bool]) -> Vec<f32> {
    let words = scaled(words, allowed);
    let similarities = scaled(similarities, allowed);
    words.zip(similarities).map(|(words, meaning)| WORDS * words + (1.0 - WORDS) * meaning).collect()
}

/// Scales scores to the range from 0 to 1. Documents that are not allowed get 0.
fn scaled<'s>(scores: &'s [f32], allowed: &'s [bool]) -> impl Iterator<Item = f32> + 's {
    let both = || scores.iter().zip(allowed);
    let of_allowed = || both().filter(|(_, allowed)| **allowed).map(|(score, _)| *score);
    let lowest = of_allowed().fold(f32::INFINITY, f32::min);
    let range = (of_allowed().fold(f32::NEG_INFINITY, f32::max) - lowest).max(f32::MIN_POSITIVE);
    both().map(move |(score, allowed)| if *allowed { (score - lowest) / range } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fused_scores_ignore_documents_that_are_not_allowed() {
        let fused = fuse(&[0.0, 4.0, 2.0, 900.0], &[0.5, 0.1, 0.3, 0.9], &[true, true, true, false]);
        let wanted = [0.6, 0.4, 0.5, 0.0];
        assert!(fused.iter().zip(wanted).all(|(is, wanted)| (is - wanted).abs() < 1e-6), "{fused:?}");
        assert_eq!(fuse(&[0.0], &[0.3], &[true]), [0.0]);
    }
}
