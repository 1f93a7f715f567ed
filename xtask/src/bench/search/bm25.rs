//! Plain BM25, with which the tool search is compared. It uses k1 = 1.2 and b = 0.75, counts names twice, stems
//! endings lightly, and has a short list of stop words. It shares no code with the index of the runtime.

use std::collections::{BTreeMap, HashMap};

use super::set::Tool;

const K1: f64 = 1.2;
const B: f64 = 0.75;

/// The stop words: function words, and a few words that are common in requests.
const STOP: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "can", "could", "for", "i", "if", "in", "into",
    "is", "it", "like", "me", "my", "need", "no", "not", "of", "on", "or", "our", "please", "such", "that",
    "the", "their", "then", "there", "these", "they", "this", "to", "want", "was", "we", "will", "with",
    "would", "you", "your",
];

pub(super) struct Bm25 {
    /// For each word, the documents that contain it, with the number of occurrences.
    lists: HashMap<String, Vec<(usize, f64)>>,
    lengths: Vec<f64>,
    average: f64,
}

impl Bm25 {
    pub(super) fn new(tools: &[Tool]) -> Self {
        let (mut lists, mut lengths): (HashMap<_, Vec<_>>, _) = (HashMap::new(), Vec::new());
        for (at, tool) in tools.iter().enumerate() {
            let document = &tool.document;
            let mut texts = vec![&document.name, &document.name, &document.group, &document.description];
            texts.extend(&document.tags);
            texts.extend(
                document.arguments.iter().flat_map(|argument| [&argument.name, &argument.description]),
            );
            let mut counts: BTreeMap<String, f64> = BTreeMap::new();
            for word in texts.into_iter().flat_map(|text| words(text)) {
                *counts.entry(word).or_default() += 1.0;
            }
            lengths.push(counts.values().sum());
            for (word, count) in counts {
                lists.entry(word).or_default().push((at, count));
            }
        }
        let average = lengths.iter().sum::<f64>() / lengths.len().max(1) as f64;
        Self { lists, lengths, average }
    }

    /// Returns the best documents. Documents with equal scores keep their order.
    pub(super) fn best(&self, query: &str, most: usize) -> Vec<usize> {
        let mut scores = vec![0.0; self.lengths.len()];
        let all = self.lengths.len() as f64;
        for word in words(query) {
            let Some(list) = self.lists.get(&word) else { continue };
            let rarity = ((all - list.len() as f64 + 0.5) / (list.len() as f64 + 0.5)).ln_1p();
            for (document, count) in list {
                let norm = K1 * (1.0 - B + B * self.lengths[*document] / self.average);
                scores[*document] += rarity * count * (K1 + 1.0) / (count + norm);
            }
        }
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|one, other| scores[*other].total_cmp(&scores[*one]));
        order.truncate(most);
        order
    }
}

/// Returns the stems of the words of a text. A word is a run of ASCII letters and digits, and ends before a capital
/// that follows a lower-case letter.
fn words(text: &str) -> Vec<String> {
    let mut spaced = String::with_capacity(text.len());
    let mut previous = ' ';
    for c in text.chars() {
        if c.is_ascii_uppercase() && (previous.is_ascii_lowercase() || previous.is_ascii_digit()) {
            spaced.push(' ');
        }
        spaced.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' });
        previous = c;
    }
    spaced.split(' ').filter(|word| !word.is_empty() && !STOP.contains(word)).map(stem).collect()
}

fn stem(word: &str) -> String {
    let endings =
        [("ies", "y"), ("sses", "ss"), ("ing", ""), ("edly", ""), ("ed", ""), ("es", ""), ("s", "")];
    for (ending, replacement) in endings {
        let rest = word.strip_suffix(ending).filter(|rest| rest.len() >= 3);
        if let Some(rest) = rest.filter(|_| ending != "s" || !word.ends_with("ss")) {
            return format!("{rest}{replacement}");
        }
    }
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use jackfield_runtime::SearchDocument;

    use super::*;

    #[test]
    fn bm25_ranks_rare_words_and_short_texts_first() {
        let tool = |name: &str, description: &str| Tool {
            document: SearchDocument {
                name: name.to_owned(),
                description: description.to_owned(),
                ..SearchDocument::default()
            },
        };
        let bm25 = Bm25::new(&[
            tool("listLoans", "Lists loans"),
            tool("listMembers", "Lists members of the library, page by page"),
            tool("members", "Lists members"),
        ]);
        assert_eq!(bm25.best("list the member", 2), [2, 1]);
        assert_eq!(bm25.best("nothing", 2), [0, 1]);
        assert_eq!(words("getUsersByID queries classes"), ["get", "user", "id", "query", "class"]);
    }
}
