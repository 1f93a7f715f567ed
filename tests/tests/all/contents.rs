//! Resources, prompts and documentation of connector.toml, through the preview and a compiled connector, in both eras of the protocol.

use std::net::SocketAddr;
use std::path::Path;

use jackfield_build::{Job, Manifest, model_of};
use jackfield_runtime::custom::{Custom, CustomPrompt, CustomResource};
use jackfield_runtime::rows::ConnectorRows;
use jackfield_runtime::{Api, Environment, HttpServer, Policies, Service, SurfaceKind, listing};
use jackfield_testkit::{Answer, Upstream};
use jackfield_tests::{bookshop_api, content_shop};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::http::ask;
use crate::wire::{Wire, with_meta};

fn preview() -> ConnectorRows {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("contents/connector.toml");
    let modelled =
        model_of(&Job::new(Manifest::read(&path).unwrap())).unwrap_or_else(|error| panic!("{error}"));
    jackfield_cli::preview::connector(modelled)
}

fn both() -> [ConnectorRows; 2] {
    [(&content_shop::CONNECTOR).into(), preview()]
}

pub(crate) fn service(rows: impl Into<ConnectorRows>, base: &str, policies: Policies) -> Service {
    let variables = [("CONTENT_SHOP_BASE_URL", base), ("CONTENT_SHOP_TOKEN", "t0ken")];
    Service::new(Api::new(rows, Environment::of(variables)).with_policies(policies), Vec::new()).unwrap()
}

/// Returns the service of the fixture. Its upstream cannot be reached.
pub(crate) fn silent(policies: Policies) -> Service {
    service(&content_shop::CONNECTOR, "http://127.0.0.1:9", policies)
}

/// Opens a connection for each protocol era.
pub(crate) async fn wires(service: &Service) -> [(Wire, bool); 2] {
    [(Wire::open(service.clone()), true), (Wire::legacy(service.clone(), json!({})).await, false)]
}

pub(crate) async fn request(wire: &mut Wire, is_modern: bool, method: &str, params: Value) -> Value {
    if is_modern {
        return wire.modern("1", method, params).await;
    }
    wire.request("1", method, params).await;
    wire.answer("1").await
}

pub(crate) fn texts<'a>(list: &'a Value, key: &str) -> Vec<&'a str> {
    list.as_array().unwrap().iter().map(|entry| entry[key].as_str().unwrap_or_default()).collect()
}

pub(crate) const BOOKS: &str = "content-shop://api/books{?genre,tag*,limit}";
pub(crate) const BOOK: &str = "content-shop://api/books/{book_id}";
pub(crate) const ORDER: &str = "content-shop://api/orders/{id}";
const COVER: &str = "covers:{book_id}.png";

#[test]
fn resources_and_prompts_are_equal_in_preview_and_compiled_code() {
    let [compiled, preview] = both();
    assert_eq!(compiled.get(), preview.get());
}

#[tokio::test]
async fn resources_and_prompts_are_listed_and_completed_in_both_protocol_eras() {
    for rows in both() {
        let service = service(rows, "http://127.0.0.1:9", Policies::none());
        for (mut wire, is_modern) in wires(&service).await {
            if is_modern {
                let found = wire.modern("0", "server/discover", json!({})).await;
                let capabilities = &found["result"]["capabilities"];
                for feature in ["resources", "prompts", "completions"] {
                    assert!(capabilities[feature].is_object(), "{feature}: {found}");
                }
            }
            let list = request(&mut wire, is_modern, "resources/list", json!({})).await;
            let resources = &list["result"]["resources"];
            assert_eq!(
                texts(resources, "uri"),
                ["content-shop://docs/overview", "content-shop://docs/auth", "content-shop://api/books"]
            );
            assert_eq!(resources[0]["mimeType"], "text/markdown");
            assert_eq!(
                (&resources[2]["name"], &resources[2]["mimeType"]),
                (&json!("list_books"), &json!("application/json"))
            );
            let list = request(&mut wire, is_modern, "resources/templates/list", json!({})).await;
            let templates = &list["result"]["resourceTemplates"];
            let pages = ["content-shop://docs/tools/{tool}", "content-shop://docs/groups/{group}"];
            assert_eq!(texts(templates, "uriTemplate"), [pages[0], pages[1], BOOKS, BOOK, COVER, ORDER]);
            let cover = &templates[4];
            assert_eq!(
                (&cover["title"], &cover["description"]),
                (&json!("The cover of a book"), &json!("A picture"))
            );
            assert_eq!(
                (&cover["mimeType"], &templates[5]["mimeType"]),
                (&json!("image/png"), &json!("application/vnd.order+json"))
            );
            let list = request(&mut wire, is_modern, "prompts/list", json!({})).await;
            let prompts = &list["result"]["prompts"];
            assert_eq!(texts(prompts, "name"), ["check_order", "find_gift"]);
            let required: Vec<&Value> =
                prompts[1]["arguments"].as_array().unwrap().iter().map(|it| &it["required"]).collect();
            assert_eq!(
                (texts(&prompts[1]["arguments"], "name"), required),
                (vec!["count", "person"], vec![&json!(false), &json!(true)])
            );
            assert_eq!(prompts[1]["title"], "Find a gift");

            let template = |uri: &str| json!({ "type": "ref/resource", "uri": uri });
            let prompt = json!({ "type": "ref/prompt", "name": "find_gift" });
            for (reference, argument, value, expected) in [
                (template(BOOKS), "genre", "", json!(["novel", "science", "self help"])),
                (template(BOOKS), "genre", "S", json!(["science", "self help"])),
                (template(BOOK), "book_id", "", json!([])),
                (template(pages[0]), "tool", "get_", json!(["get_book", "get_order"])),
                (template(pages[1]), "group", "", json!(["books", "orders"])),
                (prompt.clone(), "count", "t", json!(["three", "thirty"])),
                (prompt, "person", "", json!([])),
            ] {
                let params = json!({ "ref": reference, "argument": { "name": argument, "value": value } });
                let found = request(&mut wire, is_modern, "completion/complete", params).await;
                assert_eq!(found["result"]["completion"]["values"], expected, "{argument} {value}: {found}");
            }
        }
    }
}

#[tokio::test]
async fn prompt_is_filled_with_its_arguments() {
    for (mut wire, is_modern) in wires(&silent(Policies::none())).await {
        let params = json!({ "name": "find_gift", "arguments": { "person": "Ada {count}" } });
        let got = request(&mut wire, is_modern, "prompts/get", params).await;
        let message = &got["result"]["messages"][0];
        assert_eq!(message["role"], "user");
        assert_eq!(
            message["content"]["text"],
            "Suggest three books for Ada {count}. Search with list_books, and read each with get_book.\n\
             Reply with {\"title\": ...} for Ada {count}.\n"
        );
        for (arguments, problem) in [
            (json!({}), "`person` is required"),
            (json!({ "person": "Ada", "count": "two" }), "`count` has to be one of `one`, `three`, `thirty`"),
            (json!({ "persn": "Ada" }), "did you mean `person`?"),
        ] {
            let params = json!({ "name": "find_gift", "arguments": arguments });
            let refused = request(&mut wire, is_modern, "prompts/get", params).await;
            assert_eq!(refused["error"]["code"], -32602);
            assert!(refused["error"]["message"].as_str().unwrap().contains(problem), "{refused}");
        }
    }
}

#[tokio::test]
async fn resource_read_sends_the_same_request_as_its_tool() {
    let upstream =
        Upstream::answering(Answer::json(200, &json!({ "card": "4711", "title": "A" }))).await.unwrap();
    for rows in both() {
        let service = service(rows, &upstream.base_url(), Policies::none());
        for (mut wire, is_modern) in wires(&service).await {
            for (uri, tool, arguments, media_type) in [
                ("content-shop://api/books", "list_books", json!({}), "application/json"),
                (
                    "content-shop://api/books?limit=2&tag=a%26b&tag=c&genre=self%20help",
                    "list_books",
                    json!({ "limit": 2, "tag": ["a&b", "c"], "genre": "self help" }),
                    "application/json",
                ),
                (
                    "content-shop://api/books/a%2Fb",
                    "get_book",
                    json!({ "book-id": "a/b" }),
                    "application/json",
                ),
                (
                    "content-shop://api/orders/7",
                    "get_order",
                    json!({ "id": 7 }),
                    "application/vnd.order+json",
                ),
            ] {
                let read = request(&mut wire, is_modern, "resources/read", json!({ "uri": uri })).await;
                let of_read: Vec<Vec<u8>> = upstream.take().into_iter().map(|it| it.head).collect();
                let params = json!({ "name": tool, "arguments": arguments });
                let called = request(&mut wire, is_modern, "tools/call", params).await;
                let of_call: Vec<Vec<u8>> = upstream.take().into_iter().map(|it| it.head).collect();
                assert_eq!((of_read.len(), &of_read), (1, &of_call), "{uri}");
                let contents = &read["result"]["contents"][0];
                assert_eq!(contents["text"], called["result"]["content"][0]["text"], "{uri}");
                assert_eq!((&contents["uri"], &contents["mimeType"]), (&json!(uri), &json!(media_type)));
                let is_redacted = !contents["text"].as_str().unwrap().contains("4711");
                assert_eq!(is_redacted, tool == "get_order", "{contents}");
            }
            // An invalid value is refused as in a call, and nothing is sent.
            for uri in ["content-shop://api/orders/seven", "content-shop://api/books?limit=many"] {
                let refused = request(&mut wire, is_modern, "resources/read", json!({ "uri": uri })).await;
                assert_eq!(refused["error"]["code"], -32602, "{refused}");
            }
            for uri in [
                "content-shop://api/books?page=1",
                "content-shop://api/books/",
                "covers:1.jpg",
                "content-shop://docs/x",
            ] {
                let unknown = request(&mut wire, is_modern, "resources/read", json!({ "uri": uri })).await;
                assert_eq!(unknown["error"]["data"]["uri"], uri, "{unknown}");
            }
            assert!(upstream.take().is_empty());
        }
    }
}

#[tokio::test]
async fn failed_resource_read_is_a_json_rpc_error() {
    for (answer, code, words) in [
        (Answer::json(404, &json!({ "detail": "no such book" })), [-32602, -32002], "no such book"),
        (Answer::json(400, &json!({ "detail": "bad id" })), [-32603, -32603], "bad id"),
        (Answer::hang_up(), [-32603, -32603], "GET /books"),
    ] {
        let upstream = Upstream::answering(answer).await.unwrap();
        let service = service(&content_shop::CONNECTOR, &upstream.base_url(), Policies::none());
        for (mut wire, is_modern) in wires(&service).await {
            let params = json!({ "uri": "content-shop://api/books/1" });
            let failed = request(&mut wire, is_modern, "resources/read", params).await;
            assert_eq!(failed["error"]["code"], code[usize::from(!is_modern)], "{failed}");
            assert!(failed["error"]["message"].as_str().unwrap().contains(words), "{failed}");
        }
    }
}

#[tokio::test]
async fn operation_that_is_only_a_resource_is_read_as_bytes_and_is_not_a_tool() {
    let upstream = Upstream::answering(Answer::bytes(200, "image/png", [1, 2, 3])).await.unwrap();
    let service = service(&content_shop::CONNECTOR, &upstream.base_url(), Policies::none());
    assert!(!listing(&service).any(|tool| tool.contains("get_cover")));
    for (mut wire, is_modern) in wires(&service).await {
        let read = request(&mut wire, is_modern, "resources/read", json!({ "uri": "covers:b.1.png" })).await;
        let contents = json!([{ "uri": "covers:b.1.png", "mimeType": "image/png", "blob": "AQID" }]);
        assert_eq!(read["result"]["contents"], contents);
        assert_eq!(upstream.take()[0].path(), "/books/b.1/cover");
        let params = json!({ "name": "get_cover", "arguments": { "book-id": "1" } });
        let refused = request(&mut wire, is_modern, "tools/call", params).await;
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.contains("read the resource `covers:{book_id}.png`"), "{message}");
    }
    let searched = service.with_surface(SurfaceKind::Search, None);
    let mut wire = Wire::open(searched);
    for (tool, arguments) in [
        ("search_tools", json!({ "query": "cover of a book" })),
        ("describe_tool", json!({ "name": "get_cover" })),
        ("call_read", json!({ "name": "get_cover", "arguments": { "book-id": "1" } })),
    ] {
        let found = wire.modern("1", "tools/call", json!({ "name": tool, "arguments": arguments })).await;
        assert!(!found.to_string().contains("image/png"), "{tool}: {found}");
    }
    assert!(upstream.take().is_empty());
}

#[tokio::test]
async fn resources_and_prompts_are_served_over_http() {
    let upstream = Upstream::answering(Answer::json(200, &json!({ "title": "A" }))).await.unwrap();
    let service = service(&content_shop::CONNECTOR, &upstream.base_url(), Policies::none());
    let server = HttpServer::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap().without_token();
    let url = server.url();
    tokio::spawn(server.serve(service));
    let address = url.strip_prefix("http://").and_then(|rest| rest.strip_suffix("/mcp")).unwrap();
    for (method, name, params, pointer, expected) in [
        ("resources/list", None, json!({}), "/result/resources/2/uri", "content-shop://api/books"),
        (
            "resources/read",
            Some("content-shop://api/books/1"),
            json!({ "uri": "content-shop://api/books/1" }),
            "/result/contents/0/text",
            "{\"title\":\"A\"}",
        ),
        ("prompts/list", None, json!({}), "/result/prompts/1/name", "find_gift"),
        (
            "prompts/get",
            Some("check_order"),
            json!({ "name": "check_order", "arguments": { "id": "7" } }),
            "/result/messages/0/content/text",
            "Read the order 7 with get_order, and say what is late.",
        ),
    ] {
        for version in ["2026-07-28", "2025-06-18"] {
            let is_modern = version == "2026-07-28";
            let params = if is_modern { with_meta(params.clone(), json!({})) } else { params.clone() };
            let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
            let mut headers = vec![("host", address), ("mcp-protocol-version", version)];
            if is_modern {
                headers.push(("mcp-method", method));
                headers.extend(name.map(|name| ("mcp-name", name)));
            }
            let stream = TcpStream::connect(address).await.unwrap();
            let (head, body) = ask(stream, "POST /mcp", &headers, &body).await;
            let body = body
                .lines()
                .find_map(|line| line.strip_prefix("data: ").filter(|it| it.len() > 2))
                .unwrap_or(&body);
            let answer: Value =
                serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {head}\n{body}"));
            assert_eq!(answer.pointer(pointer), Some(&json!(expected)), "{version} {method}: {answer}");
        }
    }
}

#[test]
fn connector_without_prompts_and_resources_declares_no_such_capability() {
    let api = Api::new(&bookshop_api::CONNECTOR, Environment::of::<&str, &str>([]));
    let service = Service::new(api, Vec::new()).unwrap();
    assert!(!service.has_resources() && !service.has_prompts() && !service.has_completions());
}

#[test]
fn hand_written_resource_or_prompt_cannot_have_a_name_from_connector_toml() {
    let resource =
        |uri: &str| Custom::new().resources([CustomResource::new(uri, "x", |_| async { Ok(Vec::new()) })]);
    let prompt = |name: &str| Custom::new().prompts([CustomPrompt::new(name, |_| async { Ok(Vec::new()) })]);
    for (custom, problem) in [
        (resource("content-shop://api/books"), Some("two resources are called `content-shop://api/books`")),
        (resource("content-shop://docs/extra"), Some("two resources are called `content-shop://docs/extra`")),
        (resource("content-shop://api/shelves"), None),
        (prompt("find_gift"), Some("two prompts are called `find_gift`")),
        (prompt("find_more"), None),
    ] {
        let api = Api::new(&content_shop::CONNECTOR, Environment::of::<&str, &str>([]));
        let error = Service::new(api, custom).err().map(|error| error.to_string());
        assert_eq!(error.is_some(), problem.is_some(), "{error:?}");
        assert!(error.unwrap_or_default().starts_with(problem.unwrap_or_default()));
    }
}
