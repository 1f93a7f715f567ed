//! Serves over HTTP to authenticated clients of this machine.

mod activity;
mod announce;
mod answer;
mod body;
#[cfg(feature = "serve")]
mod certificate;
mod drain;
mod endpoints;
mod filter;
mod health;
mod listener;
mod observer;
mod proof;
mod protection;
mod routes;
mod server;
#[cfg(unix)]
mod socket;
#[cfg(test)]
mod tests;
mod token;
mod usual;

use std::future::pending;

use super::error::{ServeError, ServeFault};
use super::options::{HttpAddress, HttpAuth, HttpOptions};
use crate::common::environment::Environment;
use crate::engine::service::Service;
use announce::announcement;
use observer::Observer;
use protection::Protection;
pub use server::HttpServer;
pub use token::HttpToken;

/// Serves over HTTP until the process is interrupted. `tell` receives the lines that a person needs to connect a
/// client. They contain the token once if it was generated for this process.
///
/// # Errors
/// The address is reachable from other machines or in use, or the token cannot be used.
pub async fn serve_http(
    service: Service,
    options: HttpOptions,
    environment: &Environment,
    tell: impl Fn(&str),
) -> Result<(), ServeError> {
    let connector = service.connector().name;
    let HttpOptions { address, auth, token_file, tls, proxies, metrics, limits } = options;
    let protection = Protection::of(tls, proxies)?;
    let is_socket = matches!(address, HttpAddress::Socket(_));
    if auth == HttpAuth::None && (is_socket || token_file.is_some()) {
        let what = if is_socket { "a Unix socket" } else { "--http-token-file" };
        return Err(ServeFault::NoTokenContradicts(what).into());
    }
    let server = HttpServer::bind_at(address).await?;
    let server = match auth {
        HttpAuth::None => server.without_token(),
        // A socket authenticates its clients by their user, so it needs a token only on request.
        HttpAuth::Token if is_socket && token_file.is_none() => server,
        HttpAuth::Token => server.with_token(HttpToken::find(token_file.as_deref(), connector, environment)?),
    };
    let observer = match metrics {
        Some(address) => Some(Observer::bind(address).await?),
        None => None,
    };
    let server = server.with_protection(protection).with_limits(limits).with_observer(observer);
    announcement(&server, connector).iter().for_each(|line| tell(line));
    tokio::select! {
        () = server.serve_until(service, interrupted(1)) => {}
        // The second signal does not wait for calls in flight.
        () = interrupted(2) => {}
    }
    Ok(())
}

/// Waits for so many of the signals that end a program.
async fn interrupted(times: usize) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let Ok([mut interrupt, mut terminate, mut hangup]) = all(kinds.map(signal)) else {
            return pending().await;
        };
        for _ in 0..times {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
        }
    }
    #[cfg(not(unix))]
    for _ in 0..times {
        if tokio::signal::ctrl_c().await.is_err() {
            pending::<()>().await;
        }
    }
}

#[cfg(unix)]
fn all<T, E>(results: [Result<T, E>; 3]) -> Result<[T; 3], E> {
    let [a, b, c] = results;
    Ok([a?, b?, c?])
}
