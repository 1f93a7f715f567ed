//! Lists the tools of a connector for packages.

use jackfield_build::model::text::shorten;
use jackfield_build::{ListedTool, MergeRow, Modelled, ToolRow};
use jackfield_ship::{ShippedTool, ToolGroup};

use super::facts::{harmless, visible_text};
use crate::lint::order_in;

/// The maximum number of characters of a description in a package. Clients get the full description from the server.
const DESCRIPTION: usize = 300;

/// Returns the tools by tag. A description that contains instructions for a model is left out, because clients show it before the server
/// runs.
pub(super) fn groups(modelled: &Modelled, notes: &mut Vec<String>) -> Vec<ToolGroup> {
    let surface = modelled.surface();
    let listed = ListedTool::all_of(&modelled.connector, &surface);
    let mut left_out = Vec::new();
    let mut groups = Vec::new();
    for (group, listed) in surface.groups.iter().zip(&listed) {
        let tools = listed
            .iter()
            .filter(|tool| tool.merge.is_some() || tool.operations.iter().any(|it| it.operation.is_tool()));
        let tools: Vec<ShippedTool> = tools
            .map(|tool| {
                let mut description = description(tool);
                if order_in(&description).is_some() {
                    left_out.push(tool.name.to_string());
                    description.clear();
                }
                let description = shorten(&visible_text(&description), DESCRIPTION);
                ShippedTool { name: tool.name.to_string(), description, effect: tool.effect() }
            })
            .collect();
        if !tools.is_empty() {
            let tag = harmless(group.group.tag.as_str(), "name of a tag", notes);
            let tag = if tag.is_empty() { "other".to_owned() } else { tag };
            groups.push(ToolGroup { tag, tools });
        }
    }
    if !left_out.is_empty() {
        notes.push(format!(
            "the descriptions of {} are left out, because they contain instructions for a model: see `jackfield lint`",
            left_out.join(", ")
        ));
    }
    groups
}

/// Returns the description, or else the title.
fn description(tool: &ListedTool<'_>) -> String {
    let (description, title) = match (tool.merge, tool.strongest()) {
        (Some(merge), _) => {
            let row = MergeRow::of(merge);
            (row.description, row.title)
        }
        (None, Some(tool)) => {
            let row = ToolRow::named(tool.name.as_str(), tool.operation);
            (row.description, row.title)
        }
        (None, None) => ("", ""),
    };
    if description.is_empty() { title.to_owned() } else { description.to_owned() }
}
