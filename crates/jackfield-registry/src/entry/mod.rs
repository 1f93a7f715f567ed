//! Entries of a registry: a server, its packages and its remote addresses, in the format of `server.json`.

pub(crate) mod argument;
pub(crate) mod error;
pub(crate) mod input;
pub(crate) mod item;
pub(crate) mod name;
pub(crate) mod node;
pub(crate) mod official;
pub(crate) mod package;
pub(crate) mod remote;
pub(crate) mod server;
pub(crate) mod template;
pub(crate) mod transport;
pub(crate) mod version;
