//! Decides which origins may be called. An origin that the user has named may be called, unless its address is
//! always forbidden. An origin that only a document names may be at most as private as the root server. If only a
//! document names the root server, the root server has to be public.
//!
//! The decision depends on the IP address of the connection. If a URL contains an IP address, the URL is refused
//! earlier, with a better message.

use std::fmt::{self, Write as _};
use std::net::IpAddr;
use std::sync::Arc;

use jackfield_recipe::{AddressClass, shell_quoted};

use crate::call::base_url::BaseUrl;
use crate::call::origin::{Origin, listed};
use crate::call::rows::Connector;
use crate::call::servers;
use crate::common::environment::{Environment, Setting};

/// The rules for the origins that a connector may call: which of them the user has named, and the root server.
pub(crate) struct Destinations {
    /// The connector's name.
    connector: Arc<str>,
    /// The origins that the user has named.
    named: Vec<Origin>,
    /// The root server, which receives the requests of all tools that have no server of their own.
    root: Option<BaseUrl>,
}

/// The class that host names have before they are resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Names {
    /// Host names count as public, because they are never resolved.
    Public,
    /// Host names are not classified here. They are resolved before anything is sent, and their addresses are checked then.
    Resolved,
}

impl Destinations {
    pub(crate) fn of(connector: &Connector<'_>, environment: &Environment) -> Self {
        let root = servers::root(connector, environment).ok();
        let is_set = environment.get(&Setting::BaseUrl.variable(connector.name)).is_some();
        let mut named = listed(connector, environment);
        named.extend(connector.named.iter().filter_map(|text| Origin::parse(text)));
        named.extend(root.iter().filter(|_| is_set).filter_map(Origin::of_base));
        let hosts = servers::chosen_hosts(connector, environment);
        named.extend(hosts.iter().filter_map(Origin::of_base));
        Self { connector: connector.name.into(), named, root }
    }

    /// Returns the most private class that is allowed for the origin. Returns `None` if the class depends on the addresses to which the
    /// root server resolves.
    pub(crate) fn limit(&self, origin: &Origin) -> Option<AddressClass> {
        if self.named.contains(origin) {
            return Some(AddressClass::UnixSocket);
        }
        match &self.root {
            Some(root) if !self.is_root(origin) && self.is_named(root) => {
                (!root.is_name()).then(|| root.class())
            }
            _ => Some(AddressClass::Public),
        }
    }

    pub(crate) fn root(&self) -> Option<&BaseUrl> {
        self.root.as_ref()
    }

    /// Whether the user has named the origin of `base`.
    fn is_named(&self, base: &BaseUrl) -> bool {
        Origin::of_base(base).is_some_and(|origin| self.named.contains(&origin))
    }

    fn is_root(&self, origin: &Origin) -> bool {
        self.root.as_ref().and_then(Origin::of_base).as_ref() == Some(origin)
    }

    /// Checks a base URL before its host is resolved.
    ///
    /// # Errors
    /// Returns an error if the URL must not be called.
    pub(crate) fn check(&self, base: &BaseUrl, names: Names) -> Result<(), RefusedDestination> {
        let Some(origin) = Origin::of_base(base) else {
            return Err(RefusedDestination {
                connector: Arc::clone(&self.connector),
                address: base.to_string(),
                class: None,
                found: None,
                root: None,
            });
        };
        let class = base.class();
        let limit = match (self.limit(&origin), names) {
            (Some(limit), _) => limit,
            (None, Names::Public) => AddressClass::Public,
            (None, Names::Resolved) => AddressClass::Loopback,
        };
        // A document cannot name a socket, even if the root server is private.
        let is_strange_socket = class == AddressClass::UnixSocket && !self.named.contains(&origin);
        if class <= limit && !is_strange_socket {
            return Ok(());
        }
        Err(self.refusal(&origin, class, None))
    }

    /// Returns the error for an origin of a forbidden class. `found` is the address to which the origin resolves, if the class was
    /// determined from this address.
    pub(crate) fn refusal(
        &self,
        origin: &Origin,
        class: AddressClass,
        found: Option<IpAddr>,
    ) -> RefusedDestination {
        RefusedDestination {
            connector: Arc::clone(&self.connector),
            address: origin.to_string(),
            class: Some(class),
            found: found.filter(|found| !origin.is_of(*found)),
            root: self.root.as_ref().filter(|_| self.is_root(origin)).map(ToString::to_string),
        }
    }
}

/// The error for an address that must not be called. It describes how the user can allow the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedDestination {
    connector: Arc<str>,
    /// The refused origin, or the whole URL if it has no origin.
    address: String,
    /// The class of the origin. `None` if the URL has no origin.
    class: Option<AddressClass>,
    /// The IP address to which the host resolves.
    found: Option<IpAddr>,
    /// The current base URL, if its origin is refused.
    root: Option<String>,
}

impl RefusedDestination {
    /// Describes the address, for a message.
    pub(crate) fn what(&self) -> String {
        let address = &self.address;
        match (self.class, self.found) {
            (None, _) => format!("{address} is not a URL that can be called"),
            (Some(class), Some(found)) => {
                format!("{address} resolves to {found}, which is {}", class.describe())
            }
            (Some(class), None) => format!("{address} is {}", class.describe()),
        }
    }

    /// Returns a sentence with the rule, and one line for each way to allow the address.
    pub(crate) fn ways(&self) -> String {
        let Some(class) = self.class else { return String::new() };
        if class == AddressClass::Forbidden {
            return "Such an address is never called.".to_owned();
        }
        let is_socket = class == AddressClass::UnixSocket;
        let rule = match self.root {
            Some(_) => {
                "Only the document names it, so it is called after the user has named it, in one of these ways:"
            }
            None if is_socket => {
                "A document cannot name a socket. It is called only if it is the address of all tools:"
            }
            None => {
                "Only the document names it, and it is more private than the connector's own server, so it is called \
                 after the user has named it, in one of these ways:"
            }
        };
        let mut text = rule.to_owned();
        let origin = &self.address;
        if !is_socket {
            let _ = write!(text, "\n  jackfield gen --accept-origin {}", shell_quoted(origin));
            let _ = write!(text, "\n  origins = [\"{origin}\"]  # in connector.toml, below [auth]");
        } else if let Some(root) = &self.root {
            let _ = write!(text, "\n  servers = [\"{root}\"]  # in connector.toml");
        }
        if self.root.is_none() && !is_socket {
            let _ = write!(text, "\n  export {}={}", self.origins_variable(), shell_quoted(origin));
        } else {
            let address = shell_quoted(self.root.as_ref().unwrap_or(origin));
            let variable = Setting::BaseUrl.variable(&self.connector);
            let _ = write!(text, "\n  export {variable}={address}\n  --base-url {address}");
        }
        text
    }

    /// Returns how to allow a URL other than the base URL, as text that follows "the user has to".
    pub(crate) fn remedy(&self) -> String {
        if matches!(self.class, None | Some(AddressClass::Forbidden)) {
            return "use another URL".to_owned();
        }
        let origin = &self.address;
        format!(
            "name it by one of `jackfield gen --accept-origin {0}`, `origins = [\"{origin}\"]` below [auth] in \
             connector.toml, and `export {1}={0}`",
            shell_quoted(origin),
            self.origins_variable()
        )
    }

    fn origins_variable(&self) -> String {
        Setting::Origins.variable(&self.connector)
    }
}

impl fmt::Display for RefusedDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.", self.what())?;
        match self.ways() {
            none if none.is_empty() => Ok(()),
            ways => write!(f, " {ways}"),
        }
    }
}

impl std::error::Error for RefusedDestination {}

#[cfg(test)]
mod tests;
