//! The description of one tool: its action, and the first constraint of the call.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::action::{SELECTING, action, capital, from_the_verb, meaning, without_adjectives, without_which};
use super::clause::{begins_with_condition, finished, shortened, without_examples};
use super::limit::is_limit;
use super::sense::{
    announces_a_list, is_about_rights, is_history, is_pointer, says_something, without_label,
};
use super::sentence;
use super::words::{is_within, spoken, stems, words};

/// The maximum length of the sentence about the action, in characters.
const LONGEST: usize = 140;
/// The maximum length of that sentence if another sentence follows.
const LONGEST_BESIDE: usize = 80;
/// The maximum length of the second sentence.
const LIMIT: usize = 100;
/// The maximum length of a second sentence that is not a constraint.
const ADDITION: usize = 80;
/// The maximum length of a first sentence before a constraint. A longer sentence is replaced by the title.
const BESIDE: usize = 70;
/// The length below which a description says hardly more than the name.
const SHORT: usize = 15;
/// The maximum number of sentences of a description to examine.
const READ: usize = 64;
/// The maximum number of characters of a sentence to examine.
const WIDEST: usize = 1_000;

/// The texts from which a description is made.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Texts<'t> {
    pub(super) name: &'t str,
    /// The summary; empty if there is none.
    pub(super) title: &'t str,
    /// The description without the summary.
    pub(super) said: &'t str,
    /// The description of the request body, if the operation's description contains it.
    pub(super) body: &'t str,
    pub(super) method: &'t str,
    pub(super) path: &'t str,
}

/// A description, with the parts from which it was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// The sentence about the action.
    pub(super) action: String,
    /// The second sentence; empty if there is none.
    pub(super) addition: String,
}

impl Said {
    pub(super) fn text(&self) -> String {
        match (self.action.as_str(), self.addition.as_str()) {
            (text, "") | ("", text) => text.to_owned(),
            (action, addition) => {
                format!("{action}{} {addition}", if action.ends_with(['!', '?', '。']) { "" } else { "." })
            }
        }
    }
}

/// Selects the sentences.
pub(super) fn say(texts: &Texts<'_>) -> Said {
    let mut summary = sentence::worth(texts.title).filter(|it| says_something(it)).collect::<Vec<_>>();
    let at = summary.iter().position(|sentence| telling(sentence).is_some()).unwrap_or(0);
    let title = if summary.is_empty() {
        finished(bounded(&sentence::joined(texts.title)))
    } else {
        let title = summary.remove(at);
        finished(&telling(&title).unwrap_or_else(|| bounded(&title).to_owned()))
    };
    let all: Vec<String> = summary.into_iter().chain(sentence::worth(texts.said)).take(READ).collect();
    let told: Vec<String> = all.iter().filter_map(|sentence| telling(sentence)).collect();
    let worth: Vec<&str> = told.iter().map(String::as_str).collect();
    if title.is_empty() {
        return untitled(texts, &all, &worth);
    }
    let known = words(texts.name);
    let said = said_by(&title, texts);
    let adds = |sentence: &&str| !is_said(sentence, &said);
    let is_short = title.chars().count() < SHORT;
    let titled = Titled::of(&title);
    let alone = worth.iter().find(|sentence| {
        titled.is_replaced_by(sentence, &known)
            && (adds(sentence) || (is_short && sentence.chars().count() > SHORT))
    });
    let alone = alone.copied();
    let limit = if is_limit(&title) { None } else { limit(worth.iter().copied(), |it| adds(&it)) };
    let (action, addition) = match (alone, limit) {
        (Some(alone), _) if is_limit(&shortened(alone, LONGEST)) => (alone, None),
        (Some(alone), None) => (alone, None),
        // If a constraint follows, a sentence that is longer than the title is replaced by the title.
        (Some(alone), limit) if alone.chars().count() <= BESIDE => (alone, limit),
        (_, limit @ Some(_)) => (title.as_str(), limit),
        (None, None) => (title.as_str(), addition(&worth, &title, &said, texts)),
    };
    with(action, addition, texts)
}

/// Returns the first constraint that fits, among the sentences that add something.
fn limit<'s>(sentences: impl Iterator<Item = &'s str>, adds: impl Fn(&'s str) -> bool) -> Option<String> {
    let limits: Vec<&str> = sentences.filter(|sentence| is_limit(sentence) && adds(sentence)).collect();
    let whole = limits.iter().find_map(|sentence| {
        let short = shortened(&without_examples(sentence), LIMIT);
        // A condition without its consequence is not a constraint.
        let is_whole = !begins_with_condition(sentence) || sentence.chars().count() <= LIMIT;
        (is_limit(&short) && is_whole).then_some(short)
    });
    whole.or_else(|| {
        let stated = limits.iter().filter(|it| !begins_with_condition(it) || it.starts_with("To "));
        stated.copied().find_map(later_clause)
    })
}

/// Returns the clause of a long sentence that states the constraint.
fn later_clause(sentence: &str) -> Option<String> {
    let clauses =
        sentence.match_indices([',', ';', '—']).map(|(at, it)| sentence[at + it.len()..].trim_start());
    let clause = clauses.map(|clause| shortened(clause, LIMIT)).find(|clause| is_limit(clause))?;
    let bare =
        ["and ", "but ", "or ", "so "].iter().find_map(|link| clause.strip_prefix(link)).unwrap_or(&clause);
    Some(capital(bare))
}

/// Returns the first sentence of the description, if it is short and adds to the title.
fn addition(worth: &[&str], title: &str, said: &BTreeSet<Cow<'_, str>>, texts: &Texts<'_>) -> Option<String> {
    let first = sentence::worth(texts.said).find_map(|sentence| telling(&sentence));
    let first = first.filter(|first| {
        first.chars().count() <= ADDITION && !announces_a_list(first) && !is_said(first, said)
    });
    // If the title says hardly more than the name, any sentence is added.
    let any = || {
        let mut rest = worth.iter().filter(|sentence| !is_said(sentence, said));
        rest.next().filter(|_| title.chars().count() < SHORT).map(|sentence| shortened(sentence, ADDITION))
    };
    first.map(|first| shortened(&first, ADDITION)).or_else(any)
}

/// Selects the sentences of an operation without a summary.
fn untitled(texts: &Texts<'_>, all: &[String], worth: &[&str]) -> Said {
    let first =
        worth.first().copied().or_else(|| all.iter().map(String::as_str).find(|it| !it.ends_with(':')));
    let first = first.map(str::to_owned).or_else(|| sentence::sentences(texts.said).next());
    let Some(first) = first else {
        let spoken = spoken_name(texts.name);
        let action = if spoken.is_empty() { route(texts) } else { placed(spoken, texts) };
        return Said { action, addition: shortened(bounded(texts.body), LIMIT) };
    };
    let said = said_by(&first, texts);
    let adds = |sentence: &str| sentence != first && !is_said(sentence, &said);
    let is_limit = is_limit(&shortened(bounded(&first), LONGEST));
    let limit = if is_limit { None } else { limit(worth.iter().copied(), adds) };
    with(bounded(&first), limit, texts)
}

/// Returns both sentences, shortened. If they say too little, the next sentence is added.
fn with(action: &str, addition: Option<String>, texts: &Texts<'_>) -> Said {
    let addition = addition.unwrap_or_default();
    let room = if addition.is_empty() { LONGEST } else { LONGEST_BESIDE };
    let action =
        shortened(&without_adjectives(without_which(&finished(&without_examples(action))), &SELECTING), room);
    let mut said = Said { action, addition };
    if said.text().chars().count() < SHORT {
        // A title of one word does not name the resource, so the name is added.
        if !said.action.contains(' ') && said.addition.is_empty() {
            let spoken = spoken_name(texts.name);
            if is_within(&said.action, &words(&spoken)) {
                said.action = spoken;
            }
        }
        if said.text().chars().count() < SHORT {
            said.action = which(said.action, texts);
        }
    }
    said
}

/// Returns the beginning of a sentence, because hostile sentences are as long as a document.
pub(super) fn bounded(sentence: &str) -> &str {
    sentence.char_indices().nth(WIDEST).map_or(sentence, |(at, _)| &sentence[..at])
}

/// Returns the sentence, or its part after a label, if it describes the operation.
fn telling(sentence: &str) -> Option<String> {
    let is_request = |sentence: &str| {
        // Sentences that show how a client would write the request.
        const METHODS: [&str; 5] = [" GET", " POST", " PUT", " PATCH", " DELETE"];
        let mut before = sentence.match_indices(" request").map(|(at, _)| &sentence[..at]);
        before.any(|before| METHODS.iter().any(|method| before.ends_with(method)))
    };
    let told = from_the_verb(without_label(bounded(sentence))?);
    let tells = says_something(&told)
        && !told.ends_with('?')
        && !is_pointer(&told)
        && !is_history(&told)
        && !is_about_rights(&told)
        && !is_request(&told);
    tells.then_some(told)
}

/// The action and the meaning of a title, with which sentences are compared.
struct Titled<'t> {
    verb: Option<String>,
    words: BTreeSet<Cow<'t, str>>,
}

impl<'t> Titled<'t> {
    fn of(title: &'t str) -> Self {
        Self { verb: action(title), words: meaning(title) }
    }

    /// Whether the sentence can replace the title. It has to name the same action, and to omit only words that the name
    /// contains.
    fn is_replaced_by(&self, sentence: &str, known: &BTreeSet<Cow<'_, str>>) -> bool {
        let begins_with_thing =
            ["The ", "A ", "An ", "These ", "This "].iter().any(|article| sentence.starts_with(article));
        let Some(verb) = self.verb.as_deref().filter(|_| !self.words.is_empty() && !begins_with_thing) else {
            return false;
        };
        if action(sentence).as_deref() != Some(verb) || announces_a_list(sentence) {
            return false;
        }
        let short = shortened(sentence, LONGEST);
        let said = meaning(&short);
        // The verb alone does not show that both mean the same resource.
        let things = self.words.intersection(&said).filter(|word| **word != verb).count();
        (things > 0 || self.words.len() == 1)
            && (things + 1) * 2 >= self.words.len()
            && self.words.iter().all(|word| said.contains(word) || known.contains(word))
    }
}

/// Returns the meaning of title, name and path.
fn said_by<'t>(title: &'t str, texts: &Texts<'t>) -> BTreeSet<Cow<'t, str>> {
    let mut said = meaning(title);
    said.extend(stems(texts.name).chain(stems(texts.path)));
    said
}

/// Whether title, name and path say what the sentence says. A constraint that only repeats them is left out.
fn is_said(sentence: &str, said: &BTreeSet<Cow<'_, str>>) -> bool {
    meaning(sentence).is_subset(said)
}

/// Returns the name as a phrase.
fn spoken_name(name: &str) -> String {
    let phrase = spoken(name).collect::<Vec<_>>().join(" ");
    capital(&phrase)
}

/// Returns method and path without the names of variables, because the arguments contain these. Without any
/// other text, returns only the path.
fn route(texts: &Texts<'_>) -> String {
    format!("{} {}", texts.method, unnamed(texts.path))
}

/// Returns the phrase, with the literal path segments that it does not contain.
fn placed(phrase: String, texts: &Texts<'_>) -> String {
    let known = words(&phrase);
    let literals = texts.path.split('/').filter(|it| !it.is_empty() && !it.contains('{'));
    let new: Vec<&str> = literals.filter(|it| !is_within(it, &known) && !is_version(it)).collect();
    if new.is_empty() { which(phrase, texts) } else { format!("{phrase} ({})", new.join("/")) }
}

/// Returns a short phrase, with the variable that identifies the resource, or with the end of its path.
fn which(phrase: String, texts: &Texts<'_>) -> String {
    if phrase.chars().count() >= SHORT {
        return phrase;
    }
    let last = texts.path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let variable =
        last.strip_prefix('{').and_then(|it| it.strip_suffix('}')).filter(|it| !it.contains(['{', '}']));
    let short = match variable {
        Some(variable) => format!("{phrase} by {variable}"),
        None => format!("{phrase} ({})", end(texts.path)),
    };
    if short.chars().count() < SHORT {
        format!("{phrase} ({} {})", texts.method, end(texts.path))
    } else {
        short
    }
}

/// Returns the end of a path, without the names of its variables.
fn end(path: &str) -> String {
    const END: usize = 20;
    let behind_version = path.split('/').rev().take_while(|segment| !is_version(segment));
    let path = behind_version.fold(String::new(), |path, segment| format!("/{segment}{path}"));
    let path = format!("/{}", unnamed(&path).trim_start_matches('/'));
    let mut starts = path
        .char_indices()
        .filter(|(at, c)| *c == '/' && !is_version(path[at + 1..].split('/').next().unwrap_or_default()));
    starts
        .find_map(|(at, _)| Some(&path[at..]).filter(|rest| rest.chars().count() <= END))
        .unwrap_or(&path)
        .to_owned()
}

fn is_version(segment: &str) -> bool {
    let digits = segment.strip_prefix(['v', 'V']).unwrap_or(segment);
    digits.starts_with(|c: char| c.is_ascii_digit())
}

fn unnamed(path: &str) -> String {
    let mut parts = path.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |route, part| route + "{" + part.trim_start_matches(|c| c != '}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_sentences_are_examined_up_to_a_limit() {
        for part in [",", " (e.g.)", "and ", "(", " the given", "a, ", "You can only "] {
            let text = part.repeat(5_000);
            for title in ["", text.as_str()] {
                let said =
                    say(&Texts { name: "lend", title, said: &text, body: &text, method: "GET", path: "/b" });
                assert!(said.text().chars().count() <= LONGEST + LIMIT, "{part}");
            }
        }
    }
}
