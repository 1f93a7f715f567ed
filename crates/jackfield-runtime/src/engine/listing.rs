//! Entries of lists for clients.

use jackfield_recipe::Effect;
use serde_json::{Map, Value};

/// A tool in the list for clients.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// The name of the tool.
    pub name: String,
    /// The title for people.
    pub title: String,
    /// The description for models.
    pub description: String,
    /// The input schema: self-contained, with an object as its root.
    pub input: Map<String, Value>,
    /// The output schema, if the connector was generated with output schemas.
    pub output: Option<Map<String, Value>>,
    /// The effect on the service.
    pub effect: Effect,
    /// Whether the tool is idempotent.
    pub idempotent: bool,
    /// Further members of the entry that another MCP server sent: `icons` and `_meta`.
    pub further: Map<String, Value>,
}

/// A resource in the list for clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedResource {
    /// The URI, or the URI template.
    pub uri: String,
    /// Whether `uri` is a URI template (RFC 6570).
    pub is_template: bool,
    /// The name for people, or for programs if there is a title.
    pub name: String,
    /// The title for people. Empty if there is none.
    pub title: String,
    /// The description for models.
    pub description: String,
    /// The media type, if all contents have the same media type.
    pub media_type: Option<String>,
    /// Further members of the entry that another MCP server sent: `annotations`, `icons`, `size` and `_meta`.
    pub further: Map<String, Value>,
}

/// A prompt in the list for clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPrompt {
    /// The name of the prompt.
    pub name: String,
    /// The title for people. Empty if there is none.
    pub title: String,
    /// The description for people.
    pub description: String,
    /// The arguments of the prompt.
    pub arguments: Vec<PromptArgument>,
    /// Further members of the entry that another MCP server sent: `icons` and `_meta`.
    pub further: Map<String, Value>,
}

/// An argument of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptArgument {
    /// The name of the argument.
    pub name: String,
    /// The meaning of the argument.
    pub description: String,
    /// Whether the prompt requires it.
    pub is_required: bool,
}
