//! The progress of a sync, which is committed with each page.

use rusqlite::{Connection, OptionalExtension as _};

use super::error::CopyError;

/// A value of a copy besides its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Memo {
    /// The cursor of the next page of a sync that has not ended.
    Cursor,
    /// The parameter `updated_since` of that sync. Missing if it reads everything.
    Since,
    /// When that sync began.
    Began,
    /// The number of pages that it has read.
    Pages,
    /// The number of entries that it has read.
    Entries,
    /// The parameter `updated_since` of the next sync.
    NextSince,
    /// When the last sync ended.
    Ended,
    /// The time before which the registry wants no request.
    Wait,
    /// The time before which a failed sync is not repeated unasked.
    Pause,
    /// A number that grows with every change of entries.
    Generation,
    /// What distinguishes the content of a mirror file without reading it.
    MirrorStamp,
    /// The digest of a mirror file.
    MirrorDigest,
}

impl Memo {
    const fn key(self) -> &'static str {
        match self {
            Self::Cursor => "cursor",
            Self::Since => "since",
            Self::Began => "began",
            Self::Pages => "pages",
            Self::Entries => "entries",
            Self::NextSince => "next_since",
            Self::Ended => "ended",
            Self::Wait => "wait",
            Self::Pause => "pause",
            Self::Generation => "generation",
            Self::MirrorStamp => "mirror_stamp",
            Self::MirrorDigest => "mirror_digest",
        }
    }

    pub(super) fn text(self, from: &Connection) -> Result<Option<String>, CopyError> {
        let mut statement = from.prepare_cached("SELECT value FROM memo WHERE key = ?1")?;
        Ok(statement.query_row([self.key()], |row| row.get(0)).optional()?)
    }

    /// Returns a number. 0 if it is not set.
    pub(super) fn number(self, from: &Connection) -> Result<u64, CopyError> {
        Ok(self.text(from)?.and_then(|text| text.parse().ok()).unwrap_or_default())
    }

    pub(super) fn set(self, to: &Connection, value: impl ToString) -> Result<(), CopyError> {
        let mut statement = to.prepare_cached("INSERT OR REPLACE INTO memo (key, value) VALUES (?1, ?2)")?;
        statement.execute([self.key(), &value.to_string()])?;
        Ok(())
    }

    pub(super) fn clear(self, from: &Connection) -> Result<(), CopyError> {
        from.prepare_cached("DELETE FROM memo WHERE key = ?1")?.execute([self.key()])?;
        Ok(())
    }
}
