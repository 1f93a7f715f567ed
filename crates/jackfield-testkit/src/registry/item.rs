//! Entries as the registry sends them.

use serde_json::Value;

/// The member of `_meta` with facts that the registry states.
const OFFICIAL: &str = "io.modelcontextprotocol.registry/official";

/// An entry as a registry sends it, which may be malformed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryItem {
    /// The name of the server. Empty if the entry has none.
    pub name: String,
    /// The version.
    pub version: String,
    /// The status.
    pub status: String,
    /// When the entry was changed, in the format of RFC 3339.
    pub updated_at: String,
    /// Whether this is the latest version.
    pub is_latest: bool,
    /// The item as JSON.
    pub text: String,
}

impl RegistryItem {
    /// Reads an item: `{"server": …, "_meta": …}`.
    pub fn of(item: &Value) -> Self {
        let server = |name: &str| item["server"][name].as_str().unwrap_or_default().to_owned();
        let official = &item["_meta"][OFFICIAL];
        Self {
            name: server("name"),
            version: server("version"),
            status: official["status"].as_str().unwrap_or("active").to_owned(),
            updated_at: official["updatedAt"].as_str().unwrap_or_default().to_owned(),
            is_latest: official["isLatest"].as_bool().unwrap_or_default(),
            text: item.to_string(),
        }
    }

    /// Returns the position of the item in the order of the pages. It is also the cursor of the page that begins after the item.
    pub(super) fn position(&self) -> String {
        format!("{}:{}", self.name, self.version)
    }
}
