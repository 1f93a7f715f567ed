//! The tools in the list that clients get.

use jackfield_model::{Connector, Effect, Merge, ToolName};
use jackfield_surface::{NamedTool, Surface};

/// A tool in the list that clients get: the tool of one operation, or a merged tool.
#[derive(Clone, Debug)]
pub struct ListedTool<'m> {
    /// The name with which clients call it.
    pub name: ToolName,
    /// The merge, if the tool calls one of several operations.
    pub merge: Option<&'m Merge>,
    /// The operations of the tool. A tool that is not merged has one operation.
    pub operations: Vec<NamedTool<'m>>,
}

impl<'m> ListedTool<'m> {
    /// Returns the tools in the order of the list, by group. A merged tool has the position of its first operation.
    pub fn all_of(connector: &'m Connector, surface: &Surface<'m>) -> Vec<Vec<Self>> {
        let groups = surface.groups.iter();
        groups
            .map(|group| group.tools.iter().filter_map(|tool| Self::at(connector, surface, tool)).collect())
            .collect()
    }

    fn at(connector: &'m Connector, surface: &Surface<'m>, tool: &NamedTool<'m>) -> Option<Self> {
        let Some(merged) = &tool.operation.merged else {
            return Some(Self { name: tool.name.clone(), merge: None, operations: vec![tool.clone()] });
        };
        let is_part = |other: &&NamedTool<'m>| {
            other.operation.merged.as_ref().is_some_and(|other| other.tool == merged.tool)
        };
        let operations: Vec<NamedTool<'m>> = surface.tools().filter(is_part).cloned().collect();
        (operations.first()?.name == tool.name).then(|| Self {
            name: merged.tool.clone(),
            merge: connector.merge(&merged.tool),
            operations,
        })
    }

    /// Returns the operation with the strongest effect, which represents the tool where only one operation can be used.
    pub fn strongest(&self) -> Option<&NamedTool<'m>> {
        self.operations.iter().max_by_key(|tool| tool.operation.effect)
    }

    /// Returns the strongest effect of its operations.
    pub fn effect(&self) -> Effect {
        self.strongest().map_or(Effect::Destroy, |tool| tool.operation.effect)
    }
}
