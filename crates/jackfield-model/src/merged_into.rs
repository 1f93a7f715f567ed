use crate::{ArgName, ToolName};

/// The tool through which clients call an operation that has no tool of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedInto {
    /// The name of the tool.
    pub tool: ToolName,
    /// The argument whose value selects the operation, and that value. If it is absent, the given arguments select.
    pub selector: Option<(ArgName, String)>,
}
