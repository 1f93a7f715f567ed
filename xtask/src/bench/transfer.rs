//! `cargo xtask bench transfer`: measures the memory of a connector that uploads a file of 1 GB to a WebDAV server, and downloads it again.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::call::drive::Piped;
use super::figure::{Bar, Figures};
use crate::failure::Failure;
use crate::workspace_build::{Profile, build};
use crate::{memory, place};

/// The maximum memory of a connector in MB.
const MOST_MB: f64 = 40.0;

/// The number of bytes that are written and compared at once.
const PIECE: usize = 1 << 20;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The size of the file in MB
    #[arg(long, default_value_t = 1000)]
    size: u64,
    /// Use this release build of the `jackfield` command, instead of building it
    #[arg(long)]
    jackfield: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let jackfield = match &arguments.jackfield {
        Some(jackfield) => jackfield.clone(),
        None => build(&["--package", "jackfield-cli"], "jackfield", Profile::Release)?,
    };
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::while_("starting tokio"))?;
    let folders = Folders::make()?;
    let result = runtime.block_on(measure(&jackfield, &folders, arguments.size * 1_000_000));
    let _ = std::fs::remove_dir_all(&folders.all);
    result
}

/// The folders of one run. They are removed at the end of the run, because the files are large.
struct Folders {
    all: PathBuf,
    connector: PathBuf,
    /// The files that are sent.
    files: PathBuf,
    /// The files of the server.
    server: PathBuf,
    downloads: PathBuf,
    spool: PathBuf,
}

impl Folders {
    fn make() -> Result<Self, Failure> {
        let all = place::target().join("bench/transfer");
        let _ = std::fs::remove_dir_all(&all);
        let folder = |name: &str| {
            let path = all.join(name);
            std::fs::create_dir_all(&path).map_err(Failure::while_("making a folder"))?;
            Ok::<_, Failure>(path)
        };
        let (connector, files, server) = (folder("connector")?, folder("files")?, folder("server")?);
        let (downloads, spool) = (folder("downloads")?, folder("spool")?);
        for name in ["connector.toml", "files.yaml"] {
            std::fs::copy(webdav().join(name), connector.join(name))
                .map_err(Failure::while_("copying a document"))?;
        }
        Ok(Self { all, connector, files, server, downloads, spool })
    }
}

fn webdav() -> PathBuf {
    place::root().join("tests/webdav")
}

async fn measure(jackfield: &Path, folders: &Folders, size: u64) -> Result<ExitCode, Failure> {
    let large = folders.files.join("large.bin");
    write_file(&large, size).map_err(Failure::while_("writing a file"))?;
    succeed(Command::new(jackfield).args(["gen", "--lock-only", "--out"]).arg(&folders.connector)).await?;
    let (_server, port) = serve(&folders.server).await?;
    let start = || {
        let mut command = Command::new(jackfield);
        command
            .arg("serve")
            .arg(&folders.connector)
            .env("FILES_BASE_URL", format!("http://127.0.0.1:{port}"))
            .env("FILES_FILES", &folders.files)
            .env("FILES_DOWNLOADS", &folders.downloads)
            .env("FILES_SPOOL", &folders.spool);
        Piped::start(command)
    };
    let mut figures = Figures::default();
    let stored = folders.server.join("large.bin");
    let uploaded = async {
        let mut connector = start().await?;
        let arguments = json!({ "name": "large.bin", "body": format!("file://{}", large.display()) });
        transfer(&mut connector, "upload", "replace_file", &arguments, size, &mut figures).await
    };
    uploaded.await?;
    compare(&large, &stored)?;
    let mut connector = start().await?;
    let arguments = json!({ "name": "large.bin", "save_to": "large.bin" });
    transfer(&mut connector, "download", "get_file", &arguments, size, &mut figures).await?;
    compare(&large, &folders.downloads.join("large.bin"))?;
    Ok(figures.exit())
}

/// Makes one call, counts its progress notifications, and prints the memory and the throughput.
async fn transfer(
    connector: &mut Piped,
    name: &str,
    tool: &str,
    arguments: &Value,
    size: u64,
    figures: &mut Figures,
) -> Result<(), Failure> {
    let started = Instant::now();
    let params = json!({ "name": tool, "arguments": arguments, "_meta": { "progressToken": name } });
    connector.send(&json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params })).await?;
    let mut reports = 0_u32;
    let answer = loop {
        let line = connector.line().await?;
        match line.contains("notifications/progress") {
            true => reports += 1,
            false => break line,
        }
    };
    if answer.contains("\"isError\":true") || !answer.contains("\"result\"") {
        return Err(Failure::new(format!("the {name} failed: {answer}")));
    }
    let seconds = started.elapsed().as_secs_f64();
    let peak = connector.id().and_then(|id| memory::peak_kib(&id.to_string())).unwrap_or_default();
    figures.print(&format!("transfer.{name}.peak_mb"), peak as f64 * 1024.0 / 1e6, Bar::AtMost(MOST_MB));
    figures.print(&format!("transfer.{name}.mb_per_s"), size as f64 / 1e6 / seconds, Bar::None);
    figures.print(&format!("transfer.{name}.reports"), f64::from(reports), Bar::AtLeast(1.0));
    Ok(())
}

/// Starts the WebDAV server, and first installs it if it is missing.
async fn serve(folder: &Path) -> Result<(Child, u16), Failure> {
    let python = webdav().join("venv/bin/python");
    if !python.exists() {
        succeed(Command::new("python3").args(["-m", "venv", "venv"]).current_dir(webdav())).await?;
    }
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "requirements.txt"];
    succeed(Command::new(&python).args(pip).current_dir(webdav())).await?;
    let mut server = Command::new(&python);
    server.arg("webdav_server.py").arg(folder).current_dir(webdav());
    server.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = server.spawn().map_err(Failure::while_("starting the WebDAV server"))?;
    let output = child.stdout.take().ok_or_else(|| Failure::new("the WebDAV server has no output"))?;
    let line = BufReader::new(output).lines().next_line().await;
    let line = line.map_err(Failure::while_("reading from the WebDAV server"))?;
    let port = line.and_then(|line| line.trim().parse().ok());
    Ok((child, port.ok_or_else(|| Failure::new("the WebDAV server does not start"))?))
}

async fn succeed(command: &mut Command) -> Result<(), Failure> {
    let status =
        command.stdout(Stdio::null()).status().await.map_err(Failure::while_("starting a program"))?;
    match status.success() {
        true => Ok(()),
        false => Err(Failure::new(format!("this fails: {:?}", command.as_std()))),
    }
}

/// Writes a file without repetitions.
fn write_file(path: &Path, size: u64) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    let (mut state, mut piece, mut left) = (0x9E37_79B9_7F4A_7C15_u64, vec![0; PIECE], size);
    while left > 0 {
        for chunk in piece.chunks_exact_mut(8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            chunk.copy_from_slice(&state.to_le_bytes());
        }
        let length = left.min(PIECE as u64);
        file.write_all(&piece[..usize::try_from(length).unwrap_or(PIECE)])?;
        left -= length;
    }
    Ok(())
}

fn compare(one: &Path, other: &Path) -> Result<(), Failure> {
    let open = |path: &Path| File::open(path).map_err(Failure::while_("opening a file"));
    let (mut one, mut other) = (open(one)?, open(other)?);
    let mut pieces = [vec![0; PIECE], vec![0; PIECE]];
    loop {
        let [a, b] = &mut pieces;
        let length = one.read(a).map_err(Failure::while_("reading a file"))?;
        let same = other.read_exact(&mut b[..length]).is_ok() && a[..length] == b[..length];
        if !same || length == 0 && other.read(b).is_ok_and(|more| more > 0) {
            return Err(Failure::new("the received file differs from the sent file"));
        }
        if length == 0 {
            return Ok(());
        }
    }
}
