//! MCP over a pair of streams.

use rmcp::service::{ServerInitializeError, ServiceExt as _};
use tokio::io::{AsyncRead, AsyncWrite};

use super::error::{ServeError, ServeFault};
use super::handler::Handler;
use super::line_transport::LineTransport;
use crate::common::caller::Channel;
use crate::engine::current_service::CurrentService;

/// The maximum time for storing the results of tasks when the process ends.
#[cfg(feature = "serve")]
const LAST_WRITES: std::time::Duration = std::time::Duration::from_secs(5);

/// Serves over a pair of streams until the client closes them.
///
/// # Errors
/// Returns an error if the client violates the protocol.
pub async fn serve_streams<R, W>(
    service: impl Into<CurrentService>,
    input: R,
    output: W,
) -> Result<(), ServeError>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let handler = Handler::new(service, Channel::Stdio);
    let transport = LineTransport::new(handler.clone(), input, output);
    let running = match handler.serve(transport).await {
        Ok(running) => running,
        // The input ended before the client sent a message, for example by Ctrl-D at a terminal.
        Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
        Err(error) => return Err(ServeFault::Protocol(error.to_string()).into()),
    };
    running.waiting().await.map_err(|error| ServeFault::Protocol(error.to_string()))?;
    Ok(())
}

/// Serves over standard input and output until the input ends.
///
/// # Errors
/// Returns an error if the client violates the protocol.
pub async fn serve_stdio(service: impl Into<CurrentService>) -> Result<(), ServeError> {
    let (input, output) = rmcp::transport::io::stdio_pipes();
    let current = service.into();
    let served = serve_streams(current.clone(), input, output).await;
    // The process ends now, because its only client has disconnected.
    #[cfg(feature = "serve")]
    if let Some(tasks) = current.get().tasks() {
        let tasks = tasks.running();
        tasks.stop();
        let _ = tokio::time::timeout(LAST_WRITES, tasks.idle()).await;
    }
    served
}
