//! Connects only to checked addresses. A name is resolved once, every address is checked, and only checked
//! addresses are connected to. So a name cannot resolve to one address for the check and to another address for
//! the connection (DNS rebinding).

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use jackfield_recipe::AddressClass;
use tower_service::Service;

use crate::call::origin::Origin;
use crate::transport::destinations::Destinations;
use crate::transport::proxy::Proxies;
use crate::transport::service_stream::ServiceStream;

pub(super) type BoxError = Box<dyn Error + Send + Sync>;

/// Connects over TCP, only to addresses whose class is allowed. The classes range from public to private.
#[derive(Clone)]
pub struct CheckedConnector {
    limit: Limit,
    lookup: Lookup,
    proxies: Proxies,
}

#[derive(Clone)]
enum Limit {
    Fixed(AddressClass),
    /// The limit depends on the origin. An origin that the user has named may be more private than an origin that
    /// only a document names.
    Of(Arc<Destinations>),
}

/// The resolver of names.
#[derive(Clone)]
pub(crate) enum Lookup {
    /// The resolver of the operating system.
    System,
    /// Fixed addresses by name, for tests. Any other name has no address.
    #[cfg(test)]
    Table(&'static [(&'static str, &'static [&'static str])]),
}

/// The error for an address that is more private than allowed. Nothing was sent to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedAddress {
    host: String,
    /// The address to which the name resolved.
    pub(crate) address: IpAddr,
    pub(crate) class: AddressClass,
}

impl fmt::Display for RefusedAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, address, class } = self;
        match host.parse::<IpAddr>() {
            Ok(literal) if literal == *address => write!(f, "{host} is {}", class.describe()),
            _ => write!(f, "{host} resolves to {address}, which is {}", class.describe()),
        }
    }
}

impl Error for RefusedAddress {}

/// The error for a host that resolves to no address.
#[derive(Clone, Debug, PartialEq, Eq)]
struct HostWithoutAddress {
    host: String,
}

impl fmt::Display for HostWithoutAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} has no address", self.host)
    }
}

impl Error for HostWithoutAddress {}

impl CheckedConnector {
    /// Creates a connector to addresses of the class `limit` and of more public classes.
    pub const fn at_most(limit: AddressClass) -> Self {
        Self { limit: Limit::Fixed(limit), lookup: Lookup::System, proxies: Proxies::none() }
    }

    pub(crate) const fn of(destinations: Arc<Destinations>, lookup: Lookup, proxies: Proxies) -> Self {
        Self { limit: Limit::Of(destinations), lookup, proxies }
    }

    /// Returns the proxies that the environment names.
    pub(crate) const fn proxies(&self) -> &Proxies {
        &self.proxies
    }

    pub(super) async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        self.lookup.resolve(host, port).await
    }

    /// Resolves a host to the addresses that may be connected to.
    ///
    /// # Errors
    /// Returns an error if the host has no address, or a [`RefusedAddress`] if all its addresses are more
    /// private than allowed.
    pub(crate) async fn addresses(&self, uri: &Uri) -> Result<Vec<SocketAddr>, BoxError> {
        let host = uri.host().unwrap_or_default();
        let is_tls = uri.scheme() == Some(&http::uri::Scheme::HTTPS);
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let found = self.lookup.resolve(host, port).await?;
        let class = |address: &SocketAddr| AddressClass::of_ip(address.ip());
        let Some((address, most)) = found.iter().map(|it| (it, class(it))).max_by_key(|(_, class)| *class)
        else {
            return Err(HostWithoutAddress { host: host.to_owned() }.into());
        };
        if most == AddressClass::Public {
            return Ok(found);
        }
        let refused = RefusedAddress { host: host.to_owned(), address: address.ip(), class: most };
        let limit = self.limit(uri).await;
        let allowed: Vec<SocketAddr> = found.into_iter().filter(|it| class(it) <= limit).collect();
        if allowed.is_empty() { Err(refused.into()) } else { Ok(allowed) }
    }

    async fn limit(&self, uri: &Uri) -> AddressClass {
        let destinations = match &self.limit {
            Limit::Fixed(limit) => return *limit,
            Limit::Of(destinations) => destinations,
        };
        let Some(origin) = Origin::of(&uri.to_string()) else { return AddressClass::Public };
        if let Some(limit) = destinations.limit(&origin) {
            return limit;
        }
        // The limit is the most public class among the addresses of the root server.
        let root = destinations.root().and_then(|root| root.host_and_port());
        let Some((host, port)) = root else { return AddressClass::Public };
        let found = self.lookup.resolve(host, port).await.unwrap_or_default();
        let classes = found.iter().map(|address| AddressClass::of_ip(address.ip()));
        classes.min().unwrap_or(AddressClass::Public).min(AddressClass::Loopback)
    }
}

impl Lookup {
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        match self {
            Self::System => Ok(tokio::net::lookup_host((host, port)).await?.collect()),
            #[cfg(test)]
            Self::Table(names) => {
                let known = names.iter().find(|(name, _)| *name == host).map_or(&[][..], |(_, found)| found);
                let literal = host.parse().ok();
                let found = known.iter().filter_map(|address| address.parse().ok()).chain(literal);
                Ok(found.map(|address: IpAddr| SocketAddr::new(address, port)).collect())
            }
        }
    }
}

impl fmt::Debug for CheckedConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CheckedConnector")
    }
}

impl Service<Uri> for CheckedConnector {
    type Response = ServiceStream;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            match this.proxies.of_address(&uri) {
                None => {}
                Some(Ok(proxy)) => return this.through(proxy, uri).await,
                Some(Err(error)) => return Err(error.clone().into()),
            }
            let mut connector = HttpConnector::new_with_resolver(Checked(this.addresses(&uri).await?));
            connector.enforce_http(false);
            let stream = connector.call(uri).await?;
            Ok(ServiceStream { stream, is_forwarded: false })
        })
    }
}

/// A resolver that returns the checked addresses, whatever the name is.
#[derive(Clone)]
pub(super) struct Checked(pub(super) Vec<SocketAddr>);

impl Service<Name> for Checked {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = std::future::Ready<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _name: Name) -> Self::Future {
        std::future::ready(Ok(self.0.clone().into_iter()))
    }
}

/// Returns the refused address among the causes of an error, if there is one.
pub(super) fn refused<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e RefusedAddress> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(refused) = error.downcast_ref() {
            return Some(refused);
        }
        next = error.source();
    }
    None
}

#[cfg(test)]
mod tests;
