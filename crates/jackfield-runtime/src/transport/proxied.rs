//! Connections through a proxy.

use std::net::SocketAddr;
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use jackfield_recipe::AddressClass;
use tokio::time::timeout;
use tower_service::Service as _;

use super::connect::{BoxError, Checked, CheckedConnector, refused};
use super::proxy::{Proxy, ProxyKind, ProxyProblem};
use super::service_stream::ServiceStream;

/// The time limit for resolving a name before the proxy gets it. In networks where only the proxy can resolve names, the lookup
/// gets no answer.
const LOOKUP: Duration = Duration::from_secs(2);

impl CheckedConnector {
    /// Connects to the host of `uri` through its proxy.
    ///
    /// The proxy resolves the name, so the address of the connection is unknown here. Instead, this function checks the addresses to
    /// which this machine resolves the name, or the IP address in the URI.
    pub(super) async fn through(&self, proxy: &Proxy, uri: Uri) -> Result<ServiceStream, BoxError> {
        if let Ok(Err(error)) = timeout(LOOKUP, self.addresses(&uri)).await
            && refused(&*error).is_some()
        {
            return Err(error);
        }
        let mut connector = self.to_proxy(proxy).await?;
        let is_forwarded = proxy.kind == ProxyKind::Http && uri.scheme_str() == Some("http");
        let failed = |error: &dyn std::error::Error| proxy.error(problem(error));
        let stream = if is_forwarded {
            let connected = connector.call(proxy.address.clone()).await;
            connected.map_err(|error| proxy.error(ProxyProblem::Unreachable(innermost(&error))))?
        } else if proxy.kind == ProxyKind::Http {
            let tunnel = Tunnel::new(proxy.address.clone(), connector);
            let mut tunnel = match proxy.authorization() {
                Some(value) => tunnel.with_auth(value),
                None => tunnel,
            };
            tunnel.call(with_port(uri)).await.map_err(|error| failed(&error))?
        } else {
            let socks = SocksV5::new(proxy.address.clone(), connector);
            let mut socks = match &proxy.user {
                Some((name, password)) => socks.with_auth(name.clone(), password.expose().to_owned()),
                None => socks,
            };
            socks.call(with_port(uri)).await.map_err(|error| failed(&error))?
        };
        Ok(ServiceStream { stream, is_forwarded })
    }

    /// Creates a connector to the checked addresses of the proxy. The user has named the proxy, so its address may
    /// be private.
    async fn to_proxy(&self, proxy: &Proxy) -> Result<HttpConnector<Checked>, BoxError> {
        let host = proxy.address.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let port = proxy.address.port_u16().unwrap_or_default();
        let found = self.resolve(host, port).await;
        let found = found.map_err(|error| proxy.error(ProxyProblem::Unreachable(error.to_string())))?;
        let allowed = |address: &SocketAddr| AddressClass::of_ip(address.ip()) <= AddressClass::UnixSocket;
        let addresses: Vec<SocketAddr> = found.iter().copied().filter(allowed).collect();
        if addresses.is_empty() {
            let nothing = || ProxyProblem::Unreachable(format!("{host} has no address"));
            let problem = if found.is_empty() { nothing() } else { ProxyProblem::Forbidden };
            return Err(proxy.error(problem).into());
        }
        Ok(HttpConnector::new_with_resolver(Checked(addresses)))
    }
}

/// Classifies an error of connecting through the proxy. Only an error of the connection to the proxy itself has a
/// cause.
fn problem(error: &dyn std::error::Error) -> ProxyProblem {
    let said = innermost(error);
    match error.source() {
        Some(_) => ProxyProblem::Unreachable(said),
        None if said.contains("authorization required") => ProxyProblem::Credentials,
        None => ProxyProblem::Refused(said),
    }
}

/// Returns the text of the innermost cause, which says what happened.
fn innermost(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => innermost(cause),
        None => error.to_string(),
    }
}

/// Returns the URL with an explicit port, which tunnels need.
fn with_port(uri: Uri) -> Uri {
    if uri.port_u16().is_some() {
        return uri;
    }
    let port = if uri.scheme_str() == Some("https") { 443 } else { 80 };
    let text = format!("{}://{}:{port}/", uri.scheme_str().unwrap_or("http"), uri.host().unwrap_or_default());
    text.parse().unwrap_or(uri)
}

#[cfg(test)]
mod tests;
