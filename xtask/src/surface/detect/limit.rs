use super::hit::{Hit, each};
use crate::surface::document::Document;
use crate::surface::text::{sentences, words};

/// Subjects of sentences that say who may make a call. These sentences do not state constraints on the call itself.
const OTHER_SUBJECTS: [&str; 16] = [
    "scope",
    "scopes",
    "permission",
    "permissions",
    "authenticate",
    "authenticated",
    "authentication",
    "authorization",
    "oauth",
    "token",
    "tokens",
    "deprecated",
    "role",
    "roles",
    "plan",
    "privileges",
];

/// Finds tools that lost a constraint: the document states a constraint of the operation, but the texts of the tool state none.
pub(super) fn lost(document: &Document) -> Vec<Hit> {
    each(document, |tool| {
        let has_limit = |text: &str| sentences(text).into_iter().find(|sentence| is_limit(sentence));
        let limit = has_limit(&tool.summary).or_else(|| has_limit(&tool.text))?;
        has_limit(&tool.said()).is_none().then_some(limit)
    })
}

/// Whether a sentence states a constraint on a call: what the call requires, accepts or leaves behind.
pub(super) fn is_limit(sentence: &str) -> bool {
    let words = words(sentence);
    let has = |word: &str| words.iter().any(|it| it == word);
    let follows = |phrase: &[&str]| words.windows(phrase.len()).any(|window| window == phrase);
    if !(4..=60).contains(&words.len()) || OTHER_SUBJECTS.iter().any(|word| has(word)) {
        return false;
    }
    let number_after = |phrase: &[&str]| {
        words.windows(phrase.len() + 1).any(|window| {
            let (said, last) = window.split_at(phrase.len());
            said == phrase && last[0].starts_with(|c: char| c.is_ascii_digit())
        })
    };
    let leaves_out =
        ["omitted", "omit", "provided", "specified", "included", "passed"].iter().any(|word| has(word));
    let empties =
        ["cleared", "removed", "unset", "deleted", "unchanged", "ignored"].iter().any(|word| has(word));
    has("must")
        || has("cannot")
        || follows(&["can", "not"])
        || follows(&["can", "t"])
        || (has("only") && !follows(&["not", "only"]) && !follows(&["read", "only"]))
        || [&["up", "to"][..], &["at", "most"], &["no", "more", "than"], &["maximum", "of"]]
            .iter()
            .any(|it| number_after(it))
        || follows(&["limited", "to"])
        || ["replaces", "overwrites", "overwritten", "requires"].iter().any(|word| has(word))
        || follows(&["be", "replaced"])
        || (leaves_out && empties)
}
