//! Tests the keyring of a real session: gnome-keyring with its own message bus. The test is skipped if either is not
//! installed.

use std::env;
use std::io::Write as _;
use std::process::{Command, Stdio};

use jackfield_vault::{Key, Place, Source, Vault};

use crate::skipped::skipped;
use crate::{got, passphrase, refusal, secret};

const FOLDER: &str = "VAULT_TEST_KEYRING_FOLDER";

/// Runs the child test below in a session that has a keyring.
#[test]
fn session_keyring_keeps_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let there = |name: &str| Command::new(name).arg("--version").stdout(Stdio::null()).status().is_ok();
    if !there("dbus-run-session") || !there("gnome-keyring-daemon") {
        skipped("dbus-run-session or gnome-keyring-daemon is not installed");
        return;
    }
    let script = "gnome-keyring-daemon --unlock --components=secrets >&2 && exec \"$0\" keyring::child_process_uses_the_session_keyring --exact --nocapture";
    let mut child = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", script])
        .arg(env::current_exe().unwrap())
        .env(FOLDER, folder.path().join("vault"))
        // The daemon stores its files in these folders, and finds no other keyrings.
        .env("HOME", folder.path())
        .env("XDG_DATA_HOME", folder.path().join("data"))
        .env("XDG_RUNTIME_DIR", folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"login").unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("the keyring stored the key"), "{said}");
}

/// Is not a test by itself: the test above runs it in the session.
#[test]
fn child_process_uses_the_session_keyring() {
    let Ok(folder) = env::var(FOLDER) else { return };
    let place = Place::new(folder);
    // `Key::Any` uses the keyring if there is one.
    let mut vault = Vault::create(&place, Key::Any).unwrap();
    assert_eq!(vault.source().unwrap(), Source::Keyring);
    vault.put("a", &secret("x")).unwrap();
    assert_eq!(got(&Vault::open(&place, Key::Any).unwrap(), "a").unwrap(), "x");
    assert_eq!(got(&Vault::open(&place, Key::Keyring).unwrap(), "a").unwrap(), "x");
    let said = refusal(Vault::open(&place, passphrase("right")));
    assert!(said.contains("comes from the keyring of the system, not from a passphrase"), "{said}");

    // Rotates from one keyring entry to another. The old entry is removed, so an old copy of the file can no
    // longer be opened.
    let old = std::fs::read(place.file()).unwrap();
    let rotation = vault.rotate(Key::Keyring).unwrap();
    assert!(rotation.left.is_none() && rotation.unneeded.is_empty());
    assert_eq!(got(&Vault::open(&place, Key::Any).unwrap(), "a").unwrap(), "x");
    let new = std::fs::read(place.file()).unwrap();
    std::fs::write(place.file(), old).unwrap();
    let said = refusal(Vault::open(&place, Key::Any));
    assert!(said.contains("comes from the keyring") && said.contains("unlock"), "{said}");
    std::fs::write(place.file(), new).unwrap();

    // Rotates from the keyring to another source and back.
    assert!(vault.rotate(passphrase("right")).unwrap().left.is_none());
    assert!(vault.rotate(Key::Any).unwrap().left.is_none());
    assert_eq!(vault.source().unwrap(), Source::Keyring);
    assert_eq!(got(&vault, "a").unwrap(), "x");
    println!("the keyring stored the key");
}
