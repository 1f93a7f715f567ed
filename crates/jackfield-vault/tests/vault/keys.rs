//! Tests keys from files and passphrases, and wrong keys.

use std::fs;

use jackfield_vault::{Cost, Key, Source, Vault};

use crate::{got, passphrase, place, refusal, secret};

#[test]
fn wrong_and_missing_passphrase_have_different_errors() {
    let (_folder, place) = place();
    Vault::create(&place, passphrase("right")).unwrap();
    let said = refusal(Vault::open(&place, passphrase("wrong")));
    assert!(said.starts_with("the key from a passphrase is not the key of the vault"), "{said}");
    let said = refusal(Vault::open(&place, Key::Any));
    assert!(said.contains("comes from a passphrase: set JACKFIELD_VAULT_PASSPHRASE"), "{said}");
    assert!(refusal(Vault::create(&crate::place().1, passphrase(""))).contains("empty"));
}

#[test]
fn error_for_a_wrong_key_source_names_both_sources() {
    let (folder, place) = place();
    let file = folder.path().join("key");
    Vault::create(&place, passphrase("right")).unwrap();
    let said = refusal(Vault::open(&place, Key::File(file)));
    assert!(said.contains("comes from a passphrase, not from a key file"), "{said}");
    let said = refusal(Vault::open(&place, Key::Keyring));
    assert!(said.contains("comes from a passphrase, not from the keyring"), "{said}");

    let (_folder, place) = crate::place();
    Vault::create(&place, Key::Beside).unwrap();
    let said = refusal(Vault::open(&place, passphrase("right")));
    assert!(said.contains("comes from a key file, not from a passphrase: unset"), "{said}");
}

#[test]
fn stored_key_derivation_cost_overrides_the_given_cost() {
    let (_folder, place) = place();
    Vault::create(&place, passphrase("right")).unwrap().put("a", &secret("x")).unwrap();
    // The caller that opens the vault need not know the cost.
    let key = Key::passphrase(secret("right"));
    assert_eq!(got(&Vault::open(&place, key).unwrap(), "a").unwrap(), "x");
    for cost in [
        Cost { memory: 300_000, passes: 1, lanes: 1 },
        Cost { memory: 8, passes: 0, lanes: 1 },
        Cost { memory: 8, passes: 1, lanes: 2 },
    ] {
        let key = Key::Passphrase { passphrase: secret("x"), cost };
        assert!(refusal(Vault::create(&crate::place().1, key)).contains("outside the allowed range"));
    }
}

/// The default cost works, and the header of the file contains it.
#[test]
fn default_key_derivation_cost_is_written_to_the_file_header() {
    let (_folder, place) = place();
    Vault::create(&place, Key::passphrase(secret("right"))).unwrap().put("a", &secret("x")).unwrap();
    let head = fs::read_to_string(place.file()).unwrap();
    assert!(head.contains(" argon2id 65536 3 1 "), "{head}");
    assert_eq!(got(&Vault::open(&place, Key::passphrase(secret("right"))).unwrap(), "a").unwrap(), "x");
}

#[test]
fn key_file_outside_the_vault_folder_can_be_used() {
    let (folder, place) = place();
    let file = folder.path().join("key");
    let vault = Vault::create(&place, Key::File(file.clone())).unwrap();
    vault.put("a", &secret("x")).unwrap();
    assert_eq!(vault.source().unwrap(), Source::File);
    assert_eq!(got(&Vault::open(&place, Key::File(file.clone())).unwrap(), "a").unwrap(), "x");
    let said = refusal(Vault::open(&place, Key::Any));
    assert!(said.contains("does not exist") && said.contains("JACKFIELD_VAULT_KEY_FILE"), "{said}");
    // An existing key file is used unchanged, even by a second vault.
    let (_folder, second) = crate::place();
    Vault::create(&second, Key::File(file.clone())).unwrap();
    assert!(Vault::open(&second, Key::File(file)).is_ok());
}

#[test]
fn invalid_key_file_is_refused() {
    let (folder, place) = place();
    let file = folder.path().join("key");
    let vault = Vault::create(&place, Key::File(file.clone())).unwrap();
    drop(vault);
    let right = fs::read_to_string(&file).unwrap();
    for wrong in [
        "",
        "x",
        &right[1..],
        &right.to_uppercase().replace(|c: char| c.is_ascii_digit(), "A"),
        &right.repeat(100),
    ] {
        fs::write(&file, wrong).unwrap();
        let said = refusal(Vault::open(&place, Key::File(file.clone())));
        assert!(said.contains("64 hexadecimal digits"), "{said}");
    }
    fs::write(&file, "ab".repeat(32)).unwrap();
    let said = refusal(Vault::open(&place, Key::File(file.clone())));
    assert!(said.starts_with("the key from a key file is not the key"), "{said}");
    fs::write(&file, right.trim_end()).unwrap();
    assert!(Vault::open(&place, Key::File(file)).is_ok());
}
