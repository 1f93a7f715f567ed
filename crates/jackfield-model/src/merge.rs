use crate::{Arg, Effect, Schema, ToolName};

/// A tool that calls one of several operations. These operations have no tools of their own.
#[derive(Clone, Debug, PartialEq)]
pub struct Merge {
    /// The name of the tool.
    pub name: ToolName,
    /// The title. Empty unless the user wrote one.
    pub title: String,
    /// The description, which says what selects each operation.
    pub description: String,
    /// The properties of the tool's input: the selector, and the arguments of all operations.
    pub args: Vec<Arg>,
    /// The output schema, if all merged operations have the same output schema.
    pub output: Option<Schema>,
    /// The strongest effect of the merged operations.
    pub effect: Effect,
    /// Whether all merged operations are idempotent.
    pub idempotent: bool,
}
