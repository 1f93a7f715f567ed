//! Reports tools and lists with many tokens.

use jackfield_build::model::Code;

use super::super::list_entry::ListEntry as _;
use super::super::list_tokens::ListTokens;
use super::super::profile::Profile;
use super::super::size::{DEAR, largest};
use super::entry::ListedTool;
use super::finding::{Findings, Gravity};

/// Reports tools with many tokens, and a list that is longer than Claude's directory allows.
pub(super) fn tools(tools: &[ListedTool], found: &mut Findings) {
    let mut counter = ListTokens::default();
    for tool in tools {
        let tokens = counter.count(&tool.listed().to_string());
        if tokens > DEAR {
            let name = tool.name.as_str();
            let problem = format!(
                "the tool `{name}` uses {tokens} tokens in each conversation; its largest arguments are {}",
                largest(tool)
            );
            let consequence = "the tokens are spent before the tool is called";
            found.add(Code::DearTool, Gravity::Note, Some(name), problem, consequence);
        }
    }
    let most = Profile::ClaudeDirectory.list_tokens();
    if let Some(most) = most.filter(|most| counter.all() > *most) {
        let problem =
            format!("the list of {} tools uses {} tokens, more than {most}", tools.len(), counter.all());
        let consequence = "clients truncate the list, or refuse it";
        found.add(Code::LongList, Gravity::Warning, None, problem, consequence);
    }
}
