//! Results of replies that are files, endless or hostile, as an MCP client sees them.

use std::fs;
use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use jackfield_runtime::rows::ConnectorRows;
use jackfield_runtime::{Api, Environment, Service, serve_streams};
use jackfield_testkit::{Answer, CallToolResult, Client, ContentBlock, Upstream};
use jackfield_tests::bookstall;
use serde_json::{Value, json};

use crate::specs;

const SECRET: &str = "secret-of-the-shop";

const DOCUMENT: &str = "
openapi: 3.0.3
info: { title: Shop, version: '1' }
servers: [{ url: https://api.example.com }]
security: [{ token: [] }]
paths:
  /files/{name}:
    get:
      operationId: getFile
      parameters:
        - { name: name, in: path, required: true, schema: { type: string } }
        - { name: q, in: query, schema: { type: string } }
      responses: { '200': { description: It., content: { '*/*': {} } } }
    head:
      operationId: lookAtFile
      parameters: [{ name: name, in: path, required: true, schema: { type: string } }]
      responses: { '200': { description: It. } }
components:
  securitySchemes: { token: { type: http, scheme: bearer } }
";

fn shop() -> ConnectorRows {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.yaml");
    fs::write(&file, DOCUMENT).unwrap();
    specs::preview(&file, "shop")
}

async fn connect(upstream: &Upstream) -> Client {
    connect_to(&shop(), upstream).await
}

async fn connect_to(connector: &ConnectorRows, upstream: &Upstream) -> Client {
    let name = connector.get().name().to_uppercase();
    let variables =
        [(format!("{name}_BASE_URL"), upstream.base_url()), (format!("{name}_TOKEN"), SECRET.to_owned())];
    let service = Service::new(Api::new(connector, Environment::of(variables)), Vec::new()).unwrap();
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let (input, output) = tokio::io::split(theirs);
    tokio::spawn(serve_streams(service, input, output));
    Client::connect(ours).await.unwrap()
}

/// Returns the result that a client gets for an upstream response.
async fn get(answer: Answer) -> (CallToolResult, Upstream, Client) {
    let upstream = Upstream::answering(answer).await.unwrap();
    let client = connect(&upstream).await;
    let result = client.call("get_file", json!({ "name": "moss.bin", "q": "x" })).await.unwrap();
    assert!(!json!(result).to_string().contains(SECRET), "{result:?}");
    (result, upstream, client)
}

fn texts(result: &CallToolResult) -> Vec<&str> {
    result.content.iter().filter_map(ContentBlock::as_text).map(|text| text.text.as_str()).collect()
}

fn block(result: &CallToolResult) -> Value {
    json!(result.content[1])
}

#[tokio::test]
async fn file_in_a_reply_becomes_mcp_content_of_its_media_type() {
    let bytes = b"\x89PNG\x00\xff";
    let (result, upstream, _client) = get(Answer::bytes(200, "image/png; x=y", bytes)).await;
    assert_eq!(texts(&result), ["6 bytes of image/png."]);
    assert_eq!(block(&result), json!({ "type": "image", "mimeType": "image/png", "data": "iVBORwD/" }));
    assert_eq!(upstream.last().unwrap().target, "/files/moss.bin?q=x");

    let (result, ..) = get(Answer::bytes(200, "audio/ogg", bytes)).await;
    assert_eq!(block(&result), json!({ "type": "audio", "mimeType": "audio/ogg", "data": "iVBORwD/" }));

    let (result, upstream, _client) = get(Answer::bytes(200, "application/pdf", bytes)).await;
    let resource = json!({
        "uri": format!("{}/files/moss.bin?q=x", upstream.base_url()),
        "mimeType": "application/pdf",
        "blob": "iVBORwD/",
    });
    assert_eq!(block(&result), json!({ "type": "resource", "resource": resource }));
}

#[tokio::test]
async fn file_over_the_size_limit_is_named_in_the_result_but_not_returned() {
    let answer = Answer::bytes(200, "application/zip", vec![0; 3 << 20])
        .header("content-disposition", "attachment; filename=\"../moss;1.zip\"");
    let (result, upstream, _client) = get(answer).await;
    assert_eq!(texts(&result), ["3 MiB of application/zip: more than the limit of a result, 1 MiB."]);
    let link = json!({
        "type": "resource_link",
        "uri": format!("{}/files/moss.bin?q=x", upstream.base_url()),
        "name": "moss;1.zip",
        "mimeType": "application/zip",
        "size": 3 << 20,
    });
    assert_eq!(block(&result), link);

    let (result, ..) = get(Answer::bytes(200, "application/zip", vec![0; 20 << 20])).await;
    assert_eq!(result.is_error, Some(false));
    assert_eq!(block(&result)["size"], 20 << 20);
    let endless = Answer::bytes(200, "application/zip", vec![0; 1 << 20]).repeated(100, Duration::ZERO);
    let (result, ..) = get(endless).await;
    assert_eq!(
        texts(&result),
        ["More than 16 MiB of application/zip: more than the limit of a result, 1 MiB."]
    );
    assert_eq!(block(&result).get("size"), None);
}

#[tokio::test]
async fn reply_over_the_limit_is_truncated_with_a_note() {
    let spaced = format!("[{}]", ["{ \"id\":    1 }"; 10_000].join(",\n   "));
    let (result, ..) = get(Answer::bytes(200, "application/json", spaced.clone())).await;
    assert_eq!(texts(&result), [format!("[{}]", ["{\"id\":1}"; 10_000].join(","))]);
    assert!(spaced.len() > 100_000 && result.structured_content.is_some());

    let long = format!("[{}]", vec!["\"é\""; 500_000].join(","));
    let (result, ..) = get(Answer::bytes(200, "application/json", long.clone())).await;
    let [text, note] = texts(&result)[..] else { panic!("{result:?}") };
    assert!(text.len() <= 100_000 && text.len() > 100_000 - 6, "{}", text.len());
    assert_eq!(
        result.structured_content.as_ref().unwrap()["items"],
        serde_json::from_str::<Value>(text).unwrap()
    );
    assert_eq!(
        note,
        "Shortened to 100000 bytes: `$` has 19999 of 500000 items. For the rest, the user can raise `bytes` in \
         `[replies.get_file]` of connector.toml."
    );

    let endless = Answer::bytes(200, "text/csv", "é,b\n".repeat(1 << 18)).repeated(100, Duration::ZERO);
    let (result, ..) = get(endless).await;
    let [text, note] = texts(&result)[..] else { panic!("{result:?}") };
    assert!(text.starts_with("é,b\né,b\n") && text.len() <= 100_000);
    assert!(note.contains("97 KiB of more than 15.9 MiB"), "{note}");
}

#[tokio::test]
async fn compressed_reply_is_bounded_by_its_decompressed_size() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    (0..100).for_each(|_| encoder.write_all(&[b'x'; 1 << 20]).unwrap());
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 1 << 20);
    let (result, ..) = get(Answer::bytes(200, "text/plain", bomb).header("content-encoding", "gzip")).await;
    let [text, note] = texts(&result)[..] else { panic!("{result:?}") };
    assert!(text.len() <= 100_000 && note.contains("97 KiB of more than 16 MiB"), "{note}");
}

#[tokio::test]
async fn result_of_a_head_request_contains_the_response_headers() {
    let answer = Answer::bytes(200, "image/png", b"abc").header("etag", "\"v7\"").header("server", "x");
    let upstream = Upstream::answering(answer).await.unwrap();
    let client = connect(&upstream).await;
    let result = client.call("look_at_file", json!({ "name": "moss.png" })).await.unwrap();
    assert_eq!(
        texts(&result),
        ["The service answered 200 OK.\ncontent-type: image/png\ncontent-length: 3\netag: \"v7\""]
    );
}

#[tokio::test]
async fn endless_stream_reports_progress_and_is_truncated_with_a_note() {
    let answer = Answer::bytes(200, "text/event-stream", "data: {\"n\": 1}\n\n")
        .repeated(usize::MAX, Duration::from_micros(300));
    let (result, _upstream, client) = get(answer).await;
    assert_eq!(result.is_error, Some(false));
    assert_eq!(
        texts(&result)[1],
        "This is only the beginning of a stream: after 1000 events, no more events are read."
    );
    let events = &result.structured_content.as_ref().unwrap()["events"];
    assert_eq!(events.as_array().map(Vec::len), Some(1000));
    assert_eq!(events[0], json!({ "data": { "n": 1 } }));

    let answer = Answer::bytes(200, "text/event-stream", "data: 1\n\n").repeated(1000, Duration::ZERO);
    assert_eq!(texts(&get(answer).await.0).len(), 1, "a stream of exactly 1000 events gets no note");

    let told = client.take_progress();
    assert!(!told.is_empty() && told.len() < 200, "{told:?}");
    assert!(told.windows(2).all(|pair| pair[0] < pair[1]), "{told:?}");
}

#[tokio::test]
async fn endless_stream_of_large_events_is_truncated() {
    let event = format!("data: {}\n\n", "x".repeat(300_000));
    let answer = Answer::bytes(200, "text/event-stream", event).repeated(usize::MAX, Duration::ZERO);
    let (result, ..) = get(answer).await;
    let [text, shortened, beginning] = texts(&result)[..] else { panic!("{result:?}") };
    assert!(text.len() <= 100_000 && shortened.contains("`$.events` has 1 of 3 items"), "{shortened}");
    assert_eq!(
        beginning,
        "This is only the beginning of a stream: after 3 events, the limit of 1 MiB was reached."
    );
    let endless_event = Answer::bytes(200, "text/event-stream", "data: x\n".repeat(1000))
        .repeated(usize::MAX, Duration::ZERO);
    let (result, ..) = get(endless_event).await;
    assert_eq!(result.structured_content, Some(json!({ "events": [] })));
}

#[tokio::test]
async fn endless_error_body_is_truncated() {
    let answer = Answer::bytes(500, "text/plain", "no ".repeat(1 << 18)).repeated(1000, Duration::ZERO);
    let (result, ..) = get(answer).await;
    assert!(texts(&result)[0].contains("500 Internal Server Error"), "{result:?}");
    assert!(texts(&result)[0].len() < 2000, "{}", texts(&result)[0].len());
}

#[tokio::test]
async fn echoed_secret_is_redacted_in_every_part_of_a_reply() {
    let escaped = SECRET.replace('s', "\\u0073").replace('t', "\\u0074");
    let event =
        format!("event: {SECRET}\nid: {SECRET}\ndata: {{\"a\": \"{escaped}\", \"b\": \"{SECRET}\"}}\n\n");
    let (result, ..) = get(Answer::bytes(200, "text/event-stream", event)).await;
    let struck = json!({ "a": "[credential removed]", "b": "[credential removed]" });
    assert_eq!(result.structured_content.unwrap()["events"][0]["data"], struck);

    let utf16: Vec<u8> = SECRET.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (result, ..) = get(Answer::bytes(200, "text/plain; charset=utf-16le", utf16)).await;
    assert_eq!(texts(&result), ["[credential removed]"]);

    let (result, ..) = get(Answer::bytes(200, "image/png", format!("\u{0}{SECRET}\u{0}"))).await;
    assert_eq!(block(&result)["data"], "AFtjcmVkZW50aWFsIHJlbW92ZWRdAA==");

    // Secrets are redacted before the reply is truncated, so that a truncated secret is redacted too.
    let location = format!("https://elsewhere.example.net/{}", format!("{SECRET}/").repeat(300));
    let (result, ..) = get(Answer::empty(302).header("location", &location)).await;
    assert!(texts(&result)[0].contains("…\n") && !texts(&result)[0].contains("secret-"), "{result:?}");

    let page = format!("<h1>{SECRET}</h1><p title='{SECRET}'>");
    let (result, ..) = get(Answer::bytes(500, "text/html", page).header("x-request-id", SECRET)).await;
    assert!(texts(&result)[0].contains("It says: [credential removed]"), "{result:?}");
}

/// Checks a generated connector and a preview, both with output schemas.
#[tokio::test]
async fn structured_content_fits_the_output_schema_for_every_reply() {
    let book = json!({ "id": "bk_1", "title": 7, "price": "free", "more": [1] });
    let shortened = format!("{}… [1997224 of 2097152 bytes left out]", "x".repeat(99_928));
    for connector in [
        (&bookstall::CONNECTOR).into(),
        specs::promising_preview(&specs::document("bookshop.yaml"), "bookshop"),
    ] {
        for (answer, structured, notes) in [
            (Answer::json(200, &book), json!({ "id": "bk_1", "more": [1] }), 1),
            (Answer::json(200, &json!([1])), json!({ "items": [1] }), 0),
            (Answer::empty(204), json!({}), 0),
            (Answer::text(200, "Done."), json!({}), 0),
            (Answer::bytes(200, "application/json", "{\"id\":"), json!({}), 1),
            (Answer::bytes(200, "image/png", b"\x89"), json!({}), 0),
            (Answer::json(200, &json!({ "id": "x".repeat(2 << 20) })), json!({ "id": shortened }), 1),
        ] {
            let upstream = Upstream::answering(answer.clone()).await.unwrap();
            let client = connect_to(&connector, &upstream).await;
            let tools = client.tools().await.unwrap();
            let promise =
                tools.iter().find(|tool| tool.name == "get_book").and_then(|it| it.output_schema.clone());
            assert!(promise.is_some_and(|it| it["properties"]["title"]["type"] == "string"));
            let result = client.call("get_book", json!({ "bookId": "bk_1" })).await.unwrap();
            assert_eq!(result.is_error, Some(false), "{answer:?}");
            assert_eq!(result.structured_content, Some(structured), "{answer:?}");
            assert_eq!(texts(&result).len(), 1 + notes, "{result:?}");
        }
        let upstream = Upstream::answering(Answer::empty(500)).await.unwrap();
        let result =
            connect_to(&connector, &upstream).await.call("get_book", json!({ "bookId": "bk_1" })).await;
        assert_eq!(result.unwrap().structured_content, None);
    }
}
