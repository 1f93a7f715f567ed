//! The comparison of the lists of a server.

use serde_json::{Map, Value};

use super::definition::{distinct, is_too_deep};
use super::fresh_text::{dangers, dangers_in};
use super::paired_tools::PairedTools;
use super::server::{ListRules, ServerLists};
use super::tool::obeyed_text;
use super::{prompts, resources, tool};
use crate::change::{Change, Changes};
use crate::report::{Counted, Report};
use crate::schema::MOST_STEPS;
use crate::{Class, Kind, Phrase};

/// The number of changes after which tools are no longer compared in detail.
const MOST_CHANGES: usize = 5_000;

/// Compares the lists that a server has with the lists that it had before.
pub fn compare_lists(old: &ServerLists<'_>, new: &ServerLists<'_>, rules: &ListRules<'_>) -> Report {
    let mut changes = Changes::default();
    let ((before, _), (after, left_out)) = (distinct(old.tools, "name"), distinct(new.tools, "name"));
    let tools = Counted { before: before.len(), after: after.len() };
    let mut limits = Vec::new();
    if left_out > 0 {
        limits
            .push(format!("{left_out} tools without a name, or with the name of another tool, are ignored"));
    }
    if let Some(change) = obeyed_text("instructions for models", old.instructions, new.instructions) {
        changes.add(change);
        for change in dangers_in(&[old.instructions], &[new.instructions], rules) {
            changes.add(change.about("instructions for models"));
        }
    }
    if let (Some(before), Some(after)) = (old.capabilities, new.capabilities) {
        capabilities(before, after, &mut changes);
    }
    let paired = PairedTools::of(&before, &after);
    paired.report(rules, &mut changes);
    for (name, definition) in paired.added.iter().filter(|(_, definition)| !is_too_deep(definition)) {
        for change in dangers(None, definition, rules) {
            changes.add_of(name, change);
        }
    }
    let mut steps = MOST_STEPS;
    for (before, after) in &paired.pairs {
        if changes.len() < MOST_CHANGES {
            tool::compare(*before, *after, rules, &mut steps, &mut changes);
        } else if before.1 != after.1 {
            let phrase = Phrase::of(["changed, and not compared in detail, because too much changed"]);
            changes.add_of(after.0, Change::new(Class::Security, Kind::ArgumentChanged, phrase));
        }
    }
    prompts::compare(old.prompts, new.prompts, rules, &mut changes);
    for (before, after, key) in
        [(old.resources, new.resources, "uri"), (old.templates, new.templates, "uriTemplate")]
    {
        resources::compare(before, after, key, rules, &mut changes);
    }
    let tokens = old.tokens.zip(new.tokens).map(|(before, after)| Counted { before, after });
    Report { changes: changes.into_sorted(), tools, tokens, limits }
}

/// Compares the capabilities of a server.
fn capabilities(old: &Map<String, Value>, new: &Map<String, Value>, changes: &mut Changes) {
    let new_only = new.keys().filter(|name| !old.contains_key(*name));
    for name in old.keys().chain(new_only) {
        let (before, after) = (old.get(name), new.get(name));
        let (class, words) = match (before, after) {
            (before, after) if before == after => continue,
            (Some(_), None) => (Class::Breaking, " removed"),
            (None, _) => (Class::Behaviour, " added"),
            _ => (Class::Behaviour, " changed"),
        };
        let change = Change::new(class, Kind::Capability, Phrase::of(["capability ", name, words]));
        let [before, after] = [before, after].map(|value| value.map(ToString::to_string));
        changes.add(change.about(name.as_str()).values(before.as_deref(), after.as_deref()));
    }
}
