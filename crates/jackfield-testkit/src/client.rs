//! An MCP client for tests, built on rmcp.

mod error;
mod listener;

use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rmcp::RoleClient;
use rmcp::model::{
    CallToolRequestParams, CallToolResult, ClientCapabilities, ClientConfig, Implementation,
    PaginatedRequestParams, ProtocolVersion, ServerPeerInfo, Tool,
};
use rmcp::service::{ClientLifecycleMode, Peer, RunningService, serve_client_with_lifecycle};
use rmcp::transport::{IntoTransport, TokioChildProcess};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::process::{ChildStderr, Command};
use tokio::task::JoinHandle;

pub use error::ClientError;
use listener::Listener;

/// The two ways in which an MCP connection can begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Handshake {
    /// `server/discover` and stateless requests, since revision 2026-07-28.
    #[default]
    Modern,
    /// The `initialize` handshake, up to revision 2025-11-25.
    Legacy,
}

/// The timeout of a request. It is longer than any server in the tests needs, so only a hanging test fails.
const PATIENCE: Duration = Duration::from_secs(60);
/// The maximum number of pages of a list of tools. A server that returns more pages repeats its cursors.
const MOST_PAGES: usize = 1_000;
/// The maximum number of bytes of a child's stderr that are kept.
const MOST_STDERR: usize = 4 * 1024 * 1024;
/// The variables that a program needs in order to start. Tests set all other variables.
const NECESSITIES: [&str; 3] = ["PATH", "HOME", "SYSTEMROOT"];

/// A client with a connection to one server.
#[derive(Debug)]
pub struct Client {
    service: RunningService<RoleClient, Listener>,
    stderr: Stderr,
}

impl Client {
    /// Starts a program as an MCP server, and connects with the newest protocol revision.
    ///
    /// `env` is the whole environment of the program, apart from `PATH`, `HOME` and `SYSTEMROOT`.
    ///
    /// # Errors
    /// Returns an error if the program does not start or the connection fails.
    pub async fn spawn(program: &Path, args: &[&str], env: &[(&str, &str)]) -> Result<Self, ClientError> {
        Self::spawn_as(Handshake::Modern, program, args, env).await
    }

    /// Starts a program as an MCP server, and connects with the given handshake.
    ///
    /// # Errors
    /// Returns an error if the program does not start or the connection fails.
    pub async fn spawn_as(
        handshake: Handshake,
        program: &Path,
        args: &[&str],
        env: &[(&str, &str)],
    ) -> Result<Self, ClientError> {
        let mut command = Command::new(program);
        let kept = NECESSITIES.iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
        command.args(args).env_clear().envs(kept).envs(env.iter().copied()).kill_on_drop(true);
        let (child, stderr) = TokioChildProcess::builder(command)
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|cause| ClientError::Spawn { program: program.to_owned(), cause })?;
        Self::greet(handshake, child, Stderr::of(stderr)).await
    }

    /// Connects over a stream, such as a `tokio::io::duplex`, with the newest protocol revision.
    ///
    /// # Errors
    /// Returns an error if the connection fails.
    pub async fn connect<S>(stream: S) -> Result<Self, ClientError>
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        Self::connect_as(Handshake::Modern, stream).await
    }

    /// Connects over a stream with the given handshake.
    ///
    /// # Errors
    /// Returns an error if the connection fails.
    pub async fn connect_as<S>(handshake: Handshake, stream: S) -> Result<Self, ClientError>
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        Self::greet(handshake, stream, Stderr::of(None)).await
    }

    async fn greet<T, E, A>(handshake: Handshake, transport: T, stderr: Stderr) -> Result<Self, ClientError>
    where
        T: IntoTransport<RoleClient, E, A>,
        E: std::error::Error + Send + Sync + 'static,
    {
        let name = Implementation::new("jackfield-testkit", env!("CARGO_PKG_VERSION"));
        let config = ClientConfig::new(ClientCapabilities::default(), name);
        let (config, lifecycle) = match handshake {
            Handshake::Modern => {
                let preferred_versions = vec![ProtocolVersion::LATEST];
                (config, ClientLifecycleMode::Discover { preferred_versions })
            }
            Handshake::Legacy => {
                let newest = ProtocolVersion::LATEST_WITH_INITIALIZE;
                (config.with_protocol_version(newest), ClientLifecycleMode::Initialize)
            }
        };
        let greeting = serve_client_with_lifecycle(Listener::new(config), transport, lifecycle);
        match tokio::time::timeout(PATIENCE, greeting).await {
            Ok(Ok(service)) => Ok(Self { service, stderr }),
            Ok(Err(cause)) => {
                // The child is exiting, and its stderr probably contains the reason.
                let stderr = stderr.whole().await;
                Err(ClientError::Greeting { cause: Box::new(cause), stderr })
            }
            Err(_) => Err(ClientError::Silent { asked: "the connection".to_owned() }),
        }
    }

    /// Returns the server's information about itself.
    pub fn server_info(&self) -> Option<ServerPeerInfo> {
        self.service.peer_info().map(|info| (*info).clone())
    }

    /// Returns the tools of all pages.
    ///
    /// # Errors
    /// Returns an error if the server responds with an error, does not respond in time, or never sends a last page.
    pub async fn tools(&self) -> Result<Vec<Tool>, ClientError> {
        Ok(self.tool_pages().await?.into_iter().flatten().collect())
    }

    /// Returns the tools, page by page.
    ///
    /// # Errors
    /// Returns an error if the server responds with an error, does not respond in time, or never sends a last page.
    pub async fn tool_pages(&self) -> Result<Vec<Vec<Tool>>, ClientError> {
        let mut pages = Vec::new();
        let mut cursor = None;
        while pages.len() < MOST_PAGES {
            let params = cursor.map(|cursor| PaginatedRequestParams::default().with_cursor(Some(cursor)));
            let page = patiently("tools/list", self.service.list_tools(params)).await?;
            pages.push(page.tools);
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok(pages);
            }
        }
        Err(ClientError::EndlessPages)
    }

    /// Calls a tool. `arguments` is an object, or `null` to send no arguments.
    ///
    /// # Errors
    /// Returns an error if the arguments are not an object, or if the server responds with a protocol error or does not respond in time. A
    /// failed tool is not an error: its result has `is_error` set.
    pub async fn call(&self, name: &str, arguments: Value) -> Result<CallToolResult, ClientError> {
        let params = CallToolRequestParams::new(name.to_owned());
        let params = match arguments {
            Value::Object(arguments) => params.with_arguments(arguments),
            Value::Null => params,
            _ => return Err(ClientError::Arguments { tool: name.to_owned() }),
        };
        patiently(&format!("a call of {name}"), self.service.call_tool(params)).await
    }

    /// Waits until the server has announced `count` times that its list of tools has changed.
    ///
    /// # Errors
    /// Returns an error if the server does not announce the changes in time.
    pub async fn list_changes(&self, count: usize) -> Result<(), ClientError> {
        let mut changes = self.service.service().changes();
        let announced = changes.wait_for(|announced| *announced >= count);
        match tokio::time::timeout(PATIENCE, announced).await {
            Ok(Ok(_)) => Ok(()),
            _ => Err(ClientError::Silent { asked: "an announcement of changed tools".to_owned() }),
        }
    }

    /// Returns the progress values that were received since the last call, in order.
    pub fn take_progress(&self) -> Vec<f64> {
        self.service.service().take_progress()
    }

    /// Returns the client handle of rmcp, for requests that this type has no method for.
    pub fn peer(&self) -> &Peer<RoleClient> {
        self.service.peer()
    }

    /// Returns the stderr of the program so far. It is complete after [`close`](Self::close).
    pub fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// Closes the connection and waits until the program exits. Kills the program if it does not exit in time.
    ///
    /// # Errors
    /// Returns an error if the program does not exit even when it is killed.
    pub async fn close(&mut self) -> Result<(), ClientError> {
        let closed = tokio::time::timeout(PATIENCE, self.service.close()).await;
        closed
            .map_err(|_| ClientError::Silent { asked: "the exit of the program".to_owned() })?
            .map_err(|_| ClientError::Ended)?;
        self.stderr.settle().await;
        Ok(())
    }
}

async fn patiently<T>(
    asked: &str,
    answer: impl Future<Output = Result<T, rmcp::service::ServiceError>>,
) -> Result<T, ClientError> {
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(answer) => answer.map_err(|cause| ClientError::Request { asked: asked.to_owned(), cause }),
        Err(_) => Err(ClientError::Silent { asked: asked.to_owned() }),
    }
}

/// Collects the stderr of a child as it arrives, so that the child never blocks.
#[derive(Debug)]
struct Stderr {
    bytes: Arc<Mutex<Vec<u8>>>,
    reading: Option<JoinHandle<()>>,
}

impl Stderr {
    fn of(pipe: Option<ChildStderr>) -> Self {
        let bytes = Arc::<Mutex<Vec<u8>>>::default();
        let reading = pipe.map(|pipe| tokio::spawn(keep(pipe, Arc::clone(&bytes))));
        Self { bytes, reading }
    }

    fn text(&self) -> String {
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Waits until stderr is closed, but does not wait for a grandchild that keeps the pipe open.
    async fn settle(&mut self) {
        if let Some(reading) = self.reading.take() {
            let _ = tokio::time::timeout(Duration::from_secs(2), reading).await;
        }
    }

    async fn whole(mut self) -> String {
        self.settle().await;
        self.text()
    }
}

async fn keep(mut pipe: ChildStderr, into: Arc<Mutex<Vec<u8>>>) {
    let mut buffer = vec![0; 8 * 1024];
    while let Ok(count @ 1..) = pipe.read(&mut buffer).await {
        let mut bytes = into.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MOST_STDERR - bytes.len();
        bytes.extend_from_slice(&buffer[..count.min(room)]);
    }
}

#[cfg(test)]
mod tests;
