//! Tools that are not served until a person accepts them.

use jackfield_recipe::Effect;

/// A tool of the document that is not served. It differs from the version that a person has reviewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithheldTool {
    /// The name of the tool.
    pub name: String,
    /// The strongest effect that the tool has or had. Only callers that may call tools with this effect learn that the tool exists.
    pub effect: Effect,
    /// The reason why the tool is withheld, for the user who runs the connector.
    pub because: String,
}

/// The withheld tools of a connector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WithheldTools {
    /// The tools, in the order of the document.
    pub tools: Vec<WithheldTool>,
    /// The command that reviews and accepts the tools.
    pub remedy: String,
}
