//! Runs the page docs/gateway.md as a newcomer would: its gateway.toml, and each of its commands in order.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::json;
use support::fake_server::{FakeServer, Reply, tool};
use support::http_gateway::HttpGateway;
use support::{Site, child_script};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Returns the lines of each code block in this language.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<Vec<&'p str>> {
    let begin = format!("```{language}");
    let parts = page.split(&*begin).skip(1);
    parts.map(|part| part.split("```").next().unwrap().trim().lines().collect()).collect()
}

/// Splits a command into words, without shell quotes.
fn words_of(line: &str) -> Vec<String> {
    line.split(' ').map(|word| word.trim_matches('\'').to_owned()).collect()
}

/// Writes a program that replaces a server from a package registry. tests/real_servers.rs calls the real servers.
fn stand_in(folder: &Path, name: &str, tools: &[&str], answer: &str) {
    let tools: Vec<_> =
        tools.iter().map(|name| json!({ "name": name, "inputSchema": { "type": "object" } })).collect();
    let script = child_script(&json!(tools), &format!("read d\nanswer 3 {answer}\nread e"));
    let program = folder.join(name);
    fs::write(&program, format!("#!/bin/sh\n{script}")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn commands_in_the_docs_page_about_the_gateway_work_in_order() {
    let page = fs::read_to_string(repository().join("docs/gateway.md")).unwrap();
    let docs = FakeServer::start(|method, _| {
        (method == "tools/list").then(|| {
            Reply::Result(json!({ "tools": [tool("get_page", "Gets."), tool("edit_page", "Edits.")] }))
        })
    });
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let here = |text: &str| {
        text.replace("https://docs.example.com/mcp", &docs.url)
            .replace("127.0.0.1:8800", &format!("127.0.0.1:{port}"))
    };
    let toml = blocks(&page, "toml").into_iter().map(|lines| here(&lines.join("\n"))).collect::<Vec<_>>();
    let [begin, rules, whole, ..] = &toml[..] else { panic!("{toml:?}") };
    let site = Site::of(begin);
    fs::write(site.path().join("rules.toml"), rules).unwrap();
    site.copy_bookshop("bookshop");
    let bin = site.path().join("bin");
    fs::create_dir(&bin).unwrap();
    stand_in(&bin, "mcp-server-time", &["get_current_time", "convert_time"], "noon");
    stand_in(&bin, "mcp-server-git", &["git_status", "git_commit"], "clean");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());

    let (mut tokens, mut gateway, mut ran) = (Vec::new(), None, 0);
    for line in blocks(&page, "console").into_iter().flatten().map(here) {
        let words = words_of(line.strip_prefix("$ jackfield gateway ").expect(&line));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        ran += 1;
        if words == ["serve"] {
            let listed = fs::read_to_string(site.path().join("gateway.toml")).unwrap();
            assert_eq!(listed.trim(), format!("store = \"state\"\n{whole}").trim());
            gateway = Some(HttpGateway::of(
                site.command(&["serve", "--ask", "never"]).env("PATH", &path).env("DOCS_TOKEN", "t"),
            ));
            continue;
        }
        let output = site.command(&words).env("PATH", &path).env("DOCS_TOKEN", "t").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{line}: {text}{}", String::from_utf8_lossy(&output.stderr));
        match words[..] {
            ["agent", "add", agent, ..] => tokens.push((agent.to_owned(), text.trim().to_owned())),
            ["add", "time", ..] => assert!(text.contains("time_get_current_time  read"), "{text}"),
            ["list"] => {
                assert!(text.contains("shop_list_books") && text.contains("time_convert_time"), "{text}");
            }
            ["agent", "list"] => {
                assert!(text.contains("reader  token:reader  shop, time, docs: read"), "{text}");
            }
            ["export"] => {
                assert!(text.contains("[agents.clerk]"), "{text}");
                fs::write(site.path().join("agents.toml"), text).unwrap();
            }
            _ => {}
        }
    }
    assert_eq!(ran, 17);
    let gateway = gateway.unwrap();
    let of = |agent: &str| gateway.tools(&tokens.iter().find(|(name, _)| name == agent).unwrap().1);
    let (reader, clerk) = (of("reader"), of("clerk"));
    let seen = ["shop_list_books", "time_convert_time", "docs_get_page"];
    assert!(seen.iter().all(|tool| reader.contains(&(*tool).to_owned())), "{reader:?}");
    assert!(
        !reader.contains(&"shop_add_book".to_owned()) && !reader.contains(&"docs_edit_page".to_owned()),
        "{reader:?}"
    );
    assert!(
        clerk.contains(&"shop_add_book".to_owned()) && clerk.contains(&"git_git_commit".to_owned()),
        "{clerk:?}"
    );
    let hidden = ["shop_change_delivery", "shop_cancel_order", "time_convert_time", "docs_get_page"];
    assert!(hidden.iter().all(|tool| !clerk.contains(&(*tool).to_owned())), "{clerk:?}");
    let time = gateway.call(&tokens[0].1, "time_get_current_time");
    assert_eq!(time["result"]["content"][0]["text"], "noon", "{time}");
}

#[test]
fn docs_page_about_the_gateway_documents_every_key_of_gateway_toml() {
    let page = fs::read_to_string(repository().join("docs/gateway.md")).unwrap();
    for key in [
        "listen",
        "sessions",
        "public_url",
        "store",
        "audit",
        "spec",
        "command",
        "args",
        "pass",
        "env",
        "directory",
        "memory",
        "sockets",
        "unconfined",
        "user",
        "url",
        "token",
        "timeout",
        "answer_timeout",
        "idle",
        "catalogue",
        "headers",
        "credential",
        "secrets",
        "client_id",
        "client_secret_command",
        "issuer",
        "audience",
        "scopes",
        "subject",
        "claims",
        "connectors",
        "effects",
    ] {
        assert!(page.contains(&format!("`{key}`")), "{key}");
    }
    for (name, _) in jackfield_gateway::helps().iter().filter(|(name, _)| !name.is_empty()) {
        assert!(page.contains(&format!("`{name}")), "{name}");
    }
}
