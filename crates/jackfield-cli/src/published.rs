//! Judges published MCP servers, which were not made from a document: their lists are compared and checked, and shown on a page.
//!
//! The functions are pure. Everything that a server or a registry has sent may be hostile.

mod table;

use jackfield_build::diff::{ListRules, compare_lists};
use serde_json::{Map, Value};

pub use crate::lint::{Gravity, ListFinding, OtherConnector, lint_lists as lint};
pub use crate::review::published::{PublishedReview, ReviewNote, ReviewVariable, StartOfServer, review_page};
pub use jackfield_build::diff::{Change, Class, Part, Phrase, Report, ServerLists};
pub use jackfield_build::model::{Code, Effect};
pub use table::tool_table;

/// Compares the lists that a server has with the lists that it had before. `effect` returns the effect that a person chose for a tool, or
/// else `destroy`.
pub fn compare(old: &ServerLists<'_>, new: &ServerLists<'_>, effect: &dyn Fn(&str) -> Effect) -> Report {
    let [old, new] = [old, new].map(|lists| ServerLists { tokens: Some(tokens(lists.tools)), ..*lists });
    compare_lists(&old, &new, &ListRules { effect, danger: &crate::lint::hostile_text_in })
}

/// Returns the number of tokens in a list of tools.
pub fn tokens(tools: &[Map<String, Value>]) -> usize {
    let mut counter = crate::lint::ListTokens::default();
    for tool in tools {
        counter.count(&serde_json::to_string(tool).unwrap_or_default());
    }
    counter.all()
}
