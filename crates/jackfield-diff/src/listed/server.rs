//! The lists of a server, and the judgements that the comparison needs.

use std::fmt;

use jackfield_model::Effect;
use serde_json::{Map, Value};

/// The lists of an MCP server, as the server sent them.
#[derive(Clone, Copy, Debug, Default)]
pub struct ServerLists<'l> {
    /// The instructions of the server for models. Empty if there are none.
    pub instructions: &'l str,
    /// The capabilities of the server. None if they are unknown; they are then not compared.
    pub capabilities: Option<&'l Map<String, Value>>,
    /// The result of `tools/list`.
    pub tools: &'l [Map<String, Value>],
    /// The result of `prompts/list`.
    pub prompts: &'l [Map<String, Value>],
    /// The result of `resources/list`.
    pub resources: &'l [Map<String, Value>],
    /// The result of `resources/templates/list`.
    pub templates: &'l [Map<String, Value>],
    /// The number of tokens in the list of tools, if it was counted.
    pub tokens: Option<usize>,
}

/// The judgements about names and texts that a comparison of lists needs.
#[derive(Clone, Copy)]
pub struct ListRules<'r> {
    /// Returns the effect of the tool with a name. It is the choice of a person, because the hints of a server may be false.
    pub effect: &'r dyn Fn(&str) -> Effect,
    /// Returns the part of a text that is an instruction for a model, or a description of characters that people cannot see.
    pub danger: &'r dyn Fn(&str) -> Option<String>,
}

impl fmt::Debug for ListRules<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListRules").finish_non_exhaustive()
    }
}
