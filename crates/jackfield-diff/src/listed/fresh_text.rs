//! Finds dangerous texts that a list did not contain before.

use std::collections::HashSet;

use serde_json::Value;

use super::definition::Definition;
use super::server::ListRules;
use crate::change::Change;
use crate::{Class, Kind, Phrase};

/// The maximum number of dangerous texts that are reported for one entry.
const MOST_REPORTED: usize = 5;

/// Returns a change for each dangerous text that only the new definition contains, wherever in the definition it is.
pub(super) fn dangers(old: Option<&Definition>, new: &Definition, rules: &ListRules<'_>) -> Vec<Change> {
    let before: Vec<&str> = old.map(texts).unwrap_or_default();
    dangers_in(&before, &texts(new), rules)
}

/// Returns a change for each dangerous text in `after` that is not in `before`.
pub(super) fn dangers_in(before: &[&str], after: &[&str], rules: &ListRules<'_>) -> Vec<Change> {
    let known: HashSet<&str> = before.iter().copied().collect();
    let fresh: Vec<&str> = after.iter().copied().filter(|text| !known.contains(text)).collect();
    if fresh.is_empty() {
        return Vec::new();
    }
    let known_sentences: HashSet<&str> = before.iter().flat_map(|text| sentences(text)).collect();
    let mut known_dangers: Option<HashSet<String>> = None;
    let mut told = HashSet::new();
    let mut found = Vec::new();
    for text in fresh {
        let added: Vec<&str> =
            sentences(text).filter(|sentence| !known_sentences.contains(sentence)).collect();
        let danger = (rules.danger)(&added.join(". ")).or_else(|| {
            // Sentences that were known may form an instruction in another order, or in another frame.
            let danger = (rules.danger)(text)?;
            let known = known_dangers
                .get_or_insert_with(|| before.iter().filter_map(|text| (rules.danger)(text)).collect());
            (!known.contains(&danger)).then_some(danger)
        });
        let Some(danger) = danger.filter(|danger| told.insert(danger.clone())) else { continue };
        let phrase = Phrase::of(["new text with an instruction or hidden characters: ", &danger, ""]);
        found.push(Change::new(Class::Security, Kind::Instruction, phrase).values(None, Some(text)));
        if found.len() == MOST_REPORTED {
            break;
        }
    }
    found
}

fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split(['.', '!', '?', '\n', ';']).map(str::trim).filter(|sentence| !sentence.is_empty())
}

/// Returns all names and strings of a definition, except its own name.
fn texts(definition: &Definition) -> Vec<&str> {
    let mut found = Vec::new();
    let members = definition.iter().filter(|(key, _)| *key != "name");
    let mut open: Vec<&Value> = Vec::new();
    for (key, value) in members {
        found.push(key.as_str());
        open.push(value);
    }
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) => found.push(text),
            Value::Array(items) => open.extend(items.iter().rev()),
            Value::Object(map) => {
                found.extend(map.keys().map(String::as_str));
                open.extend(map.values());
            }
            _ => {}
        }
    }
    found
}
