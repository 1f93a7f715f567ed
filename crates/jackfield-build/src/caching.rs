//! The tools whose replies are kept.

use jackfield_model::text::toml_key;
use jackfield_model::{Caching, Connector, Diagnostic, Effect, Operation};
use jackfield_surface::ChosenName;

use crate::manifest::{ALL_CACHES, Manifest, Refusal};
use crate::unmatched::unknown_tool;

/// Decides for each tool whether its replies are kept: by its own choice, else by that of all tools, else by the document. `names` are
/// the tool names in the order of the model.
///
/// # Errors
/// A key is neither `*` nor the name of a tool, or the tool is no `GET` that reads.
pub(crate) fn apply(
    manifest: &Manifest,
    connector: &mut Connector,
    names: &[ChosenName],
) -> Result<(), Vec<Diagnostic>> {
    let all = manifest.caches.iter().find(|(key, ..)| key == ALL_CACHES).map(|(_, _, caching)| *caching);
    let mut errors = Vec::new();
    for (key, span, caching) in manifest.caches.iter().filter(|(key, ..)| key != ALL_CACHES) {
        let mut named = connector.operations().zip(names).filter(|(_, name)| name.name.as_str() == key);
        match named.next() {
            None => errors.push(unknown_tool(manifest, key, span, "[cache]", names)),
            Some((operation, _)) if caching.is_on() && !can_keep(operation) => {
                let problem = format!(
                    "`{}` in [cache]: replies to {} are not kept, because it is no GET that only reads",
                    toml_key(key),
                    operation.route()
                );
                errors.push(manifest.refuse(Refusal::new(span.clone(), problem, "remove it")));
            }
            Some(_) => {}
        }
    }
    let operations = connector.groups.iter_mut().flat_map(|group| &mut group.operations);
    for (operation, name) in operations.zip(names).filter(|(operation, _)| can_keep(operation)) {
        let own = manifest.caches.iter().find(|(key, ..)| key == name.name.as_str());
        let stated = if operation.stated.has_versions { Caching::Revalidate } else { Caching::Off };
        operation.caching = own.map(|(_, _, caching)| *caching).or(all).unwrap_or(stated);
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn can_keep(operation: &Operation) -> bool {
    operation.method.as_str() == "GET" && operation.effect == Effect::Read
}
