//! Errors about the base URL of requests.

use std::fmt;

use crate::call::base_url::BaseUrlError;

/// Why the base URL cannot be determined. The text is written for a model that shows it to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerError(pub(crate) ServerFault);

/// Why the base URL cannot be determined. `setting` is the environment variable that sets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ServerFault {
    /// The address that the user has set is invalid.
    Chosen { setting: String, error: BaseUrlError },
    /// The document names no server.
    NoServer { setting: String },
    /// The document's server is only a path.
    NoHost { setting: String, path: String },
    /// The document's server is not a valid address.
    Declared { setting: String, error: BaseUrlError },
    /// The user has chosen a server that does not exist.
    UnknownServer {
        setting: String,
        /// The user's choice, formatted for a message.
        shown: String,
        /// The list of servers.
        servers: String,
    },
    /// A variable of the address has no value.
    NoValue { setting: String, url: String },
    /// The default of a variable would change other parts of the address than the variable's.
    DefaultOutOfPlace { setting: String, url: String, variable: String },
    /// The document does not list the value.
    NotListed {
        setting: String,
        /// The value, formatted for a message.
        shown: String,
        allowed: Vec<String>,
    },
    /// The value would change other parts of the address than the variable's.
    OutOfPlace {
        setting: String,
        url: String,
        /// The value, formatted for a message.
        shown: String,
    },
}

impl From<ServerFault> for ServerError {
    fn from(fault: ServerFault) -> Self {
        Self(fault)
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            ServerFault::Chosen { setting, error } => write!(f, "{setting}: {error}"),
            ServerFault::NoServer { setting } => write!(
                f,
                "the document names no server. The user has to set {setting} to the address of the service"
            ),
            ServerFault::NoHost { setting, path } => {
                let slash = if path.starts_with('/') { "" } else { "/" };
                write!(
                    f,
                    "the document's server is `{path}`, a path without a host. The user has to set \
                     {setting} to the whole address, as in https://api.example.com{slash}{path}"
                )
            }
            ServerFault::Declared { setting, error } => {
                write!(f, "{error}. The user has to set {setting} to the address of the service")
            }
            ServerFault::UnknownServer { setting, shown, servers } => {
                write!(f, "{setting} is {shown}, and the servers are {servers}")
            }
            ServerFault::NoValue { setting, url } => {
                write!(f, "the address {url} has a variable without a value. The user has to set {setting}")
            }
            ServerFault::DefaultOutOfPlace { setting, url, variable } => write!(
                f,
                "the default of `{variable}` would change {url} outside of its variable. The user has to set {setting}"
            ),
            ServerFault::NotListed { setting, shown, allowed } => {
                write!(f, "{setting} is {shown}, and has to be {}", allowed.join(" or "))
            }
            ServerFault::OutOfPlace { setting, url, shown } => {
                write!(f, "{setting} is {shown}, and would change {url} outside of its variable")
            }
        }
    }
}

impl std::error::Error for ServerError {}
