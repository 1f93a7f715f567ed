//! The reason why a document was found: which words of the query it contains, and in which fields.

use std::fmt;

use super::document::{ALL_FIELDS, SearchField};
use super::query::{Query, QueryWord};

/// The maximum number of words that a reason names.
const MOST_MATCHES: usize = 5;

/// The reason why a document was found: the words that matched, the most important first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchReason {
    /// The words that matched, at most five.
    pub matches: Vec<SearchMatch>,
    /// Whether only the encoder found the document, because no word matched.
    pub is_by_meaning: bool,
}

/// A word of the query that matched in the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchMatch {
    /// The word of the query, in lower case.
    pub word: String,
    /// The kind of the match.
    pub evidence: Evidence,
    /// The fields that contain the word.
    pub fields: Vec<SearchField>,
}

/// A way in which a document matches a word of the query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The document contains the word itself, or another form of it.
    Word,
    /// The document contains a verb with the same meaning.
    Synonym(&'static str),
    /// The document contains a similar word, or a word that contains most of the query's word.
    Similar,
}

impl SearchReason {
    pub(super) fn of(query: &Query<'_>, document: u32) -> Self {
        let mut matches: Vec<(f32, SearchMatch)> =
            query.words.iter().filter_map(|word| found(word, document)).collect();
        matches.sort_by(|one, other| other.0.total_cmp(&one.0));
        matches.truncate(MOST_MATCHES);
        Self { matches: matches.into_iter().map(|(_, found)| found).collect(), is_by_meaning: false }
    }
}

fn found(word: &QueryWord<'_>, document: u32) -> Option<(f32, SearchMatch)> {
    let of = |evidence, fields: u8| SearchMatch {
        word: word.word.clone(),
        evidence,
        fields: ALL_FIELDS.into_iter().filter(|field| fields & field.bit() != 0).collect(),
    };
    let mut best: Option<(f32, SearchMatch)> = None;
    for it in &word.lists {
        let Some((score, fields)) = it.list.of(document) else { continue };
        let score = score * it.weight;
        if best.as_ref().is_none_or(|(best, _)| score > *best) {
            best = Some((score, of(it.synonym.map_or(Evidence::Word, Evidence::Synonym), fields)));
        }
    }
    if best.is_some() {
        return best;
    }
    let grams: Vec<(f32, u8)> = word
        .grams
        .iter()
        .filter_map(|it| it.list.of(document).map(|(score, fields)| (score * it.weight, fields)))
        .collect();
    // If the words share only one run of four characters, the match is accidental.
    if grams.len() < 2 || grams.len() * 2 < word.grams.len() {
        return None;
    }
    let score = grams.iter().map(|(score, _)| score).sum();
    Some((score, of(Evidence::Similar, grams.iter().fold(0, |all, (_, fields)| all | fields))))
}

impl fmt::Display for SearchReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_by_meaning {
            return f.write_str("similar in meaning");
        }
        for (at, found) in self.matches.iter().enumerate() {
            f.write_str(if at == 0 { "" } else { "; " })?;
            found.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for SearchMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.evidence {
            Evidence::Word => write!(f, "`{}`", self.word)?,
            Evidence::Synonym(verb) => write!(f, "`{verb}` for `{}`", self.word)?,
            Evidence::Similar => write!(f, "similar to `{}`", self.word)?,
        }
        for (at, field) in self.fields.iter().enumerate() {
            f.write_str(if at == 0 { " in " } else { ", " })?;
            field.fmt(f)?;
        }
        Ok(())
    }
}
