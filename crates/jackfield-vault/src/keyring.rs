//! The keyring of the system, where this was built with it: the same four functions either way.

#[cfg(not(feature = "keyring"))]
mod none;
#[cfg(feature = "keyring")]
mod system;

#[cfg(not(feature = "keyring"))]
pub(crate) use none::{get, is_there, put, remove};
#[cfg(feature = "keyring")]
pub(crate) use system::{get, is_there, put, remove};
