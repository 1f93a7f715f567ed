//! The differences of one listed tool.

use super::definition::{Definition, is_too_deep, text};
use super::fresh_text::dangers;
use super::paired_tools::NamedTool;
use super::schema::ListedSchema;
use super::server::ListRules;
use super::{annotations, arguments, results};
use crate::change::{Change, Changes};
use crate::texts;
use crate::{Class, Kind, Phrase};

/// The maximum number of steps for one tool.
const MOST_STEPS: usize = 200_000;
/// The maximum number of changes of one tool.
const MOST_CHANGES: usize = 500;

/// The members that have a comparison of their own.
const COMPARED: [&str; 6] = ["name", "title", "description", "inputSchema", "outputSchema", "annotations"];

/// Compares a tool of both lists. `steps` is the number of steps that are left for all tools.
pub(super) fn compare(
    (_, old): NamedTool<'_>,
    (name, new): NamedTool<'_>,
    rules: &ListRules<'_>,
    steps: &mut usize,
    changes: &mut Changes,
) {
    if is_too_deep(old) || is_too_deep(new) {
        let phrase = Phrase::of(["definition too deeply nested to be compared"]);
        changes.add_of(name, Change::new(Class::Breaking, Kind::ArgumentChanged, phrase));
        return;
    }
    if old == new {
        return;
    }
    let mut found = dangers(Some(old), new, rules);
    annotations::compare(old.get("annotations"), new.get("annotations"), &mut found);
    let mut own_steps = MOST_STEPS.min(*steps);
    let given = own_steps;
    if old.get("inputSchema") != new.get("inputSchema") {
        let [before, after] = [old, new].map(|it| ListedSchema::of(it.get("inputSchema")));
        arguments::compare(&before, &after, &mut own_steps, &mut found);
    }
    results::compare(old.get("outputSchema"), new.get("outputSchema"), &mut own_steps, &mut found);
    *steps -= given - own_steps;
    found.extend(texts::text("title", &text(old, "title"), &text(new, "title")));
    found.extend(obeyed_text("description", &text(old, "description"), &text(new, "description")));
    members(old, new, &COMPARED, &mut found);
    let rest = found.len().saturating_sub(MOST_CHANGES);
    found.truncate(MOST_CHANGES);
    if rest > 0 {
        let phrase = Phrase::of([&format!("{rest} further differences")]);
        found.push(Change::new(Class::Breaking, Kind::ArgumentChanged, phrase));
    }
    for change in found {
        changes.add_of(name, change);
    }
}

/// Returns a change if a text differs that models obey.
pub(super) fn obeyed_text(words: &str, old: &str, new: &str) -> Option<Change> {
    texts::text(words, old, new).map(|change| Change { class: Class::Behaviour, ..change })
}

/// Compares the members of two definitions that are not in `compared`.
pub(super) fn members(old: &Definition, new: &Definition, compared: &[&str], found: &mut Vec<Change>) {
    let new_only = new.keys().filter(|key| !old.contains_key(*key));
    for key in old.keys().chain(new_only).filter(|key| !compared.contains(&key.as_str())) {
        let (before, after) = (old.get(key), new.get(key));
        if before == after {
            continue;
        }
        let class = if key == "icons" { Class::Wording } else { Class::Behaviour };
        let [before, after] = [before, after].map(|value| value.map(ToString::to_string));
        let mut phrase = Phrase::of(["member ", key, ""]);
        phrase.from_to(before.as_deref(), after.as_deref());
        let change = Change::new(class, Kind::Member, phrase).about(key.as_str());
        found.push(change.values(before.as_deref(), after.as_deref()));
    }
}
