//! Bounds the work and output that a document can cause, linearly in its size (ADR 0026).
//!
//! With references, a small document can describe a huge one: 24 schemas that each refer twice to the next
//! one expand to sixteen million. So every walk over schemas visits each schema once, has a limit of its own,
//! and takes its steps from the budget of the document. Beyond either limit a schema accepts any value, and
//! the service validates the value.

mod counter;
mod walk;

pub(crate) use counter::{ARGUMENT, Budget, LONGEST_WALK, Limit};
pub(crate) use walk::Walk;
