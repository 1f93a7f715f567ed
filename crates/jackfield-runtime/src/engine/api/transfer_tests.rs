//! Uploads and downloads against a scripted service.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;

use flate2::Compression;
use flate2::write::GzEncoder;
use jackfield_recipe::{Effect, Payload, hex_encode};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::call::args::{ArgError, Args};
use crate::common::caller::{Caller, Channel};
use crate::engine::call_slot::LentSlot;
use crate::engine::context::{ActiveCall, CallContext};
use crate::engine::request::{SourceRequest, SourceResponse};
use crate::engine::source::Source as _;
use crate::reply::tool_result::ToolResult;
use crate::v1::{Connector, Job, Need, Scheme, Tool};

fn nothing(_: &Args, _: &mut Request) -> Result<(), ArgError> {
    Ok(())
}

fn raw(args: &Args, request: &mut Request) -> Result<(), ArgError> {
    request.content_type("application/octet-stream");
    request.raw_body(args.required("body"), Payload::Bytes)
}

fn parts(args: &Args, request: &mut Request) -> Result<(), ArgError> {
    request.multipart();
    request.part("title", args.optional("title"), Payload::Text, "")?;
    request.part("file", args.required("file"), Payload::Bytes, "")
}

static SCHEMES: [Scheme; 1] = [Scheme::bearer("token")];
static SHOP: Connector = Connector::new("shop").schemes(&SCHEMES);
static GET: Tool = Tool::new("get_file", "GET", "/file", nothing).effect(Effect::Read);
static GET_LOCKED: Tool = Tool::new("get_locked", "GET", "/file", nothing)
    .effect(Effect::Read)
    .security(&[&[Need::scheme("token")]]);
const ANY: &str = r#"{"type":"object"}"#;
static PUT: Tool = Tool::new("put_file", "PUT", "/file", raw).input(ANY).effect(Effect::Write).idempotent();
static POST: Tool = Tool::new("add_file", "POST", "/files", raw).input(ANY).effect(Effect::Write);
static RENDER: Tool =
    Tool::new("render", "PUT", "/render", nothing).effect(Effect::Write).idempotent().accept("image/png");
static EXPORT: Tool = Tool::new("export", "POST", "/exports", nothing)
    .effect(Effect::Write)
    .accept("image/png")
    .job(Job::new());
static POST_PARTS: Tool = Tool::new("add_part", "POST", "/files", parts).input(ANY).effect(Effect::Write);

/// A request that the service got.
struct Got {
    head: String,
    body: Vec<u8>,
}

impl Got {
    fn has(&self, line: &str) -> bool {
        self.head.lines().any(|it| it.eq_ignore_ascii_case(line))
    }
}

/// A service that gives these answers, one per connection, and the last one again and again.
struct Scripted {
    got: Arc<Mutex<Vec<Got>>>,
    folder: TempDir,
    api: Api,
}

/// An answer: its bytes, after which the connection ends.
fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    let head = head.replace('\n', "\r\n");
    [format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n").as_bytes(), body].concat()
}

impl Scripted {
    async fn with(answers: Vec<Vec<u8>>, limits: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let got = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&got);
        tokio::spawn(async move {
            let mut answers = answers.into_iter();
            let mut answer = answers.next().unwrap();
            while let Ok((mut stream, _)) = listener.accept().await {
                let (mut bytes, mut piece) = (Vec::new(), vec![0; 64 * 1024]);
                let request = loop {
                    let length = stream.read(&mut piece).await.unwrap_or_default();
                    bytes.extend_from_slice(&piece[..length]);
                    let end = bytes.windows(4).take(8192).position(|it| it == b"\r\n\r\n");
                    let Some(end) = end.filter(|_| length > 0) else { break None };
                    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
                    let field = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                    let expected: usize = field.map_or(0, |field| field.parse().unwrap());
                    if bytes.len() >= end + 4 + expected {
                        break Some(Got { head, body: bytes.split_off(end + 4) });
                    }
                };
                if let Some(request) = request {
                    heard.lock().unwrap().push(request);
                    let _ = stream.write_all(&answer).await;
                    let _ = stream.shutdown().await;
                    // The rest of the request is read, so that the answer is not lost by a reset.
                    while stream.read(&mut piece).await.is_ok_and(|length| length > 0) {}
                    answer = answers.next().unwrap_or(answer);
                }
            }
        });
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().display().to_string();
        let variables = limits.iter().copied();
        let variables = variables.chain([
            ("SHOP_BASE_URL", url.as_str()),
            ("SHOP_DOWNLOADS", path.as_str()),
            ("SHOP_FILES", path.as_str()),
            ("SHOP_SPOOL", path.as_str()),
            ("SHOP_TOKEN", "a-secret-token"),
        ]);
        let api = Api::new(&SHOP, Environment::of(variables));
        Self { got, folder, api }
    }

    async fn of(answers: Vec<Vec<u8>>) -> Self {
        Self::with(answers, &[]).await
    }

    fn requests(&self) -> Vec<Got> {
        std::mem::take(&mut self.got.lock().unwrap())
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    async fn call(&self, tool: &'static Tool, arguments: Value) -> ToolResult {
        let context = CallContext::new(Caller::local(Channel::CommandLine));
        let arguments = arguments.as_object().cloned().unwrap();
        let request = SourceRequest::CallTool { name: tool.name.to_owned(), arguments };
        let source = generated::GeneratedTool { api: &self.api, tool: tool.into() };
        match self.api.executor.answer(&source, request, &context, Nesting::Outermost).await {
            Ok((answered, admitted)) => match source.shape(answered, &admitted.call).await {
                Ok(SourceResponse::Tool(result)) => result,
                other => panic!("{other:?}"),
            },
            Err(error) => ToolResult::error(error.to_string()),
        }
    }

    /// Downloads to the file `a.bin`.
    async fn download(&self) -> ToolResult {
        self.call(&GET, json!({ "save_to": "a.bin" })).await
    }

    /// Asserts that the file has that content and is the only one.
    fn assert_stored(&self, content: &[u8]) {
        assert!(fs::read(self.path("a.bin")).unwrap() == content, "another content");
        assert_eq!(fs::read_dir(self.folder.path()).unwrap().count(), 1);
    }

    /// Asserts that the call failed for that reason and left no file.
    fn assert_nothing_stored(&self, result: &ToolResult, reason: &str) {
        assert!(result.is_error() && result.as_text().contains(reason), "{reason}: {}", result.as_text());
        let left: Vec<_> = fs::read_dir(self.folder.path()).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 31 / 7) as u8).collect()
}

fn ranged(head: &str, length: usize, body: &[u8]) -> Vec<u8> {
    answer(&format!("{head}\naccept-ranges: bytes\netag: \"v1\"\ncontent-length: {length}"), body)
}

fn part(range: &str, length: usize, body: &[u8]) -> Vec<u8> {
    let head = format!("206 Partial Content\netag: \"v1\"\ncontent-range: bytes {range}");
    answer(&format!("{head}\ncontent-length: {length}"), body)
}

#[tokio::test]
async fn reply_is_stored_and_the_result_describes_the_file() {
    let bytes = content(700_000);
    let head = format!("200 OK\ncontent-type: image/png\ncontent-length: {}", bytes.len());
    let service = Scripted::of(vec![answer(&head, &bytes)]).await;
    let result = service.download().await;
    let expected = json!({
        "path": service.path("a.bin"), "bytes": 700_000, "media_type": "image/png",
        "sha256": hex_encode(&Sha256::digest(&bytes)),
    });
    assert_eq!(serde_json::from_str::<Value>(result.as_text()).unwrap(), expected);
    service.assert_stored(&bytes);
    assert!(service.requests()[0].has("accept-encoding: identity"));
    let again = service.download().await;
    assert!(again.as_text().contains("`save_over: true`") && service.requests().is_empty(), "{again:?}");
    let result = service.call(&GET, json!({})).await;
    assert!(!result.as_text().contains("sha256"), "{result:?}");
}

#[tokio::test]
async fn interrupted_download_continues_with_the_rest() {
    let bytes = content(700_000);
    let service = Scripted::of(vec![
        ranged("200 OK", bytes.len(), &bytes[..400_000]),
        part("400000-699999/700000", 300_000, &bytes[400_000..600_000]),
        part("600000-699999/*", 100_000, &bytes[600_000..]),
    ])
    .await;
    let result = service.download().await;
    assert!(!result.is_error(), "{result:?}");
    service.assert_stored(&bytes);
    assert!(result.as_text().contains(&hex_encode(&Sha256::digest(&bytes))), "{result:?}");
    let requests = service.requests();
    assert!(!requests[0].head.contains("range:"));
    assert!(requests[1].has("range: bytes=400000-") && requests[1].has("if-range: \"v1\""));
    assert!(requests[2].has("range: bytes=600000-") && requests.len() == 3);
}

#[tokio::test]
async fn download_restarts_if_the_rest_is_not_what_was_asked_for() {
    let bytes = content(500_000);
    let whole = || ranged("200 OK", bytes.len(), &bytes);
    for (name, second) in [
        ("the file changed", whole()),
        ("another begin", part("0-499999/500000", 500_000, &bytes)),
        ("another total", part("300000-399999/400000", 100_000, &bytes[300_000..400_000])),
        ("not to the end", part("300000-300009/500000", 10, &bytes[300_000..300_010])),
        ("no range", answer("206 Partial Content\ncontent-length: 2", b"ab")),
        (
            "another etag",
            ranged(
                "206 Partial Content\ncontent-range: bytes 300000-499999/500000\netag: \"v2\"",
                200_000,
                &[0; 200_000],
            ),
        ),
        (
            "no etag",
            answer(
                "206 Partial Content\ncontent-range: bytes 300000-499999/500000\ncontent-length: 200000",
                &[0; 200_000],
            ),
        ),
        (
            "a weak etag",
            answer(
                "206 Partial Content\netag: W/\"v1\"\ncontent-range: bytes 300000-499999/500000\ncontent-length: 200000",
                &[0; 200_000],
            ),
        ),
        ("a shorter file", answer("416 Range Not Satisfiable\ncontent-length: 0", b"")),
    ] {
        let service =
            Scripted::of(vec![ranged("200 OK", bytes.len(), &bytes[..300_000]), second, whole()]).await;
        let result = service.download().await;
        assert!(!result.is_error(), "{name}: {result:?}");
        service.assert_stored(&bytes);
        let requests = service.requests();
        assert!(requests[1].has("range: bytes=300000-"), "{name}");
        assert!(
            requests.last().is_some_and(|it| name == "the file changed" || !it.head.contains("range:")),
            "{name}"
        );
    }
}

#[tokio::test]
async fn download_restarts_if_the_service_sends_no_ranges() {
    let bytes = content(300_000);
    let head = format!("200 OK\netag: \"v1\"\ncontent-length: {}", bytes.len());
    let service = Scripted::of(vec![answer(&head, &bytes[..100_000]), answer(&head, &bytes)]).await;
    let result = service.download().await;
    assert!(!result.is_error(), "{result:?}");
    service.assert_stored(&bytes);
    assert!(service.requests().iter().all(|request| !request.head.contains("range:")));
}

#[tokio::test]
async fn download_restarts_if_a_second_change_would_not_be_seen() {
    let bytes = content(300_000);
    let (early, late) = ("Sun, 29 Nov 2026 08:30:00 GMT", "Sun, 29 Nov 2026 08:30:01 GMT");
    for (name, validators, continues) in [
        ("a date", format!("last-modified: {early}\ndate: {late}"), true),
        ("a date of the same second", format!("last-modified: {early}\ndate: {early}"), false),
        ("a date without another", format!("last-modified: {early}"), false),
        ("a weak etag", format!("etag: W/\"v1\"\nlast-modified: {early}\ndate: {late}"), false),
    ] {
        let head = format!("200 OK\naccept-ranges: bytes\n{validators}\ncontent-length: {}", bytes.len());
        let service = Scripted::of(vec![answer(&head, &bytes[..100_000]), answer(&head, &bytes)]).await;
        assert!(!service.download().await.is_error(), "{name}");
        service.assert_stored(&bytes);
        assert_eq!(service.requests()[1].has("range: bytes=100000-"), continues, "{name}");
    }
    // The rest of a version with another date.
    let head = format!("200 OK\naccept-ranges: bytes\nlast-modified: {early}\ndate: {late}");
    let whole = |length| answer(&format!("{head}\ncontent-length: 300000"), &bytes[..length]);
    let rest = "206 Partial Content\ncontent-range: bytes 100000-299999/300000\ncontent-length: 200000";
    let rest = answer(&format!("{rest}\nlast-modified: {late}"), &[0; 200_000]);
    let service = Scripted::of(vec![whole(100_000), rest, whole(300_000)]).await;
    assert!(!service.download().await.is_error());
    service.assert_stored(&bytes);
}

#[tokio::test]
async fn rest_of_unknown_length_restarts_the_download() {
    let bytes = content(300_000);
    let begun = [&b"30D40\r\n"[..], &bytes[..200_000], b"\r\n"].concat();
    let service = Scripted::of(vec![
        answer("200 OK\naccept-ranges: bytes\netag: \"v1\"\ntransfer-encoding: chunked", &begun),
        part("200000-249999/*", 50_000, &bytes[200_000..250_000]),
        ranged("200 OK", bytes.len(), &bytes),
    ])
    .await;
    assert!(!service.download().await.is_error());
    service.assert_stored(&bytes);
}

#[tokio::test]
async fn credential_that_an_interruption_divides_is_not_stored() {
    let begun = [&[b'x'; 300_000][..], b"a-secret-"].concat();
    let rest = [&b"token"[..], &[b'y'; 1000][..]].concat();
    let all = begun.len() + rest.len();
    let range = format!("{}-{}/{all}", begun.len(), all - 1);
    let service = Scripted::of(vec![ranged("200 OK", all, &begun), part(&range, rest.len(), &rest)]).await;
    let result = service.call(&GET_LOCKED, json!({ "save_to": "a.bin" })).await;
    service.assert_nothing_stored(&result, "it repeats a credential of the request; no file was stored");
}

#[tokio::test]
async fn only_get_asks_for_a_range() {
    let bytes = content(300_000);
    let service = Scripted::of(vec![
        ranged("200 OK", bytes.len(), &bytes[..100_000]),
        ranged("200 OK", bytes.len(), &bytes),
    ])
    .await;
    let result = service.call(&RENDER, json!({ "save_to": "a.bin" })).await;
    let requests = service.requests();
    assert!(requests.iter().all(|request| !request.head.contains("range:")), "{result:?}");
}

#[tokio::test(start_paused = true)]
async fn result_of_a_job_is_stored_and_not_the_reply_that_accepts_it() {
    let accepted = || {
        answer("202 Accepted\nlocation: /exports/7\ncontent-type: application/json\ncontent-length: 2", b"{}")
    };
    let json = |head: &str, text: &str| {
        let head = format!("{head}\ncontent-type: application/json\ncontent-length: {}", text.len());
        answer(&head, text.as_bytes())
    };
    let image = || answer("200 OK\ncontent-type: image/png\ncontent-length: 3", b"abc");
    let running = || json("200 OK", r#"{"status":"running"}"#);
    let done = || json("200 OK", r#"{"status":"done","result_url":"/results/7"}"#);
    for (name, answers, stored) in [
        ("a file at once", vec![image()], &b"abc"[..]),
        ("JSON at once", vec![json("200 OK", r#"{"id":7}"#)], br#"{"id":7}"#),
        ("the status becomes the file", vec![accepted(), running(), image()], b"abc"),
        ("an address of its own", vec![accepted(), running(), done(), image()], b"abc"),
        (
            "the status is the result",
            vec![accepted(), json("200 OK", r#"{"status":"done"}"#)],
            br#"{"status":"done"}"#,
        ),
    ] {
        let service = Scripted::of(answers).await;
        let result = service.call(&EXPORT, json!({ "save_to": "a.bin" })).await;
        assert!(result.as_text().contains("sha256"), "{name}: {result:?}");
        service.assert_stored(stored);
    }
}

#[tokio::test(start_paused = true)]
async fn job_of_a_transfer_is_awaited_no_longer_than_a_plain_call() {
    let began = tokio::time::Instant::now();
    let accepted = answer("202 Accepted\nlocation: /exports/7\ncontent-length: 0", b"");
    let running = b"{\"status\":\"running\"}";
    let running = answer("200 OK\ncontent-type: application/json\ncontent-length: 20", running);
    let service = Scripted::of(vec![accepted, running]).await;
    let result = service.call(&EXPORT, json!({ "save_to": "a.bin" })).await;
    let notes: Vec<&str> = result.notes().collect();
    assert!(notes.iter().any(|note| note.contains("no time to wait longer")), "{result:?}");
    assert!(began.elapsed() < std::time::Duration::from_secs(60), "{:?}", began.elapsed());
    assert_eq!(fs::read_dir(service.folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn copies_of_all_calls_together_are_bounded() {
    let service =
        Scripted::with(vec![answer("200 OK\ncontent-length: 0", b"")], &[("SHOP_FILES_LIMIT", "2000000")])
            .await;
    fs::write(service.path("large.bin"), content(1_900_000)).unwrap();
    let source = generated::GeneratedTool { api: &service.api, tool: (&POST).into() };
    let context = CallContext::new(Caller::local(Channel::CommandLine));
    let prepare = || async {
        let scope = service.api.executor.admission().scope();
        let (deadline, slot) = (service.api.executor.deadline(), LentSlot::default());
        let call = ActiveCall { context: context.clone(), deadline, scope, slot };
        let arguments = json!({ "body": file_argument(&service.path("large.bin")) });
        let arguments = arguments.as_object().cloned().unwrap();
        let request = SourceRequest::CallTool { name: POST.name.to_owned(), arguments };
        source.prepare(request, &call).await
    };
    // Calls that wait for a person keep their copies.
    let mut waiting = Vec::new();
    for _ in 0..4 {
        waiting.push(prepare().await.unwrap());
    }
    let refused = prepare().await.unwrap_err().to_string();
    assert!(refused.contains("8000000 bytes") && refused.contains("SHOP_FILES_LIMIT"), "{refused}");
    waiting.pop();
    assert!(prepare().await.is_ok());
}

#[tokio::test]
async fn lying_content_length_is_an_error_and_leaves_no_file() {
    let service = Scripted::of(vec![answer("200 OK\ncontent-length: 500", b"abc")]).await;
    let result = service.download().await;
    service.assert_nothing_stored(&result, "the reply was interrupted");
    assert!(result.as_text().contains("It was sent 3 times"), "{result:?}");
    let service =
        Scripted::with(vec![answer("200 OK\ncontent-length: 500", b"abc")], &[("SHOP_RETRY", "off")]).await;
    service.assert_nothing_stored(&service.download().await, "the reply was interrupted");
    assert_eq!(service.requests().len(), 1);
}

#[tokio::test]
async fn download_beyond_its_limit_is_refused_and_leaves_no_file() {
    let limits = [("SHOP_DOWNLOADS_LIMIT", "100000")];
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![0; 5_000_000]).unwrap();
    let bomb = encoder.finish().unwrap();
    let zipped = format!("200 OK\ncontent-encoding: gzip\ncontent-length: {}", bomb.len());
    for reply in [
        answer("200 OK\ncontent-length: 100001", b""),
        answer("200 OK", &[0; 100_001]),
        answer(&zipped, &bomb),
        answer("200 OK\ncontent-length: 99999999999999999999999", b""),
    ] {
        let service = Scripted::with(vec![reply], &limits).await;
        let result = service.download().await;
        let is_garbled = result.as_text().contains("invalid content-length");
        let reason = if is_garbled {
            "invalid content-length"
        } else {
            "SHOP_DOWNLOADS_LIMIT sets; no file was stored"
        };
        service.assert_nothing_stored(&result, reason);
        assert_eq!(service.requests().len(), if is_garbled { 3 } else { 1 });
    }
}

#[tokio::test]
async fn compressed_download_is_decoded() {
    let bytes = content(400_000);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&bytes).unwrap();
    let zipped = encoder.finish().unwrap();
    let head = format!(
        "200 OK\ncontent-encoding: gzip\naccept-ranges: bytes\netag: \"v1\"\ncontent-length: {}",
        zipped.len()
    );
    let service =
        Scripted::of(vec![answer(&head, &zipped[..zipped.len() / 2]), answer(&head, &zipped)]).await;
    let result = service.download().await;
    assert!(!result.is_error(), "{result:?}");
    service.assert_stored(&bytes);
    assert!(service.requests().iter().all(|request| !request.head.contains("range:")));
    let service =
        Scripted::of(vec![answer("200 OK\ncontent-encoding: gzip\ncontent-length: 14", b"no gzip at all")])
            .await;
    service.assert_nothing_stored(&service.download().await, "cannot be decoded");
}

#[tokio::test]
async fn other_replies_than_successes_are_not_stored() {
    let body = b"{\"error\":\"no such file\"}";
    let json = format!("content-type: application/json\ncontent-length: {}", body.len());
    for (head, reason) in [
        (format!("404 Not Found\n{json}"), "no such file"),
        (format!("302 Found\nlocation: https://elsewhere.example.com/x\n{json}"), "another origin"),
    ] {
        let service = Scripted::of(vec![answer(&head, body)]).await;
        let result = service.download().await;
        let text = format!("{} {:?}", result.as_text(), result.notes().collect::<Vec<_>>());
        assert!(text.contains(reason), "{text}");
        assert_eq!(fs::read_dir(service.folder.path()).unwrap().count(), 0);
    }
    let service = Scripted::of(vec![
        answer("302 Found\nlocation: /elsewhere\ncontent-length: 0", b""),
        answer("200 OK\ncontent-length: 3", b"abc"),
    ])
    .await;
    assert!(!service.download().await.is_error());
    service.assert_stored(b"abc");
}

#[tokio::test]
async fn reply_that_repeats_a_credential_is_not_stored() {
    let body = [vec![b'x'; 300_000], b"authorization: Bearer a-secret-token".to_vec()].concat();
    let head = format!("200 OK\ncontent-length: {}", body.len());
    let service = Scripted::of(vec![answer(&head, &body)]).await;
    let result = service.call(&GET_LOCKED, json!({ "save_to": "a.bin" })).await;
    service.assert_nothing_stored(&result, "it repeats a credential of the request; no file was stored");
}

#[tokio::test]
async fn only_the_local_user_can_store_a_reply() {
    let service = Scripted::of(vec![answer("200 OK\ncontent-length: 3", b"abc")]).await;
    let other = Caller::new(Principal::Token("ada".to_owned()), Channel::CommandLine);
    let offers = |caller: &Caller| Value::Object(service.api.listed(&GET, caller).input).to_string();
    assert!(
        offers(&Caller::local(Channel::Stdio)).contains("save_to") && !offers(&other).contains("save_to")
    );
    let arguments: Map<String, Value> = json!({ "save_to": "a.bin" }).as_object().cloned().unwrap();
    let _ = service.api.call(&GET, arguments, &other).await;
    assert!(!service.path("a.bin").exists());
}

fn file_argument(path: &Path) -> String {
    format!("file://{}", path.display())
}

#[tokio::test]
async fn large_file_is_sent_whole_with_its_length() {
    let bytes = content(3_000_000);
    let service = Scripted::of(vec![answer("201 Created\ncontent-length: 0", b"")]).await;
    fs::write(service.path("large.bin"), &bytes).unwrap();
    let argument = file_argument(&service.path("large.bin"));
    let result = service.call(&PUT, json!({ "body": argument })).await;
    assert!(!result.is_error(), "{result:?}");
    let result = service.call(&POST_PARTS, json!({ "title": "Moss", "file": argument })).await;
    assert!(!result.is_error(), "{result:?}");
    let requests = service.requests();
    assert!(requests[0].has("content-length: 3000000") && requests[0].body == bytes);
    let sent = &requests[1].body;
    let at = sent.windows(4).rposition(|it| it == b"\r\n\r\n").unwrap();
    assert!(sent.starts_with(b"--jackfield-boundary-") && sent[at + 4..].starts_with(&bytes[..1000]));
    assert!(sent.windows(5).any(|it| it == b"Moss\r") && sent.len() > bytes.len());
    assert_eq!(fs::read_dir(service.folder.path()).unwrap().count(), 1, "no copy is left");
}

#[tokio::test]
async fn only_an_idempotent_upload_is_sent_again() {
    let bytes = content(2_000_000);
    for (tool, sent) in [(&PUT, 2), (&POST, 1)] {
        let service = Scripted::of(vec![Vec::new(), answer("200 OK\ncontent-length: 0", b"")]).await;
        fs::write(service.path("large.bin"), &bytes).unwrap();
        let result = service.call(tool, json!({ "body": file_argument(&service.path("large.bin")) })).await;
        assert_eq!(result.is_error(), sent == 1, "{result:?}");
        let requests = service.requests();
        assert_eq!(requests.len(), sent, "{}", tool.name);
        assert!(requests.iter().all(|request| request.body == bytes));
    }
}

#[tokio::test]
async fn file_is_sent_as_it_was_when_the_call_was_prepared() {
    let bytes = content(2_000_000);
    let service = Scripted::of(vec![answer("200 OK\ncontent-length: 0", b"")]).await;
    fs::write(service.path("large.bin"), &bytes).unwrap();
    let arguments =
        json!({ "body": file_argument(&service.path("large.bin")) }).as_object().cloned().unwrap();
    let source = generated::GeneratedTool { api: &service.api, tool: (&POST).into() };
    let scope = service.api.executor.admission().scope();
    let context = CallContext::new(Caller::local(Channel::CommandLine));
    let (deadline, slot) = (service.api.executor.deadline(), LentSlot::default());
    let call = ActiveCall { context, deadline, scope, slot };
    let request = SourceRequest::CallTool { name: POST.name.to_owned(), arguments };
    let prepared = source.prepare(request, &call).await.unwrap();
    assert!(prepared.is_transfer());
    // While a person decides, the file changes.
    fs::write(service.path("large.bin"), b"something else").unwrap();
    source.send(prepared, &call).await.unwrap();
    assert!(service.requests()[0].body == bytes);
}

#[tokio::test]
async fn small_file_is_no_transfer() {
    let service = Scripted::of(vec![answer("200 OK\ncontent-length: 0", b"")]).await;
    fs::write(service.path("small.bin"), b"small").unwrap();
    let argument = file_argument(&service.path("small.bin"));
    assert!(!service.call(&PUT, json!({ "body": argument })).await.is_error());
    assert_eq!(service.requests()[0].body, b"small");
}

#[tokio::test(start_paused = true)]
async fn upload_that_stalls_is_an_error_that_says_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let (path, file) = (folder.path().display().to_string(), folder.path().join("large.bin"));
    // More than the system buffers.
    fs::File::create(&file).unwrap().set_len(64 << 20).unwrap();
    let variables = [("SHOP_BASE_URL", &url), ("SHOP_FILES", &path), ("SHOP_SPOOL", &path)];
    let api = Api::new(&SHOP, Environment::of(variables));
    let accepted = tokio::spawn(async move { listener.accept().await });
    let caller = Caller::local(Channel::CommandLine);
    let arguments = json!({ "body": file_argument(&file) }).as_object().cloned().unwrap();
    let error = api.call(&POST, arguments, &caller).await.unwrap_err().to_string();
    assert!(error.contains("the upload stalled for 50 seconds"), "{error}");
    assert!(error.contains("may or may not have acted"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    drop(accepted);
}
