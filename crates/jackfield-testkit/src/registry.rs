//! A registry of MCP servers on the loopback interface, with the published API, version 0.1.

mod generated;
mod item;

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jackfield_model::percent_decode;
use serde_json::json;

use crate::{Answer, Recorded, Upstream};

pub use generated::{generated_items, generated_servers, malformed_items};
pub use item::RegistryItem;

/// The default and the maximum number of entries of a page.
const USUAL_PAGE: usize = 30;
const LARGEST_PAGE: usize = 100;

/// A registry of MCP servers. It stops when it is dropped.
#[derive(Debug)]
pub struct RegistryMock {
    upstream: Upstream,
    items: Arc<Items>,
}

/// The items by their position.
#[derive(Debug, Default)]
struct Items(Mutex<BTreeMap<String, RegistryItem>>);

impl RegistryMock {
    /// Starts a registry with the given entries on a free port.
    ///
    /// # Errors
    /// Returns an error if no port can be bound.
    pub async fn start(items: impl IntoIterator<Item = RegistryItem>) -> io::Result<Self> {
        Self::start_with(items, |_| None).await
    }

    /// Starts a registry that answers some requests in another way: those for which `other` returns an answer.
    ///
    /// # Errors
    /// Returns an error if no port can be bound.
    pub async fn start_with(
        items: impl IntoIterator<Item = RegistryItem>,
        other: impl Fn(&Recorded) -> Option<Answer> + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let items = items.into_iter().map(|item| (item.position(), item)).collect();
        let items = Arc::new(Items(Mutex::new(items)));
        let served = Arc::clone(&items);
        let upstream =
            Upstream::start(move |request| other(request).unwrap_or_else(|| served.answer(request))).await?;
        Ok(Self { upstream, items })
    }

    /// Returns the address of the registry.
    pub fn address(&self) -> String {
        self.upstream.base_url()
    }

    /// Publishes an entry, or replaces it.
    pub fn publish(&self, item: RegistryItem) {
        self.items.all().insert(item.position(), item);
    }

    /// Removes and returns the targets of the requests.
    pub fn take_targets(&self) -> Vec<String> {
        self.upstream.take().into_iter().map(|request| request.target).collect()
    }
}

impl Items {
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, RegistryItem>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, request: &Recorded) -> Answer {
        let Some((_, path)) = request.path().split_once("/v0.1/") else { return not_found() };
        if request.method != "GET" {
            return error(405, "method not allowed");
        }
        let Some(query) = parameters(request.query().unwrap_or_default()) else {
            return error(400, "invalid query");
        };
        let segments: Option<Vec<String>> = path.split('/').map(decoded).collect();
        let segments = segments.unwrap_or_default();
        match segments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["servers"] => self.page(&query),
            ["servers", name, "versions"] => self.versions(name, &query),
            ["servers", name, "versions", version] => self.version(name, version, &query),
            _ => not_found(),
        }
    }

    fn page(&self, query: &HashMap<String, String>) -> Answer {
        let limit = query.get("limit").map_or(Ok(USUAL_PAGE), |limit| limit.parse());
        let Some(limit) = limit.ok().filter(|limit| (1..=LARGEST_PAGE).contains(limit)) else {
            return error(422, "limit must be between 1 and 100");
        };
        let since = query.get("updated_since");
        let includes_deleted = includes_deleted(query) || since.is_some();
        let search = query.get("search").map(|search| search.to_lowercase());
        let version = query.get("version");
        let fits = |item: &RegistryItem| {
            (includes_deleted || item.status != "deleted")
                && since.is_none_or(|since| item.updated_at >= *since)
                && search.as_ref().is_none_or(|search| item.name.to_lowercase().contains(search))
                && version.is_none_or(|version| match version.as_str() {
                    "latest" => item.is_latest,
                    version => item.version == version,
                })
        };
        let begin = match query.get("cursor") {
            None => Bound::Unbounded,
            Some(cursor) if cursor.contains(':') => Bound::Excluded(cursor.as_str()),
            Some(_) => return error(400, "invalid cursor"),
        };
        let all = self.all();
        let mut found = all.range::<str, _>((begin, Bound::Unbounded)).filter(|(_, item)| fits(item));
        let page: Vec<(&String, &RegistryItem)> = found.by_ref().take(limit).collect();
        let next = page.last().filter(|_| found.next().is_some()).map(|(position, _)| position.as_str());
        listed(page.iter().map(|(_, item)| item.text.as_str()), next)
    }

    fn versions(&self, name: &str, query: &HashMap<String, String>) -> Answer {
        let all = self.all();
        let is_shown =
            |item: &&RegistryItem| item.name == name && (includes_deleted(query) || item.status != "deleted");
        let texts: Vec<&str> = all.values().filter(is_shown).map(|item| item.text.as_str()).collect();
        if texts.is_empty() { not_found() } else { listed(texts.into_iter(), None) }
    }

    fn version(&self, name: &str, version: &str, query: &HashMap<String, String>) -> Answer {
        let all = self.all();
        let fits = |item: &&RegistryItem| {
            let is_version = if version == "latest" { item.is_latest } else { item.version == version };
            item.name == name && is_version && (includes_deleted(query) || item.status != "deleted")
        };
        all.values().find(fits).map_or_else(not_found, |item| json_answer(item.text.clone()))
    }
}

fn includes_deleted(query: &HashMap<String, String>) -> bool {
    query.get("include_deleted").is_some_and(|value| value == "true")
}

fn listed<'i>(texts: impl Iterator<Item = &'i str>, next: Option<&str>) -> Answer {
    let texts: Vec<&str> = texts.collect();
    let mut metadata = json!({ "count": texts.len() });
    if let Some(next) = next {
        metadata["nextCursor"] = json!(next);
    }
    json_answer(format!("{{\"servers\":[{}],\"metadata\":{metadata}}}", texts.join(",")))
}

fn json_answer(text: String) -> Answer {
    Answer::bytes(200, "application/json", text)
}

fn not_found() -> Answer {
    error(404, "Server not found")
}

fn error(status: u16, problem: &str) -> Answer {
    Answer::json(status, &json!({ "error": problem }))
}

fn parameters(query: &str) -> Option<HashMap<String, String>> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decoded(name)?, decoded(&value.replace('+', " "))?))
        })
        .collect()
}

fn decoded(text: &str) -> Option<String> {
    percent_decode(text).and_then(|bytes| String::from_utf8(bytes).ok())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn generated_entries_are_the_same_for_a_seed_and_varied() {
        let items = generated_items(3_000, 7);
        assert_eq!(items, generated_items(3_000, 7));
        assert_ne!(items, generated_items(3_000, 8));
        assert_eq!((items.len(), malformed_items(3_000)), (3_000, 3));
        let positions: BTreeSet<String> = items.iter().map(RegistryItem::position).collect();
        assert_eq!(positions.len(), items.len());
        for status in ["active", "deprecated", "deleted"] {
            assert!(
                items.iter().filter(|item| item.is_latest && item.status == status).count() > 20,
                "{status}"
            );
        }
    }
}
