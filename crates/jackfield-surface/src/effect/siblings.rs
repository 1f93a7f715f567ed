//! Evidence for the effect of an operation that comes from other operations of the document.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::Connector;

use super::sentence::Sentence;
use super::words::{Words, last_segment};
use crate::vocabulary::{DESTROYS, DOES, words};

/// Verbs that often occur in summaries that were copied from another operation.
const COPIED: [&str; 12] = [
    "add", "change", "create", "edit", "fetch", "get", "list", "retrieve", "set", "update", "upload", "view",
];
/// Verbs that undo a deactivation.
const ACTIVATES: [&str; 4] = ["activate", "activation", "enable", "reactivate"];
/// Words that are ignored when summaries are compared.
const SMALL: [&str; 8] = ["a", "an", "existing", "of", "one", "specific", "the", "your"];

/// The operations with which an operation is compared.
#[derive(Default)]
pub(super) struct Siblings {
    /// The routes of DELETE operations, by first path segment and words of the summary.
    deletes: BTreeMap<(String, Vec<String>), String>,
    /// The paths that have a DELETE.
    deleted: BTreeSet<String>,
    /// The paths below which something is activated.
    activated: BTreeSet<String>,
}

impl Siblings {
    pub(super) fn of(connector: &Connector) -> Self {
        Self::of_routes(connector.operations().map(|operation| {
            let stated = &operation.stated;
            (operation.method.as_str(), stated.path.as_str(), stated.summary.as_str(), operation.route())
        }))
    }

    /// Collects the operations to compare, each given by its method, path, summary and route.
    pub(super) fn of_routes<'o>(
        operations: impl Iterator<Item = (&'o str, &'o str, &'o str, String)>,
    ) -> Self {
        let mut siblings = Self::default();
        for (method, path, summary, route) in operations {
            if method == "DELETE" {
                siblings.deleted.insert(path.to_owned());
            }
            if method == "DELETE"
                && let Some(key) = key(path, summary)
            {
                siblings.deletes.insert(key, route);
            }
            if last_segment(path).iter().any(|word| ACTIVATES.contains(&word.as_str())) {
                siblings.activated.insert(parent(path).to_owned());
            }
        }
        siblings
    }

    /// Returns the DELETE that has the same summary and the same first path segment.
    pub(super) fn same_as_delete(&self, words: &Words<'_>) -> Option<String> {
        let delete = self.deletes.get(&key(words.path, words.summary)?)?;
        Some(format!("`{delete}` does the same"))
    }

    /// Whether there is a DELETE for the parent of the path.
    pub(super) fn deletes_parent(&self, path: &str) -> bool {
        self.deleted.contains(parent(path))
    }

    /// Whether a path with the same parent activates something.
    pub(super) fn activates(&self, path: &str) -> bool {
        self.activated.contains(parent(path))
    }
}

/// Returns the key of operations with the same effect: the resource, and the summary without function words.
fn key(path: &str, summary: &str) -> Option<(String, Vec<String>)> {
    let sentence = Sentence::of(summary);
    let said = sentence.tokens();
    if said.len() < 2 || COPIED.contains(&said[0].as_str()) {
        return None;
    }
    let known = || DESTROYS.iter().chain(&DOES).any(|verb| *verb == said[0]);
    // A noun does not say what is done.
    if !known() && !said[0].starts_with("un") && !said[0].starts_with("dis") {
        return None;
    }
    let said = said.iter().filter(|word| !SMALL.contains(&word.as_str()));
    let said = said.map(|word| word.strip_suffix('s').unwrap_or(word).to_owned()).collect();
    let resource = path.split('/').find(|segment| !segment.is_empty() && !segment.contains('{'))?;
    Some((words(resource).concat(), said))
}

/// Returns the path without its last segment.
fn parent(path: &str) -> &str {
    path.trim_end_matches('/').rsplit_once('/').map_or("", |(parent, _)| parent)
}
