//! Tools that call one of several operations.

mod assign;
mod choice;
mod compose;
mod same;

pub(crate) use assign::assign;
pub use choice::{MergeChoice, MergeFault, MergeProblem};
pub use compose::merge;
