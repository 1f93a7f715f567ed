//! Tests that the memory of uploads and downloads does not depend on the size of the file. This is a separate test program, because it
//! measures the memory of the whole process.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use jackfield_runtime::v1::{ArgError, Args, Connector, Effect, Group, Payload, Request, Tool};
use jackfield_runtime::{Api, Caller, Channel, Environment, Service};
use serde_json::{Value, json};

/// The size of the file. `MOST` is the maximum memory that its transfer may take.
const SIZE: usize = 64 << 20;
const MOST: usize = 16 << 20;

fn upload(args: &Args, request: &mut Request) -> Result<(), ArgError> {
    request.content_type("application/octet-stream");
    request.raw_body(args.required("body"), Payload::Bytes)
}

fn nothing(_: &Args, _: &mut Request) -> Result<(), ArgError> {
    Ok(())
}

static PUT: Tool =
    Tool::new("put_file", "PUT", "/file", upload).input(r#"{"type":"object"}"#).effect(Effect::Write);
static GET: Tool = Tool::new("get_file", "GET", "/file", nothing).effect(Effect::Read);
static GROUPS: &[Group] = &[Group::new("files", &[&PUT, &GET])];
static SHOP: Connector = Connector::new("shop").groups(GROUPS);

/// Reads one request, and answers it with a large file.
fn serve(mut stream: TcpStream) {
    let mut piece = vec![0; 64 * 1024];
    let length = stream.read(&mut piece).unwrap();
    let text = String::from_utf8_lossy(&piece[..length]).into_owned();
    let head = text.split("\r\n\r\n").next().unwrap();
    let field = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let expected = field.map_or(0, |field| field.parse().unwrap());
    let mut received = length - head.len() - 4;
    while received < expected {
        received += stream.read(&mut piece).unwrap();
    }
    let size = if head.starts_with("GET") { SIZE } else { 0 };
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {size}\r\nconnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).unwrap();
    piece.fill(b'x');
    for _ in 0..size / piece.len() {
        stream.write_all(&piece).unwrap();
    }
}

/// Returns the maximum memory that this process has ever used.
fn peak() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<usize>().unwrap() * 1024
}

#[tokio::test]
async fn transfer_of_a_large_file_takes_little_memory() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || listener.incoming().for_each(|stream| serve(stream.unwrap())));
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("large.bin");
    let mut file = fs::File::create(&large).unwrap();
    (0..SIZE / (1 << 20)).for_each(|_| file.write_all(&[b'x'; 1 << 20]).unwrap());
    let path = folder.path().display().to_string();
    let variables =
        [("SHOP_BASE_URL", &url), ("SHOP_FILES", &path), ("SHOP_DOWNLOADS", &path), ("SHOP_SPOOL", &path)];
    let variables = variables.map(|(name, value)| (name, value.as_str()));
    let service = Service::new(Api::new(&SHOP, Environment::of(variables)), Vec::new()).unwrap();
    let call = async |name: &str, arguments: Value| {
        let arguments = arguments.as_object().cloned().unwrap();
        let caller = Caller::local(Channel::CommandLine);
        let result = service.call(name, arguments, &caller).await.unwrap();
        assert!(!result.is_error(), "{result:?}");
        result
    };
    let before = peak();
    call("put_file", json!({ "body": format!("file://{}", large.display()) })).await;
    let uploaded = peak();
    let result = call("get_file", json!({ "save_to": "stored.bin" })).await;
    let downloaded = peak();
    assert!(result.as_text().contains(&format!("\"bytes\":{SIZE}")), "{}", result.as_text());
    assert_eq!(fs::metadata(folder.path().join("stored.bin")).unwrap().len(), SIZE as u64);
    assert!(uploaded - before < MOST, "the upload took {} bytes", uploaded - before);
    assert!(downloaded - uploaded < MOST, "the download took {} bytes", downloaded - uploaded);
}
