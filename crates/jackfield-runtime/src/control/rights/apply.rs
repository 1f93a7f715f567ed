//! Checks and stores rights for another program, such as the gateway for its agents.

use std::path::Path;

use super::document::RightsDocument;
use super::error::RightsError;
use super::stored;
use crate::common::clock::Clock;
use crate::control::store::error::StoreError;
use crate::control::store::sqlite::SqliteStore;

/// Checks a rights document.
///
/// # Errors
/// Returns the first problem in the document.
pub fn check_rights(document: &str) -> Result<(), RightsError> {
    RightsDocument::parse(document).map(drop)
}

/// Stores a rights document in the state folder, so that it is in force. Returns whether the stored document changed.
///
/// # Errors
/// Returns an error if the document is invalid, or if the state cannot be written.
pub fn apply_rights(folder: &Path, document: &str) -> Result<bool, StoreError> {
    check_rights(document)
        .map_err(|error| StoreError::Database(format!("the rights are invalid: {error}")))?;
    let store = SqliteStore::open(folder)?;
    let current = stored::latest(&store)?.and_then(|stored| stored.document);
    if current.as_deref() == Some(document) {
        return Ok(false);
    }
    stored::replace(&store, Some(document), Clock::of_machine().seconds())?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_rights_are_replaced_only_by_a_different_document() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("gateway");
        let document = "[[rule]]\nprincipals = [\"local\"]\neffects = \"read\"\n";
        assert_eq!(apply_rights(&folder, document), Ok(true));
        assert_eq!(apply_rights(&folder, document), Ok(false));
        assert!(apply_rights(&folder, "[[rule]]\nprincipals = [\"local\"]\n").is_err());
        let other = document.replace("read", "write");
        assert_eq!(apply_rights(&folder, &other), Ok(true));
    }
}
