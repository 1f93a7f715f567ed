//! Runs the page docs/gateway.md as a newcomer would: its gateway.toml, and each of its commands in order.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::json;
use support::http_gateway::HttpGateway;
use support::{Site, child_script};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The lines of each block of that language.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<Vec<&'p str>> {
    let begin = format!("```{language}");
    let parts = page.split(&*begin).skip(1);
    parts.map(|part| part.split("```").next().unwrap().trim().lines().collect()).collect()
}

#[test]
fn page_of_the_gateway_is_true() {
    let page = fs::read_to_string(repository().join("docs/gateway.md")).unwrap();
    let config = blocks(&page, "toml").remove(0).join("\n").replace("127.0.0.1:8800", "127.0.0.1:0");
    let site = Site::of(&config);
    let shop = site.path().join("bookshop");
    fs::create_dir(&shop).unwrap();
    for file in ["connector.toml", "jackfield.lock"] {
        let text = fs::read_to_string(repository().join("crates/connectors/bookshop").join(file)).unwrap();
        fs::write(shop.join(file), text.replace("../../../specs/", "")).unwrap();
    }
    fs::copy(repository().join("specs/bookshop.yaml"), shop.join("bookshop.yaml")).unwrap();
    let bin = site.path().join("bin");
    fs::create_dir(&bin).unwrap();
    // Stands for the program of that name from PyPI, which tests/real_servers.rs calls.
    let tool = |name: &str| json!({ "name": name, "inputSchema": { "type": "object" } });
    let script = child_script(
        &json!([tool("get_current_time"), tool("convert_time")]),
        "read d\nanswer 3 noon\nread e",
    );
    let program = bin.join("mcp-server-time");
    fs::write(&program, format!("#!/bin/sh\n{script}")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());

    let (mut tokens, mut gateway, mut ran) = (Vec::new(), None, 0);
    for line in blocks(&page, "console").into_iter().flatten() {
        let words: Vec<&str> = line.strip_prefix("$ jackfield gateway ").expect(line).split(' ').collect();
        ran += 1;
        if words == ["serve"] {
            gateway = Some(HttpGateway::of(site.command(&["serve", "--ask", "never"]).env("PATH", &path)));
            continue;
        }
        let output = site.command(&words).env("PATH", &path).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{line}: {text}{}", String::from_utf8_lossy(&output.stderr));
        match words[..] {
            ["token", "add", agent] => tokens.push((agent.to_owned(), text.trim().to_owned())),
            ["test", _] => assert!(text.contains("time_get_current_time  read"), "{text}"),
            ["list"] => {
                assert!(text.contains("shop_list_books") && text.contains("time_convert_time"), "{text}");
            }
            _ => {}
        }
    }
    assert_eq!(ran, 6);
    let gateway = gateway.unwrap();
    let of = |agent: &str| gateway.tools(&tokens.iter().find(|(name, _)| name == agent).unwrap().1);
    let (reader, clerk) = (of("reader"), of("clerk"));
    let seen = ["shop_list_books", "time_convert_time"];
    assert!(seen.iter().all(|tool| reader.contains(&(*tool).to_owned())), "{reader:?}");
    assert!(!reader.contains(&"shop_add_book".to_owned()), "{reader:?}");
    assert!(clerk.contains(&"shop_add_book".to_owned()), "{clerk:?}");
    let hidden = ["shop_change_delivery", "shop_cancel_order", "time_convert_time"];
    assert!(hidden.iter().all(|tool| !clerk.contains(&(*tool).to_owned())), "{clerk:?}");
    let time = gateway.call(&tokens[0].1, "time_get_current_time");
    assert_eq!(time["result"]["content"][0]["text"], "noon", "{time}");
}

#[test]
fn every_key_of_the_file_is_on_the_page() {
    let page = fs::read_to_string(repository().join("docs/gateway.md")).unwrap();
    for key in [
        "listen",
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
        "idle",
        "connectors",
        "effects",
    ] {
        assert!(page.contains(&format!("`{key}`")), "{key}");
    }
    for (name, _) in jackfield_gateway::helps().iter().filter(|(name, _)| !name.is_empty()) {
        assert!(page.contains(&format!("`{name}")), "{name}");
    }
}
