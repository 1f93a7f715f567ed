//! Compares two versions of a server by what their entries declare.

pub(crate) mod compare;
pub(crate) mod inputs;
pub(crate) mod one;
pub(crate) mod packages;
pub(crate) mod remotes;
