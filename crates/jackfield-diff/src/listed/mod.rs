//! Compares the lists of an MCP server that was not made from a document: its tools, prompts and resources, as the server sent them.
//!
//! Everything in the lists is hostile. Each tool is compared within a budget of steps, and the number of changes is limited.

mod annotations;
mod arguments;
mod compare;
mod definition;
mod fresh_text;
mod paired_tools;
mod prompts;
mod resources;
mod results;
mod schema;
mod server;
mod tool;

#[cfg(test)]
mod tests;

pub use compare::compare_lists;
pub use server::{ListRules, ServerLists};
