use crate::{ArgName, ToolName};

/// The tool through which clients call an operation that has no tool of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedInto {
    /// The name of the tool.
    pub tool: ToolName,
    /// The selecting argument, and its value that selects this operation. If None, the given arguments select the operation.
    pub selector: Option<(ArgName, String)>,
}
