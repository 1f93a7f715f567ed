//! Uploads and downloads against a scripted service.

mod continued;
mod downloads;
mod of_jobs;
mod uploads;

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

/// A request that the service received.
struct Got {
    head: String,
    body: Vec<u8>,
}

impl Got {
    fn has(&self, line: &str) -> bool {
        self.head.lines().any(|it| it.eq_ignore_ascii_case(line))
    }
}

/// A service that answers each connection with the next of these answers, and repeats the last one.
struct Scripted {
    got: Arc<Mutex<Vec<Got>>>,
    folder: TempDir,
    api: Api,
}

/// Returns the bytes of an answer. The connection is closed after them.
fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    let head = head.replace('\n', "\r\n");
    [format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n").as_bytes(), body].concat()
}

impl Scripted {
    async fn with(answers: Vec<Vec<u8>>, limits: &[(&str, &str)]) -> Self {
        Self::of_connector(&SHOP, answers, limits).await
    }

    async fn of_connector(
        connector: &'static Connector,
        answers: Vec<Vec<u8>>,
        limits: &[(&str, &str)],
    ) -> Self {
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
                    // The rest of the request is read, because a reset could discard the answer.
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
        let api = Api::new(connector, Environment::of(variables));
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

    /// Asserts that the folder contains one file, with this content.
    fn assert_stored(&self, content: &[u8]) {
        assert!(fs::read(self.path("a.bin")).unwrap() == content, "another content");
        assert_eq!(fs::read_dir(self.folder.path()).unwrap().count(), 1);
    }

    /// Asserts that the call failed for this reason and left no file.
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
