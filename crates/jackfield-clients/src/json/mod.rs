//! JSON with comments and trailing commas, edited in place.

mod edit;
mod scan;

pub(crate) use edit::{append, insert, pretty, remove_element, remove_member, replace};
pub(crate) use scan::{Node, parse};
