//! Assigns numbers to the words of all documents.

use std::collections::HashMap;
use std::ops::Range;

use super::document::{SearchDocument, SearchField};
use super::postings::Occurrences;
use super::stop_words::is_stop_word;
use super::words::{Gram, for_each_gram, for_each_word, stem};

/// The numbers of stems and of grams (runs of four characters).
#[derive(Default)]
pub(super) struct Lexicon {
    stems: HashMap<String, u32>,
    grams: HashMap<Gram, u32>,
}

/// Indexes documents. Each distinct word is stemmed and split into grams only once.
#[derive(Default)]
pub(super) struct Reader {
    lexicon: Lexicon,
    words: HashMap<String, usize>,
    known: Vec<KnownWord>,
    grams: Vec<u32>,
    pub(super) in_words: Occurrences,
    pub(super) in_grams: Occurrences,
}

struct KnownWord {
    stem: u32,
    is_stop: bool,
    grams: Range<usize>,
}

impl Lexicon {
    pub(super) fn stem(&self, stem: &str) -> Option<u32> {
        self.stems.get(stem).copied()
    }

    pub(super) fn gram(&self, gram: Gram) -> Option<u32> {
        self.grams.get(&gram).copied()
    }
}

impl Reader {
    /// Indexes the next document.
    pub(super) fn read(&mut self, document: &SearchDocument) {
        document.for_each_text(|field, text| for_each_word(text, |word| self.read_word(field, word)));
        self.in_words.end_document();
        self.in_grams.end_document();
    }

    pub(super) fn finish(self) -> (Lexicon, Occurrences, Occurrences) {
        (self.lexicon, self.in_words, self.in_grams)
    }

    fn read_word(&mut self, field: SearchField, word: &str) {
        let number = match self.words.get(word) {
            Some(number) => *number,
            None => self.learn(word),
        };
        let Some(known) = self.known.get(number) else { return };
        if known.is_stop {
            // Stop words are indexed only in names, so that a query of only stop words still finds names such as `what_is_new`.
            if field == SearchField::Name {
                self.in_words.add_without_length(known.stem, field);
            }
            return;
        }
        self.in_words.add(known.stem, field);
        if super::weights::GRAMS.weight[field as usize] > 0.0 {
            for gram in self.grams.get(known.grams.clone()).unwrap_or_default() {
                self.in_grams.add(*gram, field);
            }
        }
    }

    fn learn(&mut self, word: &str) -> usize {
        let begin = self.grams.len();
        let is_stop = is_stop_word(word);
        if !is_stop {
            for_each_gram(word, |gram| {
                let next = self.lexicon.grams.len() as u32;
                self.grams.push(*self.lexicon.grams.entry(gram).or_insert(next));
            });
        }
        let next = self.lexicon.stems.len() as u32;
        let stem = *self.lexicon.stems.entry(stem(word)).or_insert(next);
        let number = self.known.len();
        self.words.insert(word.to_owned(), number);
        self.known.push(KnownWord { stem, is_stop, grams: begin..self.grams.len() });
        number
    }
}
