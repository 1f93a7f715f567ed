//! Finds the verbs of operations, and verbs with the same effect in names.

use jackfield_build::vocabulary::{is_empty_verb, is_form, is_same_effect, verb_of};

use crate::surface::document::Tool;
use crate::surface::text::words;

/// HTTP methods that do not count as verbs at the beginning of an operationId.
const METHODS: [&str; 3] = ["patch", "post", "put"];

/// Returns the verbs of a tool's operation: the verb of the operationId, the verb at the beginning of the summary,
/// and verbs that are joined to the latter.
pub(super) fn said(tool: &Tool) -> Vec<&'static str> {
    let mut said = of_id(&tool.id, &tool.method.to_lowercase());
    said.extend(of_summary(&tool.summary));
    said
}

/// Returns the verbs at both ends of the operationId, without the tag. If neither end is a verb, returns the first
/// word that is the base form of a verb, because a tag may precede the verb without a separator.
fn of_id(id: &str, method: &str) -> Vec<&'static str> {
    let own = id.rsplit(['/', '.', ':', '#']).next().unwrap_or_default();
    let words = words(own);
    let is_method = |verb: &str| METHODS.contains(&verb) && verb == method;
    let ends = [words.first(), words.last()].into_iter().flatten().filter_map(|word| verb_of(word));
    // A POST may have any effect.
    let ends: Vec<&'static str> = ends.filter(|verb| *verb != "post" || method != "post").collect();
    if ends.iter().any(|verb| !is_method(verb)) {
        return ends;
    }
    let inside = words.iter().filter_map(|word| verb_of(word).filter(|verb| verb == word));
    let inside = inside.filter(|verb| !is_method(verb)).take(1);
    ends.into_iter().chain(inside).collect()
}

/// Returns the verb at the beginning of a summary of several words, and verbs joined to it (`Creates or updates`).
/// After a verb such as `performs`, returns the noun (`Performs an update`).
fn of_summary(summary: &str) -> Vec<&'static str> {
    let text: Vec<String> = summary
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
        .collect();
    let Some(first) = text.first().filter(|_| text.len() > 1).and_then(|word| verb_of(word)) else {
        return Vec::new();
    };
    if is_empty_verb(first)
        && let Some(noun) = text.iter().skip(1).find_map(|word| verb_of(word))
    {
        return vec![noun];
    }
    let joined = text.windows(2).skip(1).take_while(|pair| matches!(pair[0].as_str(), "and" | "or"));
    std::iter::once(first).chain(joined.filter_map(|pair| verb_of(&pair[1])).take(1)).collect()
}

/// Whether `name` contains `verb`, or a verb with the same effect.
pub(super) fn stands_in(verb: &str, name: &[String]) -> bool {
    name.iter()
        .any(|word| is_form(word, verb) || verb_of(word).is_some_and(|other| is_same_effect(verb, other)))
}
