//! Runs a package manager with limits for its time and its output.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;
use tokio::time::timeout;

use super::fault::PackageFault;
use super::manager_settings::ManagerSettings;
use crate::config::{ChildCommand, Confinement};
use crate::confinement::launch;
use crate::wire::group::Group;

/// The maximum number of bytes that a manager may print, and that are kept of its errors.
const MOST_OUTPUT: usize = 8 << 20;
const KEPT_ERRORS: usize = 4 << 10;

/// A run of a package manager.
pub(super) struct ManagerRun<'r> {
    pub(super) program: &'r Path,
    pub(super) arguments: Vec<String>,
    /// The folder in which it runs.
    pub(super) folder: &'r Path,
    pub(super) variables: Vec<(String, String)>,
    pub(super) confinement: Confinement,
    /// The maximum memory of each process, in MiB.
    pub(super) memory: Option<u64>,
    pub(super) limit: Duration,
}

impl<'r> ManagerRun<'r> {
    /// Describes a run with the network, and with the right to change the folders in `writable`, which are in the gateway's state.
    pub(super) fn new(
        settings: &ManagerSettings,
        program: &'r Path,
        folder: &'r Path,
        writable: Vec<PathBuf>,
        limit: Duration,
    ) -> Self {
        let launcher = settings.launcher.clone();
        let confinement = Confinement {
            protected: settings.protected.clone(),
            writable,
            launcher,
            ..Confinement::default()
        };
        let variables = settings.variables();
        Self { program, arguments: Vec::new(), folder, variables, confinement, memory: None, limit }
    }

    pub(super) fn arguments<W: AsRef<str>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        self.arguments.extend(words.into_iter().map(|word| word.as_ref().to_owned()));
        self
    }

    pub(super) fn variable(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }
}

/// Runs a manager to its end, and returns what it has printed.
///
/// # Errors
/// Returns an error with the last words of the manager if it fails, takes too long, or prints too much.
pub(super) async fn run(run: ManagerRun<'_>) -> Result<String, PackageFault> {
    let ManagerRun { program, arguments, folder, variables, confinement, memory, limit } = run;
    let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let child = ChildCommand {
        package: None,
        program: String::new(),
        arguments,
        variables: Vec::new(),
        passed: Vec::new(),
        secrets: Vec::new(),
        folder: folder.to_owned(),
        memory,
        confinement,
    };
    let mut command = Command::from(launch::command(&child, program, None));
    command.current_dir(folder).env_clear().envs(variables);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    let failed = |error: std::io::Error| PackageFault::new(format!("{name} cannot be started: {error}"));
    let mut child = command.spawn().map_err(failed)?;
    // Everything that the manager has started ends with this value.
    let _group = Group::of(child.id());
    let (output, errors) = (child.stdout.take(), child.stderr.take());
    let finished = async {
        let much = || PackageFault::new(format!("{name} has printed more than {} MB", MOST_OUTPUT >> 20));
        // A manager that prints too much is not waited for.
        let output = async { whole(output).await.ok_or_else(much) };
        let (output, errors) = tokio::try_join!(output, async { Ok(last(errors).await) })?;
        let status = child.wait().await.map_err(failed)?;
        if status.success() {
            return Ok(output);
        }
        // pip and cargo explain an error in stderr, npm in both.
        let printed = if errors.trim().is_empty() { &output } else { &errors };
        Err(PackageFault::new(format!("{name} has failed ({status}):\n{}", printed.trim())))
    };
    let late = || PackageFault::new(format!("{name} has not finished within {} seconds", limit.as_secs()));
    timeout(limit, finished).await.unwrap_or_else(|_| Err(late()))
}

/// Reads a pipe to its end. `None` if there is too much.
async fn whole(pipe: Option<impl AsyncRead + Unpin>) -> Option<String> {
    let (mut bytes, most) = (Vec::new(), u64::try_from(MOST_OUTPUT).unwrap_or(u64::MAX));
    if let Some(pipe) = pipe {
        let _ = pipe.take(most + 1).read_to_end(&mut bytes).await;
    }
    (bytes.len() <= MOST_OUTPUT).then(|| String::from_utf8_lossy(&bytes).into_owned())
}

/// Reads a pipe to its end, and keeps the last bytes.
async fn last(pipe: Option<impl AsyncRead + Unpin>) -> String {
    let (mut kept, mut piece) = (Vec::new(), [0; 4096]);
    if let Some(mut pipe) = pipe {
        while let Ok(read @ 1..) = pipe.read(&mut piece).await {
            kept.extend_from_slice(&piece[..read]);
            let old = kept.len().saturating_sub(KEPT_ERRORS);
            kept.drain(..old);
        }
    }
    String::from_utf8_lossy(&kept).into_owned()
}
