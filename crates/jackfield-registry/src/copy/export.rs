//! Writes all entries of a copy.

use std::io::{self, Write};

use super::error::CopyError;
use super::local::LocalCopy;

/// The reason why a copy was not written.
#[derive(Debug)]
pub enum ExportError {
    /// The copy cannot be read.
    Copy(CopyError),
    /// The entries cannot be written.
    Write(io::Error),
}

impl std::fmt::Display for ExportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Copy(error) => error.fmt(f),
            Self::Write(error) => write!(f, "the entries cannot be written: {error}"),
        }
    }
}

impl std::error::Error for ExportError {}

impl From<rusqlite::Error> for ExportError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Copy(error.into())
    }
}

impl LocalCopy {
    /// Writes all entries as JSON, one per line, in the order of their names. The lines are a mirror file. Returns their number.
    ///
    /// # Errors
    /// Returns an error if the copy cannot be read, or the lines cannot be written.
    pub fn export(&self, to: &mut impl Write) -> Result<u64, ExportError> {
        let mut statement =
            self.connection.prepare_cached("SELECT document FROM entries ORDER BY name, version")?;
        let mut rows = statement.query([])?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            let document = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
            writeln!(to, "{document}").map_err(ExportError::Write)?;
            count += 1;
        }
        to.flush().map_err(ExportError::Write)?;
        Ok(count)
    }
}
