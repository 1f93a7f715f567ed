//! Sends requests through a Unix socket, with one connection for each request and without name resolution.

use std::path::Path;

use hyper::body::Incoming;

use super::error::SendError;
use super::request_body::RequestBody;
use super::send_problem::SendProblem;

/// Sends a request through the Unix socket `socket`.
#[cfg(unix)]
pub(super) async fn request(
    socket: &Path,
    mut request: http::Request<RequestBody>,
) -> Result<http::Response<Incoming>, SendError> {
    let unsent = |error: &dyn std::fmt::Display| {
        SendError::unsent(SendProblem::Socket { path: socket.to_owned(), cause: error.to_string() })
    };
    let stream = tokio::net::UnixStream::connect(socket).await.map_err(|error| unsent(&error))?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(hyper_util::rt::TokioIo::new(stream))
            .await
            .map_err(|error| unsent(&error))?;
    // The task of the connection ends with the reply. Errors of the connection are reported through the reply.
    tokio::spawn(connection);
    let target = request.uri().path_and_query().cloned();
    *request.uri_mut() = target.map(http::Uri::from).unwrap_or_default();
    request.headers_mut().entry(http::header::HOST).or_insert(http::HeaderValue::from_static("localhost"));
    let sent = sender.send_request(request).await;
    sent.map_err(|error| SendError::unanswered(SendProblem::Connection(error.to_string())))
}

/// Returns an error, because only Unix systems have Unix sockets.
#[cfg(not(unix))]
pub(super) async fn request(
    socket: &Path,
    _: http::Request<RequestBody>,
) -> Result<http::Response<Incoming>, SendError> {
    Err(SendError::unsent(SendProblem::NoSockets(socket.to_owned())))
}
