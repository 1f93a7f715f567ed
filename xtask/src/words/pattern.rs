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
        name: "may not …",
        instead: "might not; \"may not\" is a prohibition",
        matches: |it| {
            let is_possibility = has(it, &["may not"]) && has(it, &["yet"])
                || ["exist", "match", "accept", "expect", "have", "know", "contain"]
                    .iter()
                    .any(|verb| has(it, &[&format!("may not {verb}")]));
            is_possibility && !it.contains("may or may not")
        },
    },
    Pattern {
        name: "contains what …",
        instead: "the noun for it",
        matches: |it| has(it, &["contains what", "contain what", "what looks like"]),
    },
    Pattern {
        name: "is about …",
        instead: "applies to, belongs to, matches, describes",
        matches: |it| {
            ["is", "are", "be"].iter().any(|verb| {
                let about = |noun: &&str| has(it, &[&format!("{verb} about {noun}")]);
                ["a", "an", "the", "no", "none", "one"].iter().any(about)
            })
        },
    },
    Pattern {
        name: "x_sent_after_y_is_…",
        instead: "the subject and its verb first, as in audit_records_a_call_dropped_after_its_intent",
        matches: misleads,
    },
    Pattern {
        name: "the … before is …",
        instead: "the previous or earlier …",
        matches: |it| has(it, &["before is", "before are", "before was", "before were"]),
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

/// Whether a test name begins with a participle and a preposition, so that the end of the phrase reads like the subject of the
/// verb after it.
fn misleads(name: &str) -> bool {
    let mut words = name.split('_').skip(1);
    words.next().is_some_and(|word| word.ends_with("ed") || word == "sent")
        && words.next().is_some_and(|word| ["after", "before", "while"].contains(&word))
        && words.any(|word| ["is", "are", "was", "has", "have"].contains(&word))
}

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
    fn pattern_matches_words_with_two_meanings() {
        assert_eq!(names("the file may not exist"), ["may not …"]);
        assert_eq!(names("Its name may not be on the disk yet."), ["may not …"]);
        assert_eq!(names("the text contains what looks like a token"), ["contains what …"]);
        assert_eq!(names("`b_*` is about no connector of the agent"), ["is about …"]);
        assert_eq!(names("call_dropped_after_its_intent_is_recorded_as_cancelled"), ["x_sent_after_y_is_…"]);
        assert_eq!(names("added the entry; the file before is in backup.json"), ["the … before is …"]);
    }

    #[test]
    fn plain_sentence_matches_no_pattern() {
        for text in [
            "Encodes a path segment.",
            "If a credential source cannot be read, the call fails; later sources are not tried.",
            "there is no tool of that name",
            "The caller may not see the tool.",
            "The service may or may not have acted on the request.",
            "the tools that the text is about",
            "audit_records_a_call_dropped_after_its_intent_as_cancelled",
            "call_that_was_dropped_before_its_approval_is_refused",
            "the state before the change",
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
