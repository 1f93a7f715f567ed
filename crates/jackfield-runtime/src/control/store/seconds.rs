//! Times in the database, as seconds since 1970.

use rusqlite::Row;

/// Converts seconds to the integer type of SQLite.
pub(crate) fn signed(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

/// Returns the seconds in a column.
///
/// # Errors
/// Returns an error if the column is not an integer.
pub(crate) fn unsigned(row: &Row<'_>, column: &str) -> Result<u64, rusqlite::Error> {
    row.get::<_, i64>(column).map(|seconds| u64::try_from(seconds).unwrap_or_default())
}
