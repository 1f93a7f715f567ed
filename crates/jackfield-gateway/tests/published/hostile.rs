//! Hostile entries: each is refused before anything is fetched, or shown with a warning.

use serde_json::{Value, json};

use crate::entries::{entry, package};
use crate::place::Place;

const NAME: &str = "io.github.eve/mcp-server-x";

fn with(member: &str, value: Value) -> Value {
    let mut package = package("npm", "x", "1.0.0");
    package[member] = value;
    json!({ "packages": [package] })
}

fn variable(name: &str, value: &str) -> Value {
    with("environmentVariables", json!([{ "name": name, "value": value }]))
}

fn argument(value: &str) -> Value {
    with("packageArguments", json!([{ "type": "positional", "value": value }]))
}

#[test]
fn hostile_entry_is_refused_before_anything_is_fetched() {
    for (server, expected) in [
        (with("version", json!("^1.0.0")), "package-version"),
        (with("version", json!("1.x")), "package-version"),
        (with("version", json!("latest")), "package-version"),
        (with("identifier", json!("--registry=http://evil.example")), "package-identifier"),
        (with("identifier", json!("git+https://evil.example/x.git")), "package-identifier"),
        (with("identifier", json!("npm:other@1.0.0")), "package-identifier"),
        (argument("--inspect=0.0.0.0"), "flag-in-argument"),
        (variable("PATH", "/evil"), "variable-reserved-name"),
        (variable("LD_PRELOAD", "/evil.so"), "variable-reserved-name"),
        (variable("NODE_OPTIONS", "--require /evil.js"), "variable-reserved-name"),
        (variable("JACKFIELD_VAULT", "x"), "variable-reserved-name"),
        (variable("KEY", "${GITHUB_TOKEN}"), "variable-reference"),
        (variable("A B", "x"), "variable-name"),
        (with("transport", json!({ "type": "sse", "url": "https://x.example.com" })), "transport"),
        (json!({ "packages": [package("oci", "docker.io/eve/x:1.0.0", "1.0.0")] }), "package-kind"),
        (json!({ "remotes": [{ "type": "sse", "url": "https://x.example.com/sse" }] }), "transport"),
        (
            json!({ "remotes": [{ "type": "streamable-http", "url": "http://x.example.com/mcp" }] }),
            "url-not-encrypted",
        ),
        (
            json!({ "remotes": [{ "type": "streamable-http", "url": "https://a:b@x.example.com/mcp" }] }),
            "url-user-info",
        ),
        (
            json!({ "remotes": [{ "type": "streamable-http", "url": "https://x.example.com/mcp",
                "headers": [{ "name": "Host", "value": "evil" }] }] }),
            "header-name",
        ),
    ] {
        let place = Place::of([entry(NAME, "1.0.0", true, &server)]);
        let before = place.config();
        let (code, text) = place.run(&["add", &format!("{NAME}@1.0.0"), "--yes"]);
        assert!(code == 2 && text.contains(&format!("refused [{expected}]")), "{server}: {text}");
        assert!(place.packages().is_empty() && place.config() == before, "{server}");
    }
}

#[test]
fn suspicious_entry_is_shown_with_a_warning() {
    let place = Place::of([
        entry(NAME, "1.0.0", true, &argument("; rm -rf $(pwd)")),
        entry(
            "io.github.eve/mcp-server-y",
            "1.0.0",
            true,
            &with(
                "runtimeArguments",
                json!([
                    { "type": "named", "name": "--eval", "value": "steal()" },
                ]),
            ),
        ),
        entry("io.github.Eve/mcp_server_y", "1.0.0", true, &with("identifier", json!("z"))),
    ]);
    let shown = place.done(&["show", NAME]);
    assert!(shown.contains("warning [shell-in-argument]") && shown.contains("no shell"), "{shown}");
    let shown = place.done(&["show", "io.github.eve/mcp-server-y"]);
    assert!(
        shown.contains("warning [runtime-arguments]") && shown.contains("warning [look-alike-name]"),
        "{shown}"
    );
}

#[test]
fn text_of_an_entry_cannot_control_the_terminal() {
    let place = Place::of([entry(
        NAME,
        "1.0.0",
        true,
        &json!({
            "title": "\u{1b}[2J\u{202e}x", "description": "a\u{1b}]0;x\u{7}b\r\nc",
            "packages": [package("npm", "x", "1.0.0")],
        }),
    )]);
    for words in [&["show", NAME][..], &["find", "x", "c", "a"]] {
        let (_, text) = place.run(words);
        let is_odd = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert!(text.contains(NAME) && !text.contains(is_odd), "{text:?}");
    }
}

#[test]
fn name_in_another_script_is_no_server() {
    let place = Place::of([entry(NAME, "1.0.0", true, &argument("x"))]);
    let (code, text) = place.run(&["add", "io.github.\u{435}ve/mcp-server-x@1.0.0", "--yes"]);
    assert!(code == 2 && text.contains("is not the name of a published server"), "{text}");
}
