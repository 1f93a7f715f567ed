//! Calls to third-party services, which `tests/upstreams` configures. A test is skipped, with a report, if its server
//! is not installed, unless JACKFIELD_REQUIRE_UPSTREAMS is set.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use jackfield_build::{Job, Manifest, model_of};
use jackfield_runtime::rows::ConnectorRows;
use jackfield_testkit::skipped;
use serde_json::{Value, json};

use crate::faults::run_files;
use crate::specs;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("upstreams")
}

/// A server on this machine. It stops when it is dropped.
struct RealServer {
    url: String,
    process: Child,
}

impl RealServer {
    /// Starts a program that prints its address, or returns `None` after reporting that it is not installed.
    fn start(program: &str, installed: &str, argument: &str) -> Option<Self> {
        let program = if program.contains('/') { folder().join(program) } else { PathBuf::from(program) };
        if !is_there(&program, "--version", Some(installed)) {
            return None;
        }
        let mut command = Command::new(program);
        command.arg(argument).current_dir(folder()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("http://"), "{argument} does not start: {line:?}");
        Some(Self { url: line.trim().to_owned(), process })
    }

    /// Starts nginx with the configuration `stacks.conf` in that folder.
    fn nginx(state: &Path) -> Option<Self> {
        let found = ["nginx", "/usr/sbin/nginx"].map(Path::new).into_iter();
        let program = found.clone().find(|program| runs(program, "-v"));
        if program.is_none() {
            is_there(Path::new("nginx"), "-v", None);
        }
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let conf = fs::read_to_string(folder().join("stacks.conf")).unwrap();
        let conf = conf
            .replace("{port}", &free.port().to_string())
            .replace("{folder}", &state.display().to_string());
        fs::write(state.join("nginx.conf"), conf).unwrap();
        let mut command = Command::new(program?);
        command.arg("-p").arg(state).args(["-c", "nginx.conf"]).stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        while TcpStream::connect(free).is_err() {
            let log = fs::read_to_string(state.join("error.log")).unwrap_or_default();
            assert!(process.try_wait().unwrap().is_none(), "nginx does not start: {log}");
            std::thread::yield_now();
        }
        Some(Self { url: format!("http://{free}/v1"), process })
    }
}

impl Drop for RealServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn runs(program: &Path, argument: &str) -> bool {
    let status = Command::new(program).arg(argument).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Whether a program and its files are installed. Reports if they are not.
///
/// # Panics
/// If JACKFIELD_REQUIRE_UPSTREAMS is set, a missing server is a failure.
fn is_there(program: &Path, version: &str, installed: Option<&str>) -> bool {
    if runs(program, version) && installed.is_none_or(|installed| folder().join(installed).exists()) {
        return true;
    }
    let what = installed.map_or_else(|| program.display().to_string(), str::to_owned);
    let report = format!("{what} is not installed: see tests/upstreams/README.md");
    assert!(std::env::var_os("JACKFIELD_REQUIRE_UPSTREAMS").is_none(), "{report}");
    skipped(&report);
    false
}

/// Returns the previewed connector of a document with its rules.
fn preview(name: &str) -> ConnectorRows {
    let rules = folder().join(format!("{name}.toml"));
    if !rules.exists() {
        return specs::preview(&folder().join(format!("{name}.yaml")), name);
    }
    let modelled =
        model_of(&Job::new(Manifest::read(&rules).unwrap())).unwrap_or_else(|error| panic!("{error}"));
    jackfield_cli::preview::connector(modelled)
}

async fn check(name: &str, server: &RealServer, least: usize) {
    let files = [folder().join(format!("{name}.txt"))];
    let sides = [("preview", preview(name))];
    let rows = run_files(&files, &name.to_uppercase(), &sides, Some(&server.url)).await;
    assert!(rows >= least, "only {rows} rows");
}

#[tokio::test]
async fn httpbin_is_called_as_its_fixtures_say() {
    let Some(server) = RealServer::start("venv/bin/python", "venv/lib", "httpbin_server.py") else { return };
    check("httpbin", &server, 20).await;
}

#[tokio::test]
async fn json_server_is_called_as_its_fixtures_say() {
    let Some(server) = RealServer::start("node", "node_modules/json-server", "json_server.cjs") else {
        return;
    };
    check("shelf", &server, 6).await;
}

#[tokio::test]
async fn paged_api_of_nginx_is_called_as_its_fixtures_say() {
    let state = tempfile::tempdir().unwrap();
    let data = state.path().join("data");
    fs::create_dir(&data).unwrap();
    for offset in [0, 2, 4] {
        let items: Vec<Value> = (offset..5.min(offset + 2)).map(|id| json!({ "id": id + 1 })).collect();
        let mut page = GzEncoder::new(Vec::new(), Compression::fast());
        page.write_all(json!({ "items": items, "total": 5 }).to_string().as_bytes()).unwrap();
        fs::write(data.join(format!("page-{offset}.json.gz")), page.finish().unwrap()).unwrap();
    }
    fs::write(data.join("page-plain.json"), r#"{"items":[],"total":0}"#).unwrap();
    let Some(server) = RealServer::nginx(state.path()) else { return };
    check("stacks", &server, 9).await;
}
