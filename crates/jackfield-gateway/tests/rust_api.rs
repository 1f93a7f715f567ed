//! A gateway in a Rust program that links a generated connector.

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

/// The environment variables with which this test binary runs as the gateway.
const URL: &str = "GATEWAY_TEST_URL";
const STATE: &str = "GATEWAY_TEST_STATE";

/// Not a test: runs the gateway of the example in its own process.
#[test]
fn example_gateway_serves_if_started_as_a_subprocess() {
    if let (Ok(url), Ok(state)) = (std::env::var(URL), std::env::var(STATE)) {
        own_gateway::gateway(&url, Path::new(&state)).serve();
    }
}

#[test]
fn program_serves_a_compiled_in_connector_and_a_remote_server_together() {
    let docs = FakeServer::start(|method, _| {
        (method == "tools/list")
            .then(|| Reply::Result(json!({ "tools": [tool("get_page", "Gets."), tool("wipe", "Wipes.")] })))
    });
    // The token is added by the command of a gateway with the same store. Afterwards, the store belongs to the program.
    let site = Site::of("[connectors.any]\ncommand = [\"any\"]\n");
    let token = site.add_token("reader");
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "example_gateway_serves_if_started_as_a_subprocess", "--nocapture"]).env_clear();
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
    // The bookshop's service is not running, so the hand-written tool fails. Its error shows that it was called.
    let stock = gateway.call(&token, "bookshop_value_of_stock");
    assert_eq!(stock["result"]["isError"], true, "{stock}");
    let answer = gateway.call(&token, "docs_get_page");
    assert_eq!(answer["result"]["content"][0]["text"], "hello", "{answer}");
}
