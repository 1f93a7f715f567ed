//! Errors about the base URL of requests.

use std::fmt;

use crate::call::base_url::BaseUrlError;

/// The reason why the base URL cannot be determined. The message is written for a model that passes it on to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerError(pub(crate) ServerFault);

/// The reason why the base URL cannot be determined. `setting` is the environment variable that sets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ServerFault {
    /// The URL that the user has set is invalid.
    Chosen { setting: String, error: BaseUrlError },
    /// The document declares no server.
    NoServer { setting: String },
    /// The document's server is only a path.
    NoHost { setting: String, path: String },
    /// The document's server is not a valid URL.
    Declared { setting: String, error: BaseUrlError },
    /// The user has chosen a server that does not exist.
    UnknownServer {
        setting: String,
        /// The value that the user has chosen, formatted for a message.
        shown: String,
        /// The list of servers, for the message.
        servers: String,
    },
    /// A variable of the URL has no value.
    NoValue { setting: String, url: String },
    /// The default of a variable would change other parts of the URL.
    DefaultOutOfPlace { setting: String, url: String, variable: String },
    /// The value is not one of the allowed values in the document.
    NotListed {
        setting: String,
        /// The value, formatted for a message.
        shown: String,
        allowed: Vec<String>,
    },
    /// The value of a variable would change other parts of the URL.
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
                "the document declares no server. The user has to set {setting} to the URL of the service"
            ),
            ServerFault::NoHost { setting, path } => {
                let slash = if path.starts_with('/') { "" } else { "/" };
                write!(
                    f,
                    "the document's server is `{path}`, a path without a host. The user has to set \
                     {setting} to the whole URL, as in https://api.example.com{slash}{path}"
                )
            }
            ServerFault::Declared { setting, error } => {
                write!(f, "{error}. The user has to set {setting} to the URL of the service")
            }
            ServerFault::UnknownServer { setting, shown, servers } => {
                write!(f, "{setting} is {shown}, which is not one of the servers: {servers}")
            }
            ServerFault::NoValue { setting, url } => {
                write!(f, "the URL {url} has a variable without a value. The user has to set {setting}")
            }
            ServerFault::DefaultOutOfPlace { setting, url, variable } => write!(
                f,
                "the default of `{variable}` would change {url} outside of its variable. The user has to set {setting}"
            ),
            ServerFault::NotListed { setting, shown, allowed } => {
                write!(f, "{setting} is {shown}, but has to be {}", allowed.join(" or "))
            }
            ServerFault::OutOfPlace { setting, url, shown } => {
                write!(f, "{setting} is {shown}, which would change {url} outside of its variable")
            }
        }
    }
}

impl std::error::Error for ServerError {}
