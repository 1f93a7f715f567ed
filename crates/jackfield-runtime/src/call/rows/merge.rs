//! The table entry of a merged tool.

use jackfield_recipe::Effect;
use serde_json::{Map, Value};

use super::shown_tool::shown_tool_setters;

/// A merged tool: it calls one of several operations, which are not tools of their own.
#[derive(Clone, Copy, Debug)]
pub struct Merge<'a> {
    pub(crate) name: &'a str,
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
    pub(crate) input: &'a str,
    pub(crate) output: &'a str,
    /// The strongest effect of the operations.
    pub(crate) effect: Effect,
    pub(crate) idempotent: bool,
    pub(crate) tokens: usize,
}

/// The merged tool through which clients call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MergedInto<'a> {
    pub(crate) tool: &'a str,
    /// The argument whose value selects the operation. Empty if the other arguments select the operation.
    pub(crate) selector: &'a str,
    pub(crate) value: &'a str,
}

impl MergedInto<'_> {
    /// Returns the arguments as the caller of the merged tool wrote them: with the selector, if there is one.
    pub(crate) fn as_called(&self, mut arguments: Map<String, Value>) -> Map<String, Value> {
        if !self.selector.is_empty() {
            arguments.insert(self.selector.to_owned(), self.value.into());
        }
        arguments
    }
}

impl<'a> Merge<'a> {
    /// Creates a merged tool. `effect` is the strongest effect of its operations.
    pub const fn new(name: &'a str, effect: Effect) -> Self {
        Self {
            name,
            title: "",
            description: "",
            input: r#"{"type":"object","additionalProperties":false}"#,
            output: "",
            effect,
            idempotent: false,
            tokens: 0,
        }
    }
}

shown_tool_setters!(Merge);

/// Tools are equal if all their properties except the token counts are equal. Previews do not count tokens.
impl PartialEq for Merge<'_> {
    fn eq(&self, other: &Self) -> bool {
        let facts = |merge: &Self| {
            let Self { name, title, description, input, output, effect, idempotent, tokens: _ } = *merge;
            ([name, title, description, input, output], effect, idempotent)
        };
        facts(self) == facts(other)
    }
}

impl Eq for Merge<'_> {}
