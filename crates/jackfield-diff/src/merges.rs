//! The differences between tools that call one of several operations.

use jackfield_model::{Connector, Merge, MergedInto, Operation};

use crate::change::{Change, Changes};
use crate::texts::text;
use crate::tools::{NameBefore, Paired, Tool};
use crate::{Class, Kind, Phrase};

/// Compares the merged tools with equal names. The comparison of operations finds the differences of the merged operations.
pub(crate) fn compare(old: &Connector, new: &Connector, paired: &Paired<'_>, changes: &mut Changes) {
    for merge in &old.merges {
        match new.merge(&merge.name) {
            Some(next) => compare_both(merge, next, changes),
            None => {
                let mut phrase = Phrase::of(["merged tool removed: "]);
                routes(old, merge, &mut phrase);
                let change = Change::new(Class::Breaking, Kind::Merge, phrase);
                changes.add_of(merge.name.as_str(), change);
            }
        }
    }
    for merge in new.merges.iter().filter(|merge| old.merge(&merge.name).is_none()) {
        let mut phrase = Phrase::of(["merged tool added: "]);
        routes(new, merge, &mut phrase);
        // Permissions that a user gave to the name would now apply to other operations.
        let class = match paired.name_before(merge) {
            NameBefore::OtherTool => {
                phrase.say(", and another tool had this name before");
                Class::Security
            }
            NameBefore::Weaker => {
                phrase.say(", and calls with this name can do more than before");
                Class::Security
            }
            NameBefore::Free => Class::Behaviour,
        };
        changes.add_of(merge.name.as_str(), Change::new(class, Kind::Merge, phrase));
    }
}

fn compare_both(old: &Merge, new: &Merge, changes: &mut Changes) {
    // The pattern names every field, so that the compiler reports a new field. Arguments and output follow from the operations.
    let Merge { name, title, description, args: _, output: _, effect, idempotent: _ } = old;
    let mut found = Vec::new();
    if *effect != new.effect {
        // The strongest effect of a tool determines whether clients ask their users.
        let (before, after) = (Some(effect.as_str()), Some(new.effect.as_str()));
        found.push(Change::value(Class::Security, Kind::Effect, "effect", before, after));
    }
    found.extend(text("title", title, &new.title));
    found.extend(text("description", description, &new.description));
    for change in found {
        changes.add_of(name.as_str(), change);
    }
}

/// Adds the routes of the operations of a merged tool.
fn routes(connector: &Connector, merge: &Merge, phrase: &mut Phrase) {
    let is_part =
        |operation: &&Operation| operation.merged.as_ref().is_some_and(|merged| merged.tool == merge.name);
    let routes: Vec<String> = connector.operations().filter(is_part).map(Operation::route).collect();
    phrase.list(routes.iter().map(String::as_str), 3);
}

/// Compares the tools through which clients call an operation.
pub(crate) fn compare_called(old: &Tool<'_>, new: &Tool<'_>) -> Option<Change> {
    let (before, after) = (&old.operation.merged, &new.operation.merged);
    if before == after {
        return None;
    }
    let called = |tool: &Tool<'_>| match &tool.operation.merged {
        None => tool.name.to_owned(),
        Some(MergedInto { tool, selector: Some((name, value)) }) => format!("{tool} with {name} = {value}"),
        Some(MergedInto { tool, selector: None }) => tool.to_string(),
    };
    let (first, second) = (called(old), called(new));
    if first != second {
        return Some(Change::value(Class::Breaking, Kind::Merge, "called as", Some(&first), Some(&second)));
    }
    // Equal calls still send equal requests.
    let words = match after {
        Some(_) => "is one of the operations of the merged tool ",
        None => "is no longer one of the operations of the merged tool ",
    };
    Some(Change::new(Class::Behaviour, Kind::Merge, Phrase::of([words, &first, ""])))
}
