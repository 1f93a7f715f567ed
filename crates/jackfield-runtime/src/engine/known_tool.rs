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
}

impl KnownTool {
    /// The generated tools of a connector.
    pub(crate) fn all_of(connector: &Connector<'_>) -> Vec<Self> {
        let tools =
            connector.groups.iter().flat_map(|group| group.tools.iter().map(move |tool| (group, tool)));
        let known = tools.map(|(group, tool)| Self {
            name: tool.name.to_owned(),
            tag: Some(group.tag.to_owned()),
            effect: tool.effect,
        });
        known.collect()
    }
}
