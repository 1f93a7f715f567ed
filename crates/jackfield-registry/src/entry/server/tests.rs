use serde_json::json;

use super::*;
use crate::entry::argument::ArgumentKind;
use crate::entry::input::InputFormat;
use crate::entry::official::Status;
use crate::entry::package::PackageKind;
use crate::entry::transport::TransportKind;

fn full() -> Value {
    json!({
        "server": {
            "$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
            "name": "io.github.ada/weather",
            "title": "Weather",
            "description": "Forecasts",
            "version": "1.2.0",
            "unknown": [1, { "a": null }],
            "repository": { "url": "https://github.com/ada/weather", "source": "github", "id": "7", "subfolder": "src" },
            "packages": [{
                "registryType": "npm", "identifier": "@ada/weather", "version": "1.2.0", "runtimeHint": "npx",
                "runtimeArguments": [{ "type": "named", "name": "--yes" }],
                "packageArguments": [
                    { "type": "positional", "valueHint": "city", "isRequired": true, "default": "Paris" },
                    { "type": "named", "name": "--port", "default": 8080, "format": "number", "isRepeated": true },
                ],
                "environmentVariables": [{
                    "name": "API_KEY", "isSecret": true, "value": "Bearer {key}",
                    "variables": { "key": { "isSecret": true, "choices": ["a", 1, true] } },
                }],
                "transport": { "type": "stdio" },
            }],
            "remotes": [{
                "type": "streamable-http", "url": "https://{tenant}.example.com/mcp",
                "variables": { "tenant": { "default": "eu" } },
                "headers": [{ "name": "X-Key", "isSecret": true }],
            }],
        },
        "_meta": { "io.modelcontextprotocol.registry/official": {
            "status": "deprecated", "statusMessage": "use 2", "publishedAt": "2026-01-02T03:04:05Z",
            "updatedAt": "2026-01-02T03:04:05.123456Z", "isLatest": true, "statusChangedAt": null,
        } },
    })
}

#[test]
fn entry_has_all_parts_of_its_item() {
    let entry = Entry::parse(&full()).unwrap();
    assert_eq!(entry.kinds(), ["npm", "remote"]);
    let package = &entry.packages[0];
    assert_eq!(package.kind, PackageKind::Npm);
    assert_eq!(package.arguments[0].kind, ArgumentKind::Positional { hint: Some("city".to_owned()) });
    assert_eq!(package.arguments[1].input.default.as_deref(), Some("8080"));
    assert_eq!(package.arguments[1].input.format, InputFormat::Number);
    assert!(package.arguments[1].is_repeated && package.environment[0].input.has_secret());
    assert_eq!(package.environment[0].input.variables["key"].choices, ["a", "1", "true"]);
    assert_eq!(package.transport.kind, TransportKind::Stdio);
    assert_eq!(entry.remotes[0].url(), "https://{tenant}.example.com/mcp");
    assert_eq!(entry.official.status, Status::Deprecated);
    assert_eq!(entry.official.is_latest, Some(true));
    assert_eq!(entry.repository.unwrap().id.as_deref(), Some("7"));
}

#[test]
fn bare_server_json_is_an_active_entry() {
    let mut bare = full()["server"].clone();
    // A publisher cannot state what only the registry states.
    bare["_meta"] = full()["_meta"].clone();
    let entry = Entry::parse(&bare).unwrap();
    assert_eq!(entry.official, Official::default());
}

#[test]
fn malformed_member_is_an_error_with_its_place() {
    let long = "x".repeat(5_000);
    let many: Vec<Value> = (0..200).map(|at| json!({ "name": format!("V{at}") })).collect();
    for (pointer, value, place) in [
        ("/server/name", json!("weather"), "server/name"),
        ("/server/name", json!("io.github.\u{430}da/weather"), "server/name"),
        ("/server/name", json!(7), "server/name"),
        ("/server/version", json!("^1.2.0"), "server/version"),
        ("/server/version", json!("latest"), "server/version"),
        ("/server/version", json!(""), "server/version"),
        ("/server/description", Value::Null, "server/description"),
        ("/server/description", json!(long), "server/description"),
        ("/server/packages", json!({}), "server/packages"),
        ("/server/packages/0", json!("npm"), "server/packages/0"),
        ("/server/packages/0/registryType", Value::Null, "server/packages/0/registryType"),
        ("/server/packages/0/transport", Value::Null, "server/packages/0/transport"),
        ("/server/packages/0/transport/type", json!(["stdio"]), "server/packages/0/transport/type"),
        (
            "/server/packages/0/packageArguments/0/type",
            json!("flag"),
            "server/packages/0/packageArguments/0/type",
        ),
        (
            "/server/packages/0/packageArguments/1/name",
            Value::Null,
            "server/packages/0/packageArguments/1/name",
        ),
        ("/server/packages/0/environmentVariables", json!(many), "server/packages/0/environmentVariables"),
        (
            "/server/packages/0/environmentVariables/0/isSecret",
            json!("yes"),
            "server/packages/0/environmentVariables/0/isSecret",
        ),
        ("/server/remotes/0/url", Value::Null, "server/remotes/0/url"),
        ("/server/remotes/0/variables", json!([]), "server/remotes/0/variables"),
        (
            "/_meta/io.modelcontextprotocol.registry~1official/status",
            json!("hidden"),
            "_meta/io.modelcontextprotocol.registry/official/status",
        ),
        (
            "/_meta/io.modelcontextprotocol.registry~1official/updatedAt",
            json!("yesterday"),
            "_meta/io.modelcontextprotocol.registry/official/updatedAt",
        ),
    ] {
        let mut item = full();
        *item.pointer_mut(pointer).unwrap() = value;
        let error = Entry::parse(&item).unwrap_err();
        assert_eq!(error.place, place, "{error}");
    }
    for item in [json!(null), json!([]), json!("x"), json!({}), json!({ "server": [] })] {
        assert!(Entry::parse(&item).is_err(), "{item}");
    }
}

#[test]
fn error_names_its_entry() {
    let mut item = full();
    item["server"]["packages"][0]["identifier"] = json!(["x"]);
    let error = Entry::parse(&item).unwrap_err();
    assert_eq!(
        error.to_string(),
        "io.github.ada/weather@1.2.0: this is not a text (at server/packages/0/identifier)"
    );
}
