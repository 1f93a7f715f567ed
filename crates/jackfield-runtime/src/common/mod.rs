//! Values that all other modules use: the caller, environment variables, the time, random bytes, secrets, and
//! the memory budget.

pub(crate) mod budget;
pub(crate) mod caller;
pub(crate) mod cancellation;
pub(crate) mod clock;
pub(crate) mod early_timer;
pub(crate) mod environment;
pub(crate) mod io_failure;
pub(crate) mod progress;
pub(crate) mod random;
pub(crate) mod secret;
pub(crate) mod secret_text;
pub(crate) mod text;
#[cfg(feature = "serve")]
pub(crate) mod timestamp;
