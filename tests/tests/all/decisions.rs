//! `[arguments]` and other tables of connector.toml, through the preview and a compiled connector.

use std::path::Path;

use jackfield_build::{Job, Manifest, model_of};
use jackfield_runtime::rows::ConnectorRows;
use jackfield_runtime::{Api, Environment, Service, listing};
use jackfield_testkit::{Answer, Upstream};
use jackfield_tests::decided_shop;
use serde_json::{Value, json};

use crate::protocol::lines_of;

fn preview() -> ConnectorRows {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("decisions/connector.toml");
    let modelled =
        model_of(&Job::new(Manifest::read(&path).unwrap())).unwrap_or_else(|error| panic!("{error}"));
    jackfield_cli::preview::connector(modelled)
}

/// Calls a tool through the preview and through the compiled connector, and checks that both behave in the same way. Returns the text of
/// the result. Also returns the request line and the body that the service received, if any.
async fn call(tool: &str, arguments: Value) -> (String, Option<(String, String)>) {
    let upstream = Upstream::answering(Answer::json(200, &json!([]))).await.unwrap();
    let mut outcomes = Vec::new();
    for rows in [(&decided_shop::CONNECTOR).into(), preview()] {
        let variables = [("DECIDED_SHOP_BASE_URL", upstream.base_url())];
        let service = Service::new(Api::new(rows, Environment::of(variables)), Vec::new()).unwrap();
        let params = json!({ "name": tool, "arguments": arguments });
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        let result = lines_of(service, &[request]).await;
        let sent: Vec<_> = upstream.take().into_iter().map(|request| (request.head, request.body)).collect();
        outcomes.push((result, sent));
    }
    assert_eq!(outcomes[0], outcomes[1], "{tool} {arguments}");
    let (result, sent) = outcomes.swap_remove(0);
    let sent = sent.into_iter().next().map(|(head, body)| {
        let head = String::from_utf8(head).unwrap();
        (head.lines().next().unwrap_or_default().to_owned(), String::from_utf8(body).unwrap())
    });
    (json!(result).to_string(), sent)
}

#[test]
fn argument_rules_are_equal_in_preview_and_compiled_code() {
    assert_eq!(&decided_shop::CONNECTOR, preview().get());
    let lists = [(&decided_shop::CONNECTOR).into(), preview()].map(|rows: ConnectorRows| {
        let service =
            Service::new(Api::new(rows, Environment::of::<String, String>([])), Vec::new()).unwrap();
        (listing(&service).collect::<Vec<_>>(), service.instructions().into_owned())
    });
    assert_eq!(lists[0], lists[1]);
    assert_eq!(lists[0].1, "Ask for the order number first.");
    let list = lists[0].0.join("\n");
    for hidden in [
        "trace",
        "currency",
        "note",
        "discount",
        "gone",
        "\"per_page\":{\"type\":\"integer\"}",
        "remove_person",
    ] {
        assert!(!list.contains(hidden), "{hidden}: {list}");
    }
    for shown in
        ["page_number", "From 1", "import_everybody", "About people", "Saves the addresses", "\"default\":5"]
    {
        assert!(list.contains(shown), "{shown}: {list}");
    }
}

#[tokio::test]
async fn fixed_and_default_values_of_connector_toml_are_sent() {
    let (_, sent) = call("list_orders", json!({ "page_number": 2, "filter": { "colour": "red" } })).await;
    assert_eq!(sent.unwrap().0, "GET /orders?page=2&per_page=5&trace=on&colour=red HTTP/1.1");
    let order = json!({ "address": { "street": "x" }, "lines": [{ "sku": "a" }] });
    let (_, sent) = call("place_order", order).await;
    let body: Value = serde_json::from_str(&sent.unwrap().1).unwrap();
    let expected = json!({
        "currency": "NZD", "address": { "street": "x", "country": "NZ" }, "lines": [{ "sku": "a" }],
    });
    assert_eq!(body, expected);
    let (_, sent) = call("save_person", json!({ "id": "1", "home": { "street": "x" }, "work": {} })).await;
    let body = sent.unwrap().1;
    for pair in ["home%5Bcountry%5D=NZ", "work%5Bcountry%5D=AU"] {
        assert!(body.contains(pair), "{body}");
    }
    let (_, sent) = call("import_everybody", json!({ "body": { "street": "x" } })).await;
    assert_eq!(
        serde_json::from_str::<Value>(&sent.unwrap().1).unwrap(),
        json!({ "street": "x", "country": "NZ" })
    );
}

#[tokio::test]
async fn call_cannot_set_arguments_that_connector_toml_hides_fixes_or_restricts() {
    for (tool, arguments) in [
        ("list_orders", json!({ "trace": "off" })),
        ("list_orders", json!({ "filter": { "trace": "off" } })),
        ("list_orders", json!({ "state": "gone" })),
        ("list_orders", json!({ "page": 2 })),
        ("place_order", json!({ "address": {}, "currency": "EUR" })),
        ("place_order", json!({ "address": {}, "note": "x" })),
        ("place_order", json!({ "address": { "country": "AU" } })),
        ("place_order", json!({ "address": { "Country": "AU" } })),
        ("place_order", json!({ "address": {}, "lines": [{ "discount": 1 }] })),
        ("save_person", json!({ "id": "1", "home": { "country]": "AU" } })),
        ("save_person", json!({ "id": "1", "home": { "country][0": "AU" } })),
        ("import_everybody", json!({ "body": { "country": "AU" } })),
        ("import_everybody", json!({ "body": { "COUNTRY": "AU" } })),
        ("import_everybody", json!({ "body": "country=AU" })),
    ] {
        let (result, sent) = call(tool, arguments.clone()).await;
        assert!(sent.is_none(), "{tool} {arguments}: {sent:?}");
        assert!(result.contains("nothing was sent"), "{tool} {arguments}: {result}");
    }
}
