//! The entries of a copy as rows.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::error::CopyError;
use super::memo::Memo;
use crate::check::look_alike::skeleton;
use crate::entry::item::PublishedItem;
use crate::entry::server::Entry;
use crate::time::parse_time;

/// Stores an item. Returns whether this changed the copy.
pub(super) fn store(connection: &Connection, item: &PublishedItem) -> Result<bool, CopyError> {
    let PublishedItem { entry, text } = item;
    let (name, version) = (entry.name.as_str(), entry.version.as_str());
    // Texts of JSON contain no line breaks of their own, and a line is an item when the copy is exported.
    let text = text.replace(['\n', '\r'], " ");
    let mut known = connection.prepare_cached(
        "SELECT document = ?3 AND is_latest = ?4 FROM entries WHERE name = ?1 AND version = ?2",
    )?;
    let is_latest = entry.official.is_latest == Some(true);
    let is_same: Option<bool> =
        known.query_row(params![name, version, text, is_latest], |row| row.get(0)).optional()?;
    if is_same == Some(true) {
        return Ok(false);
    }
    if is_latest {
        // The version that was the latest does not say so itself.
        connection
            .prepare_cached("UPDATE entries SET is_latest = 0 WHERE name = ?1 AND version <> ?2")?
            .execute([name, version])?;
    }
    let mut insert = connection.prepare_cached(
        "INSERT INTO entries (name, version, status, is_latest, published, updated, title, description, kinds, identifiers,
                              skeleton, document)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
         ON CONFLICT (name, version) DO UPDATE SET
             status = excluded.status, is_latest = excluded.is_latest, published = excluded.published,
             updated = excluded.updated, title = excluded.title, description = excluded.description,
             kinds = excluded.kinds, identifiers = excluded.identifiers, document = excluded.document",
    )?;
    insert.execute(params![
        name,
        version,
        entry.official.status.as_str(),
        is_latest,
        seconds(entry.official.published_at.as_deref()),
        seconds(entry.official.updated_at.as_deref()),
        entry.title,
        entry.description,
        entry.kinds().join(" "),
        identifiers(entry),
        skeleton(name),
        text,
    ])?;
    Ok(true)
}

/// Notes that entries have changed.
pub(super) fn note_change(connection: &Connection) -> Result<(), CopyError> {
    let generation = Memo::Generation.number(connection)?;
    Memo::Generation.set(connection, generation + 1)
}

/// Returns all versions of a server.
pub(super) fn versions(connection: &Connection, name: &str) -> Result<Vec<PublishedItem>, CopyError> {
    let mut statement = connection
        .prepare_cached("SELECT document, is_latest FROM entries WHERE name = ?1 ORDER BY id DESC")?;
    let rows = statement.query_map([name], |row| Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?)))?;
    let mut items = Vec::new();
    for row in rows {
        let (document, is_latest) = row?;
        // An item that was stored was an entry. If it is none now, someone has changed the file.
        let mut item = PublishedItem::parse(document.as_bytes())
            .map_err(|error| super::error::CopyError::Damaged(error.to_string()))?;
        item.entry.official.is_latest = Some(is_latest);
        items.push(item);
    }
    Ok(items)
}

/// Returns the names of all servers, in order.
pub(super) fn names(connection: &Connection) -> Result<Vec<String>, CopyError> {
    let mut statement = connection.prepare_cached("SELECT DISTINCT name FROM entries ORDER BY name")?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// Returns the names of other servers with the same skeleton.
pub(super) fn look_alikes(
    connection: &Connection,
    name: &str,
    most: usize,
) -> Result<Vec<String>, CopyError> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT name FROM entries WHERE skeleton = ?1 AND name <> ?2 ORDER BY name LIMIT ?3",
    )?;
    let names = statement.query_map(params![skeleton(name), name, most as i64], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

fn seconds(time: Option<&str>) -> i64 {
    time.and_then(parse_time).and_then(|seconds| i64::try_from(seconds).ok()).unwrap_or_default()
}

/// Returns the identifiers of the packages and the hosts of the remote servers, for the search.
fn identifiers(entry: &Entry) -> String {
    let packages = entry.packages.iter().map(|package| package.identifier.as_str());
    let host = |url: &'_ str| -> Option<String> {
        let (_, rest) = url.split_once("://")?;
        Some(rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned())
    };
    let hosts = entry.remotes.iter().filter_map(|remote| host(remote.url()));
    packages.map(str::to_owned).chain(hosts).collect::<Vec<_>>().join(" ")
}
