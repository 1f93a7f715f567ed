//! Fetching a referenced file, when the user says `--fetch`: bounded in size and time, never from a private address.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioExecutor;
use jackfield_build::Fetch;

const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Fetches over HTTP. A redirect is refused: the address in the document is the one that is pinned.
pub(crate) struct HttpFetch {
    allowed: fn(IpAddr) -> bool,
}

impl HttpFetch {
    /// From public addresses alone.
    pub(crate) const fn new() -> Self {
        Self { allowed: is_public }
    }

    async fn get(&self, address: &str, limit: usize) -> Result<Vec<u8>, String> {
        let target: http::Uri = address.parse().map_err(|_| "it is no address".to_owned())?;
        let host = target.host().ok_or_else(|| "its address names no host".to_owned())?;
        // A literal address is never looked up, so it is checked here.
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        if literal.is_ok_and(|address| !(self.allowed)(address)) {
            return Err(private(host));
        }
        let mut connector = HttpConnector::new_with_resolver(Resolver { allowed: self.allowed });
        connector.enforce_http(false);
        let tls = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(rustls::crypto::ring::default_provider())
            .map_err(|error| format!("the certificates of this machine cannot be read: {error}"))?
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build(tls);
        let reply = client.get(target).await.map_err(|error| innermost(&error))?;
        if !reply.status().is_success() {
            return Err(format!("the server answered {}", reply.status()));
        }
        let body = Limited::new(reply.into_body(), limit).collect().await;
        Ok(body.map_err(|error| format!("{error} (at most {limit} bytes are read)"))?.to_bytes().to_vec())
    }
}

impl Fetch for HttpFetch {
    fn fetch(&self, address: &str, limit: usize) -> Result<Vec<u8>, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        let get = async { tokio::time::timeout(TIME_LIMIT, self.get(address, limit)).await };
        match runtime.block_on(get) {
            Ok(outcome) => outcome,
            Err(_) => Err(format!("no answer within {} seconds", TIME_LIMIT.as_secs())),
        }
    }
}

fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

fn private(host: &str) -> String {
    format!("{host} is a private address, from which nothing is fetched")
}

/// Looks names up, and keeps the addresses that may be connected to: what was checked is what is connected to.
#[derive(Clone)]
struct Resolver {
    allowed: fn(IpAddr) -> bool,
}

impl tower_service::Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let allowed = self.allowed;
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let look_up =
                tokio::task::spawn_blocking(move || (host.as_str(), 0).to_socket_addrs().map(Vec::from_iter));
            let found = look_up.await.map_err(io::Error::other)??;
            let usable: Vec<SocketAddr> = found.into_iter().filter(|address| allowed(address.ip())).collect();
            if usable.is_empty() {
                Err(io::Error::other(private(name.as_str())))
            } else {
                Ok(usable.into_iter())
            }
        })
    }
}

/// Whether the address is one of the open network.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => is_public_v4(mapped),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        // Carriers' own, protocol assignments, and benchmarks.
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b)))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    // The global unicast block without documentation, and without tunnels that carry an IPv4 address inside.
    (a & 0xE000) == 0x2000 && !(a == 0x2001 && (b == 0x0DB8 || b == 0)) && a != 0x2002
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_in_every_spelling() {
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "::ffff:127.0.0.1",
            "2002:7f00:1::",
            "2001:db8::1",
            "64:ff9b::7f00:1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        for text in ["1.1.1.1", "93.184.216.34", "2606:2800:220:1::1"] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn this_machine_is_never_asked() {
        for address in [
            "http://127.0.0.1:9/a.yaml",
            "http://localhost:9/a.yaml",
            "http://[::1]:9/a.yaml",
            "http://2130706433/a.yaml",
        ] {
            let error = HttpFetch::new().fetch(address, 100).unwrap_err();
            assert!(error.contains("private address") || error.contains("lookup"), "{address}: {error}");
        }
    }

    #[test]
    fn a_file_is_fetched_up_to_its_limit() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let upstream = runtime.block_on(jackfield_testkit::Upstream::answering(
            jackfield_testkit::Answer::text(200, "0123456789"),
        ));
        let upstream = upstream.unwrap();
        let open = HttpFetch { allowed: |_| true };
        let address = format!("{}/a.yaml", upstream.base_url());
        assert_eq!(open.fetch(&address, 10), Ok(b"0123456789".to_vec()));
        assert!(open.fetch(&address, 9).is_err());
    }
}
