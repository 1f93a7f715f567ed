//! Entries of lists, as a client sees them.

use jackfield_recipe::Effect;
use serde_json::{Map, Value};

/// A tool as a client sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// The name to call.
    pub name: String,
    /// The name that people read.
    pub title: String,
    /// What the model reads before it chooses.
    pub description: String,
    /// Self-contained, an object at its root.
    pub input: Map<String, Value>,
    /// The same of what comes back, where the connector was generated to say so.
    pub output: Option<Map<String, Value>>,
    /// What it does to the service.
    pub effect: Effect,
    /// Doing it twice is doing it once.
    pub idempotent: bool,
}

/// A resource as a client sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedResource {
    /// Its address; or the template of addresses.
    pub uri: String,
    /// Whether the address is a template of RFC 6570.
    pub is_template: bool,
    /// The name that people read.
    pub name: String,
    /// What a model reads before it chooses.
    pub description: String,
    /// Its media type, where all its contents have one.
    pub media_type: Option<String>,
}

/// A prompt as a client sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPrompt {
    /// The name to get it by.
    pub name: String,
    /// What people read before they choose.
    pub description: String,
    /// Its arguments.
    pub arguments: Vec<PromptArgument>,
}

/// An argument of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptArgument {
    /// Its name.
    pub name: String,
    /// What it means.
    pub description: String,
    /// Whether the prompt needs it.
    pub is_required: bool,
}
