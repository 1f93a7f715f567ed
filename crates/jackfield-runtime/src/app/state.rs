//! Opens the store of a connector's state, for its commands and its server.

use std::path::PathBuf;

use super::output::Failure;
use crate::auth::LocalSource;
use crate::control::store::folder::folder_of;
use crate::control::store::sqlite::SqliteStore;

/// Returns the folder of the connector's state.
pub(super) fn folder(local: &LocalSource) -> Result<PathBuf, Failure> {
    folder_of(local.connector().name, local.store().environment()).map_err(failed)
}

/// Opens the store, and creates it if it does not exist.
pub(super) fn store(local: &LocalSource) -> Result<SqliteStore, Failure> {
    SqliteStore::open(&folder(local)?).map_err(failed)
}

/// Converts an error of the store to the failure of a command.
pub(super) fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::failed(error.to_string())
}
