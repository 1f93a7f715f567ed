//! Guesses from the words of a search query whether the user wants to read or to change something. Questions read, and most imperatives
//! change something.

use jackfield_recipe::Effect;

use super::words::for_each_word;

/// Words of courtesy that may come before the actual request, sorted.
const POLITE: [&str; 20] = [
    "can", "could", "hello", "help", "hey", "hi", "i", "id", "like", "me", "need", "now", "please", "then",
    "to", "wanna", "want", "we", "would", "you",
];
/// Words that begin a question, or an imperative that only reads, such as "show". The words are sorted.
#[rustfmt::skip]
const ASKING: [&str; 36] = [
    "are", "check", "compare", "count", "describe", "did", "display", "do", "does", "download", "export",
    "fetch", "find", "get", "has", "have", "how", "is", "list", "look", "read", "retrieve", "search", "see",
    "show", "summarize", "tell", "view", "was", "what", "when", "where", "which", "who", "whose", "why",
];

/// The kind of effect that a query asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    Reads,
    Changes,
    Unknown,
}

impl Intent {
    /// Determines the intent of `query` from its first word that is not a word of courtesy.
    pub(super) fn of(query: &str) -> Self {
        let mut first = None;
        for_each_word(query, |word| {
            if first.is_none() && POLITE.binary_search(&word).is_err() {
                first = Some(word.to_owned());
            }
        });
        match first {
            Some(word) if ASKING.binary_search(&word.as_str()).is_ok() => Self::Reads,
            Some(word) if Effect::asked_by(&word) != Effect::Read => Self::Changes,
            _ => Self::Unknown,
        }
    }

    /// Whether this effect of a tool contradicts the intent.
    pub(super) fn excludes(self, effect: Option<Effect>) -> bool {
        match self {
            Self::Reads => effect.is_some_and(|effect| effect != Effect::Read),
            Self::Changes => effect == Some(Effect::Read),
            Self::Unknown => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intent_is_derived_from_the_first_significant_word_of_a_query() {
        for (query, intent) in [
            ("Which orders are late?", Intent::Reads),
            ("Could you please show me the orders", Intent::Reads),
            ("I want to cancel an order", Intent::Changes),
            ("create an order", Intent::Changes),
            ("refunds of last week", Intent::Unknown),
            ("", Intent::Unknown),
        ] {
            assert_eq!(Intent::of(query), intent, "{query}");
        }
        assert!(POLITE.is_sorted() && ASKING.is_sorted());
        assert!(Intent::Reads.excludes(Some(Effect::Destroy)) && !Intent::Reads.excludes(None));
        assert!(
            Intent::Changes.excludes(Some(Effect::Read)) && !Intent::Changes.excludes(Some(Effect::Write))
        );
    }
}
