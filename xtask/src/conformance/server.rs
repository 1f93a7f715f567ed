//! A server of `tests/suite_servers` as a process.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::failure::Failure;
use crate::place;
use crate::workspace_build;

/// Builds the program, and returns its path.
pub(super) fn build() -> Result<PathBuf, Failure> {
    workspace_build::build_debug("suite-servers")
}

/// A running server. Dropping it ends the process.
pub(super) struct Server {
    child: Child,
    url: String,
}

impl Server {
    /// Starts the variant `form` of the server on a free port.
    pub(super) fn start(program: &Path, form: &str) -> Result<Self, Failure> {
        let arguments = [form, "serve", "--http", "127.0.0.1:0", "--http-auth", "none"];
        // The state is removed, so that tasks of an earlier run do not appear in this run.
        let state = place::target().join("conformance/state").join(form);
        let _ = std::fs::remove_dir_all(&state);
        let mut command = Command::new(program);
        command.args(arguments).env("JACKFIELD_STATE", state);
        Self::of(&mut command)
    }

    /// Starts a program that prints the URL at which it serves.
    pub(super) fn of(command: &mut Command) -> Result<Self, Failure> {
        let child = command.stderr(Stdio::piped()).spawn();
        let mut server =
            Self { child: child.map_err(Failure::while_("starting the server"))?, url: String::new() };
        let mut lines = server.child.stderr.take().map(BufReader::new).into_iter().flat_map(BufReader::lines);
        let url = lines.find_map(|line| line.ok()?.strip_prefix("serving at ").map(str::to_owned));
        server.url = url.ok_or_else(|| Failure::new("the server ended before it printed its URL"))?;
        // A reader thread drains the log, because the server would block on a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(server)
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process may already have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
