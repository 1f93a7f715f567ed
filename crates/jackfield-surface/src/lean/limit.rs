//! Detects sentences about constraints of a call.

use std::borrow::Cow;

use super::words::spoken;

/// The minimum number of words of a constraint.
const FEWEST: usize = 4;
/// The maximum number of words of a constraint.
const MOST: usize = 60;

/// Whether the sentence states a constraint of the call: its preconditions, its maximum values, what it
/// cannot do, or what it undoes.
pub(super) fn is_limit(sentence: &str) -> bool {
    let words: Vec<Cow<'_, str>> = spoken(sentence).take(MOST + 1).collect();
    if !(FEWEST..=MOST).contains(&words.len()) || sentence.ends_with('?') {
        return false;
    }
    limiting_word(&words).is_some()
}

/// Returns the position of the word that makes the sentence a constraint.
fn limiting_word(words: &[Cow<'_, str>]) -> Option<usize> {
    let word = |at: usize| words.get(at).map_or("", |word| &**word);
    let before = |at: usize| at.checked_sub(1).map_or("", &word);
    let is_number = |at: usize| {
        word(at).starts_with(|c: char| c.is_ascii_digit())
            || matches!(word(at), "one" | "two" | "three" | "ten")
    };
    let leaves_out = words.iter().any(|it| {
        matches!(
            &**it,
            "omitted" | "omit" | "provided" | "specified" | "included" | "passed" | "missing" | "present"
        )
    });
    (0..words.len()).find(|&at| match word(at) {
        "must" | "cannot" | "cant" | "irreversible" | "irreversibly" | "overwrites" | "overwritten"
        | "replaces" => true,
        "requires" => at > 0 || words.len() > FEWEST,
        "can" | "could" | "may" => word(at + 1) == "not",
        "only" => !matches!(before(at), "not" | "read" | "write"),
        "up" => word(at + 1) == "to" && is_number(at + 2),
        "at" => word(at + 1) == "most" && is_number(at + 2),
        "more" => before(at) == "no" && word(at + 1) == "than",
        "maximum" | "max" => (word(at + 1) == "of" && is_number(at + 2)) || is_number(at + 1),
        "limited" | "restricted" => word(at + 1) == "to",
        "replaced" => matches!(before(at), "be" | "is" | "are"),
        "undone" | "reversed" => words.iter().any(|it| it == "be"),
        "cleared" | "removed" | "unset" | "deleted" | "unchanged" | "ignored" => leaves_out,
        "supported" | "allowed" | "possible" | "permitted" => before(at) == "not",
        "has" | "have" | "needs" | "need" => {
            at > 0
                && word(at + 1) == "to"
                && words.iter().any(|it| matches!(&**it, "before" | "first" | "already"))
        }
        "overwrite" | "replace" => before(at) == "will",
        "before" | "after" => matches!(word(at + 1), "calling" | "using" | "making"),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_of_a_call_are_detected() {
        for sentence in [
            "A book must be on the shelf.",
            "You can't lend a book twice.",
            "Only works for open loans.",
            "Takes up to 10 books at once.",
            "At most 10 books are lent.",
            "The whole record is replaced.",
            "Replaces every reader of it.",
            "Omitted fields of it are cleared.",
            "The loan requires an open shelf.",
            "This can not be undone.",
        ] {
            assert!(is_limit(sentence), "{sentence}");
        }
        for sentence in [
            "Not only books are found.",
            "Read only books are found.",
            "Adds one book up to the shelf.",
            "Must",
        ] {
            assert!(!is_limit(sentence), "{sentence}");
        }
    }
}
