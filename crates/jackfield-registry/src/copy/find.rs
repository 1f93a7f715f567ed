//! Finds servers by words.

use std::time::Duration;

use jackfield_runtime::SearchHit;
use rusqlite::OptionalExtension as _;

use super::error::CopyError;
use super::index::CopyIndex;
use super::local::LocalCopy;
use super::lock::SyncLock;
use super::memo::Memo;
use crate::entry::official::Status;

/// Which servers are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Servers whose latest version is active.
    #[default]
    Active,
    /// All servers, also deprecated and deleted ones.
    All,
}

/// A server that was found. It is described by its latest version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The name.
    pub name: String,
    /// The latest version.
    pub version: String,
    /// The title.
    pub title: Option<String>,
    /// The description.
    pub description: String,
    /// The kinds of its packages, and `remote`.
    pub kinds: Vec<String>,
    /// The status.
    pub status: Status,
    /// Why it was found, such as "`weather` in name".
    pub reason: String,
}

impl LocalCopy {
    /// Finds servers by words, the best first, at most 50. The index is built if the copy has changed since the last search.
    ///
    /// # Errors
    /// Returns an error if the copy cannot be read.
    pub fn find(&self, words: &str, limit: usize, scope: Scope) -> Result<Vec<Hit>, CopyError> {
        let index = CopyIndex::of(&self.connection, &self.place, || self.is_being_written())?;
        let allowed = |at: usize| match scope {
            Scope::All => true,
            Scope::Active => index.documents.get(at).is_some_and(|row| row.status == Status::Active),
        };
        let found = index.search.search(words, limit, allowed);
        let mut hits = Vec::with_capacity(found.len());
        for hit in found {
            let Some(row) = index.documents.get(hit.document) else { continue };
            hits.extend(self.hit(row.id, &hit)?);
        }
        Ok(hits)
    }

    /// Builds the search index now, so that the next search does not.
    ///
    /// # Errors
    /// Returns an error if the copy cannot be read.
    pub fn prepare_find(&self) -> Result<(), CopyError> {
        CopyIndex::of(&self.connection, &self.place, || Ok(false)).map(drop)
    }

    /// Whether another process is changing the copy page by page, so that an index would be outdated at once.
    fn is_being_written(&self) -> Result<bool, CopyError> {
        let has_begun = Memo::Began.text(&self.connection)?.is_some();
        Ok(has_begun && SyncLock::take(&self.place.lock(), Duration::ZERO)?.is_none())
    }

    /// Returns the row of a hit. `None` if it was removed meanwhile.
    fn hit(&self, id: i64, hit: &SearchHit) -> Result<Option<Hit>, CopyError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT name, version, title, description, kinds, status FROM entries WHERE id = ?1",
        )?;
        let row = statement.query_row([id], |row| {
            let (kinds, status): (String, String) = (row.get(4)?, row.get(5)?);
            Ok(Hit {
                name: row.get(0)?,
                version: row.get(1)?,
                title: row.get(2)?,
                description: row.get(3)?,
                kinds: kinds.split(' ').filter(|kind| !kind.is_empty()).map(str::to_owned).collect(),
                status: Status::of(&status).unwrap_or(Status::Deleted),
                reason: hit.reason.to_string(),
            })
        });
        Ok(row.optional()?)
    }
}
