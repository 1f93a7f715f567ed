//! A vault on a disk: what is kept, what is noticed, what is refused.
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

/// A folder of its own for each test, and a place in it.
fn place() -> (TempDir, Place) {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path().join("vault"));
    (folder, place)
}

/// A passphrase that costs nothing to stretch.
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

/// What an operation said that had to fail.
fn refusal<T>(result: Result<T, jackfield_vault::Error>) -> String {
    match result {
        Ok(_) => panic!("it was not refused"),
        Err(error) => error.to_string(),
    }
}
