//! Other MCP servers as sources of the gateway: their sessions, their pinned lists, and their answers.

pub(crate) mod alias;
pub(crate) mod attach;
mod convert;
mod lists;
pub(crate) mod pin_book;
pub(crate) mod pinned;
mod remote_source;
mod session;
pub(crate) mod upstream;

pub use remote_source::RemoteSource;
