//! Prints the model and its names as tokens, in pure functions with `quote!`.

mod auth;
mod calls;
mod connector;
mod group;
mod operation;
mod server;

pub(crate) use connector::{index, schemas};
pub(crate) use group::{group, tools};
