//! The differences between the resources of a server, and between its resource templates.

use std::collections::HashMap;

use super::definition::{Definition, distinct, is_too_deep, text};
use super::fresh_text::dangers;
use super::server::ListRules;
use super::tool::{members, obeyed_text};
use crate::change::{Change, Changes};
use crate::texts;
use crate::{Class, Kind, Phrase};

/// The members that have a comparison of their own.
const COMPARED: [&str; 6] = ["uri", "uriTemplate", "name", "title", "description", "mimeType"];

/// Compares resources by their URI. `key` is the member that contains it.
pub(super) fn compare(
    old: &[Definition],
    new: &[Definition],
    key: &str,
    rules: &ListRules<'_>,
    changes: &mut Changes,
) {
    let (before, after) = (distinct(old, key).0, distinct(new, key).0);
    let [known, next]: [HashMap<&str, &Definition>; 2] =
        [&before, &after].map(|list| list.iter().copied().collect());
    let about = |uri: &str, class: Class, words: &str| {
        Change::new(class, Kind::Resource, Phrase::of(["resource ", uri, words])).about(uri)
    };
    for (uri, _) in before.iter().filter(|(uri, _)| !next.contains_key(uri)) {
        changes.add(about(uri, Class::Breaking, " removed"));
    }
    for (uri, resource) in &after {
        let mut found = Vec::new();
        match known.get(uri) {
            Some(earlier) if is_too_deep(earlier) || is_too_deep(resource) => {
                changes.add(about(uri, Class::Breaking, " is too deeply nested to be compared"));
            }
            Some(earlier) if earlier == resource => {}
            Some(earlier) => {
                compare_one(earlier, resource, &mut found);
                found.extend(dangers(Some(earlier), resource, rules));
            }
            None => {
                changes.add(about(uri, Class::Behaviour, " added"));
                found.extend(dangers(None, resource, rules));
            }
        }
        for change in found {
            let mut phrase = Phrase::of(["resource ", uri, ": "]);
            phrase.append(change.phrase.clone());
            let kind = if change.kind == Kind::Instruction { Kind::Instruction } else { Kind::Resource };
            changes.add(Change { kind, phrase, ..change }.about(*uri));
        }
    }
}

fn compare_one(old: &Definition, new: &Definition, found: &mut Vec<Change>) {
    for member in ["name", "title"] {
        found.extend(texts::text(member, &text(old, member), &text(new, member)));
    }
    found.extend(obeyed_text("description", &text(old, "description"), &text(new, "description")));
    let [before, after] = [old, new].map(|it| text(it, "mimeType"));
    if before != after {
        let [before, after] = [before, after].map(|text| Some(text).filter(|text| !text.is_empty()));
        let (before, after) = (before.as_deref(), after.as_deref());
        found.push(Change::value(Class::Behaviour, Kind::Resource, "media type", before, after));
    }
    members(old, new, &COMPARED, found);
}
