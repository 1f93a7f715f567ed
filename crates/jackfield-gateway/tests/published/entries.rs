//! Entries of a registry for tests.

use jackfield_testkit::RegistryItem;
use serde_json::{Value, json};

/// Returns the entry of a server as the registry sends it. `server` has the members besides the name, version and description.
pub(crate) fn entry(name: &str, version: &str, is_latest: bool, server: &Value) -> RegistryItem {
    status(name, version, is_latest, "active", server)
}

/// Returns an entry with a status.
pub(crate) fn status(
    name: &str,
    version: &str,
    is_latest: bool,
    status: &str,
    server: &Value,
) -> RegistryItem {
    let mut item = json!({
        "server": { "name": name, "version": version, "description": format!("A server of tests, {version}") },
        "_meta": { "io.modelcontextprotocol.registry/official": {
            "status": status, "publishedAt": "2026-08-18T10:00:00Z", "updatedAt": "2026-08-18T10:00:00Z",
            "statusMessage": "it was replaced", "isLatest": is_latest,
        } },
    });
    for (member, value) in server.as_object().unwrap() {
        item["server"][member] = value.clone();
    }
    RegistryItem::of(&item)
}

/// Returns a package over stdio.
pub(crate) fn package(kind: &str, identifier: &str, version: &str) -> Value {
    json!({ "registryType": kind, "identifier": identifier, "version": version, "transport": { "type": "stdio" } })
}
