//! A server that runs as a child process, and its standard streams.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use jackfield_runtime::Secret;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::exchange::Exchange;
use super::group::Group;
use super::lines::{self, Line};
use super::link_fault::{GRACE, LinkFault, MOST_BYTES};
use crate::config::ChildCommand;
use crate::confinement::{self, launch};

/// The maximum number of messages that are queued while a child does not read its stdin.
const QUEUE: usize = 64;
/// The maximum number of bytes at the end of stderr that are kept.
const KEPT_STDERR: usize = 4 << 10;

/// The streams of a child.
pub(super) struct ChildLink {
    /// The process id, which is also the id of the process group.
    id: Option<u32>,
    /// The queue of messages for stdin. `None` after stdin was closed.
    input: Mutex<Option<mpsc::Sender<Vec<u8>>>>,
    stderr: Arc<Mutex<Vec<u8>>>,
    ended: watch::Receiver<bool>,
    /// The task that waits for the child. Aborting it kills the process group.
    watching: tokio::task::AbortHandle,
}

impl Drop for ChildLink {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

/// Starts a child with `secrets` as environment variables. `exchange` receives the messages of the child.
///
/// # Errors
/// Returns an error if the program does not exist or cannot be started.
pub(super) fn start(
    command: &ChildCommand,
    secrets: &[(String, Secret)],
    exchange: &Arc<Exchange>,
) -> Result<ChildLink, LinkFault> {
    let mut started = limited(command)?;
    started.envs(secrets.iter().map(|(name, value)| (name, value.expose())));
    started.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let failed = |why: String| LinkFault::Unsent(format!("{} cannot be started: {why}", command.program));
    let mut child = started.spawn().map_err(|error| failed(error.to_string()))?;
    let id = child.id();
    let group = Group::of(id);
    let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(failed("its stdin and stdout cannot be opened".to_owned()));
    };
    let (input, messages) = mpsc::channel(QUEUE);
    let stderr = Arc::new(Mutex::new(Vec::new()));
    let streams = Streams {
        writing: tokio::spawn(write(stdin, messages)),
        reading: tokio::spawn(read(stdout, Arc::clone(exchange), input.downgrade())),
        stderr: tokio::spawn(keep_last(child.stderr.take(), Arc::clone(&stderr))),
        written: Arc::clone(&stderr),
    };
    let (end, ended) = watch::channel(false);
    let watching = tokio::spawn(watch_over(child, group, streams, Arc::clone(exchange), end)).abort_handle();
    Ok(ChildLink { id, input: Mutex::new(Some(input)), stderr, ended, watching })
}

/// Builds the command. The child gets a new process group, limits, and the confinement from gateway.toml. Its environment has only PATH
/// and the configured variables.
fn limited(command: &ChildCommand) -> Result<Command, LinkFault> {
    let program = program(command)?;
    let ids = confinement::check(&command.confinement).map_err(LinkFault::Unsent)?;
    let mut started = Command::from(launch::command(command, &program, ids));
    started.current_dir(&command.folder).env_clear().env("PATH", path());
    for name in &command.passed {
        if let Some(value) = std::env::var_os(name) {
            started.env(name, value);
        }
    }
    started.envs(command.variables.iter().map(|(name, value)| (name, value)));
    #[cfg(unix)]
    started.process_group(0);
    Ok(started)
}

fn path() -> OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

/// Finds the file of a program. A name with a slash is a path relative to the folder of the child; any other name is looked up on PATH.
///
/// # Errors
/// Returns an error if the file does not exist.
pub(crate) fn program(command: &ChildCommand) -> Result<PathBuf, LinkFault> {
    let ChildCommand { program, folder, .. } = command;
    let unsent = |why: String| Err(LinkFault::Unsent(why));
    if program.contains('/') {
        let file = folder.join(program);
        return if file.is_file() {
            Ok(file)
        } else {
            unsent(format!("there is no program {}", file.display()))
        };
    }
    // An empty entry of PATH would mean the gateway's current directory.
    let folders = path();
    let folders = std::env::split_paths(&folders).filter(|folder| !folder.as_os_str().is_empty());
    let found = folders.map(|folder| folder.join(program)).find(|file| file.is_file());
    match found {
        Some(file) => Ok(file),
        None => {
            unsent(format!("there is no program `{program}` on PATH; install it, or write its whole path"))
        }
    }
}

async fn write(mut stdin: ChildStdin, mut messages: mpsc::Receiver<Vec<u8>>) {
    while let Some(line) = messages.recv().await {
        let written = async {
            stdin.write_all(&line).await?;
            stdin.flush().await
        };
        if let Err(error) = written.await {
            tracing::debug!(%error, "a child does not read any more");
            return;
        }
    }
}

async fn read(stdout: ChildStdout, exchange: Arc<Exchange>, input: mpsc::WeakSender<Vec<u8>>) {
    let mut stdout = BufReader::new(stdout);
    loop {
        let line = match lines::next(&mut stdout, MOST_BYTES).await {
            Ok(Some(Line::Whole(line))) => line,
            Ok(Some(Line::TooLong)) => {
                // The JSON-RPC id of the response is unknown, so every waiting request fails.
                exchange.fail_all(&LinkFault::TooLarge);
                continue;
            }
            Ok(None) => return,
            Err(error) => {
                tracing::debug!(%error, "a child cannot be read");
                return;
            }
        };
        let Ok(message) = serde_json::from_slice::<Value>(&line) else {
            tracing::debug!("a line of a child is not a message");
            continue;
        };
        if let (Some(answer), Some(input)) = (exchange.receive(message, None), input.upgrade()) {
            // If the queue is full because the child does not read its stdin, the response is dropped.
            let _ = input.try_send(line_of(&answer));
        }
    }
}

/// The tasks of a child's streams. They are aborted on drop, because a grandchild may keep a stream open forever.
struct Streams {
    writing: JoinHandle<()>,
    reading: JoinHandle<()>,
    stderr: JoinHandle<()>,
    /// The last bytes of stderr.
    written: Arc<Mutex<Vec<u8>>>,
}

impl Drop for Streams {
    fn drop(&mut self) {
        [&self.writing, &self.reading, &self.stderr].into_iter().for_each(JoinHandle::abort);
    }
}

/// Waits until a child ends or closes its stdin or stdout. Then kills its process group. If the future is dropped, the group is killed at
/// once.
async fn watch_over(
    mut child: Child,
    mut group: Group,
    mut streams: Streams,
    exchange: Arc<Exchange>,
    end: watch::Sender<bool>,
) {
    // A child that has closed a stream is of no further use, but it may be about to exit by itself.
    let (status, closed) = tokio::select! {
        status = child.wait() => (Some(status), ""),
        _ = &mut streams.reading => (None, "output"),
        _ = &mut streams.writing => (None, "input"),
    };
    let status = match status {
        Some(status) => Some(status),
        None => timeout(GRACE, child.wait()).await.ok(),
    };
    // The group is killed at once, before the system can reuse its id.
    group.end();
    let _ = child.start_kill();
    // The last responses of the child may still be in the pipe.
    if !streams.reading.is_finished() {
        let _ = timeout(GRACE, &mut streams.reading).await;
    }
    if !streams.stderr.is_finished() {
        let _ = timeout(GRACE, &mut streams.stderr).await;
    }
    let why = match status {
        // The launcher failed before it could execute the program.
        Some(Ok(status)) if status.code() == Some(launch::FAILED) => {
            let written = streams.written.lock().unwrap_or_else(PoisonError::into_inner);
            let written = String::from_utf8_lossy(&written);
            let why = written.strip_prefix(launch::FAILURE).map(|why| why.trim_end().to_owned());
            why.unwrap_or_else(|| format!("its process ended ({status})"))
        }
        Some(Ok(status)) => format!("its process ended ({status})"),
        Some(Err(error)) => format!("its process cannot be watched: {error}"),
        None => format!("it closed its {closed}, so the gateway stopped it"),
    };
    drop(streams);
    exchange.close(LinkFault::Ended(why));
    end.send_replace(true);
}

/// Reads a pipe to its end, and keeps its last bytes.
async fn keep_last(pipe: Option<impl AsyncRead + Unpin>, kept: Arc<Mutex<Vec<u8>>>) {
    let Some(mut pipe) = pipe else { return };
    let mut piece = [0; 1024];
    while let Ok(read @ 1..) = pipe.read(&mut piece).await {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(&piece[..read]);
        let old = kept.len().saturating_sub(KEPT_STDERR);
        kept.drain(..old);
    }
}

fn line_of(message: &Value) -> Vec<u8> {
    let mut line = message.to_string().into_bytes();
    line.push(b'\n');
    line
}

impl ChildLink {
    pub(super) async fn send(&self, message: &Value) -> Result<(), LinkFault> {
        let input = self.input.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let closed = || LinkFault::Unsent("its input is closed".to_owned());
        input.ok_or_else(closed)?.send(line_of(message)).await.map_err(|_| closed())
    }

    /// Queues a message without waiting. If the queue is full, the message is dropped.
    pub(super) fn send_now(&self, message: &Value) {
        let input = self.input.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = input.as_ref().map(|input| input.try_send(line_of(message)));
    }

    pub(super) const fn id(&self) -> Option<u32> {
        self.id
    }

    pub(super) fn last_words(&self) -> String {
        let kept = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&kept).into_owned()
    }

    /// Closes the stdin of the child, and kills the child if it does not exit within `GRACE`.
    pub(super) async fn close(&self) {
        drop(self.input.lock().unwrap_or_else(PoisonError::into_inner).take());
        let mut ended = self.ended.clone();
        if timeout(GRACE, ended.wait_for(|ended| *ended)).await.is_err() {
            self.watching.abort();
        }
    }
}
