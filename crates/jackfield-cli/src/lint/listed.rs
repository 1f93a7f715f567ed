//! Checks the lists of a published MCP server, which was not made from a document. Everything in the lists may be hostile.

mod entry;
mod finding;
mod hints;
mod names;
mod others;
mod sizes;
mod texts;

use jackfield_build::diff::ServerLists;

use entry::ListedTool;
use finding::Findings;
pub use finding::{Gravity, ListFinding};
pub use others::OtherConnector;
pub(crate) use texts::hostile_text_in;

/// Returns the findings about the lists of a server, the worst first. `others` are the connectors beside which the server is used.
pub fn lint_lists(lists: &ServerLists<'_>, others: &[OtherConnector]) -> Vec<ListFinding> {
    let mut found = Findings::default();
    let tools = ListedTool::all_of(lists.tools);
    texts::instructions(lists.instructions, &mut found);
    for (kind, list) in [
        ("tool", lists.tools),
        ("prompt", lists.prompts),
        ("resource", lists.resources),
        ("resource template", lists.templates),
    ] {
        list.iter().for_each(|entry| texts::entry(kind, entry, &mut found));
    }
    names::tools(&tools, lists.tools.len(), &mut found);
    others::tools(&tools, others, &mut found);
    hints::tools(&tools, &mut found);
    sizes::tools(&tools, &mut found);
    found.into_sorted()
}
