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

/// The messages that wait for a child that does not read.
const QUEUE: usize = 64;
/// The number of bytes of stderr that are kept, from its end.
const KEPT_STDERR: usize = 4 << 10;

/// The streams of a child.
pub(super) struct ChildLink {
    /// The messages to write. `None` once the input was closed.
    input: Mutex<Option<mpsc::Sender<Vec<u8>>>>,
    stderr: Arc<Mutex<Vec<u8>>>,
    ended: watch::Receiver<bool>,
    /// Ends the task that waits for the child, and so the whole group, when the connection is dropped.
    watching: tokio::task::AbortHandle,
}

impl Drop for ChildLink {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

/// Starts a child with these variables from the vault. The exchange gets its messages.
///
/// # Errors
/// Returns an error if its program does not exist, or cannot be started.
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
    let group = Group::of(child.id());
    let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(failed("it has no streams".to_owned()));
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
    Ok(ChildLink { input: Mutex::new(Some(input)), stderr, ended, watching })
}

/// The command in a process group of its own, with limits, with only PATH and the variables that are named, and confined as gateway.toml
/// says.
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

/// The file of a program: a path, which is relative to the folder of the child, or a name on PATH.
///
/// # Errors
/// Returns an error if there is no such file.
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
    // An empty entry would be the folder in which the gateway was started.
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
                // The id of the answer is unknown, so every waiting request fails.
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
            // A child that does not read its input gets no answers.
            let _ = input.try_send(line_of(&answer));
        }
    }
}

/// The tasks of a child's streams, which end when this is dropped. A grandchild may keep a stream open for ever.
struct Streams {
    writing: JoinHandle<()>,
    reading: JoinHandle<()>,
    stderr: JoinHandle<()>,
    /// The end of its stderr.
    written: Arc<Mutex<Vec<u8>>>,
}

impl Drop for Streams {
    fn drop(&mut self) {
        [&self.writing, &self.reading, &self.stderr].into_iter().for_each(JoinHandle::abort);
    }
}

/// Waits for the end of a child or of one of its streams, and then ends everything that it started. When this is dropped, all of it is
/// ended at once.
async fn watch_over(
    mut child: Child,
    mut group: Group,
    mut streams: Streams,
    exchange: Arc<Exchange>,
    end: watch::Sender<bool>,
) {
    // A child that closes a stream can do nothing any more, but it may be about to end by itself.
    let (status, closed) = tokio::select! {
        status = child.wait() => (Some(status), ""),
        _ = &mut streams.reading => (None, "output"),
        _ = &mut streams.writing => (None, "input"),
    };
    let status = match status {
        Some(status) => Some(status),
        None => timeout(GRACE, child.wait()).await.ok(),
    };
    // At once, while the number of the group is still its own.
    group.end();
    let _ = child.start_kill();
    // Its last answers may still be in the pipes.
    if !streams.reading.is_finished() {
        let _ = timeout(GRACE, &mut streams.reading).await;
    }
    if !streams.stderr.is_finished() {
        let _ = timeout(GRACE, &mut streams.stderr).await;
    }
    let why = match status {
        // It never became the program.
        Some(Ok(status)) if status.code() == Some(launch::FAILED) => {
            let written = streams.written.lock().unwrap_or_else(PoisonError::into_inner);
            let written = String::from_utf8_lossy(&written);
            let why = written.strip_prefix(launch::FAILURE).map(|why| why.trim_end().to_owned());
            why.unwrap_or_else(|| format!("its process ended ({status})"))
        }
        Some(Ok(status)) => format!("its process ended ({status})"),
        Some(Err(error)) => format!("its process cannot be watched: {error}"),
        None => format!("it closed its {closed}, so it was ended"),
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

    /// Sends a message that may be lost: a child that does not read gets none.
    pub(super) fn send_now(&self, message: &Value) {
        let input = self.input.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = input.as_ref().map(|input| input.try_send(line_of(message)));
    }

    pub(super) fn last_words(&self) -> String {
        let kept = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&kept).into_owned()
    }

    /// Closes the input of the child, and ends it if it does not end by itself.
    pub(super) async fn close(&self) {
        drop(self.input.lock().unwrap_or_else(PoisonError::into_inner).take());
        let mut ended = self.ended.clone();
        if timeout(GRACE, ended.wait_for(|ended| *ended)).await.is_err() {
            self.watching.abort();
        }
    }
}
