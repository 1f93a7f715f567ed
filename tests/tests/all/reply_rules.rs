//! `[replies]` of connector.toml, through the preview and a compiled connector.

use std::path::Path;

use jackfield_build::{Job, Manifest, model_of};
use jackfield_runtime::rows::ConnectorRows;
use jackfield_runtime::{Api, Environment, Service, serve_streams};
use jackfield_testkit::{Answer, CallToolResult, Client, ContentBlock, Upstream};
use jackfield_tests::reply_shop;
use serde_json::{Value, json};

/// A value that no client may see.
const EMAIL: &str = "moss@example.com";

fn preview() -> ConnectorRows {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("replies/connector.toml");
    let modelled =
        model_of(&Job::new(Manifest::read(&path).unwrap())).unwrap_or_else(|error| panic!("{error}"));
    jackfield_cli::preview::connector(modelled)
}

async fn connect(rows: ConnectorRows, upstream: &Upstream) -> Client {
    let variables = [("REPLY_SHOP_BASE_URL", upstream.base_url())];
    let service = Service::new(Api::new(rows, Environment::of(variables)), Vec::new()).unwrap();
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let (input, output) = tokio::io::split(theirs);
    tokio::spawn(serve_streams(service, input, output));
    Client::connect(ours).await.unwrap()
}

/// Calls a tool through the preview and through the compiled connector, checks that the results are equal, and returns the result.
async fn call(tool: &str, arguments: Value, answer: Answer) -> CallToolResult {
    let upstream = Upstream::answering(answer).await.unwrap();
    let compiled = connect((&reply_shop::CONNECTOR).into(), &upstream).await;
    let result = compiled.call(tool, arguments.clone()).await.unwrap();
    let previewed = connect(preview(), &upstream).await.call(tool, arguments).await.unwrap();
    assert_eq!(json!(result), json!(previewed));
    assert!(!json!(result).to_string().contains(EMAIL), "{result:?}");
    result
}

fn texts(result: &CallToolResult) -> Vec<&str> {
    result.content.iter().filter_map(ContentBlock::as_text).map(|text| text.text.as_str()).collect()
}

fn order(id: usize) -> Value {
    json!({ "id": id, "note": "by hand", "customer": { "name": "Moss", "email": EMAIL, "age": 40 } })
}

#[test]
fn reply_rules_are_equal_in_preview_and_compiled_code() {
    assert_eq!(&reply_shop::CONNECTOR, preview().get());
}

#[tokio::test]
async fn reply_rules_redact_keep_drop_and_limit_values() {
    let orders: Vec<Value> = (0..5).map(order).collect();
    let body = json!({ "orders": orders, "total": 5, "debug": EMAIL });
    let result = call("list_orders", json!({}), Answer::json(200, &body)).await;
    let [text, shortened, page, ..] = texts(&result)[..] else { panic!("{result:?}") };
    let item = |id| format!(r#"{{"id":{id},"customer":{{"email":"[redacted]","age":"[redacted]"}}}}"#);
    assert_eq!(text, format!(r#"{{"orders":[{},{},{}],"total":5}}"#, item(0), item(1), item(2)));
    assert_eq!(
        shortened,
        "Shortened: `$.orders` has 3 of 5 items. For the rest, call again with `limit` and `page_token`; or the user can \
         raise `items` in `[replies.list_orders]` of connector.toml."
    );
    assert_eq!(page, "5 of 5 items, of which 3 are shown. This was the last page.");
    // `age` is an integer in the output schema, so its redacted value is left out of the structured content.
    assert_eq!(result.structured_content, Some(json!({ "total": 5 })));
}

#[tokio::test]
async fn redaction_finds_a_member_in_every_json_spelling() {
    for body in [
        format!(r#"{{"customer":{{"e\u006dail":"{EMAIL}"}}}}"#),
        format!(r#"{{"customer":{{"email":"x","email":"{EMAIL}"}}}}"#),
        format!(r#"{{"customer":[{{"email":["{EMAIL}"]}},[{{"email":{{"a":"{EMAIL}"}}}}]]}}"#),
        format!("{{\n \"customer\" : {{ \"email\" : \"{EMAIL}\" }} }}"),
        format!(r#"{{"customer":{{"id":123456789012345678901234567890,"n":1e999,"email":"{EMAIL}"}}}}"#),
        format!(r#"{{"a":{{"password":"{EMAIL}"}},"b":[[{{"password":null}}]]}}"#),
    ] {
        for media_type in ["application/json", "application/vnd.shop+json; charset=utf-8", "text/plain", ""] {
            let result =
                call("get_order", json!({ "id": "1" }), Answer::bytes(200, media_type, body.clone())).await;
            assert!(texts(&result)[0].contains("[redacted]"), "{body} {result:?}");
        }
    }
}

#[tokio::test]
async fn reply_is_withheld_if_it_cannot_be_searched_for_values_to_redact() {
    let deep = format!("{}\"{EMAIL}\"{}", "[".repeat(200), "]".repeat(200));
    for (media_type, body) in [
        ("text/html", format!("<p>{EMAIL}</p>")),
        ("text/plain", format!("\"{EMAIL}\"")),
        ("text/csv", format!("id,email\n1,{EMAIL}\n")),
        ("application/xml", format!("<customer><email>{EMAIL}</email></customer>")),
        ("application/json", format!(r#"{{"customer":{{"email":"{EMAIL}""#)),
        ("application/json", format!(r#"{{"customer":{{"email":"{EMAIL}"}}}} trailing"#)),
        ("application/json", deep),
        ("application/pdf", format!("%PDF {EMAIL}")),
    ] {
        let result = call("get_order", json!({ "id": "1" }), Answer::bytes(200, media_type, body)).await;
        let text = texts(&result)[0];
        assert!(text.contains("which is withheld: connector.toml redacts parts"), "{media_type}: {text}");
        assert_eq!(result.is_error, Some(false));
    }
    let events = format!("data: {{\"customer\":{{\"age\":7}}}}\n\ndata: mail {EMAIL}\n\n");
    let result =
        call("get_order", json!({ "id": "1" }), Answer::bytes(200, "text/event-stream", events)).await;
    assert_eq!(
        texts(&result)[0],
        r#"{"events":[{"data":{"customer":{"age":"[redacted]"}}},{"data":"[withheld]"}]}"#
    );
}

#[tokio::test]
async fn error_replies_are_redacted() {
    let body = json!({ "message": "no such order", "customer": { "email": EMAIL }, "errors": [{ "password": EMAIL }] });
    let result = call("get_order", json!({ "id": "1" }), Answer::json(404, &body)).await;
    let text = texts(&result)[0];
    assert!(text.contains("no such order") && text.contains("email: [redacted]"), "{text}");
    let page = Answer::bytes(500, "text/html", format!("<h1>Oops</h1>{EMAIL}"));
    let result = call("get_order", json!({ "id": "1" }), page).await;
    assert!(texts(&result)[0].contains("withheld: connector.toml redacts parts"), "{result:?}");
    assert_eq!(result.is_error, Some(true));
}

#[tokio::test]
async fn long_reply_is_shortened_to_valid_json_with_a_call_for_the_rest() {
    let mut long = order(1);
    long["note"] = json!("x".repeat(50_000));
    let result = call("get_order", json!({ "id": "1" }), Answer::json(200, &long)).await;
    let [text, shortened, ..] = texts(&result)[..] else { panic!("{result:?}") };
    let value: Value = serde_json::from_str(text).unwrap();
    assert!(
        text.len() <= 2000 && value["note"].as_str().unwrap().ends_with("of 50000 bytes left out]"),
        "{text}"
    );
    assert!(shortened.starts_with("Shortened to 2000 bytes: `$.note` has "), "{shortened}");
    assert!(shortened.ends_with("raise `bytes` in `[replies.get_order]` of connector.toml."), "{shortened}");
    assert_eq!(result.structured_content.as_ref().unwrap()["note"], value["note"]);

    let books: Vec<Value> = (0..20_000).map(|id| json!({ "id": id, "title": "Moss" })).collect();
    let result = call("list_books", json!({}), Answer::json(200, &json!(books))).await;
    let [text, shortened, page] = texts(&result)[..] else { panic!("{result:?}") };
    let left = serde_json::from_str::<Vec<Value>>(text).unwrap().len();
    assert!(text.len() <= 100_000 && text.len() > 99_900, "{}", text.len());
    assert_eq!(
        shortened,
        format!(
            "Shortened to 100000 bytes: `$` has {left} of 20000 items. For the rest, call again with `offset`; or \
             choose parts of the reply with `fields`; or the user can raise `bytes` in `[replies.list_books]` of connector.toml."
        )
    );
    assert_eq!(
        page,
        format!(
            "20000 items, of which {left} are shown. For the rest, call {{\"name\":\"list_books\",\"arguments\":{{\"offset\":{left}}}}}"
        )
    );
}

#[tokio::test]
async fn fields_argument_selects_parts_of_the_reply() {
    let books = json!([{ "id": 1, "title": "Moss", "by": { "name": "A" } }, { "id": 2, "title": "Fern" }]);
    let upstream = Upstream::answering(Answer::json(200, &books)).await.unwrap();
    let client = connect((&reply_shop::CONNECTOR).into(), &upstream).await;
    let chosen =
        client.call("list_books", json!({ "fields": ["id", "by.name"], "offset": 5 })).await.unwrap();
    let page = r#"2 items. For the next page, if there is one, call {"name":"list_books","arguments":{"fields":["id","by.name"],"offset":7}}"#;
    assert_eq!(texts(&chosen), [r#"[{"id":1,"by":{"name":"A"}},{"id":2}]"#, page]);
    assert_eq!(upstream.last().unwrap().target, "/books?offset=5");

    let call = |fields: Value| call("list_books", json!({ "fields": fields }), Answer::json(200, &books));
    let wrong = call(json!(["$[].id", "$[].titel"])).await;
    assert_eq!(
        texts(&wrong)[..2],
        [
            r#"[{"id":1},{"id":2}]"#,
            "The reply has nothing at `$[].titel` of `fields`; it has `id`, `title`, `by`."
        ]
    );
    let refused = call(json!(["items[0]"])).await;
    assert_eq!(refused.is_error, Some(true));
    assert!(texts(&refused)[0].contains("`fields` has an item that is not a path such as"), "{refused:?}");
    let text = self::call("list_books", json!({ "fields": ["id"] }), Answer::text(200, "none")).await;
    // The rule `*` redacts values, so text that cannot be searched is withheld.
    assert!(texts(&text)[0].contains("which is withheld"), "{text:?}");
}

#[tokio::test]
async fn fields_argument_cannot_select_redacted_values() {
    for fields in [json!(["customer.email"]), json!(["$"]), json!(["$..*"]), json!(["customer"])] {
        let result =
            call("get_order", json!({ "id": "1", "fields": fields }), Answer::json(200, &order(1))).await;
        assert!(texts(&result)[0].contains("[redacted]"), "{result:?}");
    }
}

#[tokio::test]
async fn jq_filter_gets_the_redacted_reply() {
    let line = |id: usize| json!({ "id": id, "count": id % 2, "email": "x" });
    let lines: Vec<Value> = (0..4).map(line).collect();
    let body = json!({ "lines": lines, "customer": { "email": EMAIL } });
    let result = call("create_order", json!({}), Answer::json(201, &body)).await;
    assert_eq!(texts(&result), [r#"[{"id":1,"count":1},{"id":3,"count":1}]"#]);
    let items = json!({ "items": [{ "id": 1, "count": 1 }, { "id": 3, "count": 1 }] });
    assert_eq!(result.structured_content, Some(items));

    let failed = call("create_order", json!({}), Answer::json(201, &json!({ "lines": 7 }))).await;
    assert_eq!(
        texts(&failed),
        [
            "The service answered 201 Created, so the request took effect, but the filter in connector.toml failed: cannot \
             use 7 as iterable. The user has to correct `jq` in `[replies.create_order]`."
        ]
    );
    assert_eq!(failed.is_error, Some(true));
}
