//! The search index over all tools.

use std::collections::HashMap;
use std::fmt;
#[cfg(feature = "encoder")]
use std::sync::OnceLock;

use jackfield_recipe::Effect;

use super::coverage;
use super::document::SearchDocument;
#[cfg(feature = "encoder")]
use super::encoder::{Encoder, Meanings};
use super::fusion::fuse;
use super::lexicon::Lexicon;
use super::postings::PostingLists;
use super::query::Query;
use super::reader::Reader;
use super::reason::SearchReason;
use super::top::{Scored, Top};
use super::weights::{DEPRECATED, GRAMS, GROUP, MOST_PATH_WORDS, OTHER_EFFECT, PATH_WORD, WORDS};

/// The maximum number of hits of a search.
const MOST_HITS: usize = 50;
/// The number of best documents that are reordered to cover all parts of a request, even if fewer hits are wanted.
const POOL: usize = 50;

/// The word with which the texts of deprecated tools begin.
const DEPRECATION: &str = "deprecated";

/// An index over the texts of tools.
pub struct SearchIndex {
    pub(super) lexicon: Lexicon,
    pub(super) words: PostingLists,
    pub(super) grams: PostingLists,
    /// The group of each document.
    pub(super) groups: Vec<u32>,
    /// The factor by which the score of each document is multiplied.
    pub(super) priors: Vec<f32>,
    pub(super) effects: Vec<Option<Effect>>,
    pub(super) group_count: usize,
    /// The vectors of the documents. They may be added after the first search.
    #[cfg(feature = "encoder")]
    pub(super) meanings: OnceLock<Meanings>,
}

/// A tool that a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchHit {
    /// The position of the tool among the documents of the index.
    pub document: usize,
    /// The score, which is comparable only within one search. Hits are ordered to cover all parts of the request, so their order may differ
    /// from the order of the scores.
    pub score: f32,
    /// The reason why the tool was found.
    pub reason: SearchReason,
}

impl SearchIndex {
    /// Indexes the documents, which takes about 10 µs each. A document is identified by its position.
    pub fn new(documents: impl IntoIterator<Item = SearchDocument>) -> Self {
        let mut reader = Reader::default();
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut groups = Vec::new();
        let mut group_count = 0;
        let (mut priors, mut effects) = (Vec::new(), Vec::new());
        for document in documents {
            reader.read(&document);
            priors.push(prior(&document));
            effects.push(document.effect);
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
            priors,
            effects,
            group_count,
            #[cfg(feature = "encoder")]
            meanings: OnceLock::new(),
        }
    }

    /// Indexes the documents for ranking by words and by vectors. The vectors come from the cache of the encoder. If they are not cached,
    /// computing them occupies every core for about 10 ms per document.
    #[cfg(feature = "encoder")]
    pub fn with_encoder(
        documents: impl IntoIterator<Item = SearchDocument>,
        encoder: std::sync::Arc<Encoder>,
    ) -> Self {
        let documents: Vec<SearchDocument> = documents.into_iter().collect();
        let texts = Self::texts(&documents);
        let index = Self::new(documents);
        index.learn(encoder, &texts);
        index
    }

    /// Returns the texts to encode, several for each document. Their vectors represent the documents in a search by meaning.
    #[cfg(feature = "encoder")]
    pub(crate) fn texts(documents: &[SearchDocument]) -> Vec<String> {
        documents.iter().flat_map(SearchDocument::meanings).collect()
    }

    /// Computes the vectors of all documents. Searches after this call rank by meaning too.
    #[cfg(feature = "encoder")]
    pub(crate) fn learn(&self, encoder: std::sync::Arc<Encoder>, texts: &[String]) {
        // If two encoders are given, the first one is used.
        let _ = self.meanings.set(Meanings::new(encoder, texts));
    }

    /// Whether the vectors of the documents are available.
    pub(crate) fn ranks_by_meaning(&self) -> bool {
        #[cfg(feature = "encoder")]
        return self.meanings.get().is_some();
        #[cfg(not(feature = "encoder"))]
        false
    }

    /// Returns the similarity in meaning of each document to a query, or `None` if there are no vectors. The computation takes tens of
    /// milliseconds.
    pub(crate) fn similarities(&self, query: &str) -> Option<Vec<f32>> {
        #[cfg(feature = "encoder")]
        return self.meanings.get().map(|meanings| meanings.similarities(query));
        #[cfg(not(feature = "encoder"))]
        {
            let _ = query;
            None
        }
    }

    /// Returns the number of documents.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether the index has no documents.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Returns the best allowed documents for a request in words, at most 50.
    ///
    /// `allowed` is called at most once for each document, before ranking. So a document that is not allowed affects neither the order nor
    /// the scores of the other documents in its group.
    pub fn search(&self, query: &str, limit: usize, allowed: impl Fn(usize) -> bool) -> Vec<SearchHit> {
        let similarities = if query.trim().is_empty() { None } else { self.similarities(query) };
        self.search_with(similarities.as_deref(), query, limit, allowed)
    }

    /// Searches by words, and by meaning if the similarities of the documents are given.
    pub(crate) fn search_with(
        &self,
        similarities: Option<&[f32]>,
        query: &str,
        limit: usize,
        allowed: impl Fn(usize) -> bool,
    ) -> Vec<SearchHit> {
        let limit = limit.min(MOST_HITS);
        if query.trim().is_empty() {
            return Vec::new();
        }
        let allowed: Vec<bool> = (0..self.len()).map(allowed).collect();
        let query = Query::read(query, &self.lexicon, &self.words, &self.grams);
        let words = self.scores(&query, &allowed);
        let hits = match similarities {
            None => coverage::order(&query, &self.best(&words), limit),
            Some(similarities) => {
                let mut best = self.best(&fuse(&words, similarities, &allowed));
                best.truncate(limit);
                best
            }
        };
        let hit = |scored: Scored| {
            let mut reason = SearchReason::of(&query, scored.document);
            reason.is_by_meaning = similarities.is_some() && reason.matches.is_empty();
            SearchHit { document: scored.document as usize, score: scored.score, reason }
        };
        hits.into_iter().map(hit).collect()
    }

    /// Returns the score of each document. A document that is not allowed scores 0.
    fn scores(&self, query: &Query<'_>, allowed: &[bool]) -> Vec<f32> {
        let mut scores = vec![0.0_f32; self.len()];
        for it in query.lists() {
            for (document, score) in it.list.scored() {
                if let Some(sum) = scores.get_mut(document as usize) {
                    *sum += score * it.weight;
                }
            }
        }
        let factors = self.priors.iter().zip(&self.effects);
        for ((score, allowed), (prior, effect)) in scores.iter_mut().zip(allowed).zip(factors) {
            let intent = if query.intent.excludes(*effect) { OTHER_EFFECT } else { 1.0 };
            *score *= if *allowed { prior * intent } else { 0.0 };
        }
        scores
    }

    /// Returns the best documents, after the best document of each group has raised the scores of the group.
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

/// Returns the factor for the score of a document. It is lower for long paths, because basic operations have short paths, and for
/// deprecated tools.
fn prior(document: &SearchDocument) -> f32 {
    let more = document.path_words().saturating_sub(1).min(MOST_PATH_WORDS);
    let begins = |text: &str| {
        let begin = text.get(..DEPRECATION.len());
        begin.is_some_and(|begin| begin.eq_ignore_ascii_case(DEPRECATION))
    };
    let is_deprecated = begins(&document.summary) || begins(&document.description);
    let path = 1.0 / (1.0 + PATH_WORD * more as f32);
    if is_deprecated { path * DEPRECATED } else { path }
}

impl fmt::Debug for SearchIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SearchIndex({} documents)", self.len())
    }
}

#[cfg(test)]
mod tests;
