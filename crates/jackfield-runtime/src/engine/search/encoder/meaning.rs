//! The vectors of all documents, and the similarity of a query to each.

use std::sync::Arc;

use super::bert::dot;
use super::cache::{self, Key};
use super::sentence_encoder::Encoder;
use crate::engine::search::document::{MEANINGS, truncated};

/// The maximum number of bytes of a query that are encoded. Each word takes about 2 ms.
const LONGEST_QUERY: usize = 1_024;
/// The maximum number of sentences of a query that are encoded separately.
const MOST_SENTENCES: usize = 6;
/// The minimum number of words of a sentence that is encoded separately. Shorter sentences ("Thanks!") say nothing about the task.
const LEAST_WORDS: usize = 3;
/// The share of the best single sentence in the score of a document. The rest is the score of the whole query.
const SENTENCE: f32 = 0.5;

/// The vectors of all documents, [`MEANINGS`] for each document.
pub(in crate::engine::search) struct Meanings {
    encoder: Arc<Encoder>,
    vectors: Vec<f32>,
}

impl Meanings {
    /// Takes the vectors of the texts from the cache, or computes and caches them.
    pub(in crate::engine::search) fn new(encoder: Arc<Encoder>, texts: &[String]) -> Self {
        let key = Key::new(&encoder.digest, texts);
        let count = texts.len() * encoder.bert.size();
        let vectors = cache::load(&encoder.caches, &key, count).unwrap_or_else(|| {
            let vectors = encoder.encode_all(texts);
            cache::save(&encoder.caches, &key, &vectors);
            vectors
        });
        Self { encoder, vectors }
    }

    /// Returns the similarity of each document to a query. If the query has several sentences, a document that matches one sentence scores
    /// as high as a document that matches the whole query.
    pub(in crate::engine::search) fn similarities(&self, query: &str) -> Vec<f32> {
        let query = truncated(query.trim(), LONGEST_QUERY);
        let whole = self.encoder.encode(query);
        let sentences = sentences(query);
        let parts: Vec<Vec<f32>> = if sentences.len() > 1 {
            sentences.into_iter().map(|sentence| self.encoder.encode(sentence)).collect()
        } else {
            Vec::new()
        };
        let size = self.encoder.bert.size();
        let nearest = |query: &[f32], vectors: &[f32]| {
            vectors.chunks_exact(size).map(|vector| dot(query, vector)).fold(f32::NEG_INFINITY, f32::max)
        };
        let similarity = |vectors: &[f32]| {
            let whole = nearest(&whole, vectors);
            let best = parts.iter().map(|part| nearest(part, vectors)).reduce(f32::max);
            best.map_or(whole, |best| SENTENCE * best + (1.0 - SENTENCE) * whole)
        };
        self.vectors.chunks_exact(MEANINGS * size).map(similarity).collect()
    }
}

/// Returns the sentences of a query that are long enough.
fn sentences(query: &str) -> Vec<&str> {
    let ends_after = |(at, c): (usize, char)| {
        let end = at + c.len_utf8();
        let ends =
            c == '\n' || matches!(c, '.' | '!' | '?' | ';') && query[end..].starts_with(char::is_whitespace);
        ends.then_some(end)
    };
    let mut begin = 0;
    let ends = query.char_indices().filter_map(ends_after).chain([query.len()]);
    let parts = ends.map(|end| query[std::mem::replace(&mut begin, end)..end].trim());
    parts.filter(|part| part.split_whitespace().count() >= LEAST_WORDS).take(MOST_SENTENCES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_is_split_at_the_ends_of_its_sentences() {
        assert_eq!(
            sentences("Cancel the order at 3.30 p.m. today! Then refund the payment\nThanks."),
            ["Cancel the order at 3.30 p.m.", "Then refund the payment"]
        );
        assert_eq!(sentences(""), Vec::<&str>::new());
        assert_eq!(sentences(&"one more thing. ".repeat(1_000)).len(), MOST_SENTENCES);
    }
}
