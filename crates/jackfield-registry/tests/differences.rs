//! Each change of an entry has a class.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

use jackfield_registry::{Class, DifferenceKind, Entry, differences};
use serde_json::{Value, json};

fn item() -> Value {
    json!({
        "server": {
            "name": "io.github.ada/weather", "description": "Forecasts", "title": "Weather", "version": "1.2.0",
            "repository": { "url": "https://github.com/ada/weather", "source": "github", "id": "7" },
            "packages": [
                {
                    "registryType": "npm", "identifier": "@ada/weather", "version": "1.2.0",
                    "packageArguments": [
                        { "type": "positional", "valueHint": "city" },
                        { "type": "named", "name": "--port", "default": "80" },
                    ],
                    "environmentVariables": [
                        { "name": "API_KEY", "isSecret": true, "isRequired": true, "description": "The key" },
                        { "name": "BASE_URL", "default": "https://api.example.com/v1" },
                        { "name": "REGION", "choices": ["eu", "us"] },
                    ],
                    "transport": { "type": "stdio" },
                },
                {
                    "registryType": "mcpb", "identifier": "https://example.com/weather.mcpb", "fileSha256": "0a",
                    "transport": { "type": "stdio" },
                },
            ],
            "remotes": [{
                "type": "streamable-http", "url": "https://{region}.example.com/mcp", "variables": { "region": { "choices": ["eu", "us"] } },
                "headers": [{ "name": "Authorization", "isSecret": true, "value": "Bearer {token}", "variables": { "token": { "isSecret": true } } }],
            }],
        },
        "_meta": { "io.modelcontextprotocol.registry/official": { "status": "active" } },
    })
}

fn compared(old: &Value, new: &Value) -> Vec<(Class, DifferenceKind, String)> {
    let differences = differences(&Entry::parse(old).unwrap(), &Entry::parse(new).unwrap());
    assert!(differences.is_sorted_by_key(|difference| std::cmp::Reverse(difference.class)));
    for difference in &differences {
        assert!(!difference.to_string().is_empty());
    }
    differences.into_iter().map(|it| (it.class, it.kind, it.subject)).collect()
}

#[test]
fn equal_entries_have_no_differences() {
    assert_eq!(compared(&item(), &item()), []);
}

#[test]
fn each_change_has_the_class_of_its_meaning() {
    use Class::{Behaviour, Breaking, Security, Wording};
    use DifferenceKind as K;
    let variables = "/server/packages/0/environmentVariables";
    let arguments = "/server/packages/0/packageArguments";
    let new_variable = |variable: Value| {
        let mut all = item().pointer(variables).unwrap().as_array().unwrap().clone();
        all.push(variable);
        Value::from(all)
    };
    for (pointer, value, class, kind, subject) in [
        ("/server/packages/0/version", json!("1.3.0"), Behaviour, K::PackageVersion, "npm @ada/weather"),
        ("/server/packages/0/identifier", json!("@eve/weather"), Security, K::Package, "npm @ada/weather"),
        ("/server/packages/0/registryType", json!("pypi"), Breaking, K::Package, "npm @ada/weather"),
        (
            "/server/packages/0/registryBaseUrl",
            json!("https://evil.example"),
            Security,
            K::Package,
            "npm @ada/weather",
        ),
        (
            "/server/packages/1/fileSha256",
            json!("0b"),
            Security,
            K::Package,
            "mcpb https://example.com/weather.mcpb",
        ),
        (
            "/server/packages/1",
            json!({ "registryType": "pypi", "identifier": "weather", "transport": { "type": "stdio" } }),
            Breaking,
            K::Package,
            "mcpb https://example.com/weather.mcpb",
        ),
        ("/server/packages/0/transport/type", json!("other"), Breaking, K::Transport, "npm @ada/weather"),
        (
            variables,
            new_variable(json!({ "name": "GITHUB_TOKEN", "isSecret": true })),
            Security,
            K::Variable,
            "GITHUB_TOKEN",
        ),
        (
            variables,
            new_variable(json!({ "name": "TENANT", "isRequired": true })),
            Breaking,
            K::Variable,
            "TENANT",
        ),
        (
            variables,
            new_variable(json!({ "name": "TENANT", "isRequired": true, "default": "x" })),
            Behaviour,
            K::Variable,
            "TENANT",
        ),
        (variables, new_variable(json!({ "name": "TENANT" })), Behaviour, K::Variable, "TENANT"),
        (
            variables,
            new_variable(json!({ "name": "HOOK", "value": "https://evil.example" })),
            Security,
            K::Variable,
            "HOOK",
        ),
        ("/server/packages/0/environmentVariables/2/name", json!("AREA"), Behaviour, K::Variable, "REGION"),
        (
            "/server/packages/0/environmentVariables/0/isSecret",
            json!(false),
            Security,
            K::Variable,
            "API_KEY",
        ),
        (
            "/server/packages/0/environmentVariables/0/isRequired",
            json!(false),
            Behaviour,
            K::Variable,
            "API_KEY",
        ),
        (
            "/server/packages/0/environmentVariables/0/description",
            json!("The key of Ada"),
            Wording,
            K::Variable,
            "API_KEY",
        ),
        (
            "/server/packages/0/environmentVariables/1/isRequired",
            json!(true),
            Breaking,
            K::Variable,
            "BASE_URL",
        ),
        (
            "/server/packages/0/environmentVariables/1/isSecret",
            json!(true),
            Security,
            K::Variable,
            "BASE_URL",
        ),
        (
            "/server/packages/0/environmentVariables/1/default",
            json!("https://evil.example/v1"),
            Security,
            K::Variable,
            "BASE_URL",
        ),
        (
            "/server/packages/0/environmentVariables/1/default",
            json!("https://api.example.com/v2"),
            Behaviour,
            K::Variable,
            "BASE_URL",
        ),
        ("/server/packages/0/environmentVariables/2/choices", json!(["eu"]), Breaking, K::Variable, "REGION"),
        (
            "/server/packages/0/environmentVariables/2/choices",
            json!(["eu", "us", "ap"]),
            Behaviour,
            K::Variable,
            "REGION",
        ),
        ("/server/packages/0/environmentVariables/2/choices", json!([]), Behaviour, K::Variable, "REGION"),
        (
            "/server/packages/0/environmentVariables/2/format",
            json!("number"),
            Breaking,
            K::Variable,
            "REGION",
        ),
        (arguments, json!([]), Behaviour, K::Argument, "1. city"),
        ("/server/packages/0/packageArguments/1/default", json!("81"), Behaviour, K::Argument, "--port"),
        (
            "/server/remotes/0/url",
            json!("https://{region}.evil.example/mcp"),
            Security,
            K::Host,
            "https://eu.evil.example",
        ),
        (
            "/server/remotes/0/url",
            json!("https://{region}.evil.example/mcp"),
            Breaking,
            K::Host,
            "https://eu.example.com",
        ),
        (
            "/server/remotes/0/url",
            json!("http://{region}.example.com/mcp"),
            Security,
            K::Host,
            "http://eu.example.com",
        ),
        (
            "/server/remotes/0/url",
            json!("https://{region}.example.com/v2"),
            Behaviour,
            K::Url,
            "https://{region}.example.com/v2",
        ),
        ("/server/remotes/0/type", json!("sse"), Breaking, K::Transport, "https://{region}.example.com/mcp"),
        (
            "/server/remotes/0/variables/region/choices",
            json!(["eu", "us", "evil"]),
            Security,
            K::Host,
            "https://evil.example.com",
        ),
        ("/server/remotes/0/headers/0/name", json!("X-Key"), Security, K::Header, "X-Key"),
        ("/server/remotes/0/headers/0/value", json!("Token {token}"), Behaviour, K::Header, "Authorization"),
        (
            "/server/remotes/0/headers/0/variables/token/isSecret",
            json!(false),
            Security,
            K::Header,
            "Authorization {token}",
        ),
        ("/server/remotes", json!([]), Breaking, K::Host, "https://eu.example.com"),
        ("/server/repository/id", json!("8"), Security, K::Repository, "io.github.ada/weather"),
        (
            "/server/repository/url",
            json!("https://github.com/eve/weather"),
            Security,
            K::Repository,
            "io.github.ada/weather",
        ),
        ("/server/description", json!("Weather of a city"), Wording, K::Text, "description"),
        (
            "/_meta/io.modelcontextprotocol.registry~1official/status",
            json!("deprecated"),
            Behaviour,
            K::Status,
            "io.github.ada/weather",
        ),
        (
            "/_meta/io.modelcontextprotocol.registry~1official/status",
            json!("deleted"),
            Breaking,
            K::Status,
            "io.github.ada/weather",
        ),
    ] {
        let mut new = item();
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        let parent = new.pointer_mut(parent).unwrap();
        match member.parse::<usize>() {
            Ok(at) => parent[at] = value.clone(),
            Err(_) => parent[member] = value.clone(),
        }
        let found = compared(&item(), &new);
        assert!(found.contains(&(class, kind, subject.to_owned())), "{pointer} {value}: {found:?}");
    }
}

#[test]
fn host_of_the_first_remote_server_is_not_a_change_of_hosts() {
    let mut old = item();
    old["server"]["remotes"] = json!([]);
    let found = compared(&old, &item());
    assert!(found.iter().all(|(class, ..)| *class == Class::Behaviour), "{found:?}");
}
