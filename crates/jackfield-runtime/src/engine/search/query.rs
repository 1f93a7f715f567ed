//! Limits a request in size, and finds the lists whose scores are added up.

use super::document::truncated;
use super::lexicon::Lexicon;
use super::postings::{PostingList, PostingLists};
use super::stop_words::is_stop_word;
use super::synonyms::synonyms;
use super::weights::{GRAM, GRAM_OF_KNOWN_WORD, QUERY_SATURATION, SYNONYM};
use super::words::{for_each_gram, for_each_word, stem};

/// The maximum number of bytes of a query that are read.
const LONGEST_QUERY: usize = 2_048;
/// The maximum number of distinct words of a query that are read.
const MOST_WORDS: usize = 64;
/// The maximum number of list entries that a query may add up. The rarest lists come first, so common ones
/// are left out.
const MOST_ENTRIES: usize = 200_000;

/// The distinct words of a query, each with its lists.
pub(super) struct Query<'i> {
    pub(super) words: Vec<QueryWord<'i>>,
}

/// A word of a query.
pub(super) struct QueryWord<'i> {
    /// The word in lower case.
    pub(super) word: String,
    stem: String,
    count: f32,
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
    /// The synonym whose list it is.
    pub(super) synonym: Option<&'static str>,
}

impl<'i> Query<'i> {
    pub(super) fn read(
        text: &str,
        lexicon: &Lexicon,
        words: &'i PostingLists,
        grams: &'i PostingLists,
    ) -> Self {
        let mut query = Self { words: distinct_words(text) };
        let stems: Vec<String> = query.words.iter().map(|word| word.stem.clone()).collect();
        for word in &mut query.words {
            word.find_lists(&stems, lexicon, words);
            word.find_grams(lexicon, grams);
        }
        query.drop_common_lists();
        query
    }

    /// All lists, in the order of the words.
    pub(super) fn lists(&self) -> impl Iterator<Item = &WeightedList<'i>> {
        self.words.iter().flat_map(|word| word.lists.iter().chain(&word.grams))
    }

    /// Leaves out the longest lists if there are too many entries to add up. Lists of grams are left out
    /// before lists of words.
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
    fn find_lists(&mut self, stems: &[String], lexicon: &Lexicon, lists: &'i PostingLists) {
        let weight = self.count * (QUERY_SATURATION + 1.0) / (self.count + QUERY_SATURATION);
        let own = lexicon.stem(&self.stem);
        if let Some(term) = own {
            self.lists.push(WeightedList { list: lists.list(term), weight, synonym: None });
        }
        for synonym in synonyms(&self.stem) {
            let stem = stem(synonym);
            let Some(term) = lexicon.stem(&stem).filter(|_| !stems.contains(&stem)) else { continue };
            // A rare synonym counts no more than the word in the query.
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
        let weight = GRAM * known / all.max(1.0).sqrt();
        self.grams.extend(terms.into_iter().map(|term| WeightedList {
            list: lists.list(term),
            weight,
            synonym: None,
        }));
    }
}

/// The distinct words of a query without stop words. If the query contains only stop words, they are kept.
fn distinct_words<'i>(text: &str) -> Vec<QueryWord<'i>> {
    let read = |keeps: fn(&str) -> bool| {
        let mut words: Vec<QueryWord<'i>> = Vec::new();
        for_each_word(truncated(text, LONGEST_QUERY), |word| {
            if !keeps(word) {
                return;
            }
            let stem = stem(word);
            if let Some(known) = words.iter_mut().find(|known| known.stem == stem) {
                known.count += 1.0;
            } else if words.len() < MOST_WORDS {
                let word = word.to_owned();
                words.push(QueryWord { word, stem, count: 1.0, lists: Vec::new(), grams: Vec::new() });
            }
        });
        words
    };
    let words = read(|word| !is_stop_word(word));
    if words.is_empty() { read(|_| true) } else { words }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        distinct_words(text).into_iter().map(|word| word.word).collect()
    }

    #[test]
    fn words_around_a_request_are_left_out() {
        assert_eq!(
            words("Hi! Could you please help me to cancel the subscriptions, and my subscription?"),
            ["cancel", "subscriptions"]
        );
        assert_eq!(words("what can you do"), ["what", "can", "you", "do"]);
        assert_eq!(words(" ?! "), Vec::<String>::new());
    }

    #[test]
    fn long_queries_are_read_up_to_their_limits() {
        let long: String = (0..10_000).map(|n| format!("w{n} ")).collect();
        assert_eq!(words(&long).len(), MOST_WORDS);
        assert_eq!(words(&"é".repeat(1_000_000)).len(), 1);
    }
}
