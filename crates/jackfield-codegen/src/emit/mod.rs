//! Model and names -> tokens. Pure functions; `quote!` and nothing else.

mod auth;
mod calls;
mod connector;
mod group;
mod operation;
mod server;

pub(crate) use connector::{index, schemas};
pub(crate) use group::{group, tools};
