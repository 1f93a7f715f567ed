//! The table of a published server in gateway.toml.

use jackfield_registry::Entry;
use toml_edit::{Array, InlineTable, Table, value};

use super::examined::Examined;
use super::settings::Settings;

/// Writes the server, its package or URL, and its settings into the table of a connector. Other keys of the table stay.
pub(super) fn write(table: &mut Table, entry: &Entry, settings: &Settings, digest: Option<&str>) {
    table.insert("registry", value(format!("{}@{}", entry.name, entry.version)));
    match digest {
        Some(digest) => table.insert("digest", value(digest)),
        None => table.insert("url", value(&settings.url)),
    };
    if settings.arguments.is_empty() {
        table.remove("args");
    } else {
        table.insert("args", value(settings.arguments.iter().collect::<Array>()));
    }
    set_pairs(table, "env", &settings.variables);
    set_pairs(table, "headers", &settings.headers);
    if settings.secrets.is_empty() {
        table.remove("secrets");
    } else {
        let names = settings.secrets.iter().map(|secret| secret.name.as_str());
        table.insert("secrets", value(names.collect::<Array>()));
    }
}

fn set_pairs(table: &mut Table, key: &str, pairs: &[(String, String)]) {
    if pairs.is_empty() {
        table.remove(key);
        return;
    }
    let pairs: InlineTable = pairs.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    table.insert(key, value(pairs));
}

/// Returns the digest of the examined package.
pub(super) fn digest_of(examined: &Examined) -> Option<&str> {
    examined.package.as_ref().map(|package| package.record.digest.as_str())
}
