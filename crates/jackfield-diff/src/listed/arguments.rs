//! The differences between the arguments of a listed tool.

use super::schema::ListedSchema;
use crate::change::Change;
use crate::schema::{Found, SchemaComparer, Shift};
use crate::{Class, Kind, Phrase, argument_changes};

/// The parts of a schema that models read as text.
const READ: [&str; 3] = ["description", "examples", "example"];

/// Compares the input schemas of a tool.
pub(super) fn compare<'s>(
    old: &'s ListedSchema,
    new: &'s ListedSchema,
    steps: &mut usize,
    found: &mut Vec<Change>,
) {
    let comparer = SchemaComparer::new(&old.defs, &new.defs).with_steps(*steps);
    let differences = comparer.compare(&old.root, &new.root, true, false);
    *steps = comparer.steps_left();
    if is_beyond_comparison(&differences, old, new) {
        let phrase = Phrase::of(["arguments changed in a schema that cannot be found"]);
        found.push(Change::new(Class::Breaking, Kind::ArgumentChanged, phrase));
        return;
    }
    found.extend(differences.iter().map(argument));
}

/// Returns whether only schemas differ that could not be compared.
pub(super) fn is_beyond_comparison(differences: &[Found], old: &ListedSchema, new: &ListedSchema) -> bool {
    let is_wording =
        |found: &Found| found.shift == Shift::Wording && found.before.is_none() && found.after.is_none();
    (old.is_incomplete || new.is_incomplete) && !differences.is_empty() && differences.iter().all(is_wording)
}

/// Converts a difference between input schemas to a change.
fn argument(found: &Found) -> Change {
    let path = found.path.strip_prefix('.').unwrap_or(&found.path);
    let is_top = !path.is_empty() && !path.contains(['.', '[', '*']);
    let change = match found.shift {
        Shift::Added if is_top => argument_changes::added(path, false),
        Shift::AddedRequired if is_top => argument_changes::added(path, true),
        Shift::Removed if is_top => argument_changes::removed(path),
        Shift::Required if is_top => argument_changes::required(path, true),
        Shift::Optional if is_top => argument_changes::required(path, false),
        _ if path.is_empty() => argument_changes::of_found(Phrase::of(["arguments"]), found),
        _ => argument_changes::of_found(Phrase::of(["argument ", path, ""]), found).about(path),
    };
    read_by_models(change, found)
}

/// Raises the class of a changed text that a model obeys.
pub(super) fn read_by_models(change: Change, found: &Found) -> Change {
    let is_read = found.shift == Shift::Wording && READ.contains(&found.aspect);
    if is_read { Change { class: Class::Behaviour, ..change } } else { change }
}
