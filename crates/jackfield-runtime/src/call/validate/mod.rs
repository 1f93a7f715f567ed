//! Validation against JSON Schema 2020-12, in bounded steps and memory.
//!
//! Both arguments and schemas may be hostile (docs/adr/0019). A schema is used in place, and a pattern is compiled only when
//! it is needed. The target of a reference is compared with a value only once, so the number of steps is linear in the size
//! of the arguments times the size of the schema. In addition, a budget limits the steps.
//!
//! `format`, `content…` and unknown keywords are annotations. A `$ref` is resolved only within the document: `#`, a JSON
//! pointer or an `$anchor`. Generated schemas contain neither `$id` nor `$dynamicRef`, so `$id` does not change the base URI
//! and `$dynamicRef` asserts nothing.

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
