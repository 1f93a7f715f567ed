//! For all schemas and values, either a request is sent and decodes to the given arguments by the rules of
//! the standard, or the call is refused for a known reason. No value changes the structure of a request.
//!
//! The decoder shares no code with the encoder. The seed is fixed, so that a failure can be repeated.

use std::collections::BTreeSet;
use std::fs;

use jackfield_build::model::Style;
use jackfield_runtime::{Api, Caller, Channel, Environment, Service};
use jackfield_testkit::{Answer, Recorded, Upstream};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::{Map, Value, json};

use crate::decode::{self, Decoded};
use crate::specs;

const CASES: u32 = 1_000;

/// Characters that separate, escape or end something in some syntax.
const HOSTILE: &[char] = &[
    '/',
    '.',
    '%',
    '2',
    'e',
    'F',
    '?',
    '#',
    '&',
    '=',
    '+',
    ' ',
    ',',
    ';',
    '|',
    '\t',
    '\r',
    '\n',
    '\0',
    '\\',
    '"',
    '\'',
    '[',
    ']',
    '{',
    '}',
    ':',
    '@',
    '$',
    '<',
    '>',
    '^',
    '`',
    '~',
    '-',
    '\u{7f}',
    'ü',
    '日',
    '\u{1F33F}',
    '\u{202E}',
];

/// A parameter, or a body, with its value.
#[derive(Clone, Debug)]
struct Given {
    style: Style,
    explode: bool,
    value: Value,
}

#[derive(Clone, Debug)]
struct Case {
    path: Given,
    query: Given,
    header: Given,
    cookie: Given,
    /// A second value in the query, which shows whether the first value changes other parts of the query.
    other: String,
    body: Body,
}

#[derive(Clone, Debug)]
enum Body {
    None,
    Json(Value),
    Form(Map<String, Value>),
}

#[test]
fn arguments_arrive_at_the_service_unchanged() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let upstream = runtime.block_on(Upstream::answering(Answer::empty(204))).unwrap();
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let outcome = TestRunner::new_with_rng(config, seed)
        .run(&case(), |case| runtime.block_on(check(&case, &upstream)).map_err(TestCaseError::fail));
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

async fn check(case: &Case, upstream: &Upstream) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.json");
    fs::write(&file, document(case).to_string()).unwrap();
    let environment = Environment::of([("SHOP_BASE_URL".to_owned(), upstream.base_url())]);
    let service = Service::new(Api::new(specs::preview(&file, "shop"), environment), Vec::new()).unwrap();
    let mut arguments = json!({
        "p": case.path.value, "q": case.query.value, "X-H": case.header.value, "c": case.cookie.value,
        "other": case.other,
    });
    match &case.body {
        Body::None => {}
        Body::Json(value) => arguments["body"] = value.clone(),
        Body::Form(fields) => fields.iter().for_each(|(name, value)| arguments[name] = value.clone()),
    }
    let Value::Object(arguments) = arguments else { unreachable!("it was made an object above") };
    let result = service
        .call("call", arguments, &Caller::local(Channel::CommandLine))
        .await
        .map_err(|error| error.to_string())?;
    match upstream.take().as_slice() {
        [] => {
            let said = result.as_text();
            let given = [("p", &case.path), ("q", &case.query), ("X-H", &case.header), ("c", &case.cookie)];
            let guilty = given
                .iter()
                .find(|(name, _)| said.contains(&format!("`{name}`")) || said.contains(&format!("/{name}:")));
            match guilty {
                Some((name, given))
                    if decode::cannot_be_said(name, given.style, given.explode, &given.value) =>
                {
                    Ok(())
                }
                _ => Err(format!("refused without a reason: {said}")),
            }
        }
        [request] => arrived(case, request).map_err(|problem| format!("{problem}\n{request}")),
        more => Err(format!("{} requests", more.len())),
    }
}

/// Checks that every value is in its place, and that the request contains no other value.
fn arrived(case: &Case, request: &Recorded) -> Result<(), String> {
    let segments: Vec<&str> = request.path().split('/').collect();
    let ["", "a", segment, "z"] = segments.as_slice() else { return Err("other segments".to_owned()) };
    let read = |given: &Given, decoded: Option<Decoded>, what: &str| {
        if decode::is_same(&given.value, decoded.as_ref()) {
            return Ok(());
        }
        Err(format!("{what}: {} came as {decoded:?}", given.value))
    };
    let is_list = |value: &Value| value.is_array();
    let is_object = |value: &Value| value.is_object();
    let shape = |given: &Given| (is_list(&given.value), is_object(&given.value));
    read(
        &case.path,
        decode::segment("p", segment, case.path.style, case.path.explode, shape(&case.path)),
        "path",
    )?;

    let mut pairs: Vec<&str> = request.query().unwrap_or_default().split('&').collect();
    let other = format!("other={}", decode::escaped(&case.other));
    if pairs.pop() != Some(other.as_str()) {
        return Err(format!("the query does not end with {other}"));
    }
    read(
        &case.query,
        decode::pairs("q", &pairs, case.query.style, case.query.explode, shape(&case.query)),
        "query",
    )?;

    let header = request.header("x-h");
    read(
        &case.header,
        decode::header(header, case.header.style, case.header.explode, shape(&case.header)),
        "header",
    )?;

    let bare = case.cookie.style == Style::Cookie;
    let cookies = request.header("cookie");
    let crumbs: Vec<&str> =
        cookies.into_iter().flat_map(|line| line.split(if bare { "; " } else { "&" })).collect();
    read(
        &case.cookie,
        decode::pairs("c", &crumbs, case.cookie.style, case.cookie.explode, shape(&case.cookie)),
        "cookie",
    )?;

    let mut known = BTreeSet::from(["accept", "user-agent", "host", "x-h", "cookie", "content-length"]);
    match &case.body {
        Body::None if request.body.is_empty() => {}
        Body::Json(value) if request.json().as_ref() == Some(value) => {
            known.insert("content-type");
        }
        Body::Form(fields) => {
            known.insert("content-type");
            let text = request.text();
            let pairs: Vec<&str> = text.split('&').filter(|pair| !pair.is_empty()).collect();
            for (name, value) in fields {
                let own: Vec<&str> =
                    pairs.iter().copied().filter(|pair| pair.starts_with(&format!("{name}="))).collect();
                let given = Given { style: Style::Form, explode: true, value: value.clone() };
                read(&given, decode::pairs(name, &own, Style::Form, true, shape(&given)), name)?;
            }
            let strangers = pairs.iter().filter(|pair| !pair.starts_with("f0=") && !pair.starts_with("f1="));
            if strangers.count() > 0 {
                return Err("an undeclared field was sent".to_owned());
            }
        }
        _ => return Err("another body".to_owned()),
    }
    let mut seen = BTreeSet::new();
    for (name, _) in &request.headers {
        let name = name.to_ascii_lowercase();
        if !known.contains(name.as_str()) || !seen.insert(name.clone()) {
            return Err(format!("the header `{name}` was not expected"));
        }
    }
    Ok(())
}

fn document(case: &Case) -> Value {
    let parameter = |name: &str, place: &str, given: &Given| match decode::word(given.style) {
        None => json!({
            "name": name, "in": place, "required": place == "path",
            "content": { "application/json": { "schema": {} } },
        }),
        Some(style) => json!({
            "name": name, "in": place, "required": place == "path",
            "style": style, "explode": given.explode, "schema": schema(&given.value),
        }),
    };
    let mut operation = json!({
        "operationId": "call",
        "parameters": [
            parameter("p", "path", &case.path),
            parameter("q", "query", &case.query),
            parameter("X-H", "header", &case.header),
            parameter("c", "cookie", &case.cookie),
            { "name": "other", "in": "query", "schema": { "type": "string" } },
        ],
        "responses": { "204": { "description": "Done." } },
    });
    let content = match &case.body {
        Body::None => None,
        Body::Json(_) => Some(json!({ "application/json": { "schema": {} } })),
        Body::Form(fields) => {
            let properties: Map<String, Value> =
                fields.iter().map(|(name, value)| (name.clone(), schema(value))).collect();
            let schema = json!({ "type": "object", "properties": properties });
            Some(json!({ "application/x-www-form-urlencoded": { "schema": schema } }))
        }
    };
    if let Some(content) = content {
        operation["requestBody"] = json!({ "required": true, "content": content });
    }
    json!({
        "openapi": "3.2.0",
        "info": { "title": "Shop", "version": "1" },
        "servers": [{ "url": "https://api.example.com" }],
        "paths": { "/a/{p}/z": { "post": operation } },
    })
}

fn schema(value: &Value) -> Value {
    match value {
        Value::Array(_) => json!({ "type": "array", "items": {} }),
        Value::Object(_) => json!({ "type": "object" }),
        _ => json!({ "type": ["string", "number", "boolean"] }),
    }
}

fn case() -> impl Strategy<Value = Case> {
    let path = given(&[Style::Simple, Style::Label, Style::Matrix, Style::Json]);
    let query =
        given(&[Style::Form, Style::SpaceDelimited, Style::PipeDelimited, Style::DeepObject, Style::Json]);
    let header = given(&[Style::Simple, Style::Json]);
    let cookie = given(&[Style::Form, Style::Cookie, Style::Json]);
    (path, query, header, cookie, text(), body()).prop_map(|(path, query, header, cookie, other, body)| {
        Case { path, query, header, cookie, other, body }
    })
}

fn given(styles: &'static [Style]) -> impl Strategy<Value = Given> {
    (select(styles), any::<bool>(), value()).prop_map(|(style, explode, value)| match style {
        // The standard defines only this combination for the location.
        Style::DeepObject if !value.is_object() => Given { style: Style::Form, explode, value },
        Style::SpaceDelimited | Style::PipeDelimited if !value.is_object() && !value.is_array() => {
            Given { style: Style::Form, explode, value }
        }
        style => Given { style, explode, value },
    })
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => scalar(),
        2 => proptest::collection::vec(member(), 0..4).prop_map(Value::from),
        2 => proptest::collection::vec((text(), member()), 0..4).prop_map(|fields| {
            // A property must not be named like another parameter, because the decoder could not tell them
            // apart.
            let fields = fields.into_iter().filter(|(name, _)| !name.is_empty() && name != "other");
            Value::Object(fields.collect())
        }),
    ]
}

fn member() -> impl Strategy<Value = Value> {
    prop_oneof![6 => scalar(), 1 => Just(Value::Null)]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        5 => text().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => any::<f64>().prop_filter("JSON has no other", |number| number.is_finite()).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z]{0,6}",
        3 => proptest::collection::vec(select(HOSTILE), 0..8).prop_map(String::from_iter),
        1 => proptest::collection::vec(any::<char>(), 0..6).prop_map(String::from_iter),
        1 => select(&["..", ".", "%2e%2e", "../x", "//evil.example", "\r\nX-Evil: 1", "a&other=b"][..])
            .prop_map(str::to_owned),
    ]
}

fn body() -> impl Strategy<Value = Body> {
    let list = proptest::collection::vec(scalar(), 0..4).prop_map(Value::from);
    prop_oneof![
        Just(Body::None),
        value().prop_map(Body::Json),
        (scalar(), list).prop_map(|(one, many)| {
            Body::Form(Map::from_iter([("f0".to_owned(), one), ("f1".to_owned(), many)]))
        }),
    ]
}
