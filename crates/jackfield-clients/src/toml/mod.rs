//! Edits TOML in place: adds, replaces or removes one table, and keeps the rest of the file.

mod edit;
mod scan;

pub(crate) use edit::{Table, block, insert, remove, replace, table};
pub(crate) use scan::parse;
