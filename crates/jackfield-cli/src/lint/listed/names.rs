//! Checks the names of tools, whether tools can be distinguished, and whether they have descriptions.

use jackfield_build::model::{Code, is_invisible};

use super::super::list_entry::ListEntry as _;
use super::super::lookalike::latin;
use super::super::shadow::{Alike, groups_of, listed};
use super::super::texts::LONGEST_NAME;
use super::entry::ListedTool;
use super::finding::{Findings, Gravity};

/// Checks the names and descriptions. `count` is the number of tools in the list, including those that share a name.
pub(super) fn tools(tools: &[ListedTool], count: usize, found: &mut Findings) {
    if count > tools.len() {
        let problem = format!("{} tools have no name, or the name of an earlier tool", count - tools.len());
        found.add(
            Code::ShadowedTool,
            Gravity::Danger,
            None,
            problem,
            "only the first tool of each name is offered",
        );
    }
    for tool in tools {
        name(tool, found);
        if tool.text("description").trim().is_empty() {
            let problem = format!("the tool `{}` has no description", tool.name);
            let consequence = "a model knows only its name and its arguments";
            found.add(Code::MissingText, Gravity::Warning, Some(&tool.name), problem, consequence);
        }
    }
    for Alike { tools, by_name } in groups_of(tools) {
        let problem = match by_name {
            true => format!("the names of {} differ only in a number", listed(&tools)),
            false => format!("{} have the same description and the same arguments", listed(&tools)),
        };
        let first = tools.first().map(|tool| tool.name.as_str());
        let consequence = "a model can only guess which of them to call";
        found.add(Code::ShadowedTool, Gravity::Note, first, problem, consequence);
    }
}

fn name(tool: &ListedTool, found: &mut Findings) {
    let name = tool.name.as_str();
    if name.chars().any(is_invisible) {
        let problem = format!("the name of the tool `{name}` contains invisible characters");
        let consequence = "a person reads another name than the model";
        found.add(Code::InvisibleText, Gravity::Danger, Some(name), problem, consequence);
    }
    if let Some(latin) = latin(name) {
        let problem = format!("the tool `{name}` looks like `{latin}`, but contains other letters");
        let consequence = "people and models confuse it with the Latin name";
        found.add(Code::LookalikeName, Gravity::Danger, Some(name), problem, consequence);
    }
    let length = name.chars().count();
    if length > LONGEST_NAME {
        let problem = format!("the name of the tool `{name}` has {length} characters");
        let consequence = "clients omit it, because names may have at most 64 characters";
        found.add(Code::LongToolName, Gravity::Warning, Some(name), problem, consequence);
    }
}
