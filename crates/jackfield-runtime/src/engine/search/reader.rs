//! Reads documents, and assigns numbers to their words.

use std::collections::HashMap;
use std::ops::Range;

use super::document::{SearchDocument, SearchField};
use super::lexicon::Lexicon;
use super::postings::Occurrences;
use super::stop_words::is_stop_word;
use super::words::{Gram, for_each_gram, for_each_word, stem};

/// Indexes documents. Each distinct word is stemmed and split into grams only once.
#[derive(Default)]
pub(super) struct Reader {
    stem_numbers: HashMap<String, u32>,
    gram_numbers: HashMap<Gram, u32>,
    words: HashMap<String, usize>,
    known: Vec<KnownWord>,
    grams: Vec<u32>,
    in_words: Occurrences,
    in_grams: Occurrences,
}

struct KnownWord {
    stem: u32,
    is_stop: bool,
    grams: Range<usize>,
}

impl Reader {
    /// Indexes the next document.
    pub(super) fn read(&mut self, document: &SearchDocument) {
        document.for_each_text(|field, text| for_each_word(text, |word| self.read_word(field, word)));
        self.in_words.end_document();
        self.in_grams.end_document();
    }

    pub(super) fn finish(self) -> (Lexicon, Occurrences, Occurrences) {
        (Lexicon::new(self.stem_numbers, self.gram_numbers), self.in_words, self.in_grams)
    }

    fn read_word(&mut self, field: SearchField, word: &str) {
        let number = match self.words.get(word) {
            Some(number) => *number,
            None => self.learn(word),
        };
        let Some(known) = self.known.get(number) else { return };
        if known.is_stop {
            // A query that consists of stop words still finds names such as `what_is_new`.
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
                let next = self.gram_numbers.len() as u32;
                self.grams.push(*self.gram_numbers.entry(gram).or_insert(next));
            });
        }
        let next = self.stem_numbers.len() as u32;
        let stem = *self.stem_numbers.entry(stem(word)).or_insert(next);
        let number = self.known.len();
        self.words.insert(word.to_owned(), number);
        self.known.push(KnownWord { stem, is_stop, grams: begin..self.grams.len() });
        number
    }
}
