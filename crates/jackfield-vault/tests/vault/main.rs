//! Tests a vault on disk.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod damage;
#[cfg(all(feature = "keyring", target_os = "linux"))]
mod keyring;
mod keys;
#[cfg(unix)]
mod permissions;
mod processes;
mod rotation;
mod round_trip;
#[cfg(unix)]
#[path = "../../../jackfield-testkit/src/skipped.rs"]
mod skipped;
mod version_1;

use jackfield_vault::{Cost, Key, Place, Secret, Vault};
use tempfile::TempDir;

/// Creates a temporary folder, and returns it with the path of a vault in it.
fn place() -> (TempDir, Place) {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path().join("vault"));
    (folder, place)
}

/// Creates a vault whose key is in the same folder.
fn new_vault() -> (TempDir, Place, Vault) {
    let (folder, place) = place();
    let vault = Vault::create(&place, Key::Beside).unwrap();
    (folder, place, vault)
}

/// Returns a passphrase with the minimum cost.
fn passphrase(text: &str) -> Key {
    let cost = Cost { memory: 8, passes: 1, lanes: 1 };
    Key::Passphrase { passphrase: secret(text), cost }
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn got(vault: &Vault, name: &str) -> Option<String> {
    vault.get(name).unwrap().map(|secret| secret.expose().to_owned())
}

/// Returns the message of an operation that has to fail.
fn refusal<T>(result: Result<T, jackfield_vault::Error>) -> String {
    match result {
        Ok(_) => panic!("the operation succeeded"),
        Err(error) => error.to_string(),
    }
}
