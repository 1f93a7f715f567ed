//! Guesses from the words of a search query whether it asks for a read or for a change: questions read, and most imperatives change.

use jackfield_recipe::Effect;

use super::words::for_each_word;

/// The words in which people wrap requests.
const POLITE: [&str; 20] = [
    "can", "could", "hello", "help", "hey", "hi", "i", "id", "like", "me", "need", "now", "please", "then",
    "to", "wanna", "want", "we", "would", "you",
];
/// The words that begin a question, or an imperative that only reads, such as "show".
#[rustfmt::skip]
const ASKING: [&str; 36] = [
    "are", "check", "compare", "count", "describe", "did", "display", "do", "does", "download", "export",
    "fetch", "find", "get", "has", "have", "how", "is", "list", "look", "read", "retrieve", "search", "see",
    "show", "summarize", "tell", "view", "was", "what", "when", "where", "which", "who", "whose", "why",
];

/// The effects that a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    Reads,
    Changes,
    Unknown,
}

impl Intent {
    /// The intent by the first word that is not a courtesy.
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

    /// Whether a tool of that effect does not do what is asked for.
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
    fn question_means_a_read_and_an_imperative_means_a_change() {
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
