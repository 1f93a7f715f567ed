//! Validation against JSON Schema 2020-12, in bounded steps and memory.
//!
//! Hostile arguments meet hostile schemas here (docs/adr/0019). A schema is read in place, nothing is compiled but the
//! patterns that are met. Whatever a reference leads to is held against one value once, so the steps are linear in
//! arguments times schema; a budget bounds them all the same.
//!
//! `format`, `content…` and unknown keywords are annotations. `$ref` leads within the document: `#`, a JSON pointer or an
//! `$anchor`. `$id` moves no base and `$dynamicRef` asserts nothing: generated schemas have neither.

mod budget;
mod check;
#[cfg(test)]
mod differential;
mod equal;
mod evaluated;
mod explain;
mod inspect;
mod judge;
mod message;
mod number;
mod pattern;
mod schema;
#[cfg(test)]
mod suite;
#[cfg(test)]
mod tests;

pub(crate) use budget::{Budget, Exhausted};
pub(crate) use explain::Problem;
pub(crate) use message::describe;
pub(crate) use schema::{OneOf, Schema};
