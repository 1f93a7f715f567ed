//! Patterns of sentences that are likely to need a second reading, with advice on what to write instead.

/// A pattern of unclear sentences, and advice on what to write instead.
pub(super) struct Pattern {
    pub(super) name: &'static str,
    pub(super) instead: &'static str,
    matches: fn(&str) -> bool,
}

pub(super) const ALL: &[Pattern] = &[
    Pattern {
        name: "What …",
        instead: "name the thing, or say who does what",
        matches: |it| begins(it, "what "),
    },
    Pattern { name: "Of …", instead: "subject first", matches: |it| begins(it, "of ") },
    Pattern {
        name: "Nobody …",
        instead: "say who does it, or that it is not done",
        matches: |it| begins(it, "nobody "),
    },
    Pattern {
        name: "No … that …",
        instead: "a positive statement",
        matches: |it| begins(it, "no ") && it.contains(" that "),
    },
    Pattern { name: "The same …", instead: "say it in full", matches: |it| begins(it, "the same ") },
    Pattern {
        name: "Who …",
        instead: "a client, a user, a caller",
        matches: |it| begins(it, "who ") || begins(it, "whoever "),
    },
    Pattern {
        name: "That …",
        instead: "subject first",
        matches: |it| begins(it, "that ") && !it.ends_with('?'),
    },
    Pattern {
        name: "is no …",
        instead: "is not a …",
        matches: |it| {
            has(it, &["is no", "are no"])
                && !["there is no", "there are no", "no longer", "no more", "no other"]
                    .iter()
                    .any(|fine| it.contains(fine))
        },
    },
    Pattern {
        name: "what is …",
        instead: "the noun for it",
        matches: |it| has(it, &["what is", "what was", "what has", "what it", "what they"]),
    },
    Pattern {
        name: "a metaphor",
        instead: "fix, connect, crate, module, boundary",
        matches: |it| {
            has(
                it,
                &[
                    "mend",
                    "mends",
                    "mended",
                    "knock",
                    "knocks",
                    "house",
                    "room",
                    "rooms",
                    "wall",
                    "neighbour",
                    "neighbours",
                    "understanding",
                    "roof",
                ],
            )
        },
    },
];

fn begins(sentence: &str, word: &str) -> bool {
    sentence.starts_with(word)
}

/// Whether the sentence contains one of these texts as whole words.
fn has(sentence: &str, all: &[&str]) -> bool {
    let is_letter = |c: char| c.is_alphanumeric();
    all.iter().any(|word| {
        sentence.match_indices(word).any(|(at, _)| {
            !sentence[..at].ends_with(is_letter) && !sentence[at + word.len()..].starts_with(is_letter)
        })
    })
}

/// Splits a text into sentences. A dot within a word or before a lower-case letter does not end a sentence.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let ends = rest.match_indices(['.', ':', ';']).find(|(at, _)| {
            let behind = &rest[at + 1..];
            behind.is_empty()
                || behind.strip_prefix(' ').is_some_and(|next| next.starts_with(char::is_uppercase))
        });
        let (sentence, behind) = rest.split_at(ends.map_or(rest.len(), |(at, _)| at + 1));
        rest = behind.trim_start();
        Some(sentence)
    })
}

/// Returns the indexes of the patterns that match a sentence.
pub(super) fn of(sentence: &str) -> impl Iterator<Item = usize> {
    let plain = sentence.trim_start_matches(['#', '-', '*', '|', '>', ' ', '`']).to_lowercase();
    ALL.iter().enumerate().filter(move |(_, pattern)| (pattern.matches)(&plain)).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&str> {
        sentences(text).flat_map(of).map(|at| ALL[at].name).collect()
    }

    #[test]
    fn pattern_matches_a_sentence_by_its_beginning_or_by_words_in_it() {
        assert_eq!(names("What of the arguments was taken."), ["What …"]);
        assert_eq!(names("It is sent. Of what is not there, the folder decides."), ["Of …", "what is …"]);
        assert_eq!(names("No place that should have one is passed over."), ["No … that …"]);
        assert_eq!(names("The reply is no JSON."), ["is no …"]);
        assert_eq!(names("say what to mend"), ["a metaphor"]);
    }

    #[test]
    fn plain_sentence_matches_no_pattern() {
        for text in [
            "Encodes a path segment.",
            "If a credential source cannot be read, the call fails; later sources are not tried.",
            "there is no tool of that name",
            "recommended for rooms.example.com/mender",
        ] {
            assert!(names(text).iter().all(|name| *name == "a metaphor") || names(text).is_empty(), "{text}");
        }
        assert!(names("Encodes a path segment.").is_empty());
    }

    #[test]
    fn dot_within_a_word_does_not_end_a_sentence() {
        let text = "Reads connector.toml, e.g. once. Then stops";
        assert_eq!(sentences(text).collect::<Vec<_>>(), ["Reads connector.toml, e.g. once.", "Then stops"]);
    }
}
