//! Groups the operations of a document by tag, or by resource if they have no tag, and finds selectors for each group.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_build::Modelled;
use jackfield_build::model::{Group, fits_glob};

/// Operations that can be selected together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OperationGroup {
    /// The tag, or the resource that occurs in the paths.
    pub(super) name: String,
    /// The selectors that match exactly the operations of the group.
    pub(super) selectors: Vec<String>,
    /// The routes, in the order of the tools.
    pub(super) routes: Vec<String>,
}

/// Returns the groups of all operations, sorted by name. An operation with several tags is in several groups.
pub(super) fn groups(modelled: &Modelled) -> Vec<OperationGroup> {
    let mut tagged: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut untagged: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut all = Vec::new();
    for group in &modelled.connector.groups {
        for operation in &group.operations {
            let route = operation.route();
            for tag in &operation.stated.tags {
                tagged.entry(tag).or_default().push(route.clone());
            }
            if operation.stated.tags.is_empty() {
                let name = if group.tag.as_str() == Group::UNTAGGED { "/" } else { group.tag.as_str() };
                untagged.entry(name).or_default().push(route.clone());
            }
            all.push(route);
        }
    }
    let names: BTreeSet<&str> = tagged.keys().chain(untagged.keys()).copied().collect();
    let group = |name: &str| {
        let (with, without) = (tagged.get(name), untagged.get(name));
        let by_tag = with.map(|_| format!("tag:{name}"));
        let by_path = without.map(|routes| by_path(name, routes, &all)).unwrap_or_default();
        let routes = with.into_iter().chain(without).flatten().cloned().collect();
        OperationGroup {
            name: name.to_owned(),
            selectors: by_tag.into_iter().chain(by_path).collect(),
            routes,
        }
    };
    names.into_iter().map(group).collect()
}

/// Returns the shortest selectors that match exactly these routes: a pattern for everything below the resource, whole paths, or the routes.
fn by_path(resource: &str, routes: &[String], all: &[String]) -> Vec<String> {
    let path_of = |route: &String| route.split_once(' ').map_or("", |(_, path)| path).to_owned();
    let wanted: BTreeSet<&String> = routes.iter().collect();
    let chosen_by = |selector: &str| -> Vec<&String> {
        all.iter().filter(|route| fits_glob(selector, &path_of(route))).collect()
    };
    let is_safe =
        |text: &String| text.starts_with('/') && !text.contains(|c: char| c == '*' || c.is_whitespace());
    let first = routes.first().map(path_of).unwrap_or_default();
    if let Some(at) = segment(&first, resource) {
        let base = first[..at].to_owned();
        let below = [base.clone(), format!("{base}/*")];
        let found: Vec<(String, Vec<&String>)> =
            below.into_iter().map(|selector| (chosen_by(&selector), selector)).map(|(a, b)| (b, a)).collect();
        let both: BTreeSet<&String> = found.iter().flat_map(|(_, routes)| routes).copied().collect();
        if is_safe(&base) && both == wanted {
            return found.into_iter().filter(|(_, routes)| !routes.is_empty()).map(|(it, _)| it).collect();
        }
    }
    let paths: BTreeSet<String> = routes.iter().map(path_of).collect();
    let whole = |path: &String| is_safe(path) && chosen_by(path).iter().all(|route| wanted.contains(*route));
    if paths.iter().all(whole) { paths.into_iter().collect() } else { routes.to_vec() }
}

/// Returns the end of the path segment `text`.
fn segment(path: &str, text: &str) -> Option<usize> {
    let mut at = 0;
    for part in path.split('/') {
        let end = at + part.len();
        if part == text {
            return Some(end);
        }
        at = end + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resource_gets_the_shortest_selectors_that_match_only_its_routes() {
        let all: Vec<String> = [
            "GET /v1/books",
            "POST /v1/books",
            "GET /v1/books/{id}",
            "GET /v1/booksellers",
            "GET /v1/orders/{id}",
            "POST /v1/orders/{id}",
            "GET /a/notes",
            "GET /b/notes",
        ]
        .map(str::to_owned)
        .to_vec();
        for (resource, range, expected) in [
            ("books", 0..3, vec!["/v1/books", "/v1/books/*"]),
            ("booksellers", 3..4, vec!["/v1/booksellers"]),
            ("orders", 4..6, vec!["/v1/orders/*"]),
            ("orders", 5..6, vec!["POST /v1/orders/{id}"]),
            ("notes", 6..8, vec!["/a/notes", "/b/notes"]),
            ("/", 0..1, vec!["GET /v1/books"]),
        ] {
            assert_eq!(by_path(resource, &all[range], &all), expected, "{resource}");
        }
    }
}
