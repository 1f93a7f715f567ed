//! Parses sentences and their main verbs, to distinguish the action of an operation from actions that its texts merely mention.

use crate::vocabulary::{ITSELF, is_form, is_third_person, words};

/// A sentence as a list of words in lower case, with `,` for a comma, a colon or a slash.
pub(super) struct Sentence(Vec<String>);

/// Words between a subject and its verb: `will`, `can be used to`, `allows you to`.
const BETWEEN: [&str; 23] = [
    "allow", "allows", "also", "be", "can", "client", "clients", "could", "for", "is", "let", "lets", "may",
    "must", "should", "then", "to", "us", "used", "user", "users", "will", "you",
];
/// Conjunctions that add a second verb.
const JOINS: [&str; 4] = [",", "and", "or", "then"];
/// Words that begin a clause about something else.
const RELATIVES: [&str; 8] = ["if", "that", "when", "where", "which", "who", "whose", "whom"];

/// Returns the sentences of a text. A sentence ends at `.`, `!` or `?` before white space, at an empty line, or
/// before a list item.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = Sentence> + '_ {
    let blocks =
        text.split("\n\n").flat_map(|block| block.split("\n- ")).flat_map(|block| block.split("\n* "));
    blocks.flat_map(split).map(Sentence::of).filter(|sentence| !sentence.0.is_empty())
}

/// Returns the sentences of a paragraph.
fn split(block: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, c) in block.char_indices().filter(|(_, c)| matches!(c, '.' | '!' | '?')) {
        let after = at + c.len_utf8();
        if block[after..].starts_with(char::is_whitespace) {
            found.push(&block[start..after]);
            start = after;
        }
    }
    found.push(&block[start..]);
    found
}

impl Sentence {
    /// Parses a sentence. HTML tags and the URLs of links do not count as words.
    pub(super) fn of(text: &str) -> Self {
        let mut tokens = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['<', ']']) {
            let (before, after) = rest.split_at(at);
            read(before, &mut tokens);
            let end = if after.starts_with('<') { '>' } else { ')' };
            let is_skipped = end == '>' || after.starts_with("](");
            rest = after.split_once(end).filter(|_| is_skipped).map_or(&after[1..], |(_, after)| after);
        }
        read(rest, &mut tokens);
        Self(tokens)
    }

    /// Returns the words and commas.
    pub(super) fn tokens(&self) -> &[String] {
        &self.0
    }

    /// Removes the name of the operation from the beginning of the sentence: `GetBooks returns books`.
    pub(super) fn without_name(mut self, name: &[String]) -> Self {
        if name.len() > 1
            && self.0.starts_with(name)
            && self.0.get(name.len()).is_some_and(|it| is_third_person(it))
        {
            self.0.drain(..name.len());
        }
        self
    }

    /// Returns the position of the verb that says what the operation does, and whether a subject precedes it.
    fn main(&self) -> Option<(usize, bool)> {
        let word = |at: usize| self.0.get(at).map(String::as_str);
        let mut at = match word(0)? {
            "this" | "the" | "these" => {
                match (1..6).find(|at| word(*at).is_some_and(|it| ITSELF.contains(&it))) {
                    Some(noun) => noun + 1,
                    // In `This also reserves a book`, the verb follows `This`.
                    None if word(1).is_some_and(|it| BETWEEN.contains(&it) || is_third_person(it)) => 1,
                    None => return None,
                }
            }
            "it" | "you" | "we" => 1,
            // `Use this endpoint to search` describes the operation, but `Use a filter` is advice.
            "use" | "call" | "invoke" if matches!(word(1)?, "this" | "the" | "it") => {
                1 + (2..8).find(|at| word(*at) == Some("to"))?
            }
            // In `To launch the flow, create a session`, the verb follows the comma.
            "to" => 1 + self.0.iter().position(|it| it == ",")?,
            // In `Endpoint returns books`, the verb is in the third person and follows the noun.
            "api" | "endpoint" | "method" | "operation" if word(1).is_some_and(is_third_person) => 1,
            _ => 0,
        };
        let has_subject = at > 0;
        let passes = |it: &str| BETWEEN.contains(&it) || it.ends_with("ly") && it.len() > 4;
        while word(at).is_some_and(|it| passes(it) && (has_subject || it.ends_with("ly") || it == "to"))
            || word(at) == Some("enables") && word(at + 1).is_some_and(|next| BETWEEN.contains(&next))
        {
            at += 1;
        }
        (at < self.0.len()).then_some((at, has_subject))
    }

    /// Returns the first verb, if the sentence begins with it or with the operation as its subject.
    pub(super) fn main_verb(&self) -> Option<&str> {
        self.main().map(|(at, _)| self.0[at].as_str())
    }

    /// Returns the words after the first verb.
    pub(super) fn object(&self) -> &[String] {
        self.main().map_or(&[], |(at, _)| &self.0[at + 1..])
    }

    /// Whether the sentence tells readers what to do: it begins with a bare verb.
    pub(super) fn is_imperative(&self) -> bool {
        self.main().is_some_and(|(at, has_subject)| !has_subject && !is_third_person(&self.0[at]))
    }

    /// Returns the first verb, and the verbs that are joined to it in the same form: `Creates, modifies or deletes
    /// books`.
    pub(super) fn main_verbs(&self) -> impl Iterator<Item = &str> {
        let main = self.main().map(|(at, _)| at);
        let form = main.map(|at| is_third_person(&self.0[at]));
        let joined = self.0.windows(2).enumerate().filter(move |(at, pair)| {
            main.is_some_and(|main| *at > main)
                && JOINS.contains(&pair[0].as_str())
                && Some(is_third_person(&pair[1])) == form
        });
        main.map(|at| self.0[at].as_str()).into_iter().chain(joined.map(|(_, pair)| pair[1].as_str()))
    }

    /// Returns the first of these verbs that the sentence uses in the passive voice, as in `A job will be created`. A verb after a negation
    /// or in a relative clause does not count.
    pub(super) fn passives<'v>(
        &self,
        verbs: impl IntoIterator<Item = &'v &'static str>,
    ) -> Option<&'static str> {
        let is_passive = |verb: &str| {
            self.0.windows(2).enumerate().any(|(at, pair)| {
                ["are", "be", "is"].contains(&pair[0].as_str())
                    && is_participle(&pair[1], verb)
                    && !self.0[..at].iter().any(|it| RELATIVES.contains(&it.as_str()) || is_negation(it))
            })
        };
        verbs.into_iter().find(|verb| is_passive(verb)).copied()
    }

    /// Whether the sentence uses the verb in the third person, as in `Searching creates a job`. A verb after `not`, or after a word such as
    /// `that` or `if`, does not count.
    pub(super) fn says(&self, verb: &str) -> bool {
        self.0.iter().enumerate().any(|(at, word)| {
            let before = at.checked_sub(1).map_or("", |at| self.0[at].as_str());
            word != verb && is_form(word, verb) && !RELATIVES.contains(&before) && before != "not"
        })
    }

    /// Whether the sentence contains the words in this order, without `not` before them.
    pub(super) fn states(&self, phrase: &[&str]) -> bool {
        let at =
            self.0.windows(phrase.len()).position(|window| window.iter().zip(phrase).all(|(a, b)| a == b));
        at.is_some_and(|at| !self.0[..at].iter().any(|it| is_negation(it)))
    }
}

fn read(text: &str, tokens: &mut Vec<String>) {
    for (at, part) in text.split([',', ':', ';', '/']).enumerate() {
        if at > 0 {
            tokens.push(",".to_owned());
        }
        tokens.extend(words(part));
    }
}

fn is_negation(word: &str) -> bool {
    // `doesn't` is split into two words.
    matches!(word, "not" | "never" | "no" | "t" | "without" | "cannot" | "unless")
}

fn is_participle(word: &str, verb: &str) -> bool {
    let regular = word.strip_suffix("ed").is_some_and(|stem| {
        let doubled = || stem.strip_suffix(|c: char| verb.ends_with(c)) == Some(verb);
        stem == verb || verb.strip_suffix('e') == Some(stem) || doubled()
    });
    let changed = word.strip_suffix("ied").is_some_and(|stem| verb.strip_suffix('y') == Some(stem));
    let irregular =
        matches!((word, verb), ("sent", "send") | ("set", "set") | ("written", "write") | ("run", "run"));
    regular || changed || irregular
}
