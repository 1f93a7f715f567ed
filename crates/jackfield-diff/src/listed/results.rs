//! The differences between the output schemas of a listed tool.

use serde_json::Value;

use super::arguments::{is_beyond_comparison, read_by_models};
use super::schema::ListedSchema;
use crate::change::Change;
use crate::replies;
use crate::schema::SchemaComparer;
use crate::{Class, Kind, Phrase};

/// Compares the output schemas of a tool.
pub(super) fn compare(old: Option<&Value>, new: Option<&Value>, steps: &mut usize, found: &mut Vec<Change>) {
    match (old, new) {
        (None, None) => {}
        (Some(_), None) => found.push(Change::new(
            Class::Breaking,
            Kind::Output,
            Phrase::of(["no longer declares an output schema"]),
        )),
        (None, Some(_)) => {
            found.push(Change::new(
                Class::Behaviour,
                Kind::Output,
                Phrase::of(["declares an output schema"]),
            ));
        }
        (Some(before), Some(after)) if before != after => {
            let (before, after) = (ListedSchema::of(Some(before)), ListedSchema::of(Some(after)));
            let comparer = SchemaComparer::new(&before.defs, &after.defs).with_steps(*steps);
            let differences = comparer.compare(&before.root, &after.root, true, true);
            *steps = comparer.steps_left();
            if is_beyond_comparison(&differences, &before, &after) {
                let phrase = Phrase::of(["output schema changed in a schema that cannot be found"]);
                found.push(Change::new(Class::Breaking, Kind::Output, phrase));
                return;
            }
            let changes = differences.iter().map(|one| read_by_models(replies::value(one, true), one));
            found.extend(changes);
        }
        (Some(_), Some(_)) => {}
    }
}
