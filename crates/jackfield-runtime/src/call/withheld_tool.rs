//! Tools that are not served until a person accepts them.

use jackfield_recipe::Effect;

/// A tool of a document that is not served, because it differs from what a person has reviewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithheldTool {
    /// The name of the tool.
    pub name: String,
    /// The strongest effect that the tool has or had. Only callers who may call such a tool are told about it.
    pub effect: Effect,
    /// Why it is withheld, for the user who runs the connector.
    pub because: String,
}

/// The withheld tools of a connector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WithheldTools {
    /// The tools, in the order of the document.
    pub tools: Vec<WithheldTool>,
    /// The command that reviews and accepts them.
    pub remedy: String,
}
