//! Creates documents from tests/conformance: one for each file and OpenAPI version, with one operation for
//! each test case.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use jackfield_build::{Job, Layout, Manifest, model_of};
use serde_json::{Map, Value, json};

/// Writes the documents and the generated code, and returns the Rust code that includes it.
pub(crate) fn write(folder: &Path, out: &Path) -> Result<String, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut modules = String::new();
    let mut rows = String::new();
    for file in tables(folder)? {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let table: Value = serde_json::from_str(&fs::read_to_string(&file)?)?;
        for (version, paths) in by_version(&table)? {
            let name = format!("conformance-{stem}-{version}").replace(['_', '.'], "-");
            let document = out.join(format!("{name}.json"));
            fs::write(&document, document_of(&version, paths).to_string())?;
            generate(&document, &name, choices(&stem), out)?;
            let module = name.replace('-', "_");
            let _ = writeln!(
                modules,
                "/// Generated from the test cases in tests/conformance.\npub mod {module} {{\n    include!(concat!(env!(\"OUT_DIR\"), \"/{name}/mod.rs\"));\n}}"
            );
            let _ = writeln!(
                rows,
                "    Table {{ stem: {stem:?}, version: {version:?}, name: {name:?}, connector: &{module}::CONNECTOR }},"
            );
        }
    }
    Ok(format!(
        "{modules}\n/// The documents made from tests/conformance.\npub static TABLES: &[Table] = &[\n{rows}];\n"
    ))
}

/// Returns the files of test cases, sorted.
fn tables(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            println!("cargo::rerun-if-changed={}", path.display());
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Returns the path items of each version. The id of a test case is the first segment of its path, so that no two
/// test cases share a path.
fn by_version(table: &Value) -> Result<BTreeMap<String, Map<String, Value>>, Box<dyn Error>> {
    let mut versions: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for case in table["rows"].as_array().ok_or("a file of test cases has `rows`")? {
        let text =
            |key: &str| case[key].as_str().ok_or_else(|| format!("a test case has no `{key}`: {case}"));
        let id = text("id")?;
        let mut operation = json!({
            "operationId": id,
            "parameters": case.get("parameters").cloned().unwrap_or_else(|| json!([])),
            "responses": { "204": { "description": "Done." } },
        });
        let is_form = case.get("form").is_some();
        if is_form {
            operation["consumes"] = json!(["application/x-www-form-urlencoded"]);
        }
        for key in ["requestBody", "consumes", "produces", "responses"] {
            if let Some(written) = case.get(key) {
                operation[key] = written.clone();
            }
        }
        let has_body = is_form || case.get("requestBody").is_some() || case.get("consumes").is_some();
        let usual = if has_body { "post" } else { "get" };
        let method = case.get("method").and_then(Value::as_str).unwrap_or(usual);
        let mut item = json!({ method: operation });
        if let Some(shared) = case.get("pathParameters") {
            item["parameters"] = shared.clone();
        }
        let paths = versions.entry(text("openapi")?.to_owned()).or_default();
        if paths.insert(format!("/{id}{}", text("path")?), item).is_some() {
            return Err(format!("two test cases are called `{id}`").into());
        }
    }
    Ok(versions)
}

fn document_of(version: &str, paths: Map<String, Value>) -> Value {
    let info = json!({ "title": "Conformance", "version": "1" });
    if version == "2.0" {
        return json!({ "swagger": version, "info": info, "host": "api.example.com", "paths": paths });
    }
    let servers = json!([{ "url": "https://api.example.com" }]);
    json!({ "openapi": version, "info": info, "servers": servers, "paths": paths })
}

/// Returns the connector.toml settings for a file of test cases.
fn choices(stem: &str) -> &'static str {
    match stem {
        "form_objects" => "[form]\nobjects = \"json\"\n",
        "whole_bodies" => {
            "[body]\nwhole-body-absent = \"whole\"\nwhole-body-empty = \"whole\"\nwhole-body-null = \"whole\"\n\
             whole-body-object = \"whole\"\n"
        }
        _ => "",
    }
}

fn generate(document: &Path, name: &str, choices: &str, out: &Path) -> Result<(), Box<dyn Error>> {
    let text = format!("document = {:?}\nname = {name:?}\n{choices}", document.display().to_string());
    fs::write(out.join(format!("{name}.toml")), &text)?;
    let modelled = model_of(&Job::new(Manifest::parse("connector.toml", &text, Path::new(""))?))?;
    let generated = modelled.generate(&Layout::OutDir { folder: name.to_owned() });
    fs::create_dir_all(out.join(name))?;
    for (path, file) in generated.files.iter() {
        fs::write(out.join(name).join(path), &file.text)?;
    }
    Ok(())
}
