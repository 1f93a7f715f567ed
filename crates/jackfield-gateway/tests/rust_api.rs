//! A gateway of a program, with a generated connector that the program has.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

#[path = "../examples/own_gateway.rs"]
mod own_gateway;
mod support;

use std::path::Path;
use std::process::Command;

use serde_json::json;
use support::Site;
use support::fake_server::{FakeServer, Reply, tool};
use support::http_gateway::HttpGateway;

/// The variables with which this file's own test binary becomes the gateway.
const URL: &str = "GATEWAY_TEST_URL";
const STATE: &str = "GATEWAY_TEST_STATE";

/// Not a test: the gateway of the example, in a process of its own.
#[test]
fn gateway_of_the_example() {
    if let (Ok(url), Ok(state)) = (std::env::var(URL), std::env::var(STATE)) {
        own_gateway::gateway(&url, Path::new(&state)).serve();
    }
}

#[test]
fn linked_connector_and_another_server_are_one_gateway() {
    let docs = FakeServer::start(|method, _| {
        (method == "tools/list")
            .then(|| Reply::Result(json!({ "tools": [tool("get_page", "Gets."), tool("wipe", "Wipes.")] })))
    });
    // The token of the agent comes from the command of a gateway with the same state, which the program owns afterwards.
    let site = Site::of("[connectors.any]\ncommand = [\"any\"]\n");
    let token = site.add_token("reader");
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "gateway_of_the_example", "--nocapture"]).env_clear();
    command.env("HOME", site.path()).env(URL, &docs.url).env(STATE, site.path().join("state"));
    let gateway = HttpGateway::of(&mut command);
    let tools = gateway.tools(&token);
    assert!(tools.contains(&"bookshop_list_books".to_owned()), "{tools:?}");
    assert!(tools.contains(&"bookshop_value_of_stock".to_owned()), "{tools:?}");
    assert!(tools.contains(&"docs_get_page".to_owned()), "{tools:?}");
    assert!(
        !tools.contains(&"docs_wipe".to_owned()) && !tools.contains(&"bookshop_add_book".to_owned()),
        "{tools:?}"
    );
    // The bookshop is not there, so the hand-written tool tells how far it came.
    let stock = gateway.call(&token, "bookshop_value_of_stock");
    assert_eq!(stock["result"]["isError"], true, "{stock}");
    let answer = gateway.call(&token, "docs_get_page");
    assert_eq!(answer["result"]["content"][0]["text"], "hello", "{answer}");
}
