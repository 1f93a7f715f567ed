//! Tests that stored records can be read back, and that the files reveal no secrets.

use std::fs;

use jackfield_vault::{Key, LONGEST_NAME, LONGEST_SECRET, Source, Vault, Version};

use crate::{got, new_vault, passphrase, place, refusal, secret};

#[test]
fn stored_secret_can_be_read_back() {
    for key in [Key::Beside, passphrase("correct horse")] {
        let (_folder, place) = place();
        let vault = Vault::create(&place, key.clone()).unwrap();
        assert_eq!(vault.names().unwrap(), [""; 0]);
        vault.put("bookshop/bookshopToken/token", &secret("first")).unwrap();
        vault.put("bookshop/bookshopToken/token", &secret("second")).unwrap();
        vault.put("a name with spaces, \"quotes\" and é ", &secret("")).unwrap();

        let vault = Vault::open(&place, key).unwrap();
        assert_eq!(got(&vault, "bookshop/bookshopToken/token").unwrap(), "second");
        assert_eq!(got(&vault, "a name with spaces, \"quotes\" and é ").unwrap(), "");
        assert_eq!(got(&vault, "bookshop"), None);
        assert_eq!(
            vault.names().unwrap(),
            ["a name with spaces, \"quotes\" and é ", "bookshop/bookshopToken/token"]
        );
        assert!(vault.remove("bookshop/bookshopToken/token").unwrap());
        assert!(!vault.remove("bookshop/bookshopToken/token").unwrap());
        assert_eq!(got(&vault, "bookshop/bookshopToken/token"), None);
    }
}

#[test]
fn names_and_secrets_over_the_limit_are_refused() {
    let (_folder, _place, vault) = new_vault();
    let (name, text) = ("n".repeat(LONGEST_NAME), "s".repeat(LONGEST_SECRET));
    vault.put(&name, &secret(&text)).unwrap();
    assert_eq!(got(&vault, &name).unwrap(), text);
    assert!(refusal(vault.put("a", &secret(&"s".repeat(LONGEST_SECRET + 1)))).contains("64 KiB"));
    for name in [&"n".repeat(LONGEST_NAME + 1), "", "a\nb", "a\u{85}b"] {
        assert!(refusal(vault.put(name, &secret("x"))).contains("the name of a record"));
        assert!(refusal(vault.get(name)).contains("the name of a record"));
    }
    assert_eq!(vault.names().unwrap(), [name]);
}

#[test]
fn vault_refuses_new_records_before_its_file_is_too_large_to_read() {
    let (_folder, _place, vault) = new_vault();
    let text = secret(&"s".repeat(LONGEST_SECRET));
    let put = |at| vault.put(&format!("record {at}"), &text);
    let (at, full) = (0..100).find_map(|at| Some((at, put(at).err()?))).unwrap();
    assert!(full.to_string().contains("2 MiB"));
    assert_eq!(vault.names().unwrap().len(), at);
    assert_eq!(got(&vault, "record 0").unwrap(), text.expose());
}

#[test]
fn vault_files_do_not_contain_secrets_in_plain_text() {
    let (_folder, place) = place();
    let vault = Vault::create(&place, passphrase("correct horse")).unwrap();
    vault.put("shop/token", &secret("hunter2hunter2")).unwrap();
    for entry in fs::read_dir(place.folder()).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap().to_lowercase();
        // The secrets are searched as plain text, as hexadecimal digits, and as base64 at each offset.
        for secret in ["hunter2", "68756e74657232", "ahvudgvym", "1bnrlcj", "odw50zxiy", "correct horse"] {
            assert!(!text.contains(secret), "{} contains {secret}", path.display());
        }
    }
    // Every write uses a new nonce, even if the secret is the same.
    let record = || fs::read_to_string(place.file()).unwrap().lines().nth(3).unwrap().to_owned();
    let before = record();
    vault.put("shop/token", &secret("hunter2hunter2")).unwrap();
    assert_ne!(before, record());
}

#[test]
fn existing_vault_is_not_created_again() {
    let (_folder, place) = place();
    assert!(refusal(Vault::open(&place, Key::Any)).contains("there is no vault"));
    let vault = Vault::open_or_create(&place, Key::Beside).unwrap();
    vault.put("a", &secret("x")).unwrap();
    assert!(refusal(Vault::create(&place, Key::Beside)).contains("already"));
    assert_eq!(got(&Vault::open_or_create(&place, Key::Any).unwrap(), "a").unwrap(), "x");
    assert_eq!(vault.source().unwrap(), Source::File);
    // There is still only one key file.
    let keys = fs::read_dir(place.folder())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("key-"));
    assert_eq!(keys.count(), 1);
    // If the file of an open vault disappears, operations fail. They do not treat the vault as empty.
    fs::remove_file(place.file()).unwrap();
    assert!(refusal(vault.get("a")).contains("there is no vault"));
    assert!(refusal(vault.put("a", &secret("y"))).contains("there is no vault"));
    assert!(!place.file().exists());
}

#[test]
fn vault_folder_may_be_a_symlink() {
    let (folder, place) = place();
    Vault::create(&place, Key::Beside).unwrap().put("a", &secret("x")).unwrap();
    #[cfg(unix)]
    {
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(place.folder(), &link).unwrap();
        let vault = Vault::open(&jackfield_vault::Place::new(&link), Key::Any).unwrap();
        // The link is resolved once, so a later change of the link has no effect.
        fs::remove_file(&link).unwrap();
        assert_eq!(got(&vault, "a").unwrap(), "x");
    }
    drop(folder);
}

/// The runtime needs these types to be `Send + Sync + 'static`.
#[test]
fn vault_types_are_send_and_sync() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Vault>();
    shared::<jackfield_vault::Guard>();
    shared::<jackfield_vault::Error>();
}

#[test]
fn version_of_a_vault_file_changes_only_with_writes() {
    let (_folder, place) = place();
    assert!(Version::of(&place).unwrap().is_none(), "there is no vault yet");
    let vault = Vault::create(&place, Key::Beside).unwrap();
    let mut known = vec![Version::of(&place).unwrap().unwrap()];
    let mut changes = |is_new: bool, after: &str| {
        let now = Version::of(&place).unwrap().unwrap();
        assert_eq!(!known.contains(&now), is_new, "{after}");
        known.push(now);
    };
    vault.get("shop/token").unwrap();
    changes(false, "a read");
    vault.put("shop/token", &secret("one")).unwrap();
    changes(true, "a write");
    vault.put("shop/token", &secret("one")).unwrap();
    changes(true, "writing the same secret again");
    vault.remove("shop/other").unwrap();
    changes(false, "removing a missing record");
    vault.remove("shop/token").unwrap();
    changes(true, "a removal");
}

#[test]
fn put_if_absent_keeps_the_secret_that_was_stored_first() {
    let (_folder, place, vault) = new_vault();
    assert_eq!(vault.put_if_absent("a", &secret("one")).unwrap().expose(), "one");
    let other = Vault::open(&place, Key::Beside).unwrap();
    assert_eq!(other.put_if_absent("a", &secret("two")).unwrap().expose(), "one");
    assert_eq!(got(&vault, "a").as_deref(), Some("one"));
    let names: Vec<String> = (0..8).map(|at| at.to_string()).collect();
    let stored: Vec<String> = std::thread::scope(|scope| {
        let put = |name: &str| {
            let vault = Vault::open(&place, Key::Beside).unwrap();
            vault.put_if_absent("b", &secret(name)).unwrap().expose().to_owned()
        };
        let threads: Vec<_> = names.iter().map(|name| scope.spawn(move || put(name))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(stored.iter().all(|text| Some(text) == got(&vault, "b").as_ref()), "{stored:?}");
}
