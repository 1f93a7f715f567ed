//! Tests that docs/connector.schema.json, which editors use for connector.toml, agrees with the parser.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jackfield_build::Manifest;
use jackfield_runtime::check_value;
use serde_json::{Value, json};

/// An unknown key that resembles no known key, so that the error of the parser lists all keys.
const UNKNOWN: &str = "zzzzzzzzzzzzzzzzzzzzzzzzzzzz";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn schema() -> Value {
    let text = fs::read_to_string(repository().join("docs/connector.schema.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn parsed(text: &str) -> Result<(), String> {
    let manifest = Manifest::parse("connector.toml", text, Path::new(""));
    manifest.map(drop).map_err(|error| error.to_string())
}

fn fits(schema: &Value, text: &str) -> Result<(), String> {
    let value: toml::Value = toml::from_str(text).map_err(|error| error.to_string())?;
    check_value(schema, &serde_json::to_value(value).unwrap()).map_err(|error| error.to_string())
}

/// Returns the keys that the parser lists in the error about an unknown key. `text` opens the table.
fn keys_of_parser(text: &str) -> BTreeSet<String> {
    let error = parsed(text).unwrap_err();
    let (_, list) = error.split_once("use one of ").unwrap_or_else(|| panic!("{error}"));
    let list = list.lines().next().unwrap_or_default();
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn manifest_schema_has_the_same_keys_as_the_parser() {
    let schema = schema();
    let at = |pointer: &str| -> BTreeSet<String> {
        let properties = schema.pointer(pointer).unwrap_or_else(|| panic!("{pointer}"));
        properties["properties"].as_object().unwrap().keys().cloned().collect()
    };
    let document = "document = 'a.yaml'\n";
    for (table, pointer) in [
        (String::new(), ""),
        ("[limits]\n".to_owned(), "/properties/limits"),
        ("[references]\n".to_owned(), "/properties/references"),
        ("[auth]\n".to_owned(), "/properties/auth"),
        ("[auth.schemes.a]\n".to_owned(), "/$defs/scheme"),
        ("[replies.a]\n".to_owned(), "/properties/replies/additionalProperties"),
        ("[arguments.a.b]\n".to_owned(), "/$defs/argument"),
        ("[jobs.a]\n".to_owned(), "/properties/jobs/additionalProperties"),
        ("[resources.a]\n".to_owned(), "/properties/resources/additionalProperties"),
        ("[prompts.a]\n".to_owned(), "/properties/prompts/additionalProperties"),
        (
            "[prompts.a.arguments.b]\n".to_owned(),
            "/properties/prompts/additionalProperties/properties/arguments/additionalProperties",
        ),
        ("[merge.a]\n".to_owned(), "/properties/merge/additionalProperties"),
        ("[timeout]\n".to_owned(), "/properties/timeout"),
        ("[retry]\n".to_owned(), "/properties/retry"),
        ("[rate]\n".to_owned(), "/properties/rate"),
        ("[rate.a]\n".to_owned(), "/properties/rate/additionalProperties"),
    ] {
        let mut known = keys_of_parser(&format!("{document}{table}{UNKNOWN} = 1\n"));
        known.remove("off");
        assert_eq!(at(pointer), known, "{table}");
    }
}

#[test]
fn manifest_schema_accepts_every_example_in_the_documentation() {
    let schema = schema();
    let page = fs::read_to_string(repository().join("docs/connector-toml.md")).unwrap();
    let mut count = 0;
    for part in page.split("```toml\n").skip(1) {
        let example = part.split("```").next().unwrap();
        let text = match example.contains("document =") {
            true => example.to_owned(),
            false => format!("document = 'a.yaml'\n{example}"),
        };
        assert_eq!(fits(&schema, &text), Ok(()), "{text}");
        count += 1;
    }
    assert!(count > 25, "{count}");
    for file in [
        "tests/connector.toml",
        "tests/decisions/connector.toml",
        "tests/merges/connector.toml",
        "crates/connectors/stripe/connector.toml",
    ] {
        let text = fs::read_to_string(repository().join(file)).unwrap();
        assert_eq!(fits(&schema, &text), Ok(()), "{file}");
    }
}

#[test]
fn invalid_manifest_is_refused_by_parser_and_schema() {
    let schema = schema();
    for choices in [
        "inclde = ['a']",
        "include = 'a'",
        "include = ['']",
        "exclude = [1]",
        "name = 'Shop'",
        "name_limit = 10",
        "name_limit = '40'",
        "servers = ['example.com']",
        "servers = ['https://example.com/?a']",
        "document_url = 'example.com'",
        "output_schemas = 'yes'",
        "wording = 'short'",
        "surface = 'some'",
        "instructions = ''",
        "arguments = ['trace']",
        "[arguments.a]",
        "[arguments.a]\nb = {}",
        "[arguments.a]\nb = { hide = false }",
        "[arguments.a]\nb = { hide = true, default = 1 }",
        "[arguments.a]\nb = { fix = 1, rename = 'c' }",
        "[arguments.a]\nb = { values = [] }",
        "[arguments.a]\nb = { rename = 'c d' }",
        "[arguments.a]\nb = { hid = true }",
        "[rename]\na = 'b c'",
        "[retitle]\na = ''",
        "[merge.a]",
        "[merge.a]\noperations = ['b']",
        "[merge.a]\noperations = ['b', '']",
        "[merge.a]\noperations = 'b'",
        "[merge.a]\noperations = { x = 'b' }",
        "[merge.a]\noperations = { 'x y' = 'b', z = 'c' }",
        "[merge.a]\noperations = ['b', 'c']\nargument = 'd'",
        "[merge.a]\noperations = { x = 'b', y = 'c' }\nargument = 'd e'",
        "[merge.a]\noperations = ['b', 'c']\ntitle = ''",
        "[merge.'a b']\noperations = ['b', 'c']",
        "[describe]\na = {}",
        "[describe]\na = { titel = 'b' }",
        "[effect]\na = 'delete'",
        "[ask]\na = 'maybe'",
        "[rate]\ncalls = '60'",
        "[rate]\nqueue = 5",
        "[rate.a]",
        "[rate.a]\nconcurrent = 0",
        "[replies.a]",
        "[replies.a]\nitems = 0",
        "[replies.a]\nredact = []",
        "[replies.a]\njq = ' '",
        "documentation = 'yes'",
        "[resources.a]\nurl = 'shop://a'",
        "[resources.a]\nuri = '/a'",
        "[resources.a]\nuri = 'Shop://a'",
        "[resources.a]\ntitle = ''",
        "[resources.a]\nmime_type = 'json'",
        "[resources.a]\ntool = true",
        "[resources.'']",
        "[prompts.a]",
        "[prompts.'a b']\ntext = 'x'",
        "[prompts.a]\ntext = ' '",
        "[prompts.a]\ntext = '{b}'\narguments = { b = { required = true, default = 'c' } }",
        "[prompts.a]\ntext = '{b}'\narguments = { b = { values = [] } }",
        "[prompts.a]\ntext = '{b}'\narguments = { b = { values = ['c', 'c'] } }",
        "[prompts.a]\ntext = '{b}'\narguments = { b = { value = ['c'] } }",
        "[timeout]\ntotal = 0",
        "[retry]\nattempts = 11",
        "[body]\na = 'part'",
        "[form]\na = 'xml'",
        "[query]\na = ''",
        "[headers]\n'a b' = 'c'",
        "[auth]\norigins = ['https://a.example.com/b']",
        "[auth.schemes.a]\ntype = 'token'",
        "[auth.schemes.a]\ncommand = { pin = ['pass'] }",
        "[auth.schemes.a]\ntoken_url = '/token'",
        "[limits]\nbytes = -1",
        "[references.remote]\na = 'md5:1'",
    ] {
        let text = format!("document = 'a.yaml'\n{choices}\n");
        assert!(parsed(&text).is_err(), "the parser accepts {choices}");
        assert!(fits(&schema, &text).is_err(), "the schema accepts {choices}");
    }
    assert!(parsed("name = 'shop'").is_err() && fits(&schema, "name = 'shop'").is_err());
    assert_eq!(check_value(&schema, &json!({ "document": "a.yaml" })), Ok(()));
}
