//! The index over all tools, and searches in it.

use std::collections::HashMap;
use std::fmt;

use super::coverage;
use super::document::SearchDocument;
#[cfg(feature = "encoder")]
use super::encoder::{Encoder, Meanings};
#[cfg(feature = "encoder")]
use super::fusion;
use super::lexicon::{Lexicon, Reader};
use super::postings::PostingLists;
use super::query::Query;
use super::reason::SearchReason;
use super::top::{Scored, Top};
use super::weights::{GRAMS, GROUP, WORDS};

/// The maximum number of hits of a search.
const MOST_HITS: usize = 50;
/// The number of best documents that are ordered to cover the parts of a request, even if fewer hits are
/// wanted.
const POOL: usize = 50;

/// An index over the texts of tools.
pub struct SearchIndex {
    lexicon: Lexicon,
    words: PostingLists,
    grams: PostingLists,
    /// The group of each document.
    groups: Vec<u32>,
    group_count: usize,
    #[cfg(feature = "encoder")]
    meanings: Option<Meanings>,
}

/// A tool that a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchHit {
    /// The position of the tool among the documents of the index.
    pub document: usize,
    /// The score, which is comparable only within one search. Hits are ordered so that they are useful
    /// together, which may differ from the order of scores.
    pub score: f32,
    /// Why the tool was found.
    pub reason: SearchReason,
}

impl SearchIndex {
    /// Indexes the documents, in about 10 µs each. The index identifies them by their position.
    pub fn new(documents: impl IntoIterator<Item = SearchDocument>) -> Self {
        let mut reader = Reader::default();
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut groups = Vec::new();
        let mut group_count = 0;
        for document in documents {
            reader.read(&document);
            let next = group_count as u32;
            let number =
                if document.group.is_empty() { next } else { *numbers.entry(document.group).or_insert(next) };
            group_count += usize::from(number == next);
            groups.push(number);
        }
        let (lexicon, in_words, in_grams) = reader.finish();
        let words = PostingLists::new(&in_words, &WORDS);
        let grams = PostingLists::new(&in_grams, &GRAMS);
        Self {
            lexicon,
            words,
            grams,
            groups,
            group_count,
            #[cfg(feature = "encoder")]
            meanings: None,
        }
    }

    /// Indexes the documents for ranking by words and by vectors. The vectors come from the cache of the
    /// encoder. If they are not cached, each document takes about 10 ms of every core.
    #[cfg(feature = "encoder")]
    pub fn with_encoder(
        documents: impl IntoIterator<Item = SearchDocument>,
        encoder: std::sync::Arc<Encoder>,
    ) -> Self {
        let mut texts = Vec::new();
        let documents = documents.into_iter().inspect(|document| texts.extend(document.meanings()));
        let mut index = Self::new(documents);
        index.meanings = Some(Meanings::new(encoder, &texts));
        index
    }

    /// The number of documents.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether the index has no documents.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Returns the best allowed documents for a request in words, at most 50.
    ///
    /// `allowed` is called at most once for each document, before ranking, so that a document that is not
    /// allowed changes neither the order nor the scores of the others in its group.
    pub fn search(&self, query: &str, limit: usize, allowed: impl Fn(usize) -> bool) -> Vec<SearchHit> {
        let limit = limit.min(MOST_HITS);
        #[cfg(feature = "encoder")]
        if let Some(meanings) = &self.meanings {
            return self.search_by_meaning(meanings, query, limit, allowed);
        }
        let query = Query::read(query, &self.lexicon, &self.words, &self.grams);
        let scores = self.scores(&query, allowed);
        let best = self.best(&scores);
        let hits = coverage::order(&query, &best, limit);
        let hit = |scored: Scored| SearchHit {
            document: scored.document as usize,
            score: scored.score,
            reason: SearchReason::of(&query, scored.document),
        };
        hits.into_iter().map(hit).collect()
    }

    #[cfg(feature = "encoder")]
    fn search_by_meaning(
        &self,
        meanings: &Meanings,
        text: &str,
        limit: usize,
        allowed: impl Fn(usize) -> bool,
    ) -> Vec<SearchHit> {
        if text.trim().is_empty() {
            return Vec::new();
        }
        let allowed: Vec<bool> = (0..self.len()).map(allowed).collect();
        let is_allowed = |document: usize| allowed.get(document).copied().unwrap_or_default();
        let query = Query::read(text, &self.lexicon, &self.words, &self.grams);
        let words = self.scores(&query, is_allowed);
        let mut best = self.best(&fusion::fuse(&words, &meanings.similarities(text), &allowed));
        best.truncate(limit);
        let hit = |scored: Scored| {
            let mut reason = SearchReason::of(&query, scored.document);
            reason.is_by_meaning = reason.matches.is_empty();
            SearchHit { document: scored.document as usize, score: scored.score, reason }
        };
        best.into_iter().map(hit).collect()
    }

    /// The score of each document. Documents that are not allowed get 0.
    fn scores(&self, query: &Query<'_>, allowed: impl Fn(usize) -> bool) -> Vec<f32> {
        let mut scores = vec![0.0_f32; self.len()];
        for it in query.lists() {
            for (document, score) in it.list.documents.iter().zip(it.list.scores) {
                if let Some(sum) = scores.get_mut(*document as usize) {
                    *sum += score * it.weight;
                }
            }
        }
        for (document, score) in scores.iter_mut().enumerate() {
            if *score > 0.0 && !allowed(document) {
                *score = 0.0;
            }
        }
        scores
    }

    /// The best documents, after the best document of each group has raised the scores of the group.
    fn best(&self, scores: &[f32]) -> Vec<Scored> {
        let mut groups = vec![0.0_f32; self.group_count];
        for (score, group) in scores.iter().zip(&self.groups) {
            if let Some(best) = groups.get_mut(*group as usize) {
                *best = best.max(*score);
            }
        }
        let mut top = Top::new(POOL);
        for (document, (score, group)) in scores.iter().zip(&self.groups).enumerate() {
            if *score > 0.0 {
                let lift = groups.get(*group as usize).copied().unwrap_or_default();
                top.insert(Scored { document: document as u32, score: score + GROUP * lift });
            }
        }
        top.into_vec()
    }
}

impl fmt::Debug for SearchIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SearchIndex({} documents)", self.len())
    }
}

#[cfg(test)]
mod tests;
