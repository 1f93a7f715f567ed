//! Decides about the tools of a connector: names, effects, descriptions, output schemas and pruning.
//!
//! The input is the model that `jackfield-openapi` lowered; the output is the surface that `jackfield-codegen` prints.
//! This crate does no I/O.

mod brief;
mod clean;
mod decide;
mod digest;
mod effect;
mod lean;
mod names;
mod output;
mod prune;

pub use decide::{Choices, Decided, Description, decide};
pub use digest::Digest;
pub use effect::judge_effects;
pub use lean::lean;
pub use names::{LONGEST, NamedTool, Renames, Surface, ToolGroup, tool_names};
pub use output::promise_outputs;
pub use prune::{closure, prune};
