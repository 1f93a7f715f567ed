use crate::{ArgName, ToolName};

/// The tool through which clients call an operation that has no tool of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedInto {
    /// The name of the tool.
    pub tool: ToolName,
    /// The selecting argument, and the value with which it selects this operation. If None, the operation is selected by the arguments that
    /// are given.
    pub selector: Option<(ArgName, String)>,
}
