//! Parses a query, limits its size, and finds the lists whose scores are added up.

use super::document::truncated;
use super::intent::Intent;
use super::lexicon::Lexicon;
use super::postings::{PostingList, PostingLists};
use super::stop_words::is_stop_word;
use super::synonyms::{meant, synonyms};
use super::weights::{GRAM, GRAM_OF_KNOWN_WORD, QUERY_SATURATION, SYNONYM, VALUE};
use super::words::{for_each_gram, for_each_word, stem};

/// The maximum number of bytes of a query that are read.
const LONGEST_QUERY: usize = 2_048;
/// The maximum number of distinct words of a query that are used.
const MOST_WORDS: usize = 64;
/// The minimum number of bytes of a compound. Shorter compounds, such as `todo` for `to do`, are usually accidental.
const LEAST_COMPOUND: usize = 5;
/// The minimum number of bytes of a word after the prefix `un`.
const LEAST_UNDONE: usize = 3;
/// The maximum number of list entries that a query adds up. The shortest lists are used first, so the lists of common words are left out.
const MOST_ENTRIES: usize = 200_000;

/// The distinct words of a query, each with its lists.
pub(super) struct Query<'i> {
    pub(super) words: Vec<QueryWord<'i>>,
    pub(super) intent: Intent,
}

/// A word of a query.
pub(super) struct QueryWord<'i> {
    /// The word in lower case.
    pub(super) word: String,
    stem: String,
    count: f32,
    /// The factor by which the weight of the word is multiplied. It is lower for words within values.
    share: f32,
    /// The list of the word, and the lists of its synonyms.
    pub(super) lists: Vec<WeightedList<'i>>,
    /// The lists of its grams.
    pub(super) grams: Vec<WeightedList<'i>>,
}

/// A list, and the weight by which its scores are multiplied.
#[derive(Clone, Copy)]
pub(super) struct WeightedList<'i> {
    pub(super) list: PostingList<'i>,
    pub(super) weight: f32,
    /// The synonym to which the list belongs. `None` if the list belongs to the word itself.
    pub(super) synonym: Option<&'static str>,
}

impl<'i> Query<'i> {
    pub(super) fn read(
        text: &str,
        lexicon: &Lexicon,
        words: &'i PostingLists,
        grams: &'i PostingLists,
    ) -> Self {
        let text = truncated(text, LONGEST_QUERY);
        let mut query = Self { words: distinct_words(text), intent: Intent::of(text) };
        let implied = implied(text, &query.words, lexicon);
        query.words.extend(implied);
        let stems: Vec<String> = query.words.iter().map(|word| word.stem.clone()).collect();
        for word in &mut query.words {
            word.find_lists(&stems, lexicon, words);
            word.find_grams(lexicon, grams);
        }
        query.drop_common_lists();
        query
    }

    /// Returns all lists, in the order of the words.
    pub(super) fn lists(&self) -> impl Iterator<Item = &WeightedList<'i>> {
        self.words.iter().flat_map(|word| word.lists.iter().chain(&word.grams))
    }

    /// Leaves out the longest lists if there are too many entries to add up. The lists of words are chosen before the lists of grams.
    fn drop_common_lists(&mut self) {
        if self.lists().map(|list| list.list.len()).sum::<usize>() <= MOST_ENTRIES {
            return;
        }
        let mut left = MOST_ENTRIES;
        for is_gram in [false, true] {
            let lists_of = |word: &QueryWord<'i>| if is_gram { word.grams.len() } else { word.lists.len() };
            let mut order: Vec<(usize, usize, usize)> = Vec::new();
            for (at, word) in self.words.iter().enumerate() {
                let lists = if is_gram { &word.grams } else { &word.lists };
                order.extend((0..lists_of(word)).map(|list| (lists[list].list.len(), at, list)));
            }
            order.sort_unstable();
            for (length, word, list) in order {
                if length <= left {
                    left -= length;
                    continue;
                }
                let word = &mut self.words[word];
                let lists = if is_gram { &mut word.grams } else { &mut word.lists };
                lists[list].list = PostingList::default();
            }
        }
    }
}

impl<'i> QueryWord<'i> {
    const fn new(word: String, stem: String, share: f32) -> Self {
        Self { word, stem, count: 1.0, share, lists: Vec::new(), grams: Vec::new() }
    }

    fn find_lists(&mut self, stems: &[String], lexicon: &Lexicon, lists: &'i PostingLists) {
        let weight = self.share * self.count * (QUERY_SATURATION + 1.0) / (self.count + QUERY_SATURATION);
        let own = lexicon.stem(&self.stem);
        if let Some(term) = own {
            self.lists.push(WeightedList { list: lists.list(term), weight, synonym: None });
        }
        for synonym in synonyms(&self.stem) {
            let stem = stem(synonym);
            let Some(term) = lexicon.stem(&stem).filter(|_| !stems.contains(&stem)) else { continue };
            // A rare synonym counts at most as much as the word in the query.
            let rarity = own.map_or(1.0, |own| (lists.rarity(own) / lists.rarity(term)).min(1.0));
            let weight = weight * SYNONYM * rarity;
            self.lists.push(WeightedList { list: lists.list(term), weight, synonym: Some(synonym) });
        }
    }

    fn find_grams(&mut self, lexicon: &Lexicon, lists: &'i PostingLists) {
        let mut terms = Vec::new();
        let mut all = 0.0_f32;
        for_each_gram(&self.word, |gram| {
            all += 1.0;
            terms.extend(lexicon.gram(gram));
        });
        let known = if lexicon.stem(&self.stem).is_some() { GRAM_OF_KNOWN_WORD } else { 1.0 };
        let weight = self.share * GRAM * known / all.max(1.0).sqrt();
        self.grams.extend(terms.into_iter().map(|term| WeightedList {
            list: lists.list(term),
            weight,
            synonym: None,
        }));
    }
}

/// Returns the distinct words of a query without stop words. If the query contains only stop words, they are kept.
fn distinct_words<'i>(text: &str) -> Vec<QueryWord<'i>> {
    let read = |keeps: fn(&str) -> bool| {
        let mut words: Vec<QueryWord<'i>> = Vec::new();
        for token in text.split_whitespace() {
            let share = if is_value(token) { VALUE } else { 1.0 };
            for_each_word(token, |word| {
                if !keeps(word) {
                    return;
                }
                let stem = stem(word);
                if let Some(known) = words.iter_mut().find(|known| known.stem == stem) {
                    known.count += 1.0;
                    known.share = known.share.max(share);
                } else if words.len() < MOST_WORDS {
                    words.push(QueryWord::new(word.to_owned(), stem, share));
                }
            });
        }
        words
    };
    let words = read(|word| !is_stop_word(word));
    if words.is_empty() { read(|_| true) } else { words }
}

/// Returns the words that a query implies but does not contain: `payout` for `pay out`, `pin` and `remove` for `unpin`, `user` for `who`.
fn implied<'i>(text: &str, words: &[QueryWord<'i>], lexicon: &Lexicon) -> Vec<QueryWord<'i>> {
    let mut implied: Vec<QueryWord<'i>> = Vec::new();
    let mut add = |word: &str, share: f32| {
        let stem = stem(word);
        let is_known = words.iter().chain(&implied).any(|known| known.stem == stem);
        if !is_known && words.len() + implied.len() < MOST_WORDS && lexicon.stem(&stem).is_some() {
            implied.push(QueryWord::new(word.to_owned(), stem, share));
        }
    };
    let mut previous = String::new();
    for_each_word(text, |word| {
        let compound = format!("{previous}{word}");
        let is_pair = !(previous.is_empty() || is_stop_word(&previous) && is_stop_word(word));
        if is_pair && compound.len() >= LEAST_COMPOUND {
            add(&compound, 1.0);
        }
        meant(word).iter().for_each(|meant| add(meant, SYNONYM));
        let undone = word.strip_prefix("un").filter(|rest| rest.len() >= LEAST_UNDONE);
        if let Some(undone) = undone.filter(|rest| lexicon.stem(&stem(rest)).is_some())
            && lexicon.stem(&stem(word)).is_none()
        {
            add(undone, 1.0);
            add("remove", SYNONYM);
        }
        word.clone_into(&mut previous);
    });
    implied
}

/// Whether a token is a value, such as an address, a path, a date or an id: `ada@example.com`, `acme/site`, `cus_1`, `42`.
fn is_value(token: &str) -> bool {
    let token = token.trim_matches(|c: char| !c.is_alphanumeric());
    let has = |is: fn(char) -> bool| token.contains(is);
    let has_digit = has(|c| c.is_ascii_digit());
    has(|c| matches!(c, '@' | '/'))
        || has_digit && (has(|c| matches!(c, '_' | '-' | '.' | ':')) || !has(char::is_alphabetic))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        distinct_words(text).into_iter().map(|word| word.word).collect()
    }

    #[test]
    fn stop_words_are_ignored_unless_the_query_has_no_other_words() {
        assert_eq!(
            words("Hi! Could you please help me to cancel the subscriptions, and my subscription?"),
            ["cancel", "subscriptions"]
        );
        assert_eq!(words("what can you do"), ["what", "can", "you", "do"]);
        assert_eq!(words(" ?! "), Vec::<String>::new());
    }

    #[test]
    fn long_queries_are_truncated() {
        let long: String = (0..10_000).map(|n| format!("w{n} ")).collect();
        assert_eq!(words(&long).len(), MOST_WORDS);
        assert_eq!(words(&"é".repeat(1_000_000)).len(), 1);
    }

    #[test]
    fn values_in_a_search_query_are_distinguished_from_words() {
        for value in ["cus_1", "42", "(acme/site)", "ada@example.com,", "2024-01-31", "v1.2."] {
            assert!(is_value(value), "{value}");
        }
        for word in ["s3", "oauth2", "two-factor", "e.g.", "Who?", ""] {
            assert!(!is_value(word), "{word}");
        }
    }
}
