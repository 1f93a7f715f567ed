//! Tests that a vault is refused, and never overwritten, if another program has changed it.

use std::fs;

use jackfield_vault::{Key, Place, Vault};

use crate::{got, passphrase, place, refusal, secret};

/// Creates a vault with three records for each source of keys that is available in tests.
fn vaults() -> Vec<(tempfile::TempDir, Place, Vault, Key)> {
    let kinds = [(Key::Beside, Key::Any), (passphrase("horse"), passphrase("horse"))];
    let made = kinds.into_iter().map(|(new, open)| {
        let (folder, place) = place();
        let vault = Vault::create(&place, new).unwrap();
        for (name, text) in [("a", "one"), ("shop/token", "two"), ("z", "")] {
            vault.put(name, &secret(text)).unwrap();
        }
        (folder, place, vault, open)
    });
    made.collect()
}

/// Asserts that every operation refuses the file with a message, and leaves it unchanged.
fn refused(place: &Place, vault: &Vault, key: &Key, bytes: &[u8]) {
    fs::write(place.file(), bytes).unwrap();
    for said in [
        refusal(vault.get("shop/token")),
        refusal(vault.get("nothing")),
        refusal(vault.names()),
        refusal(vault.put("shop/token", &secret("three"))),
        refusal(vault.remove("nothing")),
        refusal(Vault::open(place, key.clone())),
        refusal(Vault::open_or_create(place, key.clone())),
    ] {
        assert!(said.contains("vault"), "{said}");
        assert!(!["one", "two", "three", "horse"].iter().any(|secret| said.contains(&format!("`{secret}"))));
    }
    assert_eq!(fs::read(place.file()).unwrap(), bytes, "the file was changed");
}

#[test]
fn truncated_vault_is_refused_at_every_length() {
    for (_folder, place, vault, key) in vaults() {
        let whole = fs::read(place.file()).unwrap();
        for length in 0..whole.len() {
            refused(&place, &vault, &key, &whole[..length]);
        }
        fs::write(place.file(), &whole).unwrap();
        assert_eq!(got(&vault, "shop/token").unwrap(), "two");
    }
}

#[test]
fn vault_with_one_flipped_bit_is_refused() {
    for (_folder, place, vault, key) in vaults() {
        let mut bytes = fs::read(place.file()).unwrap();
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            refused(&place, &vault, &key, &bytes);
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        fs::write(place.file(), &bytes).unwrap();
        assert_eq!(got(&vault, "shop/token").unwrap(), "two");
    }
}

#[test]
fn vault_with_moved_lines_is_refused() {
    for (_folder, place, vault, key) in vaults() {
        let whole = fs::read_to_string(place.file()).unwrap();
        let lines: Vec<&str> = whole.lines().collect();
        let text = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
        for at in 0..lines.len() {
            let mut without = lines.clone();
            without.remove(at);
            refused(&place, &vault, &key, text(&without).as_bytes());
            let mut twice = lines.clone();
            twice.insert(at, lines[at]);
            refused(&place, &vault, &key, text(&twice).as_bytes());
            let mut swapped = lines.clone();
            swapped.swap(at, (at + 1) % lines.len());
            refused(&place, &vault, &key, text(&swapped).as_bytes());
        }
        for text in [format!("{whole}\n"), format!("\n{whole}"), whole.replace('\n', "\r\n"), whole.repeat(2)]
        {
            refused(&place, &vault, &key, text.as_bytes());
        }
    }
}

#[test]
fn file_of_another_vault_is_refused() {
    let (mine, other) = (vaults().remove(0), vaults().remove(0));
    // Only the file is copied, so the key that the file names does not exist in this folder.
    refused(&mine.1, &mine.2, &Key::Any, &fs::read(other.1.file()).unwrap());
    // The other vault has the same source of keys. The open vault reports that its key was changed.
    let (mine, other) = (vaults().remove(1), vaults().remove(1));
    fs::copy(other.1.file(), mine.1.file()).unwrap();
    assert!(refusal(mine.2.get("shop/token")).contains("open it again"));
}

#[test]
fn vault_of_a_newer_format_is_refused_and_left_unchanged() {
    for (_folder, place, vault, key) in vaults() {
        let whole = fs::read(place.file()).unwrap();
        let mut newer = whole.clone();
        newer[b"jackfield vault ".len()] = b'2';
        refused(&place, &vault, &key, &newer);
        refused(&place, &vault, &key, b"jackfield vault 70\n\xff\x00");
        let said = refusal(vault.get("shop/token"));
        assert!(said.contains("has format 70, but this program only reads format 1"), "{said}");
        refused(&place, &vault, &key, b"jackfield vault 99999999999\n");
    }
}

#[test]
fn hostile_vault_file_is_refused_in_bounded_time() {
    let (_folder, place, vault, key) = vaults().remove(1);
    let whole = fs::read_to_string(place.file()).unwrap();
    let mut large = whole.clone().into_bytes();
    large.resize(3 * 1024 * 1024, b'\n');
    refused(&place, &vault, &key, &large);
    for cost in [
        "argon2id 262145 1 1 ",
        "argon2id 4294967295 1 1 ",
        "argon2id 8 17 1 ",
        "argon2id 8 1 2 ",
        "argon2id 8 0 1 ",
    ] {
        refused(&place, &vault, &key, whole.replace("argon2id 8 1 1 ", cost).as_bytes());
        assert!(refusal(vault.names()).contains("the source of the key"), "{cost}");
    }
}
