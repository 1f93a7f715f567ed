//! Decides what the tools of a connector are: which operations become tools, and how these are presented.
//!
//! `jackfield-openapi` parses documents and never changes a finished model; `jackfield-codegen` prints the
//! result. This crate reads no files, prints nothing and sends nothing.

mod arguments;
mod cores;
mod decide;
mod digest;
mod effect;
mod group;
mod jobs;
mod lean;
mod merge;
mod names;
mod output;
mod paging;
mod parameters;
mod prune;
mod select;
mod tool_facts;
pub mod vocabulary;

pub use arguments::{ArgumentFault, ArgumentRule, ValueCheck};
pub use decide::{Choices, Decided, Description, decide, draft};
pub use digest::Digest;
pub use effect::judge_effects;
pub use lean::lean;
pub use merge::{MergeChoice, MergeFault, MergeProblem, merge};
pub use names::{ChosenName, LONGEST, MergedName, NamedTool, Names, Renames, Surface, ToolGroup, tool_names};
pub use output::promise_outputs;
pub use paging::is_list_operation;
pub use parameters::{Census, ConstantArgument, ParameterChoices};
pub use prune::{closure, prune};
pub use select::{
    Facts, Known, Resolved, RuleFault, Rules, Selected, Selector, Specificity, Table, resolve, select,
};
pub use tool_facts::tool_facts;
