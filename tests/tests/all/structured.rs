//! Responses to tool calls that the runtime prints without the SDK, compared with responses of the SDK and
//! with the replies of the service.

use std::net::SocketAddr;

use jackfield_runtime::{Api, Environment, HttpServer, Service, serve_streams};
use jackfield_testkit::{Answer, Client, Handshake, Upstream};
use jackfield_tests::bookshop_api;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::http::ask;

/// Replies of a service, and the JSON that they contain.
const REPLIES: &[(&[u8], Option<&str>)] = &[
    (b"{}", Some("{}")),
    (br#"{"a":{"b":[1,-2.5,true,null,{}]},"c":""}"#, Some(r#"{"a":{"b":[1,-2.5,true,null,{}]},"c":""}"#)),
    (b"{\r\n\t\"a\" : [ 1 , 2 ]\n}\n", Some(r#"{"a":[1,2]}"#)),
    ("{\"é\":\"caf\u{e9} \u{1F600} \u{2028}\"}".as_bytes(), Some("{\"é\":\"caf\u{e9} \u{1F600} \u{2028}\"}")),
    (br#"{"a":"\" \\ \/ \n \u0000 \u00e9 \ud83d\ude00"}"#, Some(r#"{"a":"\" \\ / \n \u0000 é 😀"}"#)),
    (
        br#"{"a":"}}","structuredContent":"","isError":true}"#,
        Some(r#"{"a":"}}","structuredContent":"","isError":true}"#),
    ),
    (b"[1,[2]]", Some(r#"{"items":[1,[2]]}"#)),
    (br#""{\"a\":1}""#, Some(r#"{"value":"{\"a\":1}"}"#)),
    (b"null", Some(r#"{"value":null}"#)),
    (br#"{"a":1,"a":2}"#, Some(r#"{"a":2}"#)),
    (br#"{"a":1,"\u0061":2}"#, Some(r#"{"a":2}"#)),
    (b"{\"a\":123456789012345678901234567890}", Some(r#"{"a":1.2345678901234568e29}"#)),
    (b"{\"a\":[9007199254740993,0.1,1e3,-0.0]}", Some(r#"{"a":[9007199254740993,0.1,1000.0,-0.0]}"#)),
    (b"\xef\xbb\xbf{\"a\":1}", Some(r#"{"a":1}"#)),
    (b"{\"a\":\"caf\xe9\"}", Some(r#"{"a":"café"}"#)),
    (b"{\"a\":\"\xed\xa0\x80\"}", Some("{\"a\":\"í\u{a0}€\"}")),
    (br#"{"a":"\ud83d"}"#, None),
    (b"{\"a\":\"\n\"}", None),
    (b"{\"a\":1 2}", None),
    (b"{\"a\":1}{}", None),
    (b"{\"a\":", None),
];

fn service(base: &str) -> Service {
    let variables = [("BOOKSHOP_BASE_URL", base), ("BOOKSHOP_TOKEN", "secret")];
    Service::new(Api::new(&bookshop_api::CONNECTOR, Environment::of(variables)), Vec::new()).unwrap()
}

/// Serves over HTTP, and returns the address.
async fn serve_http(base: &str) -> String {
    let server = HttpServer::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap().without_token();
    let url = server.url();
    tokio::spawn(server.serve(service(base)));
    url.strip_prefix("http://").and_then(|rest| rest.strip_suffix("/mcp")).unwrap().to_owned()
}

/// Returns the head without its date, and the body.
async fn post(address: &str, headers: &[(&str, &str)], message: &Value) -> (String, Value) {
    let headers = [&[("host", address)], headers].concat();
    let stream = TcpStream::connect(address).await.unwrap();
    let (head, body) = ask(stream, "POST /mcp", &headers, &message.to_string()).await;
    let is_stable = |line: &&str| !line.starts_with("date:") && !line.starts_with("content-length:");
    let head = head.lines().filter(is_stable).collect::<Vec<_>>().join("\n");
    (head, serde_json::from_str(&body).unwrap_or(Value::String(body)))
}

fn call(params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": "a", "method": "tools/call", "params": params })
}

/// A header whose only effect is that the SDK prints the response instead of the runtime.
const UNUSUAL: (&str, &str) = ("content-encoding", "identity");

const REVISIONS: [&[(&str, &str)]; 4] = [
    &[],
    &[("mcp-protocol-version", "2025-03-26")],
    &[("mcp-protocol-version", "2025-06-18")],
    &[("mcp-protocol-version", "2025-11-25")],
];

#[tokio::test]
async fn structured_content_equals_the_json_of_the_reply_on_every_transport() {
    let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let nested = [80, 120, 126, 127, 128, 1000].map(|depth| {
        let is_read = depth < 128;
        (deep(depth).into_bytes(), is_read.then(|| format!("{{\"items\":{}}}", deep(depth))))
    });
    let replies = REPLIES.iter().map(|(reply, json)| (reply.to_vec(), json.map(str::to_owned)));
    for (reply, expected) in replies.chain(nested) {
        let shown = String::from_utf8_lossy(&reply).into_owned();
        let upstream = Upstream::answering(Answer::bytes(200, "application/json", reply)).await.unwrap();
        let base = upstream.base_url();
        let arguments = json!({ "bookId": "bk_1" });
        // Lists are nested more deeply in the response than in the reply, and parsers limit the depth, so the response is compared as text.
        let expected = expected.map(|json| {
            let value: Option<Value> = serde_json::from_str(&json).ok();
            value.map_or(json, |value| value.to_string())
        });
        if expected.as_ref().is_none_or(|json| !json.contains("[[[[[[[[")) {
            for handshake in [Handshake::Modern, Handshake::Legacy] {
                let (ours, theirs) = tokio::io::duplex(64 * 1024);
                let (input, output) = tokio::io::split(theirs);
                tokio::spawn(serve_streams(service(&base), input, output));
                let client = Client::connect_as(handshake, ours).await.unwrap();
                let result = client.call("get_book", arguments.clone()).await.unwrap();
                let structured = result.structured_content.map(|value| value.to_string());
                assert_eq!(structured, expected, "{handshake:?}: {shown}");
            }
        }
        let address = serve_http(&base).await;
        let message = call(&json!({ "name": "get_book", "arguments": arguments }));
        for revision in REVISIONS {
            let usual = post(&address, revision, &message).await;
            let by_sdk = post(&address, &[revision, &[UNUSUAL]].concat(), &message).await;
            assert_eq!(usual, by_sdk, "{shown}");
            if let Some(result) = usual.1.get("result") {
                let structured = result.get("structuredContent").map(Value::to_string);
                assert_eq!(structured, expected, "{shown}");
            }
        }
    }
}

#[tokio::test]
async fn tools_call_over_http_is_answered_with_the_same_response_as_by_the_sdk() {
    let upstream = Upstream::answering(Answer::json(404, &json!({ "error": "none" }))).await.unwrap();
    let address = serve_http(&upstream.base_url()).await;
    for params in [
        json!({ "name": "get_book", "arguments": { "bookId": "bk_1" } }),
        json!({ "name": "get_book", "arguments": { "bookId": 1 } }),
        json!({ "name": "get_book" }),
        json!({ "name": "get_bok", "arguments": {} }),
        json!({ "name": "get_book", "arguments": [] }),
        json!({ "name": "get_book", "arguments": {}, "_meta": { "progressToken": 1 } }),
        json!({ "arguments": {} }),
        json!([]),
    ] {
        for revision in REVISIONS {
            let usual = post(&address, revision, &call(&params)).await;
            let by_sdk = post(&address, &[revision, &[UNUSUAL]].concat(), &call(&params)).await;
            assert_eq!(usual, by_sdk, "{params}");
        }
    }
}
