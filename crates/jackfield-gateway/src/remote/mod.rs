//! Other MCP servers as sources of the gateway: their sessions, pinned lists and results.

mod accounts;
pub(crate) mod alias;
mod announcements;
mod answered_error;
pub(crate) mod attach;
mod backoff;
mod beginning;
mod calls;
mod clients;
mod convert;
mod drive;
mod driven;
mod era;
mod follow;
mod greeting;
mod input_required;
mod keep;
mod lists;
mod own_lists;
mod parked;
pub(crate) mod pin_book;
pub(crate) mod pinned;
pub(crate) mod program_variables;
mod remote_source;
mod roots;
mod running;
mod session;
mod session_key;
mod slots;
mod tasks;
mod unanswered;
pub(crate) mod upstream;
mod watches;

pub use remote_source::RemoteSource;
