//! Where a connector serves over HTTP, and whom it lets in.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use super::error::{ServeError, ServeFault};

/// A place on this machine to serve at.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpAddress {
    /// A loopback address. Port 0 is any that is free.
    Loopback(SocketAddr),
    /// A Unix socket, which is made there.
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
        // The name of this machine has an address of its own in every family; clients are told the one that is served.
        let numeric = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
        numeric.as_deref().unwrap_or(text).parse().map(Self::Loopback).map_err(|_| {
            let fault = ServeFault::NoAddress(text.to_owned());
            fault.into()
        })
    }
}

impl fmt::Display for HttpAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loopback(address) => write!(f, "{address}"),
            Self::Socket(path) => write!(f, "unix://{}", path.display()),
        }
    }
}

/// How clients prove who they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HttpAuth {
    /// By a bearer token; on a Unix socket, by the user that they run as.
    #[default]
    Token,
    /// Not at all: for tests, at a loopback address.
    None,
}

impl FromStr for HttpAuth {
    type Err = ServeError;

    fn from_str(text: &str) -> Result<Self, ServeError> {
        match text {
            "token" => Ok(Self::Token),
            "none" => Ok(Self::None),
            _ => Err(ServeFault::NoAuthentication(text.to_owned()).into()),
        }
    }
}

/// The values of `--http`, `--http-auth` and `--http-token-file`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpOptions {
    /// Where to serve.
    pub address: HttpAddress,
    /// Whom to let in.
    pub auth: HttpAuth,
    /// The file that holds the token, or will.
    pub token_file: Option<PathBuf>,
}

impl HttpOptions {
    /// Serves there, to clients with a token that is made at the start.
    pub const fn new(address: HttpAddress) -> Self {
        Self { address, auth: HttpAuth::Token, token_file: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_of_this_machine_or_sockets() {
        for text in ["127.0.0.1:0", "[::1]:8700", "unix:///run/shop.sock"] {
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
