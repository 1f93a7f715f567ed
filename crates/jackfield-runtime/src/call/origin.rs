//! Origins: scheme, host and port, as they are compared.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use http::Uri;

use super::base_url::BaseUrl;
use super::rows::Connector;
use crate::common::environment::{Environment, Setting};

/// Scheme, host and port, as they are compared; or a socket of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    pub(crate) scheme: String,
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Origin {
    /// The origin of an address of http or https.
    pub(crate) fn of(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        // A name and a password in front of the host are nobody's business here.
        if uri.authority()?.as_str().contains('@') {
            return None;
        }
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        let port = uri.port_u16().or(usual_port(&scheme));
        usual_port(&scheme)?;
        Some(Self { host: uri.host()?.to_ascii_lowercase(), port: port?, scheme })
    }

    /// The origin of a base address, or its socket.
    pub(crate) fn of_base(base: &BaseUrl) -> Option<Self> {
        match base.socket() {
            None => Self::of(base.as_str()),
            Some(path) => Some(Self { scheme: "unix".to_owned(), host: path.display().to_string(), port: 0 }),
        }
    }

    /// The origin of a base address that is still text.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::of_base(&BaseUrl::parse(text).ok()?)
    }

    /// Whether its host is that address, written as addresses are.
    pub(crate) fn is_of(&self, address: IpAddr) -> bool {
        self.host.trim_start_matches('[').trim_end_matches(']').parse() == Ok(address)
    }

    /// Whether others can read what goes there.
    pub(crate) fn is_open(&self) -> bool {
        self.scheme == "http" && !self.is_here()
    }

    /// Whether it stands for whatever machine the reader has.
    pub(crate) fn is_anywhere(&self) -> bool {
        self.host == "localhost"
    }

    /// Whether nothing leaves this machine on the way.
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

/// The port of a scheme where an address names none.
pub(crate) fn usual_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

/// The origins that connector.toml and the connector's `_ORIGINS` variable list.
pub(crate) fn listed(connector: &Connector, environment: &Environment) -> Vec<Origin> {
    let by_hand = environment.get(&Setting::Origins.variable(connector.name)).unwrap_or_default();
    let by_hand = by_hand.split([' ', ',', '\t', '\n']).filter(|it| !it.is_empty());
    by_hand.chain(connector.origins.iter().copied()).filter_map(Origin::parse).collect()
}
