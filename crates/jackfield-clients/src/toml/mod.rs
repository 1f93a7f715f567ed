//! TOML, edited in place: one table is added or removed, and the rest of the file is not touched.

mod edit;
mod scan;

pub(crate) use edit::{Table, block, insert, remove, replace, table};
pub(crate) use scan::parse;
