//! Prints the model and its names as tokens, with pure functions that use `quote!`.

mod auth;
mod calls;
mod connector;
mod contents;
mod effect;
mod group;
mod operation;
mod server;

pub(crate) use connector::{index, schemas};
pub(crate) use group::{group, tools};
