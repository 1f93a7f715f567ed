//! The metadata of results: the identity of the server, and how long clients may cache a list.

use rmcp::model::{CacheScope, Implementation, MetaObject};
use serde_json::json;

use crate::engine::service::Service;

/// The number of milliseconds for which a client may cache a list that does not change while the process runs.
const LIST_TTL_MS: u64 = 300_000;

/// The number of milliseconds for which a client may cache a list whose changes are announced. The number is small, because the client may
/// have missed an announcement.
const CHANGING_LIST_TTL_MS: u64 = 10_000;

/// Returns the metadata that names the server.
pub(super) fn server_meta(identity: &Implementation) -> MetaObject {
    let mut meta = MetaObject::default();
    meta.0.insert("io.modelcontextprotocol/serverInfo".to_owned(), json!(identity));
    meta
}

/// Returns how many milliseconds clients may cache a list of the service, and whether caches may share the list.
/// `changes` says whether the service can be replaced.
pub(super) fn list_cache(service: &Service, changes: bool) -> (u64, CacheScope) {
    let depends = service.lists_depend_on_caller();
    let ttl =
        if depends || changes || !service.changes().is_empty() { CHANGING_LIST_TTL_MS } else { LIST_TTL_MS };
    (ttl, if depends { CacheScope::Private } else { CacheScope::Public })
}
