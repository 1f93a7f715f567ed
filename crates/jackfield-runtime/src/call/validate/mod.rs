//! Validation against JSON Schema 2020-12, in bounded steps and memory.
//!
//! Hostile arguments meet hostile schemas here (docs/adr/0019). A schema is read in place, and only the patterns that
//! are used are compiled. The target of a reference is compared with a value once, so the steps are linear in arguments
//! times schema. A budget bounds them in any case.
//!
//! `format`, `content…` and unknown keywords are annotations. `$ref` stays within the document: `#`, a JSON pointer or
//! an `$anchor`. `$id` does not change the base URI and `$dynamicRef` asserts nothing: generated schemas have neither.

mod budget;
mod check;
#[cfg(test)]
mod differential;
mod equal;
mod evaluated;
mod explain;
mod inspect;
mod judge;
mod keyword;
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
