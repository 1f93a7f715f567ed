//! Compares the hints of a server about its tools with their names.

use jackfield_build::model::Code;

use super::super::list_entry::ListEntry as _;
use super::super::mixed::choosers;
use super::super::name_words::{READS, WRITES, begins_with, removes};
use super::entry::ListedTool;
use super::finding::{Findings, Gravity};

/// Reports hints that contradict the name of a tool, and tools whose effect depends on an argument.
pub(super) fn tools(tools: &[ListedTool], found: &mut Findings) {
    const CONSEQUENCE: &str = "clients that trust hints call it without asking a person";
    for tool in tools {
        let name = tool.name.as_str();
        let removes = removes(name) && !begins_with(name, &READS);
        let reads_only = tool.hint("readOnlyHint") == Some(true);
        let stated = match (reads_only, tool.hint("destructiveHint")) {
            (true, _) => Some("only reads"),
            (false, Some(false)) if removes => Some("destroys nothing"),
            _ => None,
        };
        let gravity = if removes { Gravity::Danger } else { Gravity::Warning };
        if let Some(stated) = stated.filter(|_| removes || begins_with(name, &WRITES)) {
            let problem = format!("the server says that `{name}` {stated}, but the name says something else");
            found.add(Code::FalseHint, gravity, Some(name), problem, CONSEQUENCE);
        }
        for argument in choosers(tool.properties()) {
            let problem = match reads_only {
                true => format!(
                    "the server says that `{name}` only reads, but the argument `{argument}` can choose to write"
                ),
                false => format!("the tool `{name}` reads or writes, depending on the argument `{argument}`"),
            };
            let (code, gravity, consequence) = match reads_only {
                true => (Code::FalseHint, Gravity::Danger, CONSEQUENCE),
                false => (Code::MixedTool, Gravity::Note, "it cannot be allowed only for reading"),
            };
            found.add(code, gravity, Some(name), problem, consequence);
        }
    }
}
