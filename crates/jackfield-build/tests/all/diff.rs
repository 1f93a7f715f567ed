//! The table of tests/diff: changes of a document and of connector.toml, each with the lines that a comparison prints.
//!
//! A row is a heading, edits, and the expected lines. Edits apply to the document after the change; with `both` to both documents.
//!
//! ```text
//! === an argument becomes required
//! set find/parameters/0/required true
//! breaking `find_books`: argument `author` is now required
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jackfield_build::diff::{Change, Class, Kind, Report, compare_locks};
use jackfield_build::{Job, LOCK_FILE, Manifest, Modelled, ServedFolder, compare, model_of};
use serde_json::Value;

/// The first words of paths, and the JSON Pointers for which they stand.
const PLACES: [(&str, &str); 9] = [
    ("find", "/paths/~1books/get"),
    ("add", "/paths/~1books/post"),
    ("get", "/paths/~1books~1{id}/get"),
    ("burn", "/paths/~1books~1{id}/delete"),
    ("cover", "/paths/~1covers~1{id}/post"),
    ("search", "/paths/~1search/post"),
    ("body", "/paths/~1search/post/requestBody/content/application~1json/schema"),
    ("schemas", "/components/schemas"),
    ("schemes", "/components/securitySchemes"),
];

/// The minimum number of rows in the table.
const FEWEST: usize = 150;

struct Row {
    file: String,
    title: String,
    edits: Vec<String>,
    expected: Vec<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/diff")
}

fn rows() -> Vec<Row> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut rows: Vec<Row> = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|it| it == "txt")) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(file).unwrap();
        let mut is_row = false;
        for line in text.lines().filter(|line| !line.is_empty()) {
            if let Some(title) = line.strip_prefix("=== ") {
                is_row = true;
                rows.push(Row {
                    file: name.clone(),
                    title: title.to_owned(),
                    edits: vec![],
                    expected: vec![],
                });
            } else if is_row {
                let row = rows.last_mut().unwrap();
                let first = line.split(' ').next().unwrap();
                let is_expected = first.parse::<Class>().is_ok();
                if is_expected { &mut row.expected } else { &mut row.edits }.push(line.to_owned());
            }
        }
    }
    rows
}

/// One side of a row: a document, and the lines of connector.toml after `document`.
struct Edited {
    document: Value,
    choices: String,
}

impl Edited {
    fn apply(&mut self, edit: &str, row: &str) {
        let (verb, rest) = edit.split_once(' ').unwrap();
        if verb == "toml" {
            self.choices.push_str(&rest.replace("\\n", "\n"));
            self.choices.push('\n');
            return;
        }
        let (path, value) = match verb {
            "remove" => (rest, None),
            "set" => {
                let (path, value) = rest.split_once(' ').unwrap();
                let value = serde_json::from_str(value).unwrap_or_else(|why| panic!("{row}: {edit}: {why}"));
                (path, Some(value))
            }
            "move" => {
                let (from, to) = rest.split_once(' ').unwrap();
                let value = self.take(from).unwrap_or_else(|| panic!("{row}: nothing at {from}"));
                (to, Some(value))
            }
            _ => panic!("{row}: {edit}"),
        };
        match value {
            Some(value) => self.put(path, value).unwrap_or_else(|| panic!("{row}: nothing at {path}")),
            None => _ = self.take(path).unwrap_or_else(|| panic!("{row}: nothing at {path}")),
        }
    }

    fn parent(&mut self, path: &str) -> Option<(&mut Value, String)> {
        let whole = match path.split_once('/') {
            Some((first, rest)) if !first.is_empty() => {
                let place = PLACES.iter().find(|(name, _)| *name == first)?.1;
                format!("{place}/{rest}")
            }
            _ => match PLACES.iter().find(|(name, _)| *name == path) {
                Some((_, place)) => (*place).to_owned(),
                None => path.to_owned(),
            },
        };
        let (parent, key) = whole.rsplit_once('/')?;
        Some((self.document.pointer_mut(parent)?, key.replace("~1", "/").replace("~0", "~")))
    }

    fn put(&mut self, path: &str, value: Value) -> Option<()> {
        let (parent, key) = self.parent(path)?;
        match parent {
            Value::Object(map) => _ = map.insert(key, value),
            Value::Array(list) if key == "-" => list.push(value),
            Value::Array(list) => list[key.parse::<usize>().ok()?] = value,
            _ => return None,
        }
        Some(())
    }

    fn take(&mut self, path: &str) -> Option<Value> {
        let (parent, key) = self.parent(path)?;
        match parent {
            Value::Object(map) => map.shift_remove(&key),
            Value::Array(list) => {
                let at = key.parse::<usize>().ok()?;
                (at < list.len()).then(|| list.remove(at))
            }
            _ => None,
        }
    }

    fn model(&self) -> Result<Modelled, String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("shop.json"), self.document.to_string()).unwrap();
        let text = format!("document = \"shop.json\"\nname = \"shop\"\n{}", self.choices);
        let manifest = Manifest::parse("connector.toml", &text, folder.path());
        let modelled = manifest.and_then(|manifest| model_of(&Job::new(manifest)));
        modelled.map_err(|error| error.to_string())
    }
}

/// Returns both sides of a row.
fn sides(row: &Row) -> [Edited; 2] {
    let base: Value = serde_json::from_str(&fs::read_to_string(folder().join("shop.json")).unwrap()).unwrap();
    let mut old = Edited { document: base.clone(), choices: String::new() };
    let mut new = Edited { document: base, choices: String::new() };
    for edit in &row.edits {
        if let Some(edit) = edit.strip_prefix("both ") {
            old.apply(edit, &row.title);
            new.apply(edit, &row.title);
        } else if let Some(edit) = edit.strip_prefix("old ") {
            old.apply(edit, &row.title);
        } else {
            new.apply(edit, &row.title);
        }
    }
    [old, new]
}

fn report(row: &Row) -> Result<Report, String> {
    let [old, new] = sides(row);
    Ok(compare(&old.model()?, &new.model()?))
}

/// The kinds of changes that withhold no tool. They change neither the part of a tool that models see nor the requests of its calls, or
/// they concern removed tools.
const NOT_PINNED: [Kind; 9] = [
    Kind::Rate,
    Kind::Timeout,
    Kind::Retry,
    Kind::Surface,
    Kind::Deprecated,
    Kind::ToolRemoved,
    Kind::ReplyAdded,
    Kind::ReplyRemoved,
    Kind::ReplyChanged,
];

#[test]
fn tool_affected_by_a_change_is_withheld_until_the_change_is_accepted() {
    let mut checked = 0;
    for row in rows() {
        let [old, new] = sides(&row);
        let (Ok(before), Ok(_)) = (old.model(), new.model()) else {
            assert!(row.expected.iter().all(|line| line.starts_with("error ")), "{}", row.title);
            continue;
        };
        let folder = tempfile::tempdir().unwrap();
        let path = |file: &str| folder.path().join(file);
        fs::write(path("shop.json"), new.document.to_string()).unwrap();
        let text = format!("document = \"shop.json\"\nname = \"shop\"\n{}", new.choices);
        fs::write(path("connector.toml"), text).unwrap();
        fs::write(path(LOCK_FILE), before.lock_text()).unwrap();
        let after =
            model_of(&Job::new(Manifest::read(&path("connector.toml")).unwrap()).telling_added_origins());
        let after = after.unwrap_or_else(|error| panic!("{}: {error}", row.title));
        let report = compare(&before, &after);
        let model = ServedFolder::open(&path("connector.toml")).and_then(|folder| folder.model());
        let model = model.unwrap_or_else(|error| panic!("{}: {error}", row.title));
        let (served, next) = (called(&model.modelled), called(&after));
        let pinned = report.changes.iter().filter(|change| !NOT_PINNED.contains(&change.kind));
        for tool in pinned.flat_map(|change| &change.tools) {
            let names = match next.get(tool) {
                Some(name) => vec![name.clone()],
                None if next.values().any(|name| name == tool) => vec![tool.clone()],
                // The merged tool no longer exists. Its operations have to be withheld under their new names.
                None => {
                    let names = operations_of(tool, &before, &after);
                    assert!(!names.is_empty(), "{}: nothing is called {tool}", row.title);
                    names
                }
            };
            for name in names {
                let is_served = served.values().any(|served| *served == name);
                assert!(!is_served, "{}: {name} is served\n{:#?}", row.title, lines(&report));
                let is_withheld = model.withheld.tools.iter().any(|tool| tool.name.as_str() == name);
                assert!(is_withheld, "{}: {name} is missing\n{:#?}", row.title, lines(&report));
                checked += 1;
            }
        }
        if report.changes.is_empty() {
            assert!(model.withheld.is_empty(), "{}", row.title);
        }
    }
    assert!(checked >= FEWEST, "{checked} tools");
}

#[test]
fn comparison_of_two_locks_finds_the_security_changes_of_the_two_models() {
    let mut checked = 0;
    for row in rows() {
        let [old, new] = sides(&row).map(|side| side.model());
        let (Ok(old), Ok(new)) = (old, new) else { continue };
        let locks = compare_locks(&old.lock_text(), &new.lock_text());
        let is_taken = |change: &&Change| {
            let kinds = [Kind::ToolAdded, Kind::ToolRenamed, Kind::Merge, Kind::Effect];
            change.class == Class::Security && kinds.contains(&change.kind)
        };
        for tool in compare(&old, &new).changes.iter().filter(is_taken).flat_map(|change| &change.tools) {
            let is_found = locks.changes.iter().filter(is_taken).any(|change| change.tools.contains(tool));
            assert!(is_found, "{}: {tool}\n{:#?}", row.title, lines(&locks));
            checked += 1;
        }
    }
    assert!(checked >= 12, "{checked} tools");
}

/// Returns the names of operations, each with the name with which clients call it.
fn called(modelled: &Modelled) -> BTreeMap<String, String> {
    let surface = modelled.surface();
    surface.tools().map(|tool| (tool.name.to_string(), tool.called().to_string())).collect()
}

/// Returns the names with which clients now call the operations of a removed merged tool.
fn operations_of(merge: &str, before: &Modelled, after: &Modelled) -> Vec<String> {
    let was = before.surface();
    let routes = was.tools().filter(|tool| tool.called().as_str() == merge && tool.name.as_str() != merge);
    let routes: Vec<String> = routes.map(|tool| tool.operation.route()).collect();
    let is = after.surface();
    let tools = is.tools().filter(|tool| routes.contains(&tool.operation.route()));
    tools.map(|tool| tool.called().to_string()).collect()
}

fn lines(report: &Report) -> Vec<String> {
    report.changes.iter().map(|change| format!("{} {}", change.class, change.line())).collect()
}

#[test]
fn every_change_in_the_fixtures_has_the_expected_class_and_report_line() {
    let rows = rows();
    assert!(rows.len() >= FEWEST, "{} rows", rows.len());
    let mut wrong = String::new();
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for row in &rows {
        let found = match report(row).map(|report| lines(&report)) {
            Err(error) => error.lines().map(|line| format!("error {line}")).collect(),
            Ok(lines) if lines.is_empty() => vec!["none".to_owned()],
            Ok(lines) => lines,
        };
        if found != row.expected {
            wrong.push_str(&format!("{}: {}\n", row.file, row.title));
            row.expected
                .iter()
                .filter(|it| !found.contains(it))
                .for_each(|it| wrong.push_str(&format!("  - {it}\n")));
            found
                .iter()
                .filter(|it| !row.expected.contains(it))
                .for_each(|it| wrong.push_str(&format!("  + {it}\n")));
        }
        let text = texts.entry(row.file.clone()).or_default();
        text.push_str(&format!("\n=== {}\n", row.title));
        row.edits.iter().chain(&found).for_each(|line| text.push_str(&format!("{line}\n")));
    }
    if let Some(folder) = std::env::var_os("JACKFIELD_DIFF_TABLE") {
        texts.iter().for_each(|(name, text)| fs::write(Path::new(&folder).join(name), text).unwrap());
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn rows_of_the_fixtures_have_edits_and_differ_from_each_other() {
    let mut seen: BTreeMap<Vec<String>, String> = BTreeMap::new();
    for row in rows() {
        assert!(!row.edits.is_empty() && !row.expected.is_empty(), "{}", row.title);
        if let Some(other) = seen.insert(row.edits, row.title.clone()) {
            panic!("{} has the edits of {other}", row.title);
        }
    }
}
