//! Turns a tool call into its HTTP request. The arguments are coerced and validated, and then a mapping fills the request with them.
//!
//! Everything here is synchronous and does not use the network. The only I/O is to read files that the user has allowed, and to open
//! folders in which replies are stored.

pub(crate) mod args;
pub(crate) mod argument_bytes;
pub(crate) mod argument_problem;
pub(crate) mod base_url;
pub(crate) mod body;
pub(crate) mod coerce;
pub(crate) mod credential_spots;
pub(crate) mod downloads;
pub(crate) mod encode;
pub(crate) mod files;
pub(crate) mod folders;
pub(crate) mod held_rows;
pub(crate) mod integers;
pub(crate) mod interpret;
pub(crate) mod method;
pub(crate) mod origin;
pub(crate) mod outgoing;
pub(crate) mod outgoing_body;
pub(crate) mod presets;
pub(crate) mod record;
pub(crate) mod reply_fields;
pub(crate) mod request;
pub(crate) mod rows;
pub(crate) mod schema;
pub(crate) mod server_error;
pub(crate) mod servers;
pub(crate) mod settings;
pub(crate) mod types;
pub(crate) mod validate;
pub(crate) mod withheld_tool;
