//! Tests that files are refused if other users could read or replace them. The error contains the command that corrects the permissions.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use jackfield_vault::{Key, Place, Vault};

use crate::skipped::skipped;
use crate::{got, new_vault, refusal, secret};

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

/// Returns the key file in the folder of the vault.
fn key_file(place: &Place) -> std::path::PathBuf {
    let found = fs::read_dir(place.folder()).unwrap().find_map(|entry| {
        let entry = entry.unwrap();
        entry.file_name().to_string_lossy().starts_with("key-").then(|| entry.path())
    });
    found.unwrap()
}

/// Runs the command after the last colon of the error, as a user would do.
fn fix(said: &str) {
    let command = said.rsplit(": ").next().unwrap();
    assert!(Command::new("sh").args(["-c", command]).status().unwrap().success(), "{command}");
}

#[test]
fn new_vault_files_have_owner_only_permissions() {
    let (_folder, place, vault) = new_vault();
    vault.put("a", &secret("x")).unwrap();
    let _guard = vault.exclusive("a", Duration::ZERO).unwrap();
    assert_eq!(mode(place.folder()), 0o700);
    assert_eq!(mode(&place.folder().join("locks")), 0o700);
    let mut files = 0;
    for folder in [place.folder().to_owned(), place.folder().join("locks")] {
        for path in
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file())
        {
            assert_eq!(mode(&path), 0o600, "{}", path.display());
            files += 1;
        }
    }
    assert_eq!(files, 4, "records, key, lock, named lock");
}

#[test]
fn vault_file_that_other_users_can_read_is_refused() {
    let (_folder, place, vault) = new_vault();
    vault.put("a", &secret("x")).unwrap();
    for (path, loose) in [
        (place.file(), [0o640, 0o604, 0o620, 0o601]),
        (key_file(&place), [0o640, 0o604, 0o620, 0o601]),
        (place.folder().to_owned(), [0o770, 0o702, 0o730, 0o777]),
    ] {
        for loose in loose {
            chmod(&path, loose);
            let said = refusal(Vault::open(&place, Key::Any));
            assert!(said.contains("is open to other users") && said.contains("chmod go"), "{said}");
            assert!(Vault::create(&place, Key::Any).is_err());
            fix(&said);
            assert_eq!(got(&Vault::open(&place, Key::Any).unwrap(), "a").unwrap(), "x");
        }
    }
    chmod(&place.file(), 0o644);
    assert!(refusal(vault.get("a")).contains("chmod"));
    assert!(refusal(vault.put("a", &secret("y"))).contains("chmod"));
    chmod(&place.file(), 0o600);
    assert_eq!(got(&vault, "a").unwrap(), "x");
    // Other users may list the folder, because names are not secret and each file has its own permissions.
    chmod(place.folder(), 0o755);
    assert_eq!(got(&Vault::open(&place, Key::Any).unwrap(), "a").unwrap(), "x");
    // A user who can open the lock file can hold the lock.
    chmod(&place.folder().join("lock"), 0o666);
    assert!(refusal(vault.put("a", &secret("y"))).contains("chmod"));
}

#[test]
fn vault_files_that_are_links_or_pipes_are_refused() {
    let (folder, place, vault) = new_vault();
    vault.put("a", &secret("x")).unwrap();
    let key = key_file(&place);
    for path in [place.file(), key, place.folder().join("lock")] {
        let away = folder.path().join("away");
        fs::rename(&path, &away).unwrap();
        symlink(&away, &path).unwrap();
        let said = refusal(Vault::open(&place, Key::Any).and_then(|vault| vault.put("a", &secret("y"))));
        assert!(said.contains("is a link"), "{said}");
        // A dangling link is refused too, and no file is created at its target.
        fs::remove_file(&path).unwrap();
        symlink(folder.path().join("nowhere"), &path).unwrap();
        let said = refusal(Vault::open(&place, Key::Any).and_then(|vault| vault.put("a", &secret("y"))));
        assert!(said.contains("is a link"), "{said}");
        assert!(!folder.path().join("nowhere").exists());
        // Opening a pipe would block until the other end is opened.
        fs::remove_file(&path).unwrap();
        assert!(Command::new("mkfifo").arg("-m").arg("600").arg(&path).status().unwrap().success());
        let said = refusal(Vault::open(&place, Key::Any).and_then(|vault| vault.put("a", &secret("y"))));
        assert!(said.contains("is not a regular file"), "{said}");
        fs::remove_file(&path).unwrap();
        fs::rename(&away, &path).unwrap();
    }
    assert_eq!(got(&vault, "a").unwrap(), "x");
}

#[test]
fn vault_files_of_another_user_are_refused() {
    let (_folder, place, vault) = new_vault();
    vault.put("a", &secret("x")).unwrap();
    for path in [place.file(), key_file(&place), place.folder().to_owned()] {
        if let Err(error) = std::os::unix::fs::chown(&path, Some(12_345), None) {
            skipped(&format!("only root can give files to another user: {error}"));
            return;
        }
        let said = refusal(Vault::open(&place, Key::Any));
        assert!(said.contains("belongs to user 12345, and this program runs as user 0"), "{said}");
        std::os::unix::fs::chown(&path, Some(0), None).unwrap();
    }
    assert_eq!(got(&vault, "a").unwrap(), "x");
}
