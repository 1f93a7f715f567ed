//! Orders hits so that they cover all parts of a request.

use super::query::Query;
use super::top::Scored;
use super::weights::COVERED;

/// Orders the best documents. A document scores less for a word of the query that a better document already contains.
///
/// A request such as "cancel the order and refund the payment" needs two tools. By score alone, five tools that cancel
/// orders could come before the first that refunds.
pub(super) fn order(query: &Query<'_>, best: &[Scored], limit: usize) -> Vec<Scored> {
    let words: Vec<Vec<f32>> = query
        .words
        .iter()
        .map(|word| {
            let score = |document| {
                word.lists.iter().filter_map(|it| Some(it.list.of(document)?.0 * it.weight)).sum::<f32>()
            };
            best.iter().map(|scored| score(scored.document)).collect::<Vec<_>>()
        })
        .filter(|scores| scores.iter().any(|score| *score > 0.0))
        .collect();
    let highest: Vec<f32> = words.iter().map(|scores| scores.iter().copied().fold(0.0, f32::max)).collect();
    let mut left: Vec<usize> = (0..best.len()).collect();
    let mut scores: Vec<f32> = best.iter().map(|scored| scored.score).collect();
    let mut weights = vec![1.0_f32; words.len()];
    let mut ordered = Vec::with_capacity(limit.min(best.len()));
    while ordered.len() < limit {
        // `left` is sorted by score, and the first of several equal documents is chosen. `max_by` returns the last one, so the order is
        // reversed.
        let Some(at) =
            (0..left.len()).rev().max_by(|one, other| scores[left[*one]].total_cmp(&scores[left[*other]]))
        else {
            break;
        };
        let chosen = left.remove(at);
        ordered.push(best[chosen]);
        for (word, weight) in weights.iter_mut().enumerate() {
            let loss = *weight * COVERED * words[word][chosen] / highest[word];
            if loss > 0.0 {
                *weight -= loss;
                for document in &left {
                    scores[*document] -= words[word][*document] * loss;
                }
            }
        }
    }
    ordered
}
