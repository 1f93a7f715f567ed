//! Classifies sentences by their grammatical structure.

use std::borrow::Cow;

use jackfield_model::text::says_deprecated;

use super::clause::main_clause;
use super::limit::is_limit;
use super::words::{spoken, stem};
use crate::vocabulary::OFFERED;

/// Verbs that refer a reader to another place, whatever follows.
const SENDS: [&str; 5] = ["consult", "refer", "see", "visit", "reference"];
/// Verbs that refer a reader to another place if their object is documentation or information.
const READS: [&str; 11] =
    ["check", "explore", "explain", "find", "follow", "head", "learn", "look", "read", "review", "view"];
/// Nouns for texts and for places in them.
const DOCUMENTS: [&str; 19] = [
    "above",
    "appendix",
    "article",
    "below",
    "blog",
    "chapter",
    "doc",
    "docs",
    "documentation",
    "faq",
    "guide",
    "here",
    "https",
    "link",
    "manual",
    "page",
    "section",
    "tutorial",
    "wiki",
];
/// Nouns for information that is found elsewhere.
const FURTHER: [&str; 8] =
    ["additional", "complete", "detail", "details", "further", "full", "info", "information"];
/// Words for the time of a change.
const TIMES: [&str; 10] = [
    "added",
    "available",
    "changed",
    "deprecated",
    "fixed",
    "introduced",
    "new",
    "release",
    "removed",
    "since",
];
/// The stems of words for rights, credentials and plans, which a caller needs besides the arguments.
const RIGHTS: [&str; 14] = [
    "admin",
    "administrator",
    "authent",
    "authenticat",
    "authoriz",
    "credential",
    "licens",
    "oauth",
    "permission",
    "plan",
    "privileg",
    "role",
    "scop",
    "token",
];
/// Nouns for people, and for software that acts for them, as subjects of a sentence.
const PEOPLE: [&str; 13] = [
    "admins", "anyone", "app", "apps", "caller", "callers", "member", "members", "owners", "they", "user",
    "users", "you",
];
/// Words for the roles and rights of people and applications in a sentence about rights.
const STANDING: [&str; 8] = ["access", "admin", "app", "apps", "maintainer", "member", "owner", "owners"];
/// Words without information.
const NOTHING: [&str; 10] = [
    "argument",
    "deprecated",
    "field",
    "header",
    "mandatory",
    "optional",
    "parameter",
    "property",
    "required",
    "value",
];
/// Verbs that say what a caller may or must do.
const MODALS: [&str; 7] = ["can", "may", "must", "need", "needs", "require", "requires"];
/// The minimum number of words of a statement.
const FEWEST: usize = 4;
/// The maximum number of words of a statement.
const MOST: usize = 60;

/// Whether a sentence has any content.
pub(super) fn says_something(sentence: &str) -> bool {
    let is_address = sentence.starts_with("http") && !sentence.contains(' ');
    let mut words = spoken(sentence).peekable();
    !is_address && words.peek().is_some() && !words.all(|word| NOTHING.contains(&&*word))
}

/// Whether the sentence refers its reader to another place.
pub(super) fn is_pointer(sentence: &str) -> bool {
    let words: Vec<Cow<'_, str>> = spoken(sentence).take(MOST).collect();
    let is_offer = words.first().is_some_and(|word| word == "you");
    let words = match words.first().map(|word| &**word) {
        Some("please" | "also" | "and" | "note") => &words[1..],
        Some("you") if words.get(1).is_some_and(|word| word == "can" || word == "may") => &words[2..],
        _ => &words[..],
    };
    let Some(first) = words.first().map(|word| &**word) else { return false };
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&&**word));
    let verb = stem(first);
    let second = words.get(1).map_or("", |word| &**word);
    let is_imperative = verb == first || first == "see" || first == "reference";
    // "You can see the loans" does not refer to another place.
    if SENDS.contains(&first) && !is_offer && (first != "reference" || second == "the") {
        return true;
    }
    let is_last = words.last().is_some_and(|word| DOCUMENTS.contains(&&**word));
    let tells_more = is_last
        || FURTHER.contains(&second)
        || matches!(second, "more" | "about" | "how" | "the" | "out" | "our");
    let reads = |word: &str| READS.contains(&word) || SENDS.contains(&word);
    if is_imperative && READS.contains(&first) {
        if is_offer && words.iter().take(FEWEST).any(|word| word == "more") {
            return true;
        }
        return (tells_more || has(&["this"]))
            && (has(&DOCUMENTS) || matches!(first, "learn" | "read") && second != "the");
    }
    let opens = matches!(
        first,
        "for" | "to" | "if" | "when" | "more" | "additional" | "further" | "details" | "information"
    );
    if !opens {
        // Example: "The format is described in the guide."
        let passive = has(&["described", "documented", "found", "explained", "listed"]);
        return passive
            && has(&["docs", "documentation", "guide", "article", "manual", "wiki"])
            && words.len() <= 25;
    }
    let asks_for_more = FURTHER.contains(&first)
        || matches!(first, "more" | "details" | "information")
        || words
            .iter()
            .take(4)
            .skip(1)
            .any(|word| FURTHER.contains(&&**word) || matches!(&**word, "more" | "learn" | "details"));
    let sends = words.iter().skip(1).any(|word| reads(word)) || has(&DOCUMENTS);
    let sends_after_clause = sentence.split_once(", ").is_some_and(|(_, rest)| {
        let next = rest.trim_start_matches("please ").split(' ').next().unwrap_or_default().to_lowercase();
        SENDS.contains(&next.as_str()) || READS.contains(&next.as_str()) && has(&DOCUMENTS)
    });
    sends_after_clause || (asks_for_more && (sends || words.len() <= FEWEST + 1 || first == "more"))
}

/// Whether the sentence describes a version or a date, and not the operation.
pub(super) fn is_history(sentence: &str) -> bool {
    let words: Vec<Cow<'_, str>> = spoken(sentence).take(MOST).collect();
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&&**word));
    let number = |word: &str| word.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit());
    let says_when = has(&["version", "release", "since"]) && words.iter().any(|word| number(word));
    let begins = words.iter().take(3).any(|word| TIMES.contains(&&**word));
    let is_version_alone =
        words.first().is_some_and(|word| word == "version" || word == "v") && words.len() <= 5;
    let pair = |one: &str, other: &str| words.windows(2).any(|pair| pair[0] == one && pair[1] == other);
    // "This endpoint will be removed", "We recommend migrating to the new one".
    let ends = words.iter().take(5).any(|word| OFFERED.contains(&&**word))
        && (has(&["discontinued", "retired", "sunset", "legacy"])
            || pair("be", "removed")
            || pair("closing", "down"));
    let moves = has(&["recommend", "please", "should"])
        && words.iter().any(|word| word.starts_with("migrat") && stem(word) == "migrat");
    let is_deprecated = ["is", "are", "been", "was", "now"].iter().any(|it| pair(it, "deprecated"));
    // Example: "Use the new endpoint instead."
    let replaces = has(&["instead"]) && words.first().is_some_and(|word| word == "use" || word == "prefer");
    replaces
        || (begins && says_when && words.len() <= 12)
        || is_version_alone
        || ends
        || moves
        || is_deprecated
        || says_deprecated(sentence)
}

/// Whether the sentence says who may call: it mentions rights of a caller, and something that a caller must
/// have.
pub(super) fn is_about_rights(sentence: &str) -> bool {
    let words: Vec<Cow<'_, str>> = spoken(&sentence[main_clause(sentence)..]).take(MOST).collect();
    let about = || {
        words.iter().any(|word| RIGHTS.contains(&&*stem(word)))
            || words.windows(2).any(|pair| pair[0] == "api" && stem(&pair[1]) == "key")
    };
    let begins = words.first().is_some_and(|word| RIGHTS.contains(&&*stem(word)));
    let demands = words
        .iter()
        .any(|word| MODALS.contains(&&**word) || matches!(&**word, "only" | "required" | "cannot"));
    let is_person = words.iter().take(3).any(|word| PEOPLE.contains(&&**word));
    let pair = |one: &str, others: &[&str]| {
        words.windows(2).any(|pair| pair[0] == one && others.contains(&&*pair[1]))
    };
    // "You must be an owner", "Users with write access can use this endpoint".
    let stands = words.iter().any(|word| STANDING.contains(&&**word))
        && (pair("must", &["be", "have"])
            || pair("granted", &["access"])
            || pair("can", &["use", "call"])
            || pair("with", &["access", "admin", "pull", "push", "read", "write"]));
    // Example: "Books are available in all plans."
    let is_offered = words
        .windows(2)
        .take(8)
        .any(|pair| matches!(&*pair[0], "is" | "are" | "only" | "currently") && pair[1] == "available");
    let is_subject = words.iter().take(5).any(|word| OFFERED.contains(&&**word)) || is_person;
    // Example: "Books are limited to eligible customers."
    let is_for_some = words.windows(3).any(|three| {
        matches!(&*three[0], "limited" | "available" | "open")
            && matches!(&*three[1], "to" | "for")
            && words.iter().any(|word| matches!(&**word, "customer" | "customers" | "subscribers" | "users"))
    });
    is_for_some
        || ((demands || begins || is_person) && about())
        || (is_person && stands)
        || (is_offered && (is_subject || words.len() > 12))
}

/// Returns the text after a label of one or two words, such as `Note: `, if a complete sentence follows. Empty if the
/// sentence consists of a label and its value.
pub(super) fn without_label(sentence: &str) -> Option<&str> {
    const LABEL: usize = 4;
    let begins_a_list = sentence.ends_with(':');
    let Some((label, rest)) = sentence.split_once(':').filter(|_| !begins_a_list) else {
        return (!begins_a_list).then_some(sentence);
    };
    // `https://` and `10:30` are not labels.
    let is_label = rest.starts_with(' ') && label.split_whitespace().count() <= LABEL && !label.contains([',', '('])
        // "Ends the draft: it is owed" is a sentence, and its part before the colon is not a label.
        && !label.split(' ').skip(1).any(|word| matches!(word, "a" | "an" | "the"));
    if !is_label {
        return Some(sentence);
    }
    let rest = rest.trim_start();
    let is_sentence = rest.starts_with(char::is_uppercase) && rest.split(' ').count() > FEWEST;
    (is_sentence || is_limit(rest)).then_some(rest)
}

/// Whether the sentence only introduces the list after it.
pub(super) fn announces_a_list(sentence: &str) -> bool {
    const LAST: usize = 4;
    let words: Vec<Cow<'_, str>> = spoken(sentence).collect();
    words.iter().rev().take(LAST).any(|word| word == "following") || sentence.ends_with(':')
}

/// Whether the sentence addresses users of a graphical interface.
pub(super) fn is_about_screens(sentence: &str) -> bool {
    const SCREEN: [&str; 12] = [
        "click",
        "clicking",
        "cursor",
        "dropdown",
        "hover",
        "hovering",
        "mouse",
        "scroll",
        "scrolling",
        "sidebar",
        "tap",
        "toolbar",
    ];
    const PARTS: [&str; 7] = ["button", "icon", "menu", "navigation", "panel", "tab", "top"];
    let words: Vec<Cow<'_, str>> = spoken(sentence).collect();
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&&**word));
    let addresses = words.first().is_some_and(|word| {
        matches!(
            &**word,
            "press" | "select" | "open" | "use" | "choose" | "enter" | "copy" | "paste" | "try" | "download"
        )
    });
    has(&SCREEN) || (addresses && has(&PARTS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentence_that_refers_to_documentation_is_distinguished_from_an_action() {
        for sentence in [
            "See the docs.",
            "Please refer to the shelf guide.",
            "For more about loans, read the guide.",
            "To learn more, visit the site.",
            "Learn more about loans.",
            "More information is in the guide.",
            "If it is lent, see Loans.",
            "Read about loans in the documentation.",
            "The format is described in the guide.",
            "You can find more in the docs below.",
        ] {
            assert!(is_pointer(sentence), "{sentence}");
        }
        for sentence in [
            "Read a book.",
            "View the pages of a book.",
            "Check whether a book is lent.",
            "Find books below a price.",
            "For each book, lists its loans.",
            "To lend a book, name its reader.",
            "Sees to it that a book is lent.",
            "Review a loan.",
        ] {
            assert!(!is_pointer(sentence), "{sentence}");
        }
    }

    #[test]
    fn remarks_that_are_not_about_the_call_are_detected() {
        for sentence in [
            "You must have the `books` scope.",
            "OAuth tokens need the scope.",
            "Requires the admin role.",
            "Loans are limited to eligible customers.",
        ] {
            assert!(is_about_rights(sentence), "{sentence}");
        }
        assert!(!is_about_rights("Creates an access token."));
        for sentence in [
            "New in version 3.",
            "Added since 2.1.",
            "Deprecated: use loans.",
            "Use loans instead.",
            "Version 2.1",
        ] {
            assert!(is_history(sentence), "{sentence}");
        }
        assert!(!is_history("Lists the versions of a book since 3 days."));
        assert_eq!(without_label("Rate limit: 10"), None);
        assert_eq!(without_label("It is useful for:"), None);
        assert_eq!(without_label("Note: A book must be on the shelf."), Some("A book must be on the shelf."));
        assert_eq!(
            without_label("Lends a book to one of the readers: a, b"),
            Some("Lends a book to one of the readers: a, b")
        );
        assert_eq!(without_label("Ends the loan: it is late"), Some("Ends the loan: it is late"));
        assert!(!is_about_rights("Ends a loan that has been authorized."));
        assert!(is_about_screens("Hover your cursor over a book."));
        assert!(!is_about_screens("Lends books to readers."));
        assert!(!says_something("Required.") && !says_something("https://example.com"));
    }
}
