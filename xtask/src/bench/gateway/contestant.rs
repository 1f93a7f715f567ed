//! The processes that are compared: gateways, each in front of one server.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};

use super::session::{Place, Session};
use crate::failure::Failure;
use crate::place;

/// The maximum time that a gateway may take to start. One of the gateways first creates a database.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running gateway, or the server without a gateway.
pub(super) struct Contestant {
    pub(super) name: &'static str,
    pub(super) place: Place,
    /// The process. It ends when this value is dropped.
    pub(super) process: Option<Child>,
}

impl Contestant {
    /// Starts a process that serves at `url`, and finds the name that it gives to the tool `echo`.
    pub(super) async fn start(
        name: &'static str,
        command: &mut Command,
        url: String,
        bearer: Option<String>,
    ) -> Result<Self, Failure> {
        let mut contestant = Self::serving(name, command, url, bearer).await?;
        contestant.find_tool().await?;
        Ok(contestant)
    }

    /// Starts a process that serves at `url`.
    pub(super) async fn serving(
        name: &'static str,
        command: &mut Command,
        url: String,
        bearer: Option<String>,
    ) -> Result<Self, Failure> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let process = command.spawn().map_err(Failure::while_("starting a gateway"))?;
        let mut contestant =
            Self { name, place: Place { url, bearer, tool: String::new() }, process: Some(process) };
        contestant.wait().await?;
        Ok(contestant)
    }

    /// Waits until the process answers `initialize`.
    async fn wait(&mut self) -> Result<(), Failure> {
        let began = Instant::now();
        loop {
            let why = match Session::open(&self.place).await {
                Ok(_) => return Ok(()),
                Err(why) => why,
            };
            let ended = self.process.as_mut().and_then(|process| process.try_wait().ok().flatten());
            if ended.is_some() || began.elapsed() > PATIENCE {
                return Err(Failure::new(format!("{} does not serve ({ended:?}): {why}", self.name)));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(super) async fn find_tool(&mut self) -> Result<(), Failure> {
        let began = Instant::now();
        loop {
            let (tools, _) = Session::open(&self.place).await?.tools().await?;
            if let Some(tool) = tools.iter().find(|tool| tool.ends_with("echo")) {
                self.place.tool.clone_from(tool);
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                return Err(Failure::new(format!("{} does not list the tool `echo`: {tools:?}", self.name)));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(super) fn id(&self) -> Option<String> {
        self.process.as_ref()?.id().map(|id| id.to_string())
    }
}

/// Returns a port that is free now.
pub(super) fn free_port() -> Result<u16, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(Failure::while_("finding a free port"))?;
    Ok(listener.local_addr().map_err(Failure::while_("finding a free port"))?.port())
}

/// Returns the folder of the benchmark.
pub(super) fn folder() -> PathBuf {
    place::target().join("bench/gateway")
}

/// Creates an empty folder within the folder of the benchmark.
pub(super) fn fresh_folder(name: &str) -> Result<PathBuf, Failure> {
    let folder = folder().join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).map_err(Failure::while_("making the bench folder"))?;
    Ok(folder)
}

pub(super) fn write(file: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(file, text).map_err(Failure::while_("writing a configuration"))
}
