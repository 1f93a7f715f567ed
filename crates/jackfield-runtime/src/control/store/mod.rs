//! The state of a server that many people use.

pub(crate) mod error;
pub(crate) mod folder;
pub(crate) mod seconds;
pub(crate) mod sqlite;
