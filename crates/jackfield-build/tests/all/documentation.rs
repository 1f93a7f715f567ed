//! The examples of docs/connector-toml.md.

use std::fs;
use std::path::{Path, PathBuf};

use jackfield_build::{CrateFolder, Manifest};

/// The sections whose examples generate a connector of specs/bookshop.yaml. The examples of other sections need
/// another document.
const GENERATED: [&str; 20] = [
    "Selectors",
    "include and exclude",
    "instructions",
    "servers",
    "surface and promote",
    "cache",
    "output_schemas",
    "rate",
    "timeout and retry",
    "wording",
    "arguments",
    "merge",
    "rename",
    "retitle",
    "effect",
    "ask",
    "replies",
    "resources",
    "prompts",
    "documentation",
];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Returns the examples in TOML, each with its section.
fn examples() -> Vec<(String, String)> {
    let page = fs::read_to_string(repository().join("docs/connector-toml.md")).unwrap();
    let (mut section, mut found, mut example) = (String::new(), Vec::new(), None::<String>);
    for line in page.lines() {
        match &mut example {
            Some(_) if line == "```" => found.push((section.clone(), example.take().unwrap())),
            Some(text) => *text += &format!("{line}\n"),
            None if line == "```toml" => example = Some(String::new()),
            None => {
                if let Some(title) = line.strip_prefix("## ") {
                    title.clone_into(&mut section);
                }
            }
        }
    }
    found
}

/// Returns an example as a whole file.
fn whole(example: &str, document: &str) -> String {
    if example.lines().any(|line| line.starts_with("document =")) {
        return example.to_owned();
    }
    format!("document = {document:?}\n{example}")
}

#[test]
fn every_example_of_the_connector_toml_page_is_parsed() {
    let examples = examples();
    assert!(examples.len() > 25, "{}", examples.len());
    for (section, example) in examples {
        let text = whole(&example, "bookshop.yaml");
        if let Err(error) = Manifest::parse("connector.toml", &text, Path::new("")) {
            panic!("{section}\n{text}\n{error}");
        }
    }
}

#[test]
fn every_example_about_tools_of_the_connector_toml_page_generates_a_connector() {
    let document = fs::canonicalize(repository().join("specs/bookshop.yaml")).unwrap();
    for section in GENERATED {
        let mut own = examples().into_iter().filter(|(known, _)| known == section).peekable();
        assert!(own.peek().is_some(), "{section} has no example");
        for (_, example) in own {
            let folder = tempfile::tempdir().unwrap();
            let text = whole(&example, document.to_str().unwrap());
            fs::write(folder.path().join("connector.toml"), &text).unwrap();
            let generated = CrateFolder::open(folder.path()).and_then(|folder| folder.generate());
            if let Err(error) = generated {
                panic!("{section}\n{text}\n{error}");
            }
        }
    }
}
