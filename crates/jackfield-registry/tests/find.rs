//! Servers are found by words, also in another process.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use jackfield_registry::{LocalCopy, Poll, Scope};
use jackfield_testkit::{RegistryItem, generated_items};
use serde_json::json;
use support::{Site, item};

fn library() -> Site {
    let time = "2026-01-01T00:00:00Z";
    let mut items = generated_items(300, 9);
    items.push(item("com.stripe/mcp", "1.0.0", time, &json!({})));
    items.push(RegistryItem::of(&json!({ "server": {
        "name": "io.github.ada/ledger", "title": "Double entry", "description": "Bookkeeping für Größen 請求書", "version": "1.0.0",
        "remotes": [{ "type": "streamable-http", "url": "https://ledger.example.com/mcp" }],
    } })));
    Site::new(items)
}

#[test]
fn server_is_found_by_name_title_description_and_package() {
    let site = library();
    let mut copy = site.copy();
    site.sync(&mut copy, Poll::IfDue, 0).unwrap();
    for (words, name) in [
        ("stripe", "com.stripe/mcp"),
        ("double entry", "io.github.ada/ledger"),
        ("bookkeping", "io.github.ada/ledger"),
        ("請求書", "io.github.ada/ledger"),
        ("größen bookkeeping", "io.github.ada/ledger"),
        ("ledger.example.com", "io.github.ada/ledger"),
    ] {
        let hits = copy.find(words, 3, Scope::Active).unwrap();
        assert_eq!(hits.first().map(|hit| hit.name.as_str()), Some(name), "{words}: {hits:?}");
        assert!(!hits[0].reason.is_empty());
    }
    let hit = &copy.find("ledger", 1, Scope::Active).unwrap()[0];
    assert_eq!(
        (hit.version.as_str(), hit.title.as_deref(), hit.kinds.as_slice()),
        ("1.0.0", Some("Double entry"), &["remote".to_owned()][..])
    );
    assert_eq!(copy.find("", 5, Scope::All).unwrap(), []);
    assert_eq!(copy.find("weather", 0, Scope::All).unwrap(), []);
    assert!(copy.find("weather forecast calendar", 1_000, Scope::All).unwrap().len() <= 50);
    assert_eq!(copy.nearest_name("com.stripe/mpc").unwrap().as_deref(), Some("com.stripe/mcp"));
}

#[test]
fn damaged_index_is_built_again() {
    let site = library();
    let mut copy = site.copy();
    site.sync(&mut copy, Poll::IfDue, 0).unwrap();
    let wanted = copy.find("weather invoices", 10, Scope::All).unwrap();
    assert!(!wanted.is_empty());
    let names = support::files(&site.copies());
    let index = site.copies().join(names.iter().find(|name| name.ends_with(".index")).unwrap());
    let sound = std::fs::read(&index).unwrap();
    for at in (0..sound.len()).step_by(sound.len() / 40) {
        let mut bytes = sound.clone();
        bytes[at] ^= 0xff;
        for damaged in [bytes, sound[..at].to_vec()] {
            std::fs::write(&index, damaged).unwrap();
            let copy = LocalCopy::open(&site.copies(), &site.address()).unwrap();
            assert_eq!(copy.find("weather invoices", 10, Scope::All).unwrap(), wanted, "{at}");
            assert_eq!(std::fs::read(&index).unwrap(), sound, "{at}");
        }
    }
    // Without the file, and with a folder in its place.
    std::fs::remove_file(&index).unwrap();
    assert_eq!(copy.find("weather invoices", 10, Scope::All).unwrap(), wanted);
    std::fs::remove_file(&index).unwrap();
    std::fs::create_dir(&index).unwrap();
    assert_eq!(copy.find("weather invoices", 10, Scope::All).unwrap(), wanted);
}

#[test]
fn copy_without_entries_finds_nothing() {
    let site = Site::new(Vec::new());
    let copy = site.copy();
    assert_eq!(copy.find("weather", 5, Scope::All).unwrap(), []);
    assert_eq!(copy.nearest_name("a.b/c").unwrap(), None);
}
