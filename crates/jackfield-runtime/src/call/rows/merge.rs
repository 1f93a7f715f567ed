//! Tools that call one of several operations.

use jackfield_recipe::Effect;
use serde_json::{Map, Value};

/// A tool that calls one of several operations, which have no tools of their own.
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

/// The tool through which clients call an operation that has no tool of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MergedInto<'a> {
    pub(crate) tool: &'a str,
    /// The argument whose value selects the operation. Empty if the given arguments select.
    pub(crate) selector: &'a str,
    pub(crate) value: &'a str,
}

impl MergedInto<'_> {
    /// The arguments of a call as its caller wrote them: with the selector, if there is one.
    pub(crate) fn as_called(&self, mut arguments: Map<String, Value>) -> Map<String, Value> {
        if !self.selector.is_empty() {
            arguments.insert(self.selector.to_owned(), self.value.into());
        }
        arguments
    }
}

impl<'a> Merge<'a> {
    /// The tool of that name, with the strongest effect of its operations.
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

    /// Sets the name that people read.
    pub const fn title(self, title: &'a str) -> Self {
        Self { title, ..self }
    }

    /// Sets the description, which says what selects each operation.
    pub const fn description(self, description: &'a str) -> Self {
        Self { description, ..self }
    }

    /// Sets the JSON Schema of its arguments. `#/$defs/NAME` refers to the connector's pool.
    pub const fn input(self, input: &'a str) -> Self {
        Self { input, ..self }
    }

    /// Sets the JSON Schema of its structured content. `#/$defs/NAME` refers to the connector's pool of reply schemas.
    pub const fn output(self, output: &'a str) -> Self {
        Self { output, ..self }
    }

    /// Marks the tool as idempotent.
    pub const fn idempotent(self) -> Self {
        Self { idempotent: true, ..self }
    }

    /// Sets the number of tokens that its entry in a list of tools takes.
    pub const fn tokens(self, tokens: usize) -> Self {
        Self { tokens, ..self }
    }

    /// The name of the tool.
    pub const fn name(&self) -> &'a str {
        self.name
    }
}

/// Tools are equal if all their properties but the token counts are, because previews do not count tokens.
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
