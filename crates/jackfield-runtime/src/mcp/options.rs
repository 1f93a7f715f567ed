//! The options of the HTTP server: its address, the authentication of its clients, and TLS.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use super::error::{ServeError, ServeFault};
use super::limits::HttpLimits;
use super::proxies::TrustedProxies;

/// An address at which the server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpAddress {
    /// A TCP address. Port 0 selects a free port. An address beyond loopback requires individual tokens of callers, and TLS or a
    /// trusted proxy.
    Tcp(SocketAddr),
    /// A Unix socket, which is created at this path.
    Socket(PathBuf),
}

impl FromStr for HttpAddress {
    type Err = ServeError;

    fn from_str(text: &str) -> Result<Self, ServeError> {
        if let Some(path) = text.strip_prefix("unix://") {
            let path = PathBuf::from(path);
            return match path.is_absolute() && path.file_name().is_some() {
                true => Ok(Self::Socket(path)),
                false => Err(ServeFault::NoSocketPath(text.to_owned()).into()),
            };
        }
        // `localhost` can resolve to an IPv4 and an IPv6 address, so it is replaced by the IPv4 address that is
        // served.
        let numeric = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
        numeric.as_deref().unwrap_or(text).parse().map(Self::Tcp).map_err(|_| {
            let fault = ServeFault::NoAddress(text.to_owned());
            fault.into()
        })
    }
}

impl fmt::Display for HttpAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "{address}"),
            Self::Socket(path) => write!(f, "unix://{}", path.display()),
        }
    }
}

/// The authentication of clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HttpAuth {
    /// Clients send a bearer token. At a Unix socket, clients have to run as the user of the server instead.
    #[default]
    Token,
    /// Each caller sends a named token (feature `serve`).
    NamedTokens,
    /// Named tokens, and the token of this process for its user (feature `serve`). Only for a loopback address.
    OwnAndNamedTokens,
    /// No authentication. Only for tests at a loopback address.
    None,
}

impl FromStr for HttpAuth {
    type Err = ServeError;

    fn from_str(text: &str) -> Result<Self, ServeError> {
        match text {
            "token" => Ok(Self::Token),
            "named-tokens" => Ok(Self::NamedTokens),
            "own-and-named-tokens" => Ok(Self::OwnAndNamedTokens),
            "none" => Ok(Self::None),
            _ => Err(ServeFault::NoAuthentication(text.to_owned()).into()),
        }
    }
}

/// The values of `--tls-cert` and `--tls-key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The file of the certificate and its intermediate certificates, in PEM.
    pub certificate: PathBuf,
    /// The file of the certificate's private key, in PEM.
    pub key: PathBuf,
}

/// The options of an HTTP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpOptions {
    /// The address to serve at.
    pub address: HttpAddress,
    /// The authentication of clients.
    pub auth: HttpAuth,
    /// The token file. It is created if it does not exist.
    pub token_file: Option<PathBuf>,
    /// The certificate and the key, if the server itself uses TLS.
    pub tls: Option<TlsFiles>,
    /// The trusted proxies, if only they may connect.
    pub proxies: Option<TrustedProxies>,
    /// The address of another listener that serves metrics without authentication.
    pub metrics: Option<SocketAddr>,
    /// The limits of requests and connections.
    pub limits: HttpLimits,
}

impl HttpOptions {
    /// Creates options for an address. The server generates a token when it starts.
    pub fn new(address: HttpAddress) -> Self {
        Self {
            address,
            auth: HttpAuth::Token,
            token_file: None,
            tls: None,
            proxies: None,
            metrics: None,
            limits: HttpLimits::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_sockets_are_parsed() {
        for text in ["127.0.0.1:0", "[::1]:8700", "0.0.0.0:8443", "unix:///run/shop.sock"] {
            assert_eq!(text.parse::<HttpAddress>().unwrap().to_string(), text);
        }
        assert_eq!("localhost:8700".parse::<HttpAddress>().unwrap().to_string(), "127.0.0.1:8700");
        for text in [
            "",
            "8700",
            "localhost",
            "localhost:x",
            "unix://",
            "unix:///",
            "unix://run/shop.sock",
            "http://x",
        ] {
            assert!(text.parse::<HttpAddress>().is_err(), "{text}");
        }
    }
}
