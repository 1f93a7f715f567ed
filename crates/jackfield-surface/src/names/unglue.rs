//! Splits operationIds whose words are written without separators.

use std::collections::BTreeSet;

use super::number::singular;
use super::snake::snake;
use super::split::SplitOperation;
use crate::vocabulary::is_verb;

/// The minimum length of a word to split. Shorter words are kept.
const FEWEST: usize = 12;
/// The maximum length of a word to split. A longer word is not a concatenation of words.
const LONGEST: usize = 120;
/// The maximum number of known words from the texts.
const KNOWN: usize = 200;

/// Splits the operationId at words of the summary and the path: `Getbookcount` becomes `get_book_count` if
/// the summary contains `book count`. None if no part can be split.
pub(super) fn unglued(id: &str, operation: &SplitOperation<'_>) -> Option<String> {
    let is_long = |word: &str| word.len() >= FEWEST;
    if !snake(id).split('_').any(is_long) {
        return None;
    }
    let known = known(operation);
    let parts: Vec<String> = id
        .split(|c: char| !c.is_ascii_alphanumeric())
        .map(|part| {
            let apart = snake(part);
            // A long word that also occurs in the texts is one word.
            let is_glued = |word: &str| is_long(word) && !known.contains(singular(word).as_ref());
            let split = apart.split('_').any(is_glued).then(|| split(&part.to_ascii_lowercase(), &known));
            // Capitals in the operationId are more reliable than a path in lower case.
            let tells_more = |split: &String| split.matches('_').count() > apart.matches('_').count();
            split.flatten().filter(tells_more).unwrap_or_else(|| part.to_owned())
        })
        .collect();
    let whole = parts.join("_");
    (snake(&whole) != snake(id)).then_some(whole)
}

/// Returns the words that the operationId may contain, in the singular.
fn known(operation: &SplitOperation<'_>) -> BTreeSet<String> {
    let stated = &operation.model.stated;
    let texts = [&stated.summary, &stated.sentence].into_iter().flat_map(|text| {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        words.filter(|word| !word.is_empty()).map(str::to_ascii_lowercase).take(KNOWN)
    });
    let texts = texts.map(|word| singular(&word).into_owned());
    texts.chain(operation.singulars.iter().cloned()).collect()
}

/// Splits a word into the fewest known words.
fn split(glued: &str, known: &BTreeSet<String>) -> Option<String> {
    let is_word = |word: &str| is_verb(word) || known.contains(singular(word).as_ref());
    let end = Some(glued.len()).filter(|length| *length <= LONGEST)?;
    // For each position: the minimum number of words up to it, and the start of the last word.
    let mut best: Vec<Option<(usize, usize)>> = vec![None; end + 1];
    best[0] = Some((0, 0));
    for to in 1..=end {
        let from = (0..to).filter(|from| best[*from].is_some() && is_word(&glued[*from..to]));
        best[to] = from.filter_map(|from| Some((best[from]?.0 + 1, from))).min();
    }
    let mut words = Vec::new();
    let mut to = end;
    while to > 0 {
        let (_, from) = best[to]?;
        words.push(&glued[from..to]);
        to = from;
    }
    words.reverse();
    (words.len() > 1).then(|| words.join("_"))
}

#[cfg(test)]
mod tests {
    use jackfield_model::{Method, Operation, Place, Pointer};

    use super::*;

    #[test]
    fn operation_id_without_separators_is_split_at_words_of_its_description() {
        for (id, path, summary, expected) in [
            ("Getbookcountlimit", "/book/count_limit", "Retrieves the limit", Some("get_book_count_limit")),
            ("beta_Getbookcounts", "/book", "Returns counts of a book", Some("beta_get_book_counts")),
            (
                "CreateanIDcardforareader",
                "/readers",
                "Create an ID card for a reader",
                Some("create_an_id_card_for_a_reader"),
            ),
            ("listConfigurations", "/configurations", "", None),
            ("readMutatingConfiguration", "/mutatingconfigurations", "", None),
            ("Getsomethingunknown", "/books", "Returns it", None),
            ("lend", "/books", "", None),
        ] {
            let place = Place { file: "api.yaml".into(), pointer: Pointer::root() };
            let mut operation = Operation::new(Method::new("GET").unwrap(), path, place);
            operation.stated.summary = summary.to_owned();
            assert_eq!(unglued(id, &SplitOperation::of(&operation)).as_deref(), expected, "{id}");
        }
    }

    #[test]
    fn hostile_operation_id_is_not_split() {
        let known = BTreeSet::from(["a".to_owned()]);
        assert_eq!(split(&"a".repeat(LONGEST + 1), &known), None);
        assert!(split(&"a".repeat(LONGEST), &known).is_some());
    }
}
