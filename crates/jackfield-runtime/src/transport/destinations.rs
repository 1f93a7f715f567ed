//! Which addresses may be called. Whatever the user names may be, unless nobody may call it; what only a document names
//! may be no more private than the server in use, and where that too is only named by the document, it has to be public.
//!
//! The address that is connected to decides. The text of one is looked at before, for an early and a better message.

use std::fmt::{self, Write as _};
use std::net::IpAddr;

use jackfield_recipe::{AddressClass, shell_quoted};

use crate::call::base_url::BaseUrl;
use crate::call::origin::{Origin, listed};
use crate::call::rows::Connector;
use crate::call::servers;
use crate::common::environment::{Environment, Setting};

/// The addresses of a connector: which the user has named, and which the document alone.
pub(crate) struct Destinations {
    connector: &'static Connector,
    /// The origins that the user has named.
    named: Vec<Origin>,
    /// The server in use: that of all tools that have none of their own.
    root: Option<BaseUrl>,
}

/// Whether a name counts as public, or as what it may resolve to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// Nothing is resolved: names are public.
    Public,
    /// They are resolved before anything is sent; till then nothing is refused for them.
    Resolved,
}

impl Destinations {
    pub(crate) fn of(connector: &'static Connector, environment: &Environment) -> Self {
        let root = servers::root(connector, environment).ok();
        let is_set = environment.get(&Setting::BaseUrl.variable(connector.name)).is_some();
        let mut named = listed(connector, environment);
        named.extend(connector.named.iter().filter_map(|text| Origin::parse(text)));
        named.extend(root.iter().filter(|_| is_set).filter_map(Origin::of_base));
        let hosts = servers::chosen_hosts(connector, environment);
        named.extend(hosts.iter().filter_map(Origin::of_base));
        Self { connector, named, root }
    }

    /// How private an address of that origin may be; none where that depends on what the server in use resolves to.
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

    /// The server in use.
    pub(crate) fn root(&self) -> Option<&BaseUrl> {
        self.root.as_ref()
    }

    /// Whether the user has named that address.
    fn is_named(&self, base: &BaseUrl) -> bool {
        Origin::of_base(base).is_some_and(|origin| self.named.contains(&origin))
    }

    fn is_root(&self, origin: &Origin) -> bool {
        self.root.as_ref().and_then(Origin::of_base).as_ref() == Some(origin)
    }

    /// Looks at the text of an address.
    ///
    /// # Errors
    /// It must not be called: why, and what the user can do about it.
    pub(crate) fn check(&self, base: &BaseUrl, names: Names) -> Result<(), String> {
        let Some(origin) = Origin::of_base(base) else {
            return Err(format!("{base} is no address that can be called."));
        };
        let class = base.class();
        let limit = match (self.limit(&origin), names) {
            (Some(limit), _) => limit,
            (None, Names::Public) => AddressClass::Public,
            (None, Names::Resolved) => AddressClass::Loopback,
        };
        // A document names no socket, however private the server in use is.
        let is_strange_socket = class == AddressClass::UnixSocket && !self.named.contains(&origin);
        if class <= limit && !is_strange_socket {
            return Ok(());
        }
        Err(self.refusal(&origin, class, None).to_string())
    }

    /// Why an origin is not called that has that class, by its text or by the address that it resolves to.
    pub(crate) fn refusal(&self, origin: &Origin, class: AddressClass, found: Option<IpAddr>) -> Refusal {
        let what = match found {
            Some(address) if !origin.is_of(address) => {
                format!("{origin} resolves to {address}, which is {}", class.describe())
            }
            _ => format!("{origin} is {}", class.describe()),
        };
        if class == AddressClass::Forbidden {
            let ways = "Such an address is never called.".to_owned();
            return Refusal { what, ways, remedy: "use another address".to_owned() };
        }
        let root = self.root.as_ref().filter(|_| self.is_root(origin));
        let rule = match root {
            Some(_) => {
                "Only the document names it, so it is called once the user has named it, in one of these ways:"
            }
            None if class == AddressClass::UnixSocket => {
                "No document names a socket. It is called once it is the address of all tools:"
            }
            None => {
                "Only the document names it, and it is more private than the connector's own server, so it is called \
                 once the user has named it, in one of these ways:"
            }
        };
        let mut text = rule.to_owned();
        let origin = origin.to_string();
        let origins = Setting::Origins.variable(self.connector.name);
        let remedy = format!(
            "name it by one of `jackfield gen --accept-origin {0}`, `origins = [\"{origin}\"]` below [auth] in \
             connector.toml, and `export {origins}={0}`",
            shell_quoted(&origin)
        );
        if class != AddressClass::UnixSocket {
            let _ = write!(text, "\n  jackfield gen --accept-origin {}", shell_quoted(&origin));
            let _ = write!(text, "\n  origins = [\"{origin}\"]  # in connector.toml, below [auth]");
        } else if let Some(root) = root {
            let _ = write!(text, "\n  servers = [\"{root}\"]  # in connector.toml");
        }
        if root.is_none() && class != AddressClass::UnixSocket {
            let _ = write!(text, "\n  export {origins}={}", shell_quoted(&origin));
        } else {
            let address = root.map_or(origin, ToString::to_string);
            let (variable, address) =
                (Setting::BaseUrl.variable(self.connector.name), shell_quoted(&address));
            let _ = write!(text, "\n  export {variable}={address}\n  --base-url {address}");
        }
        Refusal { what, ways: text, remedy }
    }
}

/// Why an address is not called, and what the user can do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// A description of the address.
    pub(crate) what: String,
    /// The rule, and below it a line for each way to allow the address.
    pub(crate) ways: String,
    /// The ways for an address beside the server in use, in words that follow "the user has to".
    pub(crate) remedy: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {}", self.what, self.ways)
    }
}

#[cfg(test)]
mod tests;
