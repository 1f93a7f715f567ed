use crate::{ArgName, ToolName};

/// The tool through which clients call an operation that has no tool of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedInto {
    /// The name of the tool.
    pub tool: ToolName,
    /// The argument that selects the operation, and the value that does so. If None, the presence of other arguments selects the operation.
    pub selector: Option<(ArgName, String)>,
}
