//! The differences between the prompts of a server.

use serde_json::{Map, Value};

use super::definition::{Definition, distinct, is_too_deep, text};
use super::fresh_text::dangers;
use super::server::ListRules;
use super::tool::{members, obeyed_text};
use crate::change::{Change, Changes};
use crate::texts;
use crate::{Class, Kind, Phrase};

/// The members that have a comparison of their own.
const COMPARED: [&str; 4] = ["name", "title", "description", "arguments"];

/// Compares the prompts by their names.
pub(super) fn compare(old: &[Definition], new: &[Definition], rules: &ListRules<'_>, changes: &mut Changes) {
    let (before, after) = (distinct(old, "name").0, distinct(new, "name").0);
    let [known, next]: [std::collections::HashMap<&str, &Definition>; 2] =
        [&before, &after].map(|list| list.iter().copied().collect());
    for (name, _) in before.iter().filter(|(name, _)| !next.contains_key(name)) {
        changes.add(about(name, Class::Breaking, " removed"));
    }
    for (name, prompt) in &after {
        let mut found = Vec::new();
        match known.get(name) {
            Some(earlier) if is_too_deep(earlier) || is_too_deep(prompt) => {
                changes.add(about(name, Class::Breaking, " is too deeply nested to be compared"));
            }
            Some(earlier) if earlier == prompt => {}
            Some(earlier) => {
                found.extend(texts::text("title", &text(earlier, "title"), &text(prompt, "title")));
                let [before, after] = [earlier, prompt].map(|it| text(it, "description"));
                found.extend(obeyed_text("description", &before, &after));
                arguments(earlier, prompt, &mut found);
                members(earlier, prompt, &COMPARED, &mut found);
                found.extend(dangers(Some(earlier), prompt, rules));
            }
            None => {
                changes.add(about(name, Class::Behaviour, " added"));
                found.extend(dangers(None, prompt, rules));
            }
        }
        for change in found {
            changes.add(of_prompt(name, change));
        }
    }
}

fn about(name: &str, class: Class, words: &str) -> Change {
    Change::new(class, Kind::Prompt, Phrase::of(["prompt ", name, words])).about(name)
}

fn of_prompt(name: &str, change: Change) -> Change {
    let mut phrase = Phrase::of(["prompt ", name, ": "]);
    phrase.append(change.phrase.clone());
    let kind = if change.kind == Kind::Instruction { Kind::Instruction } else { Kind::Prompt };
    Change { kind, phrase, ..change }.about(name)
}

fn arguments(old: &Definition, new: &Definition, found: &mut Vec<Change>) {
    let none = Vec::new();
    let [before, after] = [old, new].map(|it| it.get("arguments").and_then(Value::as_array).unwrap_or(&none));
    let named = |list: &'_ [Value]| -> Vec<(String, Map<String, Value>)> {
        let objects = list.iter().filter_map(Value::as_object);
        objects.map(|it| (text(it, "name").into_owned(), it.clone())).collect()
    };
    let (before, after) = (named(before), named(after));
    let is_required = |argument: &Definition| argument.get("required") == Some(&Value::Bool(true));
    let mut add = |class: Class, name: &str, words: &str| {
        found.push(Change::new(class, Kind::Prompt, Phrase::of(["argument ", name, words])));
    };
    let known: std::collections::HashMap<&str, &Definition> =
        before.iter().map(|(name, it)| (name.as_str(), it)).collect();
    let next: std::collections::HashSet<&str> = after.iter().map(|(name, _)| name.as_str()).collect();
    for (name, _) in before.iter().filter(|(name, _)| !next.contains(name.as_str())) {
        add(Class::Breaking, name, " removed");
    }
    for (name, argument) in &after {
        let Some(earlier) = known.get(name.as_str()) else {
            let words = if is_required(argument) { " added and required" } else { " added" };
            let class = if is_required(argument) { Class::Breaking } else { Class::Behaviour };
            add(class, name, words);
            continue;
        };
        match (is_required(earlier), is_required(argument)) {
            (false, true) => add(Class::Breaking, name, " newly required"),
            (true, false) => add(Class::Behaviour, name, " no longer required"),
            _ => {}
        }
        if text(earlier, "description") != text(argument, "description") {
            add(Class::Behaviour, name, " described in other words");
        }
    }
}
