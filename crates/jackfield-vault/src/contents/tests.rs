use super::*;

const ID: &str = "00112233445566778899aabbccddeeff";

fn key() -> VaultKey {
    VaultKey::from_text(&"5a".repeat(32)).unwrap()
}

fn contents(vault: &str) -> Contents {
    let key_line = KeyLine::parse(&format!("file {}", key().id())).unwrap();
    let mut contents = Contents::new(Head { vault: vault.to_owned(), key: key_line });
    contents.put(&key(), "a", &Secret::new("one".to_owned())).unwrap();
    contents.put(&key(), "b", &Secret::new("two".to_owned())).unwrap();
    contents
}

/// Formats the contents with a valid `seal` line, parses the result, and returns whether the record `name` can be decrypted. The
/// valid seal does not make a moved record decryptable.
fn opens(contents: &Contents, name: &str) -> bool {
    let text = contents.render(&key()).unwrap();
    let Ok(read) = Unopened::parse(text.as_bytes()) else { panic!("not a vault") };
    let Ok(read) = read.open(&key()) else { panic!("the seal does not match") };
    read.get(&key(), name).is_ok()
}

#[test]
fn record_renamed_in_the_file_is_not_decrypted() {
    let mut contents = contents(ID);
    assert!(opens(&contents, "a"));
    let moved = contents.records["a"].clone();
    contents.records.insert("b".to_owned(), moved);
    assert!(opens(&contents, "a"));
    assert!(!opens(&contents, "b"));
}

#[test]
fn record_of_another_vault_is_not_decrypted() {
    let other = contents(&ID.replace('0', "1"));
    let mut contents = contents(ID);
    contents.records.insert("a".to_owned(), other.records["a"].clone());
    assert!(!opens(&contents, "a"));
    assert!(opens(&contents, "b"));
}

#[test]
fn tag_of_the_seal_line_is_not_accepted_as_a_record() {
    let mut contents = contents(ID);
    let text = contents.render(&key()).unwrap();
    let Ok(read) = Unopened::parse(text.as_bytes()) else { panic!("not a vault") };
    contents.records.insert("a".to_owned(), read.seal);
    assert!(!opens(&contents, "a"));
}

#[test]
fn every_encryption_uses_a_different_nonce() {
    let mut nonces = std::collections::BTreeSet::new();
    for _ in 0..1000 {
        nonces.insert(key().seal(b"", b"").unwrap().nonce);
    }
    assert_eq!(nonces.len(), 1000);
}

/// Limits apply even before the `seal` line is verified.
#[test]
fn records_beyond_the_limits_are_refused() {
    let record = |name: &str, length: usize| {
        format!("record {} {} {name}\n", "0".repeat(2 * NONCE), "0".repeat(2 * length))
    };
    let names = |count: usize| (0..count).map(|at| record(&at.to_string(), TAG)).collect::<String>();
    assert!(parse_records("").is_ok());
    assert!(parse_records(&record("a", TAG + LONGEST_SECRET)).is_ok());
    assert!(parse_records(&names(MOST_RECORDS)).is_ok());
    for wrong in [
        names(MOST_RECORDS + 1),
        record("a", TAG).repeat(2),
        record("a", TAG - 1),
        record("a", TAG + LONGEST_SECRET + 1),
        record("", TAG),
        record("a\tb", TAG),
        record(&"a".repeat(LONGEST_NAME + 1), TAG),
        record("a", TAG).replace("record", "Record"),
        "\n".to_owned(),
    ] {
        assert!(parse_records(&wrong).is_err(), "{wrong:.200}");
    }
}
