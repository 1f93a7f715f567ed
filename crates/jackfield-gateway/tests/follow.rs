//! A running gateway reloads gateway.toml and the connector folders that the file names.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::fake_server::FakeServer;
use support::{Peer, Site, child_script, until};

/// Waits until `is_there` holds for the listed tools.
fn wait_for(gateway: &mut Peer, is_there: impl Fn(&[String]) -> bool) {
    let began = Instant::now();
    loop {
        let tools = gateway.tools();
        if is_there(&tools) {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{tools:?}");
    }
}

fn child(site: &Site, name: &str) -> String {
    let tools = json!([{ "name": "pid", "inputSchema": { "type": "object" } }]);
    let script = child_script(
        &tools,
        "while read line; do answer $(echo \"$line\" | sed 's/.*\"id\":\\([0-9]*\\).*/\\1/') $$; done",
    );
    fs::write(site.path().join(format!("{name}.sh")), script).unwrap();
    format!("[connectors.{name}]\ncommand = [\"sh\", \"{name}.sh\"]\n")
}

#[test]
fn connections_of_a_connector_stay_open_when_other_connectors_change() {
    let docs = FakeServer::start(|_, _| None);
    let site = Site::of("[connectors]\n");
    let kept = child(&site, "kept");
    let gone = child(&site, "gone");
    site.configure(&format!("{kept}{gone}"));
    let mut gateway = site.serve();
    assert_eq!(gateway.tools(), ["kept_pid", "gone_pid"]);
    let [kept_pid, gone_pid] = ["kept_pid", "gone_pid"].map(|tool| gateway.told(tool, json!({})));
    let (code, told) = site.run(&["add", "docs", "--url", &docs.url]);
    assert_eq!(code, 0, "{told}");
    wait_for(&mut gateway, |tools| tools == ["kept_pid", "gone_pid", "docs_greet"]);
    assert_eq!(gateway.told("docs_greet", json!({})), "hello");
    assert_eq!(site.run(&["remove", "gone"]).0, 0);
    wait_for(&mut gateway, |tools| tools == ["kept_pid", "docs_greet"]);
    let announced = |notice: &Value| notice["method"] == "notifications/tools/list_changed";
    assert!(gateway.notices.iter().any(announced), "{:?}", gateway.notices);
    // The child of the remaining connector was not restarted, and the child of the removed connector has exited.
    assert_eq!(gateway.told("kept_pid", json!({})), kept_pid);
    until("the removed child has ended", || !Path::new("/proc").join(&gone_pid).exists());
}

#[test]
fn invalid_gateway_toml_does_not_change_the_served_connectors() {
    let (one, other) = (FakeServer::start(|_, _| None), FakeServer::start(|_, _| None));
    let good = format!("[connectors.one]\nurl = \"{}\"\n", one.url);
    let site = Site::of(&good);
    let log = site.path().join("log");
    let mut command = site.command(&["serve", "--stdio", "--ask", "never"]);
    let mut gateway = Peer::start_with_log(&mut command, fs::File::create(&log).unwrap());
    assert_eq!(gateway.tools(), ["one_greet"]);
    let said = |text: &str| {
        let began = Instant::now();
        while !fs::read_to_string(&log).unwrap().contains(text) {
            assert!(
                began.elapsed() < Duration::from_secs(30),
                "{text}\n{}",
                fs::read_to_string(&log).unwrap()
            );
            std::thread::yield_now();
        }
    };
    site.configure("[connectors.one]\nurll = \"x\"\n");
    said("the changed files are not served; the earlier files still are");
    said("gateway.toml:2:13: the connector has no `spec`, `command`, `url` or `catalogue`");
    assert_eq!(gateway.tools(), ["one_greet"]);
    site.configure(&format!(
        "[connectors.one]\nurl = \"{}\"\n[connectors.shop]\nspec = \"nowhere\"\n",
        one.url
    ));
    said("nowhere");
    assert_eq!(gateway.tools(), ["one_greet"]);
    site.configure(&format!("listen = \"127.0.0.1:1\"\n{good}[connectors.other]\nurl = \"{}\"\n", other.url));
    wait_for(&mut gateway, |tools| tools == ["one_greet", "other_greet"]);
    said("`listen` has changed: start the gateway again to apply it");
}

#[test]
fn changed_connector_folder_is_reloaded() {
    let site = Site::of("[connectors.shop]\nspec = \"shop\"\n");
    let shop = site.copy_bookshop("shop");
    let mut gateway = site.serve();
    assert!(gateway.tools().contains(&"shop_list_books".to_owned()));
    let manifest = fs::read_to_string(shop.join("connector.toml")).unwrap();
    // If a folder becomes invalid, its old tools stay. Once it is corrected, its new tools are served.
    fs::write(shop.join("connector.toml"), format!("nonsense = true\n{manifest}")).unwrap();
    assert!(gateway.tools().contains(&"shop_list_books".to_owned()));
    fs::write(shop.join("connector.toml"), format!("exclude = [\"listBooks\"]\n{manifest}")).unwrap();
    wait_for(&mut gateway, |tools| !tools.contains(&"shop_list_books".to_owned()) && tools.len() > 1);
}
