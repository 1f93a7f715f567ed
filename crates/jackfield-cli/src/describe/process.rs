//! Runs the command once, with limits on its time and on its output.

use std::fmt;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use jackfield_build::model::visible;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

use super::given_command::GivenCommand;

/// The maximum number of bytes of an answer.
pub(super) const MOST_ANSWER: usize = 1 << 20;
/// The number of bytes at the end of stderr that are kept.
const KEPT_STDERR: usize = 4 << 10;
/// The number of lines of stderr that a message shows.
const SHOWN_LINES: usize = 20;
/// The time to wait for further output after the program has ended.
const AFTER_END: Duration = Duration::from_secs(2);

/// The reason why the command gave no answer.
#[derive(Debug)]
pub(super) enum ProcessFault {
    NotStarted { program: String, error: io::Error },
    NotRead { program: String, error: io::Error },
    Late { program: String, time: Duration, stderr: Vec<u8> },
    Long { program: String },
    Failed { program: String, status: ExitStatus, stderr: Vec<u8> },
    Interrupted,
}

impl fmt::Display for ProcessFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStarted { program, error } => {
                write!(f, "{program} cannot be started: {error}")
            }
            Self::NotRead { program, error } => write!(f, "the answer of {program} cannot be read: {error}"),
            Self::Late { program, time, stderr } => {
                let seconds = time.as_secs();
                write!(
                    f,
                    "{program} gave no answer within {seconds} s, and was killed; --timeout allows more"
                )?;
                tell(stderr, f)
            }
            Self::Long { program } => {
                write!(f, "{program} wrote more than {MOST_ANSWER} bytes to stdout, and was killed")
            }
            Self::Failed { program, status, stderr } => {
                write!(f, "{program} failed: {status}")?;
                tell(stderr, f)
            }
            Self::Interrupted => f.write_str("interrupted; the command was killed"),
        }
    }
}

/// Appends the last lines of stderr to a message.
fn tell(stderr: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let first = lines.len().saturating_sub(SHOWN_LINES);
    if !lines.is_empty() {
        f.write_str("; its stderr ends with\n")?;
    }
    lines[first..].iter().try_for_each(|line| write!(f, "\n  {}", visible(line)))
}

/// Runs the command with this input, and returns its stdout.
pub(super) fn run(command: &GivenCommand, input: &[u8], time: Duration) -> Result<Vec<u8>, ProcessFault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(answer(command, input, time)),
        Err(error) => Err(ProcessFault::NotStarted { program: command.program(), error }),
    }
}

async fn answer(command: &GivenCommand, input: &[u8], time: Duration) -> Result<Vec<u8>, ProcessFault> {
    let program = || command.program();
    let (name, arguments) = command.split();
    let mut started = Command::new(name);
    started.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // The command gets a process group, so that the programs that it starts are killed with it.
    #[cfg(unix)]
    started.process_group(0);
    let mut child = started
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| ProcessFault::NotStarted { program: program(), error })?;
    let group = Group(child.id());
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let end = {
        let pipes = async {
            let write = async {
                // A program may answer without reading its input, so a closed pipe is not an error.
                if let Some(mut stdin) = stdin {
                    _ = stdin.write_all(input).await;
                }
                Ok(())
            };
            tokio::try_join!(write, all(stdout, &mut out), last(stderr, &mut err)).map(drop)
        };
        tokio::pin!(pipes);
        let work = async {
            let mut is_read = false;
            loop {
                tokio::select! {
                    read = &mut pipes, if !is_read => {
                        read?;
                        is_read = true;
                    }
                    status = child.wait() => {
                        // A program in the background may keep the pipes open.
                        if !is_read {
                            match tokio::time::timeout(AFTER_END, &mut pipes).await {
                                Ok(read) => read?,
                                Err(_) => group.end(),
                            }
                        }
                        return status.map_err(PipeFault::Io);
                    }
                }
            }
        };
        tokio::select! {
            status = work => Some(Ok(status)),
            () = tokio::time::sleep(time) => Some(Err(())),
            _ = tokio::signal::ctrl_c() => None,
        }
    };
    match end {
        Some(Ok(Ok(status))) if status.success() => Ok(out),
        Some(Ok(Ok(status))) => Err(ProcessFault::Failed { program: program(), status, stderr: err }),
        ended => {
            group.end();
            _ = child.kill().await;
            Err(match ended {
                Some(Ok(Err(PipeFault::Long))) => ProcessFault::Long { program: program() },
                Some(Ok(Err(PipeFault::Io(error)))) => ProcessFault::NotRead { program: program(), error },
                Some(_) => ProcessFault::Late { program: program(), time, stderr: err },
                None => ProcessFault::Interrupted,
            })
        }
    }
}

enum PipeFault {
    Long,
    Io(io::Error),
}

/// Reads a pipe to its end.
async fn all(pipe: Option<impl AsyncRead + Unpin>, kept: &mut Vec<u8>) -> Result<(), PipeFault> {
    let Some(pipe) = pipe else { return Ok(()) };
    pipe.take(MOST_ANSWER as u64 + 1).read_to_end(kept).await.map_err(PipeFault::Io)?;
    if kept.len() > MOST_ANSWER { Err(PipeFault::Long) } else { Ok(()) }
}

/// Reads a pipe to its end, and keeps its last bytes.
async fn last(pipe: Option<impl AsyncRead + Unpin>, kept: &mut Vec<u8>) -> Result<(), PipeFault> {
    let Some(mut pipe) = pipe else { return Ok(()) };
    loop {
        let read = pipe.read_buf(kept).await.map_err(PipeFault::Io)?;
        if read == 0 {
            return Ok(());
        }
        let old = kept.len().saturating_sub(KEPT_STDERR);
        kept.drain(..old);
    }
}

/// The process group of a command.
struct Group(Option<u32>);

impl Group {
    /// Ends every process of the group that still runs.
    fn end(&self) {
        #[cfg(unix)]
        {
            let id = self.0.and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
            if let Some(id) = id {
                // This fails only if no process of the group is left.
                _ = rustix::process::kill_process_group(id, rustix::process::Signal::KILL);
            }
        }
    }
}
