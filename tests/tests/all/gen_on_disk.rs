//! The crate of a connector on disk: generated files, user files, and refusals to write.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jackfield_build::model::Code;
use jackfield_build::{CrateFolder, Error, Generated, NewConnector, Outcome, Runtime, Shown};
use tempfile::TempDir;

use crate::specs;

const DOCUMENT: &str = "\
openapi: 3.0.3
servers: [{ url: https://api.example.com }]
paths:
  /books:
    get: { operationId: listBooks, tags: [books], responses: { '204': { description: Done. } } }
    post: { operationId: addBook, tags: [books], responses: { '204': { description: Done. } } }
  /orders:
    get: { operationId: listOrders, tags: [orders], responses: { '204': { description: Done. } } }
";

/// A folder with `shop.yaml` and, once it is generated, the connector `shop` beside it.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("shop.yaml"), DOCUMENT).unwrap();
        Self { folder }
    }

    /// Creates the folder and generates its connector.
    fn made() -> Self {
        let place = Self::new();
        let outcome = place.create().unwrap();
        assert!(!outcome.created.is_empty());
        place
    }

    fn path(&self, inner: &str) -> PathBuf {
        self.folder.path().join(inner)
    }

    fn create(&self) -> Result<Outcome, Error> {
        let new = NewConnector {
            name: Some(specs::connector_name("shop")),
            ..NewConnector::of(self.path("shop.yaml"), Runtime::Version("0.1.0".to_owned()))
        };
        let connector = CrateFolder::open_or_create(&self.path("shop"), &new)?;
        connector.write(&connector.generate()?)
    }

    fn generate(&self) -> Result<(CrateFolder, Generated), Error> {
        let connector = CrateFolder::open(&self.path("shop"))?;
        let generated = connector.generate()?;
        Ok((connector, generated))
    }

    fn write(&self) -> Outcome {
        let (connector, generated) = self.generate().unwrap();
        connector.write(&generated).unwrap()
    }

    /// Returns the output lines of `gen --check`.
    fn check(&self) -> Vec<String> {
        let (connector, generated) = self.generate().unwrap();
        connector.check(&generated).unwrap().iter().map(ToString::to_string).collect()
    }

    /// Appends text to connector.toml.
    fn choose(&self, text: &str) {
        let path = self.path("shop/connector.toml");
        fs::write(&path, format!("{}\n{text}", fs::read_to_string(&path).unwrap())).unwrap();
    }

    /// Returns the only finding of a run that fails.
    fn refusal(&self) -> Shown {
        match self.generate() {
            Ok(_) => panic!("the run succeeded"),
            Err(error) => match error.findings() {
                [one] => one.clone(),
                more => panic!("{} findings: {error}", more.len()),
            },
        }
    }
}

/// Returns the modification time of each file below a folder.
fn times(folder: &Path) -> BTreeMap<PathBuf, SystemTime> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(times(&path));
        } else {
            found.insert(path.clone(), fs::metadata(&path).unwrap().modified().unwrap());
        }
    }
    found
}

#[test]
fn new_connector_has_every_file() {
    let place = Place::new();
    let mut created = place.create().unwrap().created;
    created.sort();
    let expected = [
        ".gitattributes",
        ".gitignore",
        "Cargo.toml",
        "README.md",
        "connector.toml",
        "jackfield.lock",
        "shop.yaml",
        "src/custom.rs",
        "src/generated/books.rs",
        "src/generated/mod.rs",
        "src/generated/orders.rs",
        "src/generated/schemas.rs",
        "src/lib.rs",
        "src/main.rs",
        "tests/replies.json",
        "tests/tools.rs",
    ];
    assert_eq!(created, expected);
    let manifest = fs::read_to_string(place.path("shop/connector.toml")).unwrap();
    assert!(manifest.contains("document = \"shop.yaml\""), "{manifest}");
    assert_eq!(place.check(), Vec::<String>::new());
}

#[test]
fn second_run_of_gen_writes_no_files() {
    let place = Place::made();
    // The files get a time long ago, so that the clock's resolution cannot hide a write.
    for path in times(&place.path("shop")).into_keys() {
        let file = fs::File::options().append(true).open(path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000)).unwrap();
    }
    let before = times(&place.path("shop"));
    let outcome = place.write();
    assert_eq!(outcome, Outcome { unchanged: 7, ..Outcome::default() });
    assert_eq!(place.create().unwrap().unchanged, 8, "the copy is compared too");
    assert_eq!(times(&place.path("shop")), before);
}

#[test]
fn edited_file_is_reported_by_line_and_restored() {
    let place = Place::made();
    let path = place.path("shop/src/generated/books.rs");
    let made = fs::read_to_string(&path).unwrap();
    fs::write(&path, made.replacen("pub static TOOLS", "pub static MINE", 1)).unwrap();
    let line = 1 + made.lines().position(|line| line.contains("pub static TOOLS")).unwrap();
    let drifts = place.check();
    assert_eq!(drifts.len(), 1, "{drifts:?}");
    assert!(drifts[0].starts_with(&format!("src/generated/books.rs:{line}: differs")), "{}", drifts[0]);
    assert!(
        drifts[0].contains("- pub static MINE") && drifts[0].contains("+ pub static TOOLS"),
        "{}",
        drifts[0]
    );
    assert_eq!(place.write().changed, ["src/generated/books.rs"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), made);
}

#[test]
fn obsolete_file_is_reported_and_removed() {
    let place = Place::made();
    let document = DOCUMENT.split("  /orders:").next().unwrap();
    // The connector is generated from its own copy of the document.
    fs::write(place.path("shop/shop.yaml"), document).unwrap();
    let drifts = place.check();
    let orphan = "src/generated/orders.rs: is no longer generated";
    assert!(drifts.iter().any(|drift| drift == orphan), "{drifts:?}");
    assert!(drifts.iter().any(|drift| drift.starts_with("jackfield.lock:")), "{drifts:?}");
    let outcome = place.write();
    assert_eq!(outcome.removed, ["src/generated/orders.rs"]);
    assert!(!place.path("shop/src/generated/orders.rs").exists());
}

#[test]
fn missing_file_is_reported_and_created() {
    let place = Place::made();
    fs::remove_file(place.path("shop/src/generated/schemas.rs")).unwrap();
    assert_eq!(place.check(), ["src/generated/schemas.rs: is missing"]);
    assert_eq!(place.write().created, ["src/generated/schemas.rs"]);
}

#[test]
fn user_files_are_not_overwritten() {
    let place = Place::made();
    let own = ["Cargo.toml", "README.md", "src/custom.rs", "src/lib.rs", "src/main.rs", ".gitignore"];
    for name in own {
        fs::write(place.path("shop").join(name), "mine").unwrap();
    }
    fs::write(place.path("shop/src/more.rs"), "mine too").unwrap();
    place.create().unwrap();
    place.write();
    for name in own {
        assert_eq!(fs::read_to_string(place.path("shop").join(name)).unwrap(), "mine", "{name}");
    }
    assert!(place.path("shop/src/more.rs").exists());
    assert_eq!(place.check(), Vec::<String>::new());
}

#[test]
fn connector_of_another_document_is_not_overwritten() {
    let place = Place::made();
    fs::write(place.path("other.yaml"), DOCUMENT).unwrap();
    let new = NewConnector::of(place.path("other.yaml"), Runtime::Version("0.1.0".to_owned()));
    let error = CrateFolder::open_or_create(&place.path("shop"), &new).unwrap_err().to_string();
    assert!(error.contains("contains a connector for") && error.contains("shop.yaml"), "{error}");
}

#[test]
fn crate_inside_another_workspace_gets_its_own_workspace_table() {
    for (workspace, alone) in [
        ("", false),
        ("[workspace]\nmembers = [\"crates/*\"]\n", true),
        ("[workspace]\nmembers = [\"shop\"]\n", false),
    ] {
        let place = Place::new();
        if !workspace.is_empty() {
            fs::write(place.path("Cargo.toml"), workspace).unwrap();
        }
        place.create().unwrap();
        let manifest = fs::read_to_string(place.path("shop/Cargo.toml")).unwrap();
        let says_so = manifest.lines().any(|line| line == "[workspace]");
        assert_eq!(says_so, alone, "under {workspace:?}:\n{manifest}");
        manifest.parse::<toml::Table>().unwrap();
    }
}

#[test]
fn unknown_key_is_an_error_with_its_line() {
    let place = Place::made();
    let line = 2 + fs::read_to_string(place.path("shop/connector.toml")).unwrap().lines().count();
    place.choose("includes = [\"listBooks\"]\n");
    let finding = place.refusal();
    assert_eq!(finding.diagnostic.code, Code::Manifest);
    assert!(finding.diagnostic.problem.contains("includes"), "{finding}");
    assert!(finding.to_string().contains(&format!("connector.toml:{line}:1")), "line {line}\n{finding}");
}

#[test]
fn selector_that_matches_nothing_is_an_error_with_its_line() {
    for (choice, word) in [
        ("include = [\"listBoks\"]", "`listBoks` in include"),
        ("exclude = [\"tag:bookz\"]", "`tag:bookz` in exclude"),
        ("exclude = [\"DELETE /books\"]", "`DELETE /books` in exclude"),
        ("[rename]\nlistBoks = \"find_books\"", "`listBoks` in [rename]"),
        ("exclude = [\"tag:orders\"]\n[rename]\nlistOrders = \"find_orders\"", "`listOrders` in [rename]"),
    ] {
        let place = Place::made();
        let line = 1 + fs::read_to_string(place.path("shop/connector.toml")).unwrap().lines().count();
        place.choose(choice);
        let finding = place.refusal();
        assert_eq!(finding.diagnostic.code, Code::UnmatchedChoice, "{choice}");
        assert!(finding.diagnostic.problem.contains(word), "{choice}: {finding}");
        let line = line + choice.lines().count();
        assert!(finding.to_string().contains(&format!("connector.toml:{line}:")), "line {line}: {finding}");
    }
}

#[test]
fn two_operations_renamed_to_the_same_name_are_an_error() {
    let place = Place::made();
    place.choose("[rename]\nlistBooks = \"find\"\nlistOrders = \"find\"\n");
    assert!(place.refusal().diagnostic.problem.contains("are both renamed to `find`"));
}

#[test]
fn file_outside_the_document_folder_is_not_read() {
    let secret = "type: string\ndescription: A secret of another folder.\n";
    for reference in ["../secret.yaml", "{outside}/secret.yaml", "deeper/../../secret.yaml"] {
        let outer = tempfile::tempdir().unwrap();
        let inner = outer.path().join("inner");
        fs::create_dir(&inner).unwrap();
        fs::create_dir(inner.join("deeper")).unwrap();
        fs::write(outer.path().join("secret.yaml"), secret).unwrap();
        let reference = reference.replace("{outside}", &outer.path().display().to_string());
        is_refused(&inner, &reference);
    }
}

#[test]
fn remote_reference_is_not_fetched() {
    for reference in
        ["https://example.com/s.yaml", "http://127.0.0.1:9/s.yaml", "//example.com/s.yaml", "file:///s.yaml"]
    {
        let folder = tempfile::tempdir().unwrap();
        is_refused(folder.path(), reference);
    }
}

#[cfg(unix)]
#[test]
fn link_that_leaves_the_document_folder_is_refused() {
    let outer = tempfile::tempdir().unwrap();
    let inner = outer.path().join("inner");
    fs::create_dir(&inner).unwrap();
    fs::create_dir(outer.path().join("secrets")).unwrap();
    fs::write(outer.path().join("secrets/secret.yaml"), "description: A secret of another folder.\n")
        .unwrap();
    std::os::unix::fs::symlink("../secrets/secret.yaml", inner.join("link.yaml")).unwrap();
    std::os::unix::fs::symlink("../secrets", inner.join("linked")).unwrap();
    is_refused(&inner, "link.yaml");
    is_refused(&inner, "linked/secret.yaml");
}

/// Loads a document in `folder` with that reference in a parameter's schema. The schema is dropped, the
/// reason is reported, and the output contains nothing from the referenced file.
fn is_refused(folder: &Path, reference: &str) {
    let document = format!(
        "openapi: 3.0.3\ninfo: {{ title: Shop, version: '1' }}\nservers: [{{ url: https://api.example.com }}]\npaths:\n  \
         /books:\n    get:\n      parameters: [{{ name: q, in: query, schema: {{ $ref: '{reference}' }} }}]\n      \
         responses: {{ '204': {{ description: Done. }} }}\n"
    );
    let path = folder.join("shop.yaml");
    fs::write(&path, document).unwrap();
    let modelled = specs::model(&path, "shop");
    let findings = modelled.report.findings();
    assert_eq!(findings.len(), 1, "{reference}: {findings:?}");
    assert_eq!(findings[0].diagnostic.code, Code::RefusedRef, "{reference}: {}", findings[0]);
    assert!(findings[0].to_string().contains("shop.yaml:7:"), "{reference}: {}", findings[0]);
    assert_eq!(modelled.report.read, [path], "{reference}");
    assert!(!format!("{:?}", modelled.connector).contains("secret of another"), "{reference}");
}

/// If the folder of generated files is a link, the files in it do not belong to the connector.
#[cfg(unix)]
#[test]
fn files_behind_a_linked_generated_folder_are_not_removed() {
    let place = Place::made();
    let elsewhere = place.path("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("mine.rs"), "mine").unwrap();
    fs::remove_dir_all(place.path("shop/src/generated")).unwrap();
    std::os::unix::fs::symlink(&elsewhere, place.path("shop/src/generated")).unwrap();
    // The generator may write through the link or refuse to, but it must not remove files that it did not
    // create.
    if let Ok((connector, generated)) = place.generate() {
        let _ = connector.write(&generated);
    }
    assert_eq!(fs::read_to_string(elsewhere.join("mine.rs")).unwrap(), "mine");
}
