//! The official JSON-Schema-Test-Suite of draft 2020-12. `$JSON_SCHEMA_TEST_SUITE` names its folder
//! `tests/draft2020-12`, and `.ci/run` fetches it. Cases that do not apply to the schemas of tools are listed with a
//! reason.

use std::io::Write as _;
use std::path::Path;
use std::{env, fs, io};

use serde_json::Value;

use super::*;

#[path = "../../../../jackfield-testkit/src/skipped.rs"]
mod skipped;

/// The cases that do not apply: for each reason, the files, groups or cases.
const EXCEPTIONS: &str = include_str!("suite_exceptions.json");

/// Returns the number of cases that pass, and the names of the cases that fail, as `file: group: case`.
fn run(folder: &Path, excepted: &mut Excepted) -> (usize, Vec<String>) {
    let mut passed = 0;
    let mut failed = Vec::new();
    for file in files(folder) {
        let text = fs::read_to_string(folder.join(&file)).unwrap();
        let groups: Vec<Value> = serde_json::from_str(&text).unwrap();
        for group in &groups {
            let schema = Schema::new(group["schema"].clone(), OneOf::Exactly);
            for case in group["tests"].as_array().unwrap() {
                let words = |value: &Value| value["description"].as_str().unwrap().to_owned();
                let names = [file.clone(), words(group), words(case)];
                if excepted.has(&names) {
                    continue;
                }
                let value = &case["data"];
                let mut budget = Budget::for_cost(schema.cost([value]));
                let fits = schema.fits(value, &mut budget).unwrap();
                let mut told = 0;
                schema
                    .explain(value, &mut budget, &mut |problem| {
                        told += 1;
                        assert!(!describe(&schema, problem).is_empty());
                        true
                    })
                    .unwrap();
                if fits == case["valid"].as_bool().unwrap() && fits == (told == 0) {
                    passed += 1;
                } else {
                    failed.push(names.join(": "));
                }
            }
        }
    }
    (passed, failed)
}

fn files(folder: &Path) -> Vec<String> {
    let list = |below: &str| -> Vec<String> {
        let entries = fs::read_dir(folder.join(below)).unwrap();
        let names = entries.map(|entry| format!("{below}{}", entry.unwrap().file_name().to_string_lossy()));
        names.filter(|name| name.ends_with(".json")).collect()
    };
    let mut files = [list(""), list("optional/")].concat();
    files.sort();
    files
}

struct Excepted {
    /// The entries `file`, `file: group` or `file: group: case`, each with the number of cases that it has covered.
    entries: Vec<(String, usize)>,
}

impl Excepted {
    fn read() -> Self {
        let all: Vec<Value> = serde_json::from_str(EXCEPTIONS).unwrap();
        let entries = all.iter().flat_map(|one| {
            assert!(one["reason"].as_str().is_some_and(|reason| reason.len() > 20), "{one}");
            one["cases"].as_array().unwrap().iter().map(|case| (case.as_str().unwrap().to_owned(), 0))
        });
        Self { entries: entries.collect() }
    }

    fn has(&mut self, names: &[String; 3]) -> bool {
        let spelled = [names[0].clone(), names[..2].join(": "), names.join(": ")];
        let entry = self.entries.iter_mut().find(|(entry, _)| spelled.contains(entry));
        entry.map(|(_, count)| *count += 1).is_some()
    }
}

#[test]
fn applicable_cases_of_the_official_suite_pass() {
    let Some(folder) = env::var_os("JSON_SCHEMA_TEST_SUITE") else {
        skipped::skipped("JSON_SCHEMA_TEST_SUITE is not set: .ci/run fetches the suite and sets it");
        return;
    };
    let mut excepted = Excepted::read();
    let (passed, failed) = run(Path::new(&folder), &mut excepted);
    let left_out: usize = excepted.entries.iter().map(|(_, count)| count).sum();
    let all = passed + failed.len();
    let _ =
        writeln!(io::stderr(), "JSON-Schema-Test-Suite: passed {passed} of {all}; {left_out} do not apply");
    assert_eq!(failed, Vec::<String>::new());
    assert!(all > 1_000, "the folder contains too few cases: {all}");
    let idle: Vec<&str> =
        excepted.entries.iter().filter(|(_, count)| *count == 0).map(|(entry, _)| entry.as_str()).collect();
    assert_eq!(idle, Vec::<&str>::new(), "exceptions that match no case");
}
