//! Serves MCP over HTTP to clients on this machine, and to clients on other machines if they have individual
//! tokens and use TLS.

mod access;
mod activity;
mod announce;
mod announcement_stream;
mod answer;
mod body;
#[cfg(feature = "serve")]
mod certificate;
mod comments;
mod drain;
mod ending_body;
mod endpoints;
mod exposure;
mod failed_authentications;
mod filter;
mod health;
mod in_session;
mod listener;
mod observer;
mod opening;
#[cfg(feature = "serve")]
pub(crate) mod pages;
mod proof;
mod protection;
mod raw_answers;
mod request_body;
mod routes;
mod running_answer;
mod server;
#[cfg(test)]
mod serving_tests;
#[cfg(test)]
#[cfg(feature = "serve")]
mod session_tests;
mod sessions;
#[cfg(unix)]
mod socket;
#[cfg(test)]
#[cfg(feature = "serve")]
mod stream_tests;
#[cfg(test)]
#[cfg(feature = "serve")]
mod tests;
mod token;
mod usual;

use std::future::pending;

use super::error::{ServeError, ServeFault};
use super::options::{HttpAddress, HttpAuth, HttpOptions};
use crate::common::environment::Environment;
use crate::engine::current_service::CurrentService;
#[cfg(feature = "serve")]
use crate::inbound::resource_server::Inbound;
use announce::announcement;
use exposure::Exposure;
use observer::Observer;
use protection::Protection;
pub use server::HttpServer;
pub use token::HttpToken;

/// The settings for individual tokens of callers, if any.
#[derive(Default)]
pub(crate) struct Callers {
    #[cfg(feature = "serve")]
    pub(crate) inbound: Option<Inbound>,
    /// Pages for browsers, which are served if callers have individual tokens.
    #[cfg(feature = "serve")]
    pub(crate) pages: Option<std::sync::Arc<dyn pages::Pages>>,
}

/// Serves over HTTP until the process is interrupted. `tell` receives the lines that tell a user how to connect a
/// client. These lines contain the token only if it was generated for this process.
///
/// # Errors
/// Returns an error if the address is in use, if it is reachable from other machines without the required
/// protection, or if the token cannot be used.
pub async fn serve_http(
    service: impl Into<CurrentService>,
    options: HttpOptions,
    environment: &Environment,
    tell: impl Fn(&str),
) -> Result<(), ServeError> {
    serve_callers(service.into(), options, Callers::default(), environment, tell).await
}

/// Serves over HTTP as [`serve_http`] does, also to callers with individual tokens.
pub(crate) async fn serve_callers(
    current: CurrentService,
    options: HttpOptions,
    callers: Callers,
    environment: &Environment,
    tell: impl Fn(&str),
) -> Result<(), ServeError> {
    let service = current.get();
    let connector = service.connector().name;
    let HttpOptions { address, auth, token_file, tls, proxies, metrics, limits } = options;
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
    if let HttpAddress::Tcp(address) = address {
        let (has_tls, has_proxy) = (tls.is_some(), proxies.is_some());
        let has_public_url = callers.have_public_url();
        let knows_callers = knows_callers && auth != HttpAuth::OwnAndNamedTokens;
        let exposure = Exposure { address, knows_callers, has_tls, has_proxy, has_public_url };
        if let Some(fault) = exposure.refusal() {
            return Err(fault.into());
        }
    }
    let protection = Protection::of(tls, proxies, callers.have_public_url())?;
    let observer = match metrics {
        Some(address) => Some(Observer::bind(address).await?),
        None => None,
    };
    let server = HttpServer::open(address).await?;
    let server = server.with_protection(protection).with_limits(limits).with_observer(observer);
    let server = match auth {
        HttpAuth::OwnAndNamedTokens if knows_callers => {
            callers.added_to(server).with_token(HttpToken::find(None, connector, environment)?)
        }
        _ if knows_callers => callers.added_to(server),
        HttpAuth::NamedTokens | HttpAuth::OwnAndNamedTokens => return Err(no_callers().into()),
        HttpAuth::None => server.without_token(),
        // At a Unix socket, clients are authenticated by their operating system user, so a token is required only if the options set a
        // token file.
        HttpAuth::Token if is_socket && token_file.is_none() => server,
        HttpAuth::Token => server.with_token(HttpToken::find(token_file.as_deref(), connector, environment)?),
    };
    // Signals are handled from here on, because a supervisor may stop the server as soon as it has read the line
    // with the address.
    let ends_on_hangup = !current.takes_hangup();
    let (first, second) = (interrupted(1, ends_on_hangup), interrupted(2, ends_on_hangup));
    announcement(&server, connector).iter().for_each(|line| tell(line));
    if let Some(url) = server.metrics_url() {
        tell(&format!("metrics at {url}, without authentication"));
    }
    drop(service);
    tokio::select! {
        () = server.serve_until(current, first) => {}
        // On a second signal, the server no longer waits for calls in flight.
        () = second => {}
    }
    Ok(())
}

impl Callers {
    #[cfg(feature = "serve")]
    fn have_public_url(&self) -> bool {
        self.inbound.as_ref().is_some_and(|inbound| inbound.url.is_some())
    }

    #[cfg(not(feature = "serve"))]
    const fn have_public_url(&self) -> bool {
        false
    }

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
            Some(inbound) => server.with_callers(inbound).with_pages(self.pages),
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

/// Completes after `times` termination signals. Signals count from this call on, even before the future is polled.
fn interrupted(times: usize, by_hangup: bool) -> impl Future<Output = ()> {
    #[cfg(unix)]
    let signals = {
        use tokio::signal::unix::{SignalKind, signal};
        all([SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal))
    };
    async move {
        #[cfg(unix)]
        {
            let Ok([mut interrupt, mut terminate, mut hangup]) = signals else {
                return pending().await;
            };
            for _ in 0..times {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                    _ = hangup.recv(), if by_hangup => {}
                }
            }
        }
        #[cfg(not(unix))]
        let _ = by_hangup;
        #[cfg(not(unix))]
        for _ in 0..times {
            if tokio::signal::ctrl_c().await.is_err() {
                pending::<()>().await;
            }
        }
    }
}

#[cfg(unix)]
fn all<T, E>(results: [Result<T, E>; 3]) -> Result<[T; 3], E> {
    let [a, b, c] = results;
    Ok([a?, b?, c?])
}
