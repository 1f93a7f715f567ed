//! Entries for connectors in the configuration files of MCP clients.
//!
//! [`entry`] builds the entry of a server in the format of a client. [`Place`] says which file the client reads.
//! [`ClientFile`] adds the entry to that file, and restores the file. Files are edited as text: only the bytes of the entry change, so
//! comments, order and line breaks are kept.

mod client;
mod client_file;
mod disk;
mod entry;
mod error;
mod json;
mod merge;
mod place;
mod read;
mod record;
mod scanner;
mod server;
mod toml;

pub use client::Client;
pub use client_file::{ClientFile, Undone, Written};
pub use disk::replace as replace_file;
pub use entry::{Entry, entry};
pub use error::{ClientError, Position};
pub use place::{Place, Scope, Surroundings, System, state_folder};
pub use read::read_json;
pub use server::{Server, Start, Variable};
