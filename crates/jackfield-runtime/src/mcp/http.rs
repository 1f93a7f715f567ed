//! Serves over HTTP to authenticated clients of this machine.

mod announce;
mod answer;
mod endpoints;
mod proof;
mod server;
#[cfg(unix)]
mod socket;
mod token;
mod usual;

use std::future::pending;

use super::error::{ServeError, ServeFault};
use super::options::{HttpAddress, HttpAuth, HttpOptions};
use crate::common::environment::Environment;
use crate::engine::service::Service;
use announce::announcement;
pub use server::HttpServer;
pub use token::HttpToken;

/// Serves over HTTP until the process is interrupted. `tell` receives the lines that tell a user how to
/// connect a client. They contain the token only if it was generated for this process.
///
/// # Errors
/// Returns an error if the address is reachable from other machines or in use, or if the token cannot be
/// used.
pub async fn serve_http(
    service: Service,
    options: HttpOptions,
    environment: &Environment,
    tell: impl Fn(&str),
) -> Result<(), ServeError> {
    let connector = service.connector().name;
    let HttpOptions { address, auth, token_file } = options;
    let is_socket = matches!(address, HttpAddress::Socket(_));
    if auth == HttpAuth::None && (is_socket || token_file.is_some()) {
        let what = if is_socket { "a Unix socket" } else { "--http-token-file" };
        return Err(ServeFault::NoTokenContradicts(what).into());
    }
    let server = HttpServer::bind_at(address).await?;
    let server = match auth {
        HttpAuth::None => server.without_token(),
        // A socket authenticates its clients by their user, so it needs a token only if the options name one.
        HttpAuth::Token if is_socket && token_file.is_none() => server,
        HttpAuth::Token => server.with_token(HttpToken::find(token_file.as_deref(), connector, environment)?),
    };
    announcement(&server, connector).iter().for_each(|line| tell(line));
    tokio::select! {
        () = server.serve(service) => {}
        () = interrupted() => {}
    }
    Ok(())
}

/// Waits for the signals that end a program, so that the socket can be removed.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let next = async |kind| match signal(kind) {
            Ok(mut signal) => _ = signal.recv().await,
            Err(_) => pending().await,
        };
        tokio::select! {
            () = next(SignalKind::interrupt()) => {}
            () = next(SignalKind::terminate()) => {}
            () = next(SignalKind::hangup()) => {}
        }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        pending::<()>().await;
    }
}
