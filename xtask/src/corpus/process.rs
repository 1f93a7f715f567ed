//! The process of a document. It is started, monitored, and killed if it exceeds a limit.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::arguments::Arguments;
use super::outcome::{Fate, Outcome, Record};
use crate::memory;

/// The interval between two checks of a process.
const PAUSE: Duration = Duration::from_millis(5);
/// The maximum number of output bytes of a process that are kept.
const SAID: usize = 4000;

/// The limits on a process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) time: Duration,
    /// The memory limit in MiB. It is enforced by polling, if the system reports the memory of a process.
    pub(super) mebibytes: u64,
}

/// Runs one document in a separate process.
pub(super) fn run(program: &Path, arguments: &Arguments, path: &str, limits: &Limits) -> Outcome {
    let started = Instant::now();
    let mut outcome = watched(program, arguments, path, limits)
        .unwrap_or_else(|error| failed(Fate::Died, format!("the process could not be run: {error}"), None));
    path.clone_into(&mut outcome.record.path);
    if outcome.fate != Fate::Ended {
        outcome.record.millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    }
    outcome
}

fn watched(program: &Path, arguments: &Arguments, path: &str, limits: &Limits) -> std::io::Result<Outcome> {
    let mut child = Command::new(program)
        .args(["corpus-one".as_ref(), arguments.dir.as_os_str(), path.as_ref()])
        .args(arguments.wordings.then_some("--wordings"))
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let said = listen(child.stdout.take());
    let complained = listen(child.stderr.take());
    let (end, peak) = wait(&mut child, limits)?;
    let heard = |listener: JoinHandle<String>| listener.join().unwrap_or_default();
    let (said, complained) = (heard(said), heard(complained));
    let status = match end {
        End::TooLong => {
            let text = format!("still running after {} s", limits.time.as_secs());
            return Ok(failed(Fate::Hung, text, peak));
        }
        End::TooLarge => {
            let text = format!("used more than {} MiB of memory", limits.mebibytes);
            return Ok(failed(Fate::Swelled, text, peak));
        }
        End::Exited(status) => status,
    };
    let mut lines = said.lines();
    let record = lines.next().and_then(|line| serde_json::from_str::<Record>(line).ok());
    let own_peak = lines.next().and_then(|line| line.parse().ok());
    Ok(match record {
        Some(record) if status.success() => {
            Outcome { record, fate: Fate::Ended, peak_kib: own_peak.or(peak) }
        }
        _ => {
            let complained: String = complained.trim().chars().take(SAID).collect();
            let fate = if complained.contains("panicked at") { Fate::Panicked } else { Fate::Died };
            failed(fate, format!("{status}: {complained}"), peak)
        }
    })
}

fn failed(fate: Fate, error: String, peak_kib: Option<u64>) -> Outcome {
    Outcome { record: Record { error: Some(error), ..Record::default() }, fate, peak_kib }
}

/// Reads the pipe on another thread, because a process with a full pipe would block.
fn listen(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // Text that was read before an error is still shown.
        let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// The reason why waiting for a process ended.
enum End {
    Exited(ExitStatus),
    TooLong,
    TooLarge,
}

fn wait(child: &mut Child, limits: &Limits) -> std::io::Result<(End, Option<u64>)> {
    let started = Instant::now();
    let process = child.id().to_string();
    let mut peak = None;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok((End::Exited(status), peak));
        }
        peak = peak.max(memory::peak_kib(&process));
        let end = if peak.is_some_and(|kib| kib / 1024 >= limits.mebibytes) {
            End::TooLarge
        } else if started.elapsed() > limits.time {
            End::TooLong
        } else {
            std::thread::sleep(PAUSE);
            continue;
        };
        child.kill()?;
        child.wait()?;
        return Ok((end, peak));
    }
}
