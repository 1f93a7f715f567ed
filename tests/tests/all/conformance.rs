//! Every test case of tests/conformance, sent twice over real HTTP: by the compiled connector, and by `preview`, which
//! interprets the document. The requests are compared byte for byte.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use jackfield_build::model::{Code, Input, Operation, Step};
use jackfield_build::{Job, Manifest, Modelled, model_of};
use jackfield_runtime::rows::ConnectorRows;
use jackfield_runtime::{Api, Caller, Channel, Environment, Service};
use jackfield_testkit::{Answer, Recorded, Upstream};
use jackfield_tests::{OUT_DIR, TABLES, Table};
use serde_json::{Map, Value, json};

use crate::specs;

/// Headers that the runtime adds to every request.
const OWN_HEADERS: [&str; 5] = ["accept", "user-agent", "host", "content-type", "content-length"];

#[tokio::test]
async fn conformance_case_sends_the_expected_request() {
    let upstream = Upstream::answering(Answer::empty(204)).await.unwrap();
    let mut failures = Vec::new();
    let mut count = 0;
    for table in TABLES {
        let modelled = modelled(table);
        let serve = |connector: ConnectorRows| {
            let variable = format!("{}_BASE_URL", table.name.replace('-', "_").to_uppercase());
            let environment = Environment::of([(variable, upstream.base_url())]);
            Service::new(Api::new(connector, environment), Vec::new()).unwrap()
        };
        let services = [
            ("compiled", serve(table.connector.into())),
            ("preview", serve(jackfield_cli::preview::connector(self::modelled(table)))),
        ];
        let surface = modelled.surface();
        let tools: BTreeMap<&str, _> =
            surface.tools().filter_map(|tool| Some((tool.operation.id.as_ref()?.as_str(), tool))).collect();
        for case in cases(table.stem).iter().filter(|case| case["openapi"] == table.version) {
            count += 1;
            let id = text(case, "id");
            let Some(tool) = tools.get(id) else {
                failures.push(format!("{id}: no tool was generated"));
                continue;
            };
            let arguments = arguments(case, tool.operation);
            for (way, service) in &services {
                let result = service
                    .call(tool.name.as_str(), arguments.clone(), &Caller::local(Channel::CommandLine))
                    .await
                    .unwrap();
                if let Err(problem) = compare(case, &upstream.take(), result.as_text(), result.is_error()) {
                    failures.push(format!("{id} ({way})\n{problem}\n  why:      {}", case["why"]));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} cases differ\n\n{}", failures.len(), failures.join("\n\n"));
    assert_eq!(count, all_cases().len(), "cases were not run");
}

/// Converts the arguments of a test case to the names that the tool's arguments have.
fn arguments(case: &Value, operation: &Operation) -> Map<String, Value> {
    let mut arguments = Map::new();
    for (place, values) in case["arguments"].as_object().unwrap() {
        if place == "body" {
            body_arguments(case, values, operation, &mut arguments);
            continue;
        }
        for (name, value) in values.as_object().unwrap() {
            let step = operation.recipe.iter().find(|step| fills(step, place, name));
            let step = step.unwrap_or_else(|| panic!("{}: no step sends `{name}` in {place}", case["id"]));
            let Some(Input::Arg { arg, .. }) = step.input() else {
                panic!("{}: `{name}` in {place} is not an argument", case["id"])
            };
            // Tools accept null only in JSON, so any other null argument is left out.
            if !value.is_null() {
                arguments.insert(arg.clone(), value.clone());
            }
        }
    }
    arguments
}

/// Returns the body with the tool's argument names: one argument, or one for each field.
fn body_arguments(case: &Value, body: &Value, operation: &Operation, arguments: &mut Map<String, Value>) {
    let named = |step: &Step| match step.input() {
        Some(Input::Arg { arg, .. }) => Some(arg.clone()),
        _ => None,
    };
    let fields = body.as_object().into_iter().flatten();
    let is_field = |step: &Step| field_of_body(step).is_some();
    let is_flat =
        operation.recipe.iter().any(is_field) && body.as_object().is_some_and(|body| !body.is_empty());
    if !is_flat {
        let whole = operation.recipe.iter().find(|step| is_whole_body(step)).and_then(named);
        match whole {
            Some(arg) => drop(arguments.insert(arg, body.clone())),
            None => assert_eq!(body, &json!({}), "{}: no argument is the whole body", case["id"]),
        }
        return;
    }
    for (name, value) in fields {
        let step = operation.recipe.iter().find(|step| field_of_body(step).is_some_and(|wire| wire == name));
        let step = step.unwrap_or_else(|| panic!("{}: no step sends `{name}` of the body", case["id"]));
        let arg = named(step).unwrap_or_else(|| panic!("{}: `{name}` is not an argument", case["id"]));
        if !value.is_null() || matches!(step, Step::JsonField { .. }) {
            arguments.insert(arg, value.clone());
        }
    }
}

fn is_whole_body(step: &Step) -> bool {
    matches!(
        step,
        Step::JsonBody { .. } | Step::FormBody { .. } | Step::MultipartBody { .. } | Step::RawBody { .. }
    )
}

fn field_of_body(step: &Step) -> Option<&str> {
    match step {
        Step::JsonField { wire, .. }
        | Step::FormField { wire, .. }
        | Step::Part { wire, .. }
        | Step::PartFields { wire, .. }
        | Step::XmlPart { wire, .. } => Some(wire),
        _ => None,
    }
}

fn fills(step: &Step, place: &str, name: &str) -> bool {
    match step {
        Step::Path { wire, .. } => place == "path" && wire == name,
        Step::Query { wire, .. } => place == "query" && wire == name,
        Step::Header { wire, .. } => place == "header" && wire == name,
        Step::Cookie { wire, .. } => place == "cookie" && wire == name,
        Step::FormField { wire, .. } => place == "formData" && wire == name,
        Step::QueryString { .. } => place == "querystring",
        _ => false,
    }
}

fn compare(case: &Value, requests: &[Recorded], said: &str, is_error: bool) -> Result<(), String> {
    let differs = |expected: &str, got: &str| Err(format!("  expected: {expected}\n  got:      {got}"));
    if case["refused"] == true {
        return match requests {
            // The schema may refuse only values of a wrong type; the encoder has to refuse everything else.
            [] if said.contains("do not fit its input schema") && !gives_nothing(&case["arguments"]) => {
                differs("refused by the encoder", said)
            }
            [] if is_error => Ok(()),
            [] => differs("an error", said),
            [request, ..] => differs("refused", &format!("{request:?}")),
        };
    }
    let [request] = requests else { return differs("one request", said) };
    let lines: Vec<&[u8]> = request.head.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end).collect();
    let expected = format!("{} /{}{} HTTP/1.1", request.method, text(case, "id"), text(case, "target"));
    if lines[0] != expected.as_bytes() {
        return differs(&expected, &String::from_utf8_lossy(lines[0]));
    }
    let expected = fields(case);
    let arrived = lines[1..].iter().filter(|line| !line.is_empty() && !is_own(line));
    let arrived: BTreeSet<Vec<u8>> = arrived.map(|line| spelled(line)).collect();
    let shown = |lines: &BTreeSet<Vec<u8>>| {
        lines.iter().map(|line| String::from_utf8_lossy(line).into_owned()).collect::<Vec<_>>().join(" | ")
    };
    if arrived != expected {
        return differs(&shown(&expected), &shown(&arrived));
    }
    if let Some(accept) = case.get("accept").and_then(Value::as_str) {
        let came = request.headers_named("accept").join(" | ");
        if came != accept {
            return differs(&format!("accept: {accept}"), &format!("accept: {came}"));
        }
    }
    if let Some(parts) = case.get("parts") {
        let came = parts_of(request);
        return if came == *parts { Ok(()) } else { differs(&parts.to_string(), &came.to_string()) };
    }
    let expected_type = case.get("contentType").and_then(Value::as_str);
    if case.get("form").is_none() && request.header("content-type") != expected_type {
        return differs(&format!("{expected_type:?}"), &format!("{:?}", request.header("content-type")));
    }
    let body = ["form", "body"].iter().find_map(|key| case.get(*key)?.as_str());
    let bytes = case.get("bodyHex").and_then(Value::as_str).map(bytes_of_hex);
    let expected = bytes.unwrap_or_else(|| body.unwrap_or_default().as_bytes().to_vec());
    if request.body != expected {
        return differs(&String::from_utf8_lossy(&expected), &request.text());
    }
    Ok(())
}

fn bytes_of_hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

/// Returns the parts of a `multipart/form-data` body, in the format of the test cases.
fn parts_of(request: &Recorded) -> Value {
    let content_type = request.header("content-type").unwrap_or_default();
    let Some(boundary) = content_type.strip_prefix("multipart/form-data; boundary=") else {
        return json!(format!("a body of type {content_type:?}: {}", request.text()));
    };
    let text = request.text();
    let mut parts = Vec::new();
    for part in text.split(&format!("--{boundary}\r\n")).skip(1) {
        let (head, rest) = part.split_once("\r\n\r\n").unwrap();
        let body = rest.strip_suffix(&format!("\r\n--{boundary}--\r\n"));
        let body = body.or_else(|| rest.strip_suffix("\r\n")).unwrap();
        let mut shown = Map::new();
        for line in head.lines() {
            let (name, value) = line.split_once(": ").unwrap();
            if name.eq_ignore_ascii_case("content-disposition") {
                for parameter in value.split("; ").skip(1) {
                    let (name, value) = parameter.split_once('=').unwrap();
                    shown.insert(name.to_owned(), value.trim_matches('"').into());
                }
            } else if name.eq_ignore_ascii_case("content-type") {
                shown.insert("contentType".to_owned(), value.into());
            }
        }
        shown.insert("body".to_owned(), body.into());
        parts.push(Value::Object(shown));
    }
    Value::Array(parts)
}

fn gives_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.iter().all(gives_nothing),
        Value::Object(fields) => fields.values().all(gives_nothing),
        _ => false,
    }
}

/// Returns the headers that the test case expects, with names in lower case, because names are case-insensitive.
fn fields(case: &Value) -> BTreeSet<Vec<u8>> {
    let headers = case.get("headers").and_then(Value::as_object).into_iter().flatten();
    let cookie = case.get("cookie").and_then(Value::as_str).map(|line| ("cookie".to_owned(), line));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.as_str().unwrap()));
    headers
        .chain(cookie)
        .map(|(name, value)| format!("{name}: {value}").trim_ascii_end().as_bytes().to_vec())
        .collect()
}

fn is_own(line: &[u8]) -> bool {
    let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
    OWN_HEADERS.iter().any(|own| name.eq_ignore_ascii_case(own.as_bytes()))
}

fn spelled(line: &[u8]) -> Vec<u8> {
    let colon = line.iter().position(|&byte| byte == b':').unwrap_or(line.len());
    [&line[..colon].to_ascii_lowercase(), &line[colon..]].concat()
}

/// Every combination that the standard defines has a test case for each kind of value.
#[test]
fn conformance_cases_cover_every_combination_of_style_explode_and_type() {
    let mut covered = BTreeSet::new();
    for case in all_cases() {
        let Some(kind) = case.get("value").and_then(Value::as_str) else { continue };
        let parameter = case.get("parameters").map_or(&Value::Null, |parameters| &parameters[0]);
        // Test cases of Swagger 2.0 have a collection format instead of a style.
        let Some(style) = parameter.get("style").and_then(Value::as_str) else { continue };
        let explode = parameter["explode"].as_bool().unwrap_or(style == "form");
        let kinds = &parameter["schema"]["type"];
        let type_name = kinds.as_array().map_or(kinds, |names| &names[0]);
        let type_name = type_name.as_str().unwrap_or_default();
        covered.insert((explode, [text(parameter, "in"), style, type_name, kind].map(str::to_owned)));
    }
    let mut missing = Vec::new();
    for (place, style, explodes, types) in DEFINED {
        let kinds = explodes.iter().flat_map(|explode| types.iter().map(move |kind| (*explode, *kind)));
        for (explode, kind) in kinds {
            for value in ["plain", "empty", "null", "unicode", "reserved", "several"] {
                let key = [*place, *style, kind, value].map(str::to_owned);
                if !covered.contains(&(explode, key.clone())) {
                    missing.push(format!("{key:?}, explode {explode}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "no case for\n{}", missing.join("\n"));
}

const BOTH: &[bool] = &[false, true];
const ALL: &[&str] = &["string", "array", "object"];
const COMPOSED: &[&str] = &["array", "object"];

/// Every combination of location, style, explode and type, except those that the table "Style Examples" of the OpenAPI standard calls n/a.
const DEFINED: &[(&str, &str, &[bool], &[&str])] = &[
    ("path", "simple", BOTH, ALL),
    ("path", "label", BOTH, ALL),
    ("path", "matrix", BOTH, ALL),
    ("query", "form", BOTH, ALL),
    ("query", "spaceDelimited", &[false], COMPOSED),
    ("query", "pipeDelimited", &[false], COMPOSED),
    ("query", "deepObject", &[true], &["object"]),
    ("header", "simple", BOTH, ALL),
    ("cookie", "form", BOTH, ALL),
    ("cookie", "cookie", BOTH, ALL),
];

/// Ids are unique, and the README states the correct numbers of cases.
#[test]
fn conformance_case_counts_match_the_readme() {
    let cases = all_cases();
    let mut ids = BTreeSet::new();
    for case in &cases {
        assert!(ids.insert(text(case, "id").to_owned()), "two cases are called {}", case["id"]);
        let by = text(case, "by");
        assert!(by == "standard" || by == "jackfield", "{}: `by` is `{by}`", case["id"]);
        assert!(!text(case, "why").is_empty(), "{} has no reason", case["id"]);
        let outcomes = usize::from(case["refused"] == true) + usize::from(case.get("target").is_some());
        assert_eq!(outcomes, 1, "{} has to be either sent or refused", case["id"]);
    }
    let readme = fs::read_to_string(folder().join("README.md")).unwrap();
    let mut said = 0;
    for line in readme.lines().filter_map(|line| line.strip_prefix("| [")) {
        let stem = line.split(".json]").next().unwrap();
        let count: usize = line.split('|').nth(1).unwrap().trim().parse().unwrap();
        let there = self::cases(stem).len();
        assert_eq!(count, there, "README.md on {stem}.json");
        said += count;
    }
    assert_eq!(said, cases.len(), "README.md does not list every table");
    assert!(
        readme.contains(&format!("**{} cases**", cases.len())),
        "README.md has another total: {}",
        cases.len()
    );
}

/// Headers that the standard tells readers to ignore are reported.
#[test]
fn header_parameters_that_openapi_ignores_are_reported() {
    let table = TABLES.iter().find(|table| table.stem == "header" && table.version == "3.1.1").unwrap();
    let modelled = modelled(table);
    let ignored: BTreeSet<String> = modelled
        .report
        .diagnostics
        .iter()
        .filter(|finding| finding.code == Code::IgnoredParameter)
        .filter_map(|finding| Some(finding.place.as_ref()?.pointer.as_str().split('/').nth(2)?.to_owned()))
        .collect();
    let expected: BTreeSet<String> = cases("header")
        .iter()
        .map(|case| text(case, "id").to_owned())
        .filter(|id| id.starts_with("header-ignored-"))
        .map(|id| format!("~1{id}~1colors"))
        .collect();
    assert_eq!(ignored, expected);
}

/// Operations that differ only in a fragment are two tools, with and without an `operationId`.
#[test]
fn paths_that_differ_only_in_the_fragment_become_two_tools() {
    let operation = json!({ "responses": { "204": { "description": "Done." } } });
    let document = json!({
        "openapi": "3.0.4",
        "info": { "title": "Fragments", "version": "1" },
        "servers": [{ "url": "https://api.example.com" }],
        "paths": { "/a#x": { "get": operation }, "/a#y": { "get": operation }, "/a": { "get": operation } },
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fragments.json");
    fs::write(&file, document.to_string()).unwrap();
    let modelled = specs::model(&file, "fragments");
    let names: BTreeSet<String> = modelled.surface().tools().map(|tool| tool.name.to_string()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(modelled.connector.operations().all(|operation| operation.path == "/a"));
}

/// Returns the model of the document for a file of test cases, with the connector.toml beside it.
fn modelled(table: &Table) -> Modelled {
    let manifest = Manifest::read(&Path::new(OUT_DIR).join(format!("{}.toml", table.name))).unwrap();
    model_of(&Job::new(manifest)).unwrap_or_else(|error| panic!("{}: {error}", table.name))
}

fn folder() -> std::path::PathBuf {
    specs::repository().join("tests/conformance")
}

fn cases(stem: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder().join(format!("{stem}.json"))).unwrap();
    let table: Value = serde_json::from_str(&text).unwrap();
    table["rows"].as_array().unwrap().clone()
}

fn all_cases() -> Vec<Value> {
    let stems: BTreeSet<&str> = TABLES.iter().map(|table| table.stem).collect();
    stems.into_iter().flat_map(cases).collect()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_else(|| panic!("no `{key}` in {value}"))
}
