//! How much work and text a document may cause: a bound that is linear in its size.
//!
//! References make a small document mean a large one: a schema that refers to another twice, twenty-four times over,
//! means sixteen million schemas. So every walk over schemas visits each schema once, has a limit of its own, and takes its
//! steps from the budget of the whole document. Where either ends, what is not known yet is left to the service.

mod counter;
mod walk;

pub(crate) use counter::{ARGUMENT, Budget, LONGEST_WALK, Limit, weight};
pub(crate) use walk::Walk;
