//! The tools that rules about rights can name.

use jackfield_recipe::Effect;

use crate::call::rows::Connector;

/// A tool, as rules about rights name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KnownTool {
    pub(crate) name: String,
    /// The tag of a generated tool.
    pub(crate) tag: Option<String>,
    pub(crate) effect: Effect,
    /// The merged tool through which clients call this operation, if it is not a tool itself.
    pub(crate) merged_into: Option<String>,
}

impl KnownTool {
    /// Returns all operations of a connector, including the operations that clients call through a merged tool, because rights name
    /// operations.
    pub(crate) fn all_of(connector: &Connector<'_>) -> Vec<Self> {
        let tools =
            connector.groups.iter().flat_map(|group| group.tools.iter().map(move |tool| (group, tool)));
        let known = tools.map(|(group, tool)| Self {
            name: tool.name.to_owned(),
            tag: Some(group.tag.to_owned()),
            effect: tool.effect,
            merged_into: tool.merged.map(|merged| merged.tool.to_owned()),
        });
        known.collect()
    }

    /// Returns the operations of the merged tool named `merged`.
    pub(crate) fn operations_of<'t>(tools: &'t [Self], merged: &str) -> Vec<&'t str> {
        let parts = tools.iter().filter(|tool| tool.merged_into.as_deref() == Some(merged));
        parts.map(|tool| tool.name.as_str()).collect()
    }
}
