//! Entries whose publisher is hostile or careless.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

use jackfield_registry::{Entry, Finding, FindingCode, Severity, check};
use serde_json::{Value, json};

/// An entry with a package and a remote server, about which there is nothing to say.
fn honest() -> Value {
    json!({
        "server": {
            "name": "io.github.ada/weather", "description": "Forecasts\nfor a city, für Größen 🌦️", "version": "1.2.0",
            "packages": [{
                "registryType": "npm", "registryBaseUrl": "https://registry.npmjs.org", "identifier": "@ada/weather", "version": "1.2.0",
                "packageArguments": [
                    { "type": "positional", "valueHint": "city", "default": "Paris" },
                    { "type": "named", "name": "--offset", "format": "number", "default": "-1.5" },
                    { "type": "named", "name": "--zone", "value": "{area}/{place}", "variables": { "area": {}, "place": { "default": "Berlin" } } },
                ],
                "environmentVariables": [
                    { "name": "API_KEY", "isSecret": true, "isRequired": true },
                    { "name": "NODE_ENV", "value": "production" },
                    { "name": "BASE_URL", "default": "https://api.example.com/a%20b?x=100%" },
                ],
                "transport": { "type": "stdio" },
            }],
            "remotes": [{
                "type": "streamable-http", "url": "https://{tenant}.example.com/mcp/{path}",
                "variables": { "tenant": { "choices": ["eu", "us"] }, "path": { "default": "v1" } },
                "headers": [{ "name": "Authorization", "isSecret": true, "value": "Bearer {token}", "variables": { "token": {} } }],
            }],
        },
        "_meta": { "io.modelcontextprotocol.registry/official": { "status": "active", "isLatest": true } },
    })
}

fn findings(item: &Value) -> Vec<Finding> {
    check(&Entry::parse(item).unwrap())
}

#[test]
fn honest_entry_has_no_findings() {
    assert_eq!(findings(&honest()), []);
}

#[test]
fn hostile_entry_is_refused_or_reported_with_its_code() {
    use FindingCode as C;
    use Severity::{Refused, Warning};
    let package = |member: &str| format!("/server/packages/0/{member}");
    let remote = |member: &str| format!("/server/remotes/0/{member}");
    let argument = |value: Value| json!([value]);
    let positional = |value: &str| argument(json!({ "type": "positional", "value": value }));
    let variable = |name: &str, value: &str| json!([{ "name": name, "value": value }]);
    let header = |name: &str| json!([{ "name": name, "value": "x" }]);
    for (pointer, value, code, severity) in [
        // Another package than the name says.
        (package("identifier"), json!("git+https://evil.example/x.git"), C::PackageIdentifier, Refused),
        (package("identifier"), json!("file:../../etc"), C::PackageIdentifier, Refused),
        (package("identifier"), json!("https://evil.example/x.tgz"), C::PackageIdentifier, Refused),
        (package("identifier"), json!("weather@npm:evil"), C::PackageIdentifier, Refused),
        (package("identifier"), json!("@ada/weather@9.9.9"), C::PackageIdentifier, Refused),
        (package("identifier"), json!("--registry=https://evil.example"), C::PackageIdentifier, Refused),
        (package("identifier"), json!("-g"), C::PackageIdentifier, Refused),
        (package("identifier"), json!("weather evil"), C::PackageIdentifier, Refused),
        (package("identifier"), json!("we\u{0430}ther"), C::PackageIdentifier, Refused),
        (
            package("registryBaseUrl"),
            json!("https://registry.npmjs.org.evil.example"),
            C::PackageRegistry,
            Refused,
        ),
        (package("registryBaseUrl"), json!("http://registry.npmjs.org"), C::PackageRegistry, Refused),
        (
            package("registryBaseUrl"),
            json!("https://registry.npmjs.org@evil.example"),
            C::PackageRegistry,
            Refused,
        ),
        (package("registryType"), json!("nuget"), C::PackageKind, Refused),
        (package("registryType"), json!("go"), C::PackageKind, Refused),
        // A version that is another one tomorrow.
        (package("version"), json!("^1.2.0"), C::PackageVersion, Refused),
        (package("version"), json!("~1.2"), C::PackageVersion, Refused),
        (package("version"), json!(">=1.0.0"), C::PackageVersion, Refused),
        (package("version"), json!("1.x"), C::PackageVersion, Refused),
        (package("version"), json!("*"), C::PackageVersion, Refused),
        (package("version"), json!("1.0.0 - 2.0.0"), C::PackageVersion, Refused),
        (package("version"), json!("1.0.0 || 2.0.0"), C::PackageVersion, Refused),
        (package("version"), json!("1.2"), C::PackageVersion, Refused),
        (package("version"), json!("latest"), C::PackageVersion, Refused),
        (package("version"), json!("next"), C::PackageVersion, Refused),
        (package("version"), json!(""), C::PackageVersion, Refused),
        (package("version"), Value::Null, C::PackageVersion, Refused),
        (package("version"), json!("1.2.0\n--evil"), C::PackageVersion, Refused),
        (package("fileSha256"), json!("abc"), C::PackageDigest, Refused),
        // Arguments.
        (package("packageArguments"), positional("--allow-write=/"), C::FlagInArgument, Refused),
        (package("packageArguments"), positional("-e"), C::FlagInArgument, Refused),
        (
            package("packageArguments"),
            argument(json!({ "type": "named", "name": "--city", "choices": ["Paris", "--exec"] })),
            C::FlagInArgument,
            Refused,
        ),
        (
            package("packageArguments"),
            argument(
                json!({ "type": "positional", "value": "{x}", "variables": { "x": { "default": "--exec" } } }),
            ),
            C::FlagInArgument,
            Refused,
        ),
        (
            package("packageArguments"),
            argument(json!({ "type": "named", "name": "--a; rm -rf" })),
            C::ArgumentName,
            Refused,
        ),
        (
            package("packageArguments"),
            argument(json!({ "type": "named", "name": "--" })),
            C::ArgumentName,
            Refused,
        ),
        (
            package("packageArguments"),
            argument(json!({ "type": "named", "name": "--a=b" })),
            C::ArgumentName,
            Refused,
        ),
        (package("packageArguments"), positional("; rm -rf ~"), C::ShellInArgument, Warning),
        (package("packageArguments"), positional("x | sh"), C::ShellInArgument, Warning),
        (package("packageArguments"), positional("`id`"), C::ShellInArgument, Warning),
        (package("packageArguments"), positional("$(id)"), C::VariableReference, Refused),
        (
            package("packageArguments"),
            json!([{ "type": "positional", "value": "/bin/sh" }, { "type": "named", "name": "-c", "value": "id" }]),
            C::ShellInArgument,
            Warning,
        ),
        (
            package("packageArguments"),
            argument(json!({ "type": "named", "name": "--token", "isSecret": true })),
            C::SecretInArgument,
            Warning,
        ),
        (
            package("packageArguments"),
            argument(
                json!({ "type": "named", "name": "--url", "value": "https://{t}@x", "variables": { "t": { "isSecret": true } } }),
            ),
            C::SecretInArgument,
            Warning,
        ),
        (package("packageArguments"), positional("a\u{7}b"), C::InvisibleCharacter, Refused),
        (package("packageArguments"), positional("a\u{202e}b"), C::InvisibleCharacter, Refused),
        (
            package("runtimeArguments"),
            argument(json!({ "type": "named", "name": "--privileged" })),
            C::RuntimeArguments,
            Warning,
        ),
        // Environment variables.
        (
            package("environmentVariables"),
            variable("LD_PRELOAD", "/tmp/x.so"),
            C::VariableReservedName,
            Refused,
        ),
        (
            package("environmentVariables"),
            variable("node_options", "--require /tmp/x"),
            C::VariableReservedName,
            Refused,
        ),
        (package("environmentVariables"), variable("PYTHONPATH", "/tmp"), C::VariableReservedName, Refused),
        (
            package("environmentVariables"),
            variable("https_proxy", "http://evil.example"),
            C::VariableReservedName,
            Refused,
        ),
        (
            package("environmentVariables"),
            variable("npm_config_registry", "x"),
            C::VariableReservedName,
            Refused,
        ),
        (
            package("environmentVariables"),
            variable("JACKFIELD_VAULT_PASSPHRASE", "x"),
            C::VariableReservedName,
            Refused,
        ),
        (package("environmentVariables"), variable("A=B", "x"), C::VariableName, Refused),
        (package("environmentVariables"), variable("A\nB", "x"), C::VariableName, Refused),
        (package("environmentVariables"), variable("KEY", "${GITHUB_TOKEN}"), C::VariableReference, Refused),
        (
            package("environmentVariables"),
            variable("KEY", "Bearer $GITHUB_TOKEN"),
            C::VariableReference,
            Refused,
        ),
        (
            package("environmentVariables"),
            variable("KEY", "%AWS_SECRET_ACCESS_KEY%"),
            C::VariableReference,
            Refused,
        ),
        (package("environmentVariables"), variable("KEY", "{other}"), C::UndeclaredPlaceholder, Warning),
        (
            package("environmentVariables"),
            json!([{ "name": "KEY" }, { "name": "key" }]),
            C::DuplicateName,
            Refused,
        ),
        (
            package("environmentVariables"),
            json!([{ "name": "KEY", "description": "type your \u{1b}[8mpassword" }]),
            C::InvisibleCharacter,
            Warning,
        ),
        // Transports and addresses.
        (
            package("transport"),
            json!({ "type": "streamable-http", "url": "http://localhost:80/mcp" }),
            C::Transport,
            Refused,
        ),
        (package("transport"), json!({ "type": "websocket" }), C::Transport, Refused),
        (remote("type"), json!("sse"), C::Transport, Refused),
        (remote("url"), json!("http://example.com/mcp"), C::UrlNotEncrypted, Refused),
        (remote("url"), json!("https://me:secret@example.com/mcp"), C::UrlUserInfo, Refused),
        (remote("url"), json!("https://example.com@evil.example/mcp"), C::UrlUserInfo, Refused),
        (remote("url"), json!("javascript:alert(1)"), C::UrlInvalid, Refused),
        (remote("url"), json!("file:///etc/passwd"), C::UrlInvalid, Refused),
        (remote("url"), json!("https:///mcp"), C::UrlInvalid, Refused),
        (remote("url"), json!("https://example.com/a b"), C::UrlInvalid, Refused),
        (remote("url"), json!("https://example.com\\@evil.example/"), C::UrlInvalid, Refused),
        (remote("url"), json!("https://example.com/{undeclared}"), C::UndeclaredPlaceholder, Refused),
        (remote("url"), json!("https://example.com/${GITHUB_TOKEN}"), C::VariableReference, Refused),
        (remote("url"), json!("http://169.254.169.254/latest/meta-data"), C::UrlPrivate, Refused),
        (remote("url"), json!("https://10.0.0.7/mcp"), C::UrlPrivate, Warning),
        (remote("url"), json!("http://localhost:3000/mcp"), C::UrlPrivate, Warning),
        (remote("variables/tenant"), json!({ "default": "evil.example/" }), C::UrlInvalid, Refused),
        (remote("variables/tenant"), json!({ "choices": ["eu", "evil.example#"] }), C::UrlInvalid, Refused),
        (remote("headers"), header("Host"), C::HeaderName, Refused),
        (remote("headers"), header("Content-Length"), C::HeaderName, Refused),
        (remote("headers"), header("Mcp-Session-Id"), C::HeaderName, Refused),
        (remote("headers"), header("Transfer-Encoding"), C::HeaderName, Refused),
        (remote("headers"), header("X-A\r\nHost"), C::HeaderName, Refused),
        (
            remote("headers"),
            json!([{ "name": "X-A", "value": "a\r\nHost: evil" }]),
            C::InvisibleCharacter,
            Refused,
        ),
        (remote("headers"), json!([{ "name": "X-A", "value": "$SESSION" }]), C::VariableReference, Refused),
        (remote("headers"), json!([{ "name": "X-A" }, { "name": "x-a" }]), C::DuplicateName, Refused),
        // Texts.
        ("/server/description".to_owned(), json!("safe\u{202e}elif"), C::InvisibleCharacter, Warning),
        ("/server/title".to_owned(), json!("a\u{1b}]0;owned\u{7}"), C::InvisibleCharacter, Warning),
        (
            "/server/websiteUrl".to_owned(),
            json!("https://example.com/\u{200b}"),
            C::InvisibleCharacter,
            Warning,
        ),
        // Statuses.
        (
            "/_meta/io.modelcontextprotocol.registry~1official/status".to_owned(),
            json!("deprecated"),
            C::Deprecated,
            Warning,
        ),
        (
            "/_meta/io.modelcontextprotocol.registry~1official/status".to_owned(),
            json!("deleted"),
            C::Deleted,
            Refused,
        ),
    ] {
        let mut item = honest();
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        item.pointer_mut(parent).unwrap()[member.replace("~1", "/")] = value.clone();
        let findings = findings(&item);
        let found: Vec<_> = findings.iter().map(|finding| (finding.code, finding.severity)).collect();
        assert!(found.contains(&(code, severity)), "{pointer} {value}: {found:?}");
        for finding in &findings {
            let shown = finding.to_string();
            assert!(!shown.contains(jackfield_recipe::is_invisible), "{shown:?}");
            assert!(!finding.remedy.is_empty() && shown.len() < 600, "{shown}");
        }
    }
}

#[test]
fn bundle_needs_an_https_url_and_a_digest() {
    let bundle = |url: &str, digest: Value| {
        let mut item = honest();
        item["server"]["packages"] = json!([{
            "registryType": "mcpb", "identifier": url, "fileSha256": digest, "transport": { "type": "stdio" },
        }]);
        findings(&item).into_iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    let (url, digest) = ("https://example.com/weather.mcpb", json!("0a".repeat(32)));
    assert_eq!(bundle(url, digest.clone()), []);
    assert_eq!(bundle(url, Value::Null), [FindingCode::PackageDigest]);
    assert_eq!(bundle(url, json!("0A".repeat(32))), [FindingCode::PackageDigest]);
    assert_eq!(bundle("http://example.com/weather.mcpb", digest.clone()), [FindingCode::PackageIdentifier]);
    assert_eq!(bundle("https://me@example.com/weather.mcpb", digest), [FindingCode::PackageIdentifier]);
}

#[test]
fn refused_package_does_not_refuse_the_others() {
    let mut item = honest();
    let sound = item["server"]["packages"][0].clone();
    let mut hostile = sound.clone();
    hostile["identifier"] = json!("-g");
    item["server"]["packages"] = json!([hostile, sound]);
    let findings = findings(&item);
    let places: Vec<&str> = findings.iter().map(|finding| finding.place.as_str()).collect();
    assert_eq!(places, ["server/packages/0/identifier"]);
    item["server"]["packages"] = json!([]);
    item["server"]["remotes"] = json!([]);
    let findings = check(&Entry::parse(&item).unwrap());
    assert_eq!(findings[0].code, FindingCode::NothingToUse);
}

#[test]
fn url_is_checked_again_after_its_variables_are_filled_in() {
    for (url, code) in [
        ("https://eu.example.com/mcp", None),
        ("https://eu.example.com@evil.example/mcp", Some(FindingCode::UrlUserInfo)),
        ("http://evil.example/.example.com/mcp", Some(FindingCode::UrlNotEncrypted)),
        ("https://{tenant}.example.com/mcp", Some(FindingCode::UrlInvalid)),
        ("https://[fe80::1]/mcp", Some(FindingCode::UrlPrivate)),
    ] {
        let findings = jackfield_registry::check_url(url);
        assert_eq!(findings.first().map(|finding| finding.code), code, "{url}");
    }
}

#[test]
fn codes_of_findings_are_unique() {
    let mut codes: Vec<&str> = FindingCode::ALL.iter().map(|code| code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), FindingCode::ALL.len());
}
