//! Tests the page of `jackfield review`, and that texts of a document never become markup.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::git::git;

/// A document that contains each kind of text.
const DOCUMENT: &str = r##"{
  "openapi": "3.1.0",
  "info": { "title": "T1 @", "version": "V1 @", "description": "D1 @" },
  "servers": [{ "url": "https://api.example.com/{base}", "description": "S1 @", "name": "S2 @", "variables": { "base": { "default": "v1", "enum": ["v1", "v2@"] } } }],
  "tags": [{ "name": "tag @", "description": "D2 @" }],
  "security": [{ "login @": ["scope @"] }],
  "paths": {
    "/books @/{id}": {
      "get": {
        "operationId": "get @", "summary": "S3 @", "description": "D3 @", "tags": ["tag @"], "deprecated": true,
        "parameters": [
          { "name": "id", "in": "path", "required": true, "description": "D4 @", "schema": { "type": "string", "enum": ["one @", "two @"] } },
          { "name": "q @", "in": "query", "description": "D5 @", "schema": { "type": "string", "default": "V2 @", "examples": ["V3 @"] } },
          { "name": "p", "in": "query", "schema": { "type": "string", "pattern": "^P1 @$", "x-more": "X1 @" } }
        ],
        "responses": { "200": { "description": "R1 @", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Book %" } } } } }
      },
      "delete": { "operationId": "burn @", "summary": "S4 @", "tags": ["tag @"], "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "const": "C1 @" } }], "responses": { "204": { "description": "R2 @" } } }
    },
    "/books": {
      "post": {
        "operationId": "add @", "summary": "S5 @", "tags": ["tag @"], "servers": [{ "url": "https://files.example.com", "description": "S6 @" }],
        "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Book %" } } } },
        "responses": { "200": { "description": "R3 @" } }
      }
    }
  },
  "components": {
    "schemas": { "Book @": { "type": "object", "description": "D6 @", "required": ["title @"], "properties": { "title @": { "type": "string", "description": "D7 @", "example": "V4 @" }, "kind": { "anyOf": [{ "const": "K1 @" }, { "$ref": "#/components/schemas/Book %" }] } } } },
    "securitySchemes": { "login @": { "type": "oauth2", "description": "D8 @", "flows": { "authorizationCode": { "authorizationUrl": "https://login.example.com/a", "tokenUrl": "https://login.example.com/t", "scopes": { "scope @": "D9 @" } } } } }
  }
}"##;

/// Texts that would become elements, attributes or URLs if they were not escaped.
pub(crate) const HOSTILE: [&str; 6] = [
    "</script><img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "</style></title></textarea><iframe src=//example.com>",
    "<a href=javascript:alert(1)>x</a>",
    "&lt;b&gt;<!-- ]]> <?x?>",
];

fn jackfield(words: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jackfield")).args(words).current_dir(folder).output().unwrap()
}

/// Returns the page of a document or connector in a folder.
fn page(words: &[&str], folder: &Path) -> String {
    let out = jackfield(&[&["review"], words, &["-o", "-"]].concat(), folder);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

/// Returns the page of the document in which all texts and names contain `text`.
fn page_with(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let escaped = serde_json::to_string(text).unwrap();
    let pointer: String = text
        .bytes()
        .map(|byte| match byte {
            b'/' => "~1".to_owned(),
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    let document = DOCUMENT.replace('%', &pointer).replace('@', &escaped[1..escaped.len() - 1]);
    fs::write(folder.path().join("shop.json"), document).unwrap();
    page(&["shop.json"], folder.path())
}

/// Returns a text with the same number of words, without characters that have a meaning in HTML.
pub(crate) fn clean_twin(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || c == ' ' { c } else { 'x' }).collect()
}

/// A tag: its name, and its attributes with their values.
pub(crate) type Tag = (String, Vec<(String, String)>);

/// Parses the tags of a page as a browser would. The contents of the style and the script are skipped.
pub(crate) fn tags(page: &str) -> Vec<Tag> {
    let (mut found, mut rest) = (Vec::new(), page);
    while let Some(at) = rest.find('<') {
        let mut chars = rest[at + 1..].char_indices().peekable();
        let (mut name, mut attributes, mut end) = (String::new(), Vec::new(), rest.len());
        let (mut key, mut value, mut quoted, mut in_value) = (String::new(), String::new(), false, false);
        for (offset, c) in chars.by_ref() {
            if c == '"' {
                quoted = !quoted;
            } else if c == '>' && !quoted {
                end = at + 1 + offset + 1;
                break;
            } else if c.is_whitespace() && !quoted {
                if !key.is_empty() {
                    attributes.push((std::mem::take(&mut key), std::mem::take(&mut value)));
                }
                (in_value, name) = (false, name + " ");
            } else if c == '=' && !quoted {
                in_value = true;
            } else if in_value {
                value.push(c);
            } else if name.ends_with(' ') {
                key.push(c);
            } else {
                name.push(c);
            }
        }
        if !key.is_empty() {
            attributes.push((key, value));
        }
        let name = name.trim().to_owned();
        rest = &rest[end..];
        if name == "style" || name == "script" {
            rest = &rest[rest.find(&format!("</{name}>")).unwrap()..];
        }
        found.push((name, attributes));
    }
    found
}

#[test]
fn text_of_a_document_never_becomes_an_element_attribute_or_url() {
    // These tags are left out, because the number of tokens of a text changes the treemap and its labels.
    let is_markup = |(name, _): &&Tag| !matches!(name.as_str(), "data" | "rect" | "text" | "/text");
    for hostile in HOSTILE {
        let (found, clean) = (tags(&page_with(hostile)), tags(&page_with(&clean_twin(hostile))));
        assert!(clean.len() > 200, "{}", clean.len());
        assert!(
            found.iter().filter(is_markup).eq(clean.iter().filter(is_markup)),
            "{hostile}: {:?}",
            found.iter().filter(is_markup).zip(clean.iter().filter(is_markup)).find(|(a, b)| a != b)
        );
        for (name, attributes) in &found {
            for (key, value) in attributes {
                assert!(!key.starts_with("on") && key != "src" && key != "style", "{name} {key}");
                assert!(key != "href" || value.starts_with('#'), "{name} {value}");
            }
        }
    }
}

#[test]
fn review_page_shows_markup_in_a_document_as_text() {
    let page = page_with("<b>bold</b>");
    assert!(page.contains("&quot;one &lt;b&gt;bold&lt;/b&gt;&quot;"), "values are shown");
    assert!(!page.contains("<b>bold"));
}

#[test]
fn review_page_shows_invisible_characters_as_escapes() {
    let page = page_with("\u{202e}\u{200b}");
    assert!(!page.contains('\u{202e}') && !page.contains('\u{200b}'));
    assert!(page.contains("&quot;one \\u{202e}\\u{200b}&quot;"), "values are shown as they are");
}

#[test]
fn csp_of_the_review_page_allows_only_the_digests_of_its_style_and_script() {
    let page = page_with("x");
    let policy = page.split("http-equiv=\"Content-Security-Policy\" content=\"").nth(1).unwrap();
    let policy = policy.split('"').next().unwrap().replace("&#39;", "'");
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    for name in ["style", "script"] {
        let text =
            page.split(&format!("<{name}>")).nth(1).unwrap().split(&format!("</{name}>")).next().unwrap();
        let digest = STANDARD.encode(Sha256::digest(text.as_bytes()));
        assert!(policy.contains(&format!("{name}-src 'sha256-{digest}'")), "{policy}");
        assert!(!text.contains("url(") && !text.contains("@import") && !text.contains("fetch("));
    }
    for (name, attributes) in tags(&page) {
        assert!(!["link", "img", "iframe", "object", "base", "form"].contains(&name.as_str()), "{name}");
        assert!(attributes.iter().all(|(key, value)| key != "href" || value.starts_with('#')));
    }
}

/// Returns the numbers on the page by their keys.
fn totals(page: &str) -> BTreeMap<String, u64> {
    let tags = tags(page).into_iter().filter(|(name, _)| name == "data");
    tags.map(|(_, attributes)| {
        let of = |key: &str| attributes.iter().find(|(name, _)| name == key).unwrap().1.clone();
        (of("data-total"), of("value").parse().unwrap())
    })
    .collect()
}

fn assert_totals_of_inspect(spec: &str, folder: &Path) -> String {
    let page = page(&[spec], folder);
    let inspected = jackfield(&["inspect", spec, "--json"], folder).stdout;
    let inspected: Value = serde_json::from_slice(&inspected).unwrap();
    let totals = totals(&page);
    let tools = inspected["tools"].as_array().unwrap();
    assert_eq!(totals["tokens"], inspected["tokens"]);
    assert_eq!(totals["all"], tools.len() as u64);
    assert_eq!(totals["origins"], inspected["reached"].as_array().unwrap().len() as u64);
    for effect in ["read", "write", "destroy"] {
        assert_eq!(totals[effect], tools.iter().filter(|tool| tool["effect"] == effect).count() as u64);
    }
    let rows: Vec<&str> = page.split("class=\"tool ").skip(1).collect();
    assert_eq!(rows.len(), tools.len());
    for (row, tool) in rows.iter().zip(tools) {
        let row = row.split("</summary>").next().unwrap();
        let cost = row.split("class=\"cost\">").nth(1).unwrap().split('<').next().unwrap().replace(',', "");
        assert_eq!(cost, tool["tokens"].to_string());
        assert!(row.contains(&format!("<code class=\"name\">{}</code>", tool["name"].as_str().unwrap())));
    }
    page
}

#[test]
fn totals_of_the_review_page_equal_the_totals_of_inspect() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs");
    assert_totals_of_inspect("bookshop.yaml", &specs);
    let connectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../connectors");
    assert_totals_of_inspect("bookshop", &connectors);
}

#[test]
fn review_page_of_a_thousand_tools_has_at_most_three_megabytes() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/github.json");
    if !document.is_file() {
        eprintln!("SKIPPED: there is no {}", document.display());
        return;
    }
    let page = assert_totals_of_inspect("github.json", document.parent().unwrap());
    assert!(page.len() <= 3_000_000, "{} bytes", page.len());
}

#[test]
fn review_page_does_not_depend_on_the_run_or_the_environment() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs");
    for spec in ["bookshop.yaml", "body_files.yaml"] {
        let first = page(&[spec], &specs);
        let out = Command::new(env!("CARGO_BIN_EXE_jackfield"))
            .args(["review", spec, "-o", "-"])
            .envs([("BOOKSHOP_TOKEN", "s3cr3t"), ("BOOKSHOP_BASE_URL", "https://other.example.com")])
            .current_dir(&specs)
            .output()
            .unwrap();
        let second = String::from_utf8(out.stdout).unwrap();
        assert!(first == second, "{spec} differs");
        assert!(!second.contains("s3cr3t"));
    }
}

const SHOP: &str = "\
openapi: 3.0.3
info: { title: Shop, version: '1' }
servers: [{ url: https://api.example.com }]
paths:
  /books:
    get: { operationId: listBooks, summary: List books, parameters: [{ name: limit, in: query, schema: { type: integer, maximum: 100 } }], responses: { '204': { description: Done. } } }
    delete: { operationId: burnBooks, responses: { '204': { description: Done. } } }
";

#[test]
fn review_page_beside_connector_toml_shows_the_rules_of_connector_toml() {
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path().join("shop");
    fs::create_dir(&shop).unwrap();
    fs::write(shop.join("openapi.yaml"), SHOP).unwrap();
    let manifest = "document = \"openapi.yaml\"\nname = \"shop\"\ninstructions = \"Ask <b>before</b> burning.\"\n\n[ask]\nlistBooks = \"always\"\nburnBooks = \"never\"\n\n[arguments.listBooks]\nlimit = { fix = 20 }\n";
    fs::write(shop.join("connector.toml"), manifest).unwrap();
    let out = jackfield(&["review", "shop"], folder.path());
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert!(String::from_utf8(out.stdout).unwrap().contains("review.html: 2 tools"));
    let page = fs::read_to_string(shop.join("review.html")).unwrap();
    for part in [
        "1 tool destroy something",
        "always waits",
        "never waits",
        "[ask] listBooks</code> shop/connector.toml:6:1",
        "Ask &lt;b&gt;before&lt;/b&gt; burning.",
        "<code>limit</code> is always <code>20</code>",
        "GET https://api.example.com/books",
        "There is no jackfield.lock yet",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn review_page_shows_changes_since_a_revision_by_class_and_at_each_tool() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("openapi.yaml"), SHOP).unwrap();
    fs::write(path.join("connector.toml"), "document = \"openapi.yaml\"\nname = \"shop\"\n").unwrap();
    git(&["init", "-q"], path);
    git(&["add", "."], path);
    git(&["commit", "-qm", "first"], path);
    fs::write(path.join("openapi.yaml"), SHOP.replace("maximum: 100", "maximum: 50")).unwrap();
    let page = page(&["--since", "HEAD"], path);
    let changed = "argument <code>limit</code> narrowed: maximum <code>100</code> → <code>50</code>";
    assert_eq!(page.matches(changed).count(), 2, "once in the list of changes, and once at the tool");
    assert!(page.contains("<span class=\"mark breaking\">breaking</span>"));
    assert!(page.contains("tool read changed"));
    let refused = jackfield(&["review", "--since", "nowhere"], path);
    assert_eq!(refused.status.code(), Some(2));
}
