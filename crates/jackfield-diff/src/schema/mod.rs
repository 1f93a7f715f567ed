//! Compares JSON Schemas (2020-12) by the values that they accept.
//!
//! The comparison is structural. If it cannot decide whether a schema accepts more or fewer values, it reports that the schema changed.
//! It visits each pair of schemas once for each argument, so that it terminates for recursive schemas, and it counts its steps.

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
pub(crate) use walk::{MOST_STEPS, SchemaComparer};

#[cfg(test)]
pub(crate) mod tests;
