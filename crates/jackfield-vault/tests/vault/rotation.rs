//! Tests the rotation to another key, including interrupted and concurrent rotations.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use jackfield_vault::{Key, Place, Source, Vault};

use crate::{got, new_vault, passphrase, place, refusal, secret};

fn key_files(place: &Place) -> Vec<PathBuf> {
    let entries = fs::read_dir(place.folder()).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("key-")).collect()
}

#[test]
fn key_can_be_rotated_between_all_sources() {
    let (folder, place) = place();
    let file = || Key::File(folder.path().join("key"));
    let mut vault = Vault::create(&place, Key::Beside).unwrap();
    for at in 0..20 {
        vault.put(&format!("record {at}"), &secret(&format!("secret {at}"))).unwrap();
    }
    for (to, source, beside, unneeded) in [
        (Key::Beside, Source::File, 1, 0),
        (passphrase("first"), Source::Passphrase, 0, 0),
        (passphrase("second"), Source::Passphrase, 0, 0),
        // Even an equal passphrase results in another key, because the salt differs.
        (passphrase("second"), Source::Passphrase, 0, 0),
        (file(), Source::File, 0, 0),
        (Key::Beside, Source::File, 1, 1),
        (passphrase("third"), Source::Passphrase, 0, 0),
    ] {
        let before = fs::read_to_string(place.file()).unwrap();
        let rotation = vault.rotate(to.clone()).unwrap();
        assert!(rotation.left.is_none());
        assert_eq!(rotation.unneeded.len(), unneeded, "{:?}", rotation.unneeded);
        assert_eq!(vault.source().unwrap(), source);
        assert_eq!(key_files(&place).len(), beside);
        let after = fs::read_to_string(place.file()).unwrap();
        // Only the id of the vault stays unchanged.
        for line in before.lines().filter(|line| line.starts_with("record ") || line.starts_with("key ")) {
            assert!(!after.contains(line));
        }
        for vault in [&vault, &Vault::open(&place, to).unwrap()] {
            for at in 0..20 {
                assert_eq!(got(vault, &format!("record {at}")).unwrap(), format!("secret {at}"));
            }
            vault.put("a", &secret("x")).unwrap();
        }
    }
    assert!(refusal(Vault::open(&place, passphrase("second"))).contains("is not the key of the vault"));
    assert!(refusal(Vault::open(&place, Key::Any)).contains("JACKFIELD_VAULT_PASSPHRASE"));
}

#[test]
fn rotation_to_the_same_key_is_refused() {
    let (folder, place) = place();
    let key = Key::File(folder.path().join("key"));
    let mut vault = Vault::create(&place, key.clone()).unwrap();
    let before = fs::read(place.file()).unwrap();
    assert!(refusal(vault.rotate(key)).contains("already has this key"));
    assert!(refusal(vault.rotate(passphrase(""))).contains("empty"));
    assert_eq!(fs::read(place.file()).unwrap(), before);
}

#[test]
fn open_vault_reads_and_writes_after_a_rotation() {
    let (_folder, place, mut vault) = new_vault();
    let other = Vault::open(&place, Key::Any).unwrap();
    vault.put("a", &secret("x")).unwrap();
    vault.rotate(Key::Beside).unwrap();
    assert_eq!(got(&other, "a").unwrap(), "x");
    other.put("b", &secret("y")).unwrap();
    assert_eq!(got(&vault, "b").unwrap(), "y");
    // An open vault does not keep a passphrase, so it cannot open the file after a rotation.
    vault.rotate(passphrase("right")).unwrap();
    assert!(refusal(other.get("a")).contains("set JACKFIELD_VAULT_PASSPHRASE"));
    let other = Vault::open(&place, passphrase("right")).unwrap();
    vault.rotate(passphrase("right")).unwrap();
    assert!(refusal(other.get("a")).contains("open it again"));
    assert!(refusal(other.put("a", &secret("y"))).contains("open it again"));
    assert_eq!(got(&vault, "a").unwrap(), "x");
}

#[test]
fn concurrent_rotations_writes_and_reads_succeed() {
    let (_folder, place, mut vault) = new_vault();
    vault.put("fixed", &secret("fixed")).unwrap();
    let done = AtomicBool::new(false);
    let written = AtomicUsize::new(0);
    thread::scope(|scope| {
        let writers: Vec<_> = (0..2)
            .map(|writer| {
                let (place, written) = (&place, &written);
                scope.spawn(move || {
                    let vault = Vault::open(place, Key::Any).unwrap();
                    for at in 0..40 {
                        vault.put(&format!("{writer}/{at}"), &secret("x")).unwrap();
                        written.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                // The vault is opened again each time, so that it is also opened while a key is being removed.
                let vault = Vault::open(&place, Key::Any).unwrap();
                assert_eq!(got(&vault, "fixed").unwrap(), "fixed");
            }
        });
        while !writers.iter().all(thread::ScopedJoinHandle::is_finished) {
            let before = written.load(Ordering::Relaxed);
            vault.rotate(Key::Beside).unwrap();
            // Each rotation is followed by at least one write. Locks are not granted in order, so the writers would hardly get the lock
            // without this pause.
            while written.load(Ordering::Relaxed) == before
                && !writers.iter().all(thread::ScopedJoinHandle::is_finished)
            {
                thread::yield_now();
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(vault.names().unwrap().len(), 81);
    assert_eq!(key_files(&place).len(), 1);
}

/// Recreates the files that exist before and after the rename, including the keys at that moment.
#[test]
fn rotation_interrupted_at_any_step_leaves_a_readable_vault() {
    let (_folder, place, mut vault) = new_vault();
    vault.put("a", &secret("x")).unwrap();
    let old = (fs::read(place.file()).unwrap(), key_files(&place).remove(0));
    let old_key = fs::read(&old.1).unwrap();
    vault.rotate(Key::Beside).unwrap();
    let new = (fs::read(place.file()).unwrap(), key_files(&place).remove(0));
    let keep = |path: &PathBuf, bytes: &[u8]| {
        fs::write(path, bytes).unwrap();
        #[cfg(unix)]
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    };
    let unfinished = place.folder().join(format!(".new-{}", "0".repeat(32)));
    keep(&old.1, &old_key);
    // Before the rename there are the old file, both keys, and possibly a part of the new file.
    for part in [None, Some(&new.0[..40]), Some(&new.0)] {
        fs::write(place.file(), &old.0).unwrap();
        part.iter().for_each(|part| keep(&unfinished, part));
        let vault = Vault::open(&place, Key::Any).unwrap();
        assert_eq!(got(&vault, "a").unwrap(), "x");
        vault.put("b", &secret("y")).unwrap();
        assert!(!unfinished.exists(), "the next writer removes it");
        assert!(old.1.exists() && new.1.exists(), "writers keep all keys");
    }
    // After the rename there are the new file and both keys.
    fs::write(place.file(), &new.0).unwrap();
    let mut vault = Vault::open(&place, Key::Any).unwrap();
    assert_eq!(got(&vault, "a").unwrap(), "x");
    // The next rotation lists the key file that is no longer needed.
    let rotation = vault.rotate(Key::Beside).unwrap();
    assert_eq!(rotation.unneeded, [old.1.canonicalize().unwrap()]);
    assert_eq!(got(&vault, "a").unwrap(), "x");
}
