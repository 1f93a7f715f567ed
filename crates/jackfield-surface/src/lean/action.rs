//! The action that a sentence describes.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use super::words::{is_empty, spoken, stem, words};
use crate::vocabulary::{ITSELF, VerbClass};

/// Words that may precede the verb of a sentence about the operation.
const BEFORE: [&str; 14] = [
    "allow", "also", "be", "can", "enable", "help", "it", "let", "may", "please", "used", "us", "use", "will",
];

/// The maximum number of words before the verb.
const FURTHEST: usize = 10;

/// Returns the stem of the first verb of a sentence. Openings such as `This endpoint allows you to` are skipped.
pub(super) fn action(sentence: &str) -> Option<String> {
    let mut is_about_itself = false;
    for (at, word) in spoken(sentence).take(FURTHEST).enumerate() {
        if ITSELF.contains(&&*word) && (at > 0 || is_about_itself) {
            is_about_itself = true;
            continue;
        }
        let stem = stem(&word);
        if is_empty(&word) || BEFORE.contains(&&*stem) || BEFORE.contains(&&*word) {
            continue;
        }
        return Some(class(&stem).to_owned());
    }
    None
}

/// Returns the sentence without an opening such as `This endpoint allows you to`.
pub(super) fn from_the_verb(sentence: &str) -> String {
    let noted = ["Note that ", "Please note that ", "Please note, ", "Be aware that "].iter();
    if let Some(rest) = noted.into_iter().find_map(|it| sentence.strip_prefix(it)) {
        return capital(rest);
    }
    // "Readers can use this endpoint to lend a book."
    if let Some(at) = sentence.find(" to ")
        && let Some((_, object)) = sentence[..at].rsplit_once("use ")
        && object.split(' ').count() <= 3
        && object.rsplit(' ').next().is_some_and(|word| ITSELF.contains(&word.to_lowercase().as_str()))
    {
        return capital(&sentence[at + " to ".len()..]);
    }
    let mut is_about_itself = false;
    let (mut was_allowing, mut was_passive) = (false, false);
    let mut begin = 0;
    for (at, word) in sentence.split(' ').take(FURTHEST).enumerate() {
        let lower = word.to_lowercase();
        let is_self = at > 0 && ITSELF.contains(&lower.as_str());
        let stem = stem(&lower);
        let links = is_empty(&lower) || BEFORE.contains(&&*stem) || BEFORE.contains(&lower.as_str());
        let is_object = is_self || matches!(lower.as_str(), "rest" | "http");
        // "This endpoint is for books" contains no other verb, and "This call must end" is a constraint.
        const STAYS: [&str; 15] = [
            "always", "are", "cannot", "can't", "does", "for", "has", "have", "in", "is", "must", "not",
            "of", "only", "should",
        ];
        if STAYS.contains(&lower.as_str()) || (at > 1 && lower.ends_with("ly")) {
            return sentence.to_owned();
        }
        if !(links || is_object) {
            // "It allows admins to" is about other people, and "You can be told" names a consequence.
            if was_allowing || was_passive {
                return sentence.to_owned();
            }
            break;
        }
        was_passive = matches!(lower.as_str(), "be" | "used" | "it");
        was_allowing = ["allow", "enabl", "help", "let"].contains(&&*stem);
        is_about_itself |= is_self || (at == 1 && lower == "can");
        begin += word.len() + 1;
    }
    match sentence
        .get(begin..)
        .filter(|rest| is_about_itself && begin > 0 && rest.starts_with(char::is_lowercase))
    {
        Some(rest) => capital(rest),
        None => sentence.to_owned(),
    }
}

/// Returns the text with a capital letter at its beginning.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// The stem of the first verb of a class, by the stems of its verbs.
static CLASSES: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let mut stems = HashMap::new();
    for verbs in VerbClass::ALL.map(VerbClass::verbs) {
        for verb in verbs {
            stems.entry(stem(verb).into_owned()).or_insert_with(|| stem(verbs[0]).into_owned());
        }
    }
    stems
});

/// Returns the stem that represents all verbs with the same meaning.
fn class(verb: &str) -> &str {
    CLASSES.get(verb).map_or(verb, String::as_str)
}

/// Words that only say which item is meant, or that it exists.
const WHICH: [&str; 20] = [
    "certain",
    "current",
    "data",
    "detail",
    "entity",
    "existing",
    "given",
    "id",
    "identified",
    "identifier",
    "info",
    "information",
    "object",
    "one",
    "particular",
    "requested",
    "single",
    "specific",
    "specified",
    "target",
];

static WHICH_STEMS: LazyLock<BTreeSet<String>> =
    LazyLock::new(|| WHICH.iter().map(|word| stem(word).into_owned()).collect());

/// The stems of words for the operation itself, and of words that may precede its verb.
static SELF_STEMS: LazyLock<BTreeSet<String>> =
    LazyLock::new(|| ITSELF.iter().chain(&BEFORE).map(|word| stem(word).into_owned()).collect());

/// Returns the meaning of a sentence: the stems of its words. Verbs with the same meaning get the same stem.
pub(super) fn meaning(sentence: &str) -> BTreeSet<Cow<'_, str>> {
    let mut found = words(sentence);
    if let Some(first) = action(sentence) {
        // Only the first word counts as a verb. Other words of its class may be objects.
        let verb = found.iter().find(|word| class(word) == first).cloned();
        if let Some(verb) = verb {
            found.remove(&verb);
        }
        found.insert(Cow::Owned(first));
    }
    found.retain(|word| !WHICH_STEMS.contains(&**word));
    if is_about_itself(sentence) {
        found.retain(|word| !SELF_STEMS.contains(&**word));
    }
    found
}

/// Returns the sentence without a phrase at its end that only says which item is meant: `with the given ID`.
pub(super) fn without_which(sentence: &str) -> &str {
    let found = [" by ", " for ", " using ", " with "].iter().filter_map(|link| sentence.rfind(link)).max();
    let Some(at) = found else { return sentence };
    let adds_nothing = |word: Cow<'_, str>| is_empty(&word) || WHICH_STEMS.contains(&*stem(&word));
    let is_phrase = !sentence[at..].contains(['(', ',']) && sentence[..at].contains(' ');
    if is_phrase && spoken(&sentence[at..]).skip(1).all(adds_nothing) { &sentence[..at] } else { sentence }
}

/// Adjectives that only say which item is meant, in any text.
pub(super) const POINTING: [&str; 4] = ["given", "particular", "specific", "specified"];
/// [`POINTING`], and further adjectives that are unnecessary in a sentence about an action.
pub(super) const SELECTING: [&str; 7] =
    ["certain", "existing", "given", "particular", "single", "specific", "specified"];

/// Returns the sentence without adjectives that only say which item is meant: `the specified book` becomes `the
/// book`.
pub(super) fn without_adjectives(sentence: &str, adjectives: &[&str]) -> String {
    let mut out: Vec<&str> = Vec::new();
    let mut words = sentence.split(' ').peekable();
    while let Some(word) = words.next() {
        out.push(word);
        if !matches!(word, "a" | "an" | "the") || !words.peek().is_some_and(|next| adjectives.contains(next))
        {
            continue;
        }
        let adjective = words.next();
        let thing = words.peek().filter(|thing| {
            let bare = stem(thing.trim_end_matches(|c: char| !c.is_alphanumeric()));
            thing.starts_with(char::is_alphabetic) && !WHICH_STEMS.contains(&*bare)
        });
        match thing {
            Some(thing) if word != "the" => {
                let is_vowel = thing.to_lowercase().starts_with(['a', 'e', 'i', 'o']);
                out.pop();
                out.push(if is_vowel { "an" } else { "a" });
            }
            Some(_) => {}
            None => out.extend(adjective),
        }
    }
    out.join(" ")
}

/// Whether the subject of the sentence is the operation itself, or the sentence addresses its reader.
fn is_about_itself(sentence: &str) -> bool {
    let mut first = spoken(sentence).take(3);
    let begins = first.next().is_some_and(|word| matches!(&*word, "this" | "the" | "use" | "with" | "you"));
    begins && first.any(|word| ITSELF.contains(&&*word) || matches!(&*word, "this" | "can" | "to"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn action_of_a_sentence_is_its_first_verb() {
        for (sentence, verb) in [
            ("Lends a book", Some("lend")),
            ("This endpoint allows you to lend a book", Some("lend")),
            ("Use this method to lend a book", Some("lend")),
            ("You can lend a book", Some("lend")),
            ("Retrieves a book", Some("get")),
            ("Removes a book", Some("delet")),
            ("The", None),
            ("", None),
        ] {
            assert_eq!(action(sentence).as_deref(), verb, "{sentence}");
        }
    }

    #[test]
    fn opening_phrase_such_as_this_endpoint_allows_you_to_is_removed() {
        for (sentence, expected) in [
            ("This endpoint allows you to lend a book", "Lend a book"),
            ("You can use the REST API to lend a book", "Lend a book"),
            ("This endpoint returns a book", "Returns a book"),
            ("This endpoint is for books", "This endpoint is for books"),
            ("An endpoint that allows readers to lend", "An endpoint that allows readers to lend"),
            ("This action cannot be undone", "This action cannot be undone"),
            ("You can always lend a book", "You can always lend a book"),
            ("This can only be done twice", "This can only be done twice"),
            ("You can be told", "You can be told"),
            ("You can quickly lend up to 3 books", "You can quickly lend up to 3 books"),
            ("Use a book", "Use a book"),
            ("Readers of it can use this endpoint to lend a book", "Lend a book"),
            ("Note that a book stays", "A book stays"),
            ("The endpoint", "The endpoint"),
            ("A call of a book", "A call of a book"),
        ] {
            assert_eq!(from_the_verb(sentence), expected, "{sentence}");
        }
    }

    #[test]
    fn adjective_that_only_identifies_an_item_is_removed() {
        for (sentence, expected) in [
            ("Gets the specified book", "Gets the book"),
            ("Gets an existing book", "Gets a book"),
            ("Gets a single issue", "Gets an issue"),
            ("Gets the given", "Gets the given"),
            ("Gets it with a given ID", "Gets it with a given ID"),
            ("Gets an old book", "Gets an old book"),
        ] {
            assert_eq!(without_adjectives(sentence, &SELECTING), expected, "{sentence}");
        }
    }

    #[test]
    fn phrase_that_only_identifies_an_item_is_removed_from_the_end() {
        for (sentence, expected) in [
            ("Gets a book with the given ID", "Gets a book"),
            ("Gets a book by its id", "Gets a book"),
            ("Gets a book by ISBN", "Gets a book by ISBN"),
            ("Searches with", "Searches with"),
        ] {
            assert_eq!(without_which(sentence), expected, "{sentence}");
        }
    }

    #[test]
    fn sentences_of_the_same_meaning_are_equal() {
        for (one, other) in [
            ("Get a book", "Retrieves the specified book."),
            ("Book deletion", "deletes books"),
            ("Lists loans of a reader", "This endpoint returns the loans of the given reader"),
        ] {
            let (one_means, other_means) = (meaning(one), meaning(other));
            assert!(one_means == other_means, "{one_means:?} {other_means:?}");
        }
        assert_ne!(meaning("Open a book"), meaning("Close a book"));
    }
}
