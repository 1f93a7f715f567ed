//! The keyring of the system, or a replacement with the same functions in builds without the feature `keyring`.

#[cfg(not(feature = "keyring"))]
mod none;
#[cfg(feature = "keyring")]
mod system;

#[cfg(not(feature = "keyring"))]
pub(crate) use none::{get, is_there, put, remove};
#[cfg(feature = "keyring")]
pub(crate) use system::{get, is_there, put, remove};
