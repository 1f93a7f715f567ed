//! Serves over HTTP to authenticated clients of this machine.

mod access;
mod announce;
mod answer;
mod endpoints;
mod exposure;
mod proof;
mod server;
mod session_owners;
#[cfg(unix)]
mod socket;
#[cfg(test)]
#[cfg(feature = "serve")]
mod tests;
mod token;
mod usual;

use std::future::pending;

use super::error::{ServeError, ServeFault};
use super::options::{HttpAddress, HttpAuth, HttpOptions};
use crate::common::environment::Environment;
use crate::engine::service::Service;
#[cfg(feature = "serve")]
use crate::inbound::resource_server::Inbound;
use announce::announcement;
use exposure::Exposure;
pub use server::HttpServer;
pub use token::HttpToken;

/// The tokens of callers who have their own, if there are such callers.
#[derive(Default)]
pub(crate) struct Callers {
    #[cfg(feature = "serve")]
    pub(crate) inbound: Option<Inbound>,
}

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
    serve_callers(service, options, Callers::default(), environment, tell).await
}

/// Serves over HTTP as [`serve_http`] does, to callers who may have tokens of their own.
pub(crate) async fn serve_callers(
    service: Service,
    options: HttpOptions,
    callers: Callers,
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
    let knows_callers = callers.are_known();
    if knows_callers && (matches!(auth, HttpAuth::None) || token_file.is_some()) {
        let what = if token_file.is_some() { "--http-token-file" } else { "--http-auth none" };
        return Err(ServeFault::CallersContradict(what).into());
    }
    if let HttpAddress::Loopback(address) = address {
        let exposure = Exposure { address, knows_callers, has_tls: false, has_proxy: false };
        if let Some(fault) = exposure.refusal() {
            return Err(fault.into());
        }
    }
    let server = HttpServer::bind_at(address).await?;
    let server = match auth {
        _ if knows_callers => callers.added_to(server),
        HttpAuth::NamedTokens => return Err(no_callers().into()),
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

impl Callers {
    #[cfg(feature = "serve")]
    const fn are_known(&self) -> bool {
        self.inbound.is_some()
    }

    #[cfg(not(feature = "serve"))]
    const fn are_known(&self) -> bool {
        false
    }

    #[cfg(feature = "serve")]
    fn added_to(self, server: HttpServer) -> HttpServer {
        match self.inbound {
            Some(inbound) => server.with_callers(inbound),
            None => server,
        }
    }

    #[cfg(not(feature = "serve"))]
    fn added_to(self, server: HttpServer) -> HttpServer {
        server
    }
}

#[cfg(feature = "serve")]
fn no_callers() -> ServeFault {
    ServeFault::CallersContradict("a server without a store")
}

#[cfg(not(feature = "serve"))]
fn no_callers() -> ServeFault {
    ServeFault::NoCallers
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
