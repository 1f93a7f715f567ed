//! Documents that combine every kind and location of a scheme with every form of a security requirement.
//!
//! One document is composed from `tests/auth/matrix.json` for each version of OpenAPI. Other documents are
//! read from a folder beside this repository, if it exists.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jackfield_testkit::{Fill, arguments, skipped};
use serde_json::{Map, Value, json};

use super::{Matrix, Operation, Tally, place};
use crate::specs;

const VERSIONS: [&str; 4] = ["2.0", "3.0", "3.1", "3.2"];

/// The table that documents are composed from.
struct Table(Value);

impl Table {
    fn read() -> Self {
        let file = specs::repository().join("tests/auth/matrix.json");
        Self(serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap())
    }

    /// Returns the schemes of a version, without the keys that list their versions.
    fn schemes(&self, version: &str) -> BTreeMap<String, Value> {
        let all = self.0["schemes"].as_object().unwrap();
        let is_known = |scheme: &Value| {
            scheme.get("since").is_none_or(|since| since.as_str() <= Some(version))
                && scheme.get("until").is_none_or(|until| until.as_str() >= Some(version))
        };
        let declared = all.iter().filter(|(_, scheme)| is_known(scheme)).map(|(name, scheme)| {
            let mut scheme = scheme.as_object().unwrap().clone();
            scheme.retain(|key, _| key != "since" && key != "until");
            (name.clone(), Value::Object(scheme))
        });
        declared.collect()
    }

    /// Returns a requirement with its letters replaced by schemes, or `None` if the operation has no `security`.
    fn requirement(&self, key: &str, condition: &str, schemes: [&str; 2]) -> Option<Value> {
        let alternatives = self.0[key][condition].as_array()?;
        let name = |letter: &Value| match letter.as_str().unwrap() {
            "A" => schemes[0].to_owned(),
            "B" => schemes[1].to_owned(),
            other => other.to_owned(),
        };
        let together = |alternative: &Value| -> Value {
            let names = alternative.as_array().unwrap().iter();
            names.map(|letter| (name(letter), json!([]))).collect::<Map<_, _>>().into()
        };
        Some(alternatives.iter().map(together).collect())
    }

    /// Returns the first version that supports a scheme.
    fn since(&self, scheme: &str) -> &str {
        self.0["schemes"][scheme].get("since").and_then(Value::as_str).unwrap_or(VERSIONS[0])
    }

    /// Returns a path for each kind of requirement and each choice of its schemes. Two schemes are combined in the
    /// first version that supports both.
    fn paths(&self, version: &str, schemes: &[String]) -> Value {
        let mut paths = Map::new();
        let mut add = |key: &str, chosen: [&str; 2]| {
            for condition in self.0[key].as_object().unwrap().keys() {
                let path = format!("/{condition}/{}/{}", chosen[0], chosen[1]);
                let mut operation = json!({ "responses": { "204": { "description": "Nothing" } } });
                if let Some(requirement) = self.requirement(key, condition, chosen) {
                    operation["security"] = requirement;
                }
                paths.insert(path.trim_end_matches('/').to_owned(), json!({ "get": operation }));
            }
        };
        add("conditions_of_none", ["", ""]);
        for (at, one) in schemes.iter().enumerate() {
            add("conditions_of_one", [one, ""]);
            for other in &schemes[at + 1..] {
                if self.since(one).max(self.since(other)) == version {
                    add("conditions_of_two", [one, other]);
                }
            }
        }
        Value::Object(paths)
    }

    fn document(&self, version: &str) -> Value {
        let schemes = self.schemes(version);
        let names: Vec<String> = schemes.keys().cloned().collect();
        let mut document = json!({
            "info": { "title": "Matrix", "version": "1" },
            "security": json!([{ self.0["document_requires"].as_str().unwrap(): [] }]),
            "paths": self.paths(version, &names),
        });
        let schemes = json!(schemes);
        if version == "2.0" {
            document["swagger"] = json!(version);
            document["host"] = json!("api.example.com");
            document["schemes"] = json!(["https"]);
            document["securityDefinitions"] = schemes;
        } else {
            document["openapi"] = json!(format!("{version}.0"));
            document["servers"] = json!([{ "url": "https://api.example.com" }]);
            document["components"] = json!({ "securitySchemes": schemes });
        }
        document
    }
}

/// Calls every operation of a document with every set of its credentials.
async fn call_all(about: &str, file: &Path) -> Tally {
    let document: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let modelled = specs::model(file, "matrix");
    let model = &modelled.connector;
    let mut operations = Vec::new();
    for it in modelled.surface().tools() {
        let (path, method) = (it.operation.path.as_str(), it.operation.method.to_string().to_lowercase());
        let slot_of = |name: &str| {
            let scheme = model.schemes.iter().find(|scheme| scheme.name.as_str() == name);
            scheme.map(|scheme| place(&scheme.kind)).unwrap_or_default()
        };
        let alternatives = alternatives(&document, path, &method).into_iter();
        operations.push(Operation {
            tool: it.name.to_string(),
            arguments: arguments(it.operation, &model.pool.send, Fill::Minimal),
            alternatives: alternatives.flat_map(|names| choices(names, slot_of)).collect(),
        });
    }
    let in_document = document["paths"].as_object().unwrap().len();
    assert_eq!(
        operations.len(),
        in_document,
        "{about}: the connector does not have one operation for each path"
    );
    let preview = specs::preview(file, "matrix");
    let mut tally = Tally::default();
    let about = about.to_owned();
    Matrix { about, name: "matrix".to_owned(), model, operations }.hold(preview, &mut tally).await;
    tally
}

/// Returns the alternatives of an operation, parsed from the document independently of the code under test. An
/// alternative with an undeclared scheme cannot be chosen, which is a finding (`undefined-scheme`).
fn alternatives(document: &Value, path: &str, method: &str) -> Vec<Vec<String>> {
    let own = document["paths"][path][method].get("security");
    let alternatives = own.or_else(|| document.get("security")).and_then(Value::as_array).cloned();
    let declared = [&document["components"]["securitySchemes"], &document["securityDefinitions"]];
    let is_declared = |name: &String| declared.iter().any(|schemes| schemes.get(name).is_some());
    let names = |one: &Value| one.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let alternatives = alternatives.unwrap_or_default();
    alternatives.iter().map(names).filter(|names| names.iter().all(is_declared)).collect()
}

/// Splits a requirement whose schemes use the same slot into alternatives: one for each choice among these
/// schemes.
fn choices(names: Vec<String>, slot_of: impl Fn(&str) -> String) -> Vec<Vec<String>> {
    let mut rivals: Vec<(String, Vec<String>)> = Vec::new();
    for name in names {
        let slot = slot_of(&name);
        match rivals.iter_mut().find(|(taken, _)| *taken == slot) {
            Some((_, names)) => names.push(name),
            None => rivals.push((slot, vec![name])),
        }
    }
    rivals.into_iter().fold(vec![Vec::new()], |made, (_, rivals)| {
        let with = |chosen: &Vec<String>| {
            rivals.iter().map(|one| [chosen.as_slice(), std::slice::from_ref(one)].concat()).collect()
        };
        made.iter().flat_map(|chosen| -> Vec<Vec<String>> { with(chosen) }).collect()
    })
}

#[tokio::test]
async fn credentials_of_the_matrix_in_this_repository_are_sent_correctly() {
    let table = Table::read();
    let folder = tempfile::tempdir().unwrap();
    for version in VERSIONS {
        let file = folder.path().join(format!("matrix-{version}.json"));
        fs::write(&file, table.document(version).to_string()).unwrap();
        let tally = call_all(version, &file).await;
        assert!(tally.sent > 30 && tally.without > 5 && tally.refused > 30, "{version}: {tally:?}");
    }
}

#[tokio::test]
async fn credentials_of_matrices_outside_this_repository_are_sent_correctly() {
    let shared = std::env::var_os("JACKFIELD_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| specs::repository().join("../shared"));
    let file = |version: &str| shared.join(format!("corpus/crafted/auth-matrix-{version}.json"));
    let (here, missing): (Vec<&str>, Vec<&str>) =
        VERSIONS.iter().partition(|version| file(version).is_file());
    if !missing.is_empty() {
        skipped(&format!(
            "auth-matrix-VERSION.json for {} is not in {}",
            missing.join(", "),
            shared.join("corpus/crafted").display()
        ));
    }
    for version in here {
        let tally = call_all(version, &file(version)).await;
        assert!(tally.sent > 0 && tally.refused > 0, "{version}: {tally:?}");
    }
}
