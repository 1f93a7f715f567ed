//! Overlays: their effect on the output, the watched files, and their errors.

use std::fs;
use std::path::Path;

use jackfield_build::model::{Code, Operation};
use jackfield_build::{CrateFolder, Error, Generated};
use tempfile::TempDir;

/// Returns a folder with a connector.toml for the sample document and these overlays.
fn connector(overlays: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs");
    fs::copy(specs.join("bookshop.yaml"), folder.path().join("bookshop.yaml")).unwrap();
    fs::copy(specs.join("overlays/bookshop.overlay.yaml"), folder.path().join("readers.yaml")).unwrap();
    for (name, text) in overlays {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let names: Vec<&str> = overlays.iter().map(|(name, _)| *name).collect();
    choose(&folder, &names);
    folder
}

fn choose(folder: &TempDir, overlays: &[&str]) {
    let text = format!("document = \"bookshop.yaml\"\nname = \"shop\"\noverlays = {overlays:?}\n");
    fs::write(folder.path().join("connector.toml"), text).unwrap();
}

fn generate(folder: &TempDir) -> Result<Generated, Error> {
    CrateFolder::open(folder.path())?.generate()
}

fn operations(generated: &Generated) -> Vec<&Operation> {
    generated.connector.groups.iter().flat_map(|group| &group.operations).collect()
}

#[test]
fn overlay_changes_the_generated_connector() {
    let folder = connector(&[]);
    let plain = generate(&folder).unwrap();
    choose(&folder, &["readers.yaml"]);
    let changed = generate(&folder).unwrap();

    assert_eq!(changed.connector.title, "Lamplight Bookshop for readers");
    assert_eq!(changed.connector.servers.len(), plain.connector.servers.len() + 1);
    let gone = operations(&plain).len() - operations(&changed).len();
    let customers = operations(&plain).iter().filter(|it| it.path.as_str().starts_with("/customers")).count();
    assert!(customers > 0 && gone == customers, "{gone} of {customers} operations were removed");
    let text = |generated: &Generated| generated.files.get("src/generated/books.rs").unwrap().text.clone();
    assert!(text(&changed).contains("Search the shelves"), "the summary was not updated");
    assert!(text(&plain).contains("\"sort\"") && !text(&changed).contains("\"sort\""));
}

#[test]
fn overlay_file_is_watched_and_changes_the_digest_of_the_document() {
    let overlay =
        |title: &str| format!("overlay: 1.0.0\nactions:\n- target: $.info\n  update: {{ x-a: {title} }}\n");
    let folder = connector(&[("a.yaml", &overlay("one"))]);
    let first = generate(&folder).unwrap();
    assert!(first.report.read.contains(&folder.path().join("a.yaml")), "{:?}", first.report.read);
    fs::write(folder.path().join("a.yaml"), overlay("two")).unwrap();
    let second = generate(&folder).unwrap();
    let index = |generated: &Generated| generated.files.get("src/generated/mod.rs").unwrap().text.clone();
    assert_ne!(index(&first), index(&second), "the digest ignores the overlay");
}

#[test]
fn overlay_target_that_matches_nothing_is_reported_with_its_line() {
    let first = "overlay: 1.0.0\nactions:\n- target: $.paths['/bookz']\n  remove: true\n";
    let second = "overlay: 1.0.0\n\nactions:\n- target: $.info\n  update: { title: A }\n- update: { a: 1 }\n  target: $.gone\n";
    let folder = connector(&[("a.yaml", first), ("b.yaml", second)]);
    let error = generate(&folder).err().unwrap();
    let codes: Vec<Code> = error.findings().iter().map(|shown| shown.diagnostic.code).collect();
    assert_eq!(codes, [Code::OverlayUnmatched, Code::OverlayUnmatched]);
    let positions: Vec<String> = error.findings().iter().filter_map(|shown| shown.position()).collect();
    let file = |name: &str| folder.path().join(name).display().to_string();
    assert_eq!(positions, [format!("{}:3:3", file("a.yaml")), format!("{}:7:3", file("b.yaml"))]);
    let text = error.to_string();
    assert!(text.contains("error[overlay-unmatched]: `$.paths['/bookz']` selects nothing"), "{text}");
    assert!(text.contains("3 | - target: $.paths['/bookz']"), "{text}");
}

#[test]
fn error_about_a_malformed_overlay_shows_the_line_in_the_overlay() {
    let folder =
        connector(&[("a.yaml", "overlay: 1.0.0\nactions:\n- target: $.info.x-logo\n  remove: true\n")]);
    let error = generate(&folder).err().unwrap();
    let [shown] = error.findings() else { panic!("{error}") };
    assert_eq!(shown.diagnostic.code, Code::Overlay);
    assert_eq!(shown.line.as_ref().map(|line| line.number), Some(3));
}

#[test]
fn error_about_a_value_set_by_an_overlay_shows_the_line_in_the_document() {
    let overlay = "overlay: 1.0.0\nactions:\n- target: $\n  update: { openapi: 9.0.0 }\n";
    let folder = connector(&[("a.yaml", overlay)]);
    let error = generate(&folder).err().unwrap();
    let [shown] = error.findings() else { panic!("{error}") };
    assert_eq!(shown.diagnostic.code, Code::Version);
    assert!(shown.position().unwrap().contains("bookshop.yaml:3:"), "{error}");
}

#[test]
fn error_about_a_missing_overlay_names_the_overlay() {
    let folder = connector(&[]);
    choose(&folder, &["gone.yaml"]);
    let error = generate(&folder).err().unwrap();
    assert_eq!(error.findings()[0].diagnostic.code, Code::File);
    assert!(error.to_string().contains("gone.yaml"), "{error}");
}
