//! Files with entries, for machines without network.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use std::path::{Path, PathBuf};

use jackfield_registry::{CopyError, LocalCopy, Poll, Scope};
use jackfield_testkit::generated_items;
use support::Site;
use tempfile::TempDir;

struct Mirror {
    folder: TempDir,
}

impl Mirror {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn write(&self, text: &str) -> PathBuf {
        let path = self.folder.path().join("mirror.json");
        std::fs::write(&path, text).unwrap();
        path
    }

    fn copies(&self) -> PathBuf {
        self.folder.path().join("copies")
    }

    /// Opens the copy. Returns it with the number of imported entries and of malformed ones.
    fn open(&self, file: &Path) -> Result<(LocalCopy, Option<(u64, u64)>), CopyError> {
        let (copy, imported) = LocalCopy::open_mirror(&self.copies(), file)?;
        Ok((copy, imported.map(|it| (it.entries, it.malformed))))
    }
}

fn texts(count: usize) -> Vec<String> {
    generated_items(count, 4).into_iter().map(|item| item.text).collect()
}

#[test]
fn mirror_of_each_form_has_the_same_entries() {
    let texts = texts(300);
    let page =
        |texts: &[String]| format!("{{\"servers\":[{}],\"metadata\":{{\"count\":1}}}}", texts.join(",\n"));
    let bare: Vec<String> = texts
        .iter()
        .map(|text| serde_json::from_str::<serde_json::Value>(text).unwrap()["server"].to_string())
        .collect();
    for (form, text) in [
        ("page", page(&texts)),
        ("array", format!("[{}]", texts.join(","))),
        ("lines", texts.join("\n")),
        ("lines of pages", format!("{}\n{}\n", page(&texts[..100]), page(&texts[100..]))),
        ("pages and entries", format!("{}\n{}", page(&texts[..299]), texts[299])),
        ("entries of server.json", format!("\u{feff}[{}]", bare.join(","))),
    ] {
        let mirror = Mirror::new();
        let (copy, imported) = mirror.open(&mirror.write(&text)).unwrap();
        assert_eq!(imported, Some((300, 0)), "{form}");
        assert_eq!(copy.state().unwrap().entries, 300, "{form}");
        assert!(!copy.find("weather forecast", 5, Scope::All).unwrap().is_empty(), "{form}");
    }
}

#[test]
fn mirror_is_imported_again_only_if_its_content_changes() {
    let (mirror, texts) = (Mirror::new(), texts(20));
    let file = mirror.write(&texts[..10].join("\n"));
    assert_eq!(mirror.open(&file).unwrap().1, Some((10, 0)));
    assert_eq!(mirror.open(&file).unwrap().1, None);
    // A new file with the same content.
    mirror.write(&texts[..10].join("\n"));
    assert_eq!(mirror.open(&file).unwrap().1, None);
    mirror.write(&texts[5..].join("\n"));
    let (copy, imported) = mirror.open(&file).unwrap();
    assert_eq!(imported, Some((15, 0)));
    assert_eq!(copy.state().unwrap().entries, 15, "entries that are gone are removed");
    // A file that cannot be read keeps the earlier copy.
    mirror.write("nonsense");
    assert!(mirror.open(&file).is_err());
    drop(copy);
    mirror.write(&texts[5..].join("\n"));
    assert_eq!(mirror.open(&file).unwrap().1, None);
}

#[test]
fn exported_copy_is_a_mirror_with_the_same_entries() {
    let site = Site::new(generated_items(2_000, 6));
    let mut copy = site.copy();
    site.sync(&mut copy, Poll::IfDue, 0).unwrap();
    let mut exported = Vec::new();
    assert_eq!(copy.export(&mut exported).unwrap(), 1_998);
    let mirror = Mirror::new();
    let (again, imported) =
        mirror.open(&mirror.write(&String::from_utf8(exported.clone()).unwrap())).unwrap();
    assert_eq!(imported, Some((1_998, 0)));
    let mut exported_again = Vec::new();
    again.export(&mut exported_again).unwrap();
    assert_eq!(exported, exported_again);
    for words in ["read invoices", "weather", "прогноз"] {
        let found = |copy: &LocalCopy| copy.find(words, 10, Scope::Active).unwrap();
        assert_eq!(found(&copy), found(&again), "{words}");
    }
}

#[test]
fn malformed_entries_of_a_mirror_are_skipped_and_described() {
    let mirror = Mirror::new();
    let mut lines = texts(5);
    lines.insert(1, "{\"server\":{\"name\":\"x\"}}".to_owned());
    lines.insert(3, format!("{{\"long\":\"{}\"}}", "x".repeat(300 * 1024)));
    lines.push(format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000)));
    let (copy, imported) =
        LocalCopy::open_mirror(&mirror.copies(), &mirror.write(&lines.join("\n"))).unwrap();
    let imported = imported.unwrap();
    assert_eq!((imported.entries, imported.malformed, imported.described.len()), (5, 3, 3), "{imported:?}");
    assert_eq!(copy.state().unwrap().entries, 5);
}

#[test]
fn file_that_is_not_a_mirror_is_refused_with_the_known_forms() {
    let mirror = Mirror::new();
    for text in ["", "nonsense", "<html>", "[1, 2]", "{\"a\": 1}", "{\"servers\": [", "{} garbage"] {
        let error = mirror.open(&mirror.write(text)).unwrap_err();
        let shown = error.to_string();
        assert!(
            matches!(error, CopyError::Mirror { .. }) && shown.contains("{\"servers\": […]}"),
            "{text}: {shown}"
        );
    }
    assert!(mirror.open(&mirror.folder.path().join("none.json")).is_err());
    let error = mirror.open(mirror.folder.path()).unwrap_err();
    assert!(error.to_string().contains("it is not a file"), "{error}");
    let empty = mirror.open(&mirror.write("{\"servers\": []}")).unwrap();
    assert_eq!(empty.1, Some((0, 0)));
}
