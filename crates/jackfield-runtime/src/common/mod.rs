//! Values that all other modules use: the caller, environment variables, the time, random bytes, secrets, and the memory
//! budget.

pub(crate) mod budget;
pub(crate) mod caller;
pub(crate) mod cancellation;
#[cfg(feature = "http")]
pub(crate) mod client_address;
pub(crate) mod clock;
pub(crate) mod early_timer;
pub(crate) mod environment;
pub(crate) mod form_fields;
pub(crate) mod http_date;
pub(crate) mod identity;
pub(crate) mod io_failure;
#[cfg(feature = "http")]
pub(crate) mod network;
#[cfg_attr(not(feature = "http"), allow(dead_code, reason = "only HTTP answers before a call has ended"))]
pub(crate) mod permission_signal;
pub(crate) mod progress;
pub(crate) mod random;
pub(crate) mod secret;
pub(crate) mod secret_text;
pub(crate) mod spool;
pub(crate) mod text;
pub(crate) mod timestamp;
pub(crate) mod trace_context;
