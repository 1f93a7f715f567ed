//! Applies the texts, and finds the texts that would change more than wording.

use std::collections::BTreeMap;

use jackfield_build::diff::{Change, Class};
use jackfield_build::{Job, Modelled, compare, model_of};

use super::overlay_file::{FILE, OverlayFile};
use crate::Failure;

/// Returns the operations whose texts change more than wording, each with the change. A word in a text can change the
/// effect or the name of a tool, because both are also derived from texts.
///
/// # Errors
/// Returns an error if the document cannot be read with the texts.
pub(super) fn side_effects(
    job: &Job,
    before: &Modelled,
    file: &OverlayFile,
) -> Result<BTreeMap<String, String>, Failure> {
    let after = model_of(&job.clone().overlaid(FILE, file.print()))?;
    let routes = |modelled: &Modelled| -> BTreeMap<String, String> {
        modelled.surface().tools().map(|tool| (tool.name.to_string(), tool.operation.route())).collect()
    };
    let (old, new) = (routes(before), routes(&after));
    let mut found = BTreeMap::new();
    for change in compare(before, &after).changes.iter().filter(|change| change.class != Class::Wording) {
        let named = change.tools.iter().filter_map(|tool| new.get(tool).or_else(|| old.get(tool)));
        let described: Vec<&String> = named.filter(|route| file.get(route).is_some()).collect();
        // A change that does not belong to a described tool may come from the texts of any described tool.
        let all: Vec<&String> = file.tools().map(|tool| &tool.route).collect();
        for route in if described.is_empty() { all } else { described } {
            found.entry(route.clone()).or_insert_with(|| shown(change));
        }
    }
    Ok(found)
}

fn shown(change: &Change) -> String {
    format!("it would change more than wording: {}", change.phrase)
}
