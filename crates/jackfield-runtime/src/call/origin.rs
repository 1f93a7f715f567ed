//! Origins: normalized scheme, host and port.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use http::Uri;

use super::base_url::BaseUrl;
use super::rows::Connector;
use crate::common::environment::{Environment, Setting};

/// A scheme, host and port, normalized for comparison, or a unix socket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    pub(crate) scheme: String,
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Origin {
    /// Returns the origin of an http or https URL. `None` if the URL is invalid.
    pub(crate) fn of(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        // A URL with userinfo has no origin.
        if uri.authority()?.as_str().contains('@') {
            return None;
        }
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        let port = uri.port_u16().or(usual_port(&scheme));
        usual_port(&scheme)?;
        Some(Self { host: uri.host()?.to_ascii_lowercase(), port: port?, scheme })
    }

    /// Returns the origin of a base URL, or its unix socket.
    pub(crate) fn of_base(base: &BaseUrl) -> Option<Self> {
        match base.socket() {
            None => Self::of(base.as_str()),
            Some(path) => Some(Self { scheme: "unix".to_owned(), host: path.display().to_string(), port: 0 }),
        }
    }

    /// Parses a base URL and returns its origin.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::of_base(&BaseUrl::parse(text).ok()?)
    }

    /// Whether the host is the given IP address, in its canonical spelling.
    pub(crate) fn is_of(&self, address: IpAddr) -> bool {
        self.host.trim_start_matches('[').trim_end_matches(']').parse() == Ok(address)
    }

    /// Whether requests to the origin are unencrypted and leave this machine.
    pub(crate) fn is_open(&self) -> bool {
        self.scheme == "http" && !self.is_here()
    }

    /// Whether the host is `localhost`, which means a different machine for each user.
    pub(crate) fn is_anywhere(&self) -> bool {
        self.host == "localhost"
    }

    /// Whether requests to the origin stay on this machine.
    pub(crate) fn is_here(&self) -> bool {
        let is_loopback = || self.host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback());
        self.scheme == "unix" || self.host == "localhost" || self.host == "[::1]" || is_loopback()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        match usual_port(&self.scheme) {
            Some(usual) if usual != self.port => write!(f, ":{}", self.port),
            _ => Ok(()),
        }
    }
}

/// Returns the default port of a scheme.
pub(crate) fn usual_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

/// Returns the origins in connector.toml and in the connector's `_ORIGINS` variable.
pub(crate) fn listed(connector: &Connector<'_>, environment: &Environment) -> Vec<Origin> {
    let by_hand = environment.get(&Setting::Origins.variable(connector.name)).unwrap_or_default();
    let by_hand = by_hand.split([' ', ',', '\t', '\n']).filter(|it| !it.is_empty());
    by_hand.chain(connector.origins.iter().copied()).filter_map(Origin::parse).collect()
}
