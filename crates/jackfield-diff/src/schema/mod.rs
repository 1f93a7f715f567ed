//! Compares JSON Schemas (2020-12) by the values that they take.
//!
//! The comparison is structural. Where it cannot decide whether a schema takes more or fewer values, it says that the schema changed. It
//! visits each pair of schemas once for each argument, so that recursive schemas end, and it counts its steps.

mod bounds;
mod branches;
mod equal;
mod found;
mod keywords;
mod members;
mod same;
mod types;
mod values;
mod view;
mod walk;

pub(crate) use found::{Found, Shift};
pub(crate) use members::Members;
pub(crate) use walk::SchemaComparer;

#[cfg(test)]
mod tests;
