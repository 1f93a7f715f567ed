//! Requests to a source, and its answers.

use jackfield_recipe::Effect;
use serde_json::{Map, Value};

use crate::reply::content::{Content, ResourceContents};
use crate::reply::tool_result::ToolResult;

/// A request to a source.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SourceRequest {
    /// A call of a tool.
    CallTool {
        /// The name of the tool.
        name: String,
        /// The arguments of the call.
        arguments: Arguments,
    },
    /// The contents of a resource.
    ReadResource {
        /// The URI of the resource.
        uri: String,
    },
    /// The messages of a prompt.
    GetPrompt {
        /// The name of the prompt.
        name: String,
        /// The arguments of the prompt.
        arguments: Arguments,
    },
    /// Values that complete an argument of a prompt or of a resource template.
    Complete {
        /// The prompt or the resource template.
        reference: Reference,
        /// The name of the argument.
        argument: String,
        /// The beginning of the value.
        value: String,
        /// The arguments whose values are already known.
        context: Map<String, Value>,
    },
}

/// The prompt or the template whose argument is completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// A prompt, by its name.
    Prompt(String),
    /// A resource template, by its URI template.
    Template(String),
}

/// The target of a request, about which policies decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target<'r> {
    /// The kind of the target.
    pub kind: TargetKind,
    /// The name or URI.
    pub name: &'r str,
    /// The effect of the target on the service.
    pub effect: Effect,
}

/// Kinds of targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TargetKind {
    /// A tool.
    Tool,
    /// A resource.
    Resource,
    /// A prompt.
    Prompt,
    /// The completion of an argument.
    Completion,
}

impl TargetKind {
    /// Returns the name of the kind in questions and records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Resource => "resource",
            Self::Prompt => "prompt",
            Self::Completion => "completion",
        }
    }
}

/// The arguments of a call, by name.
pub type Arguments = Map<String, Value>;

impl SourceRequest {
    /// Returns the arguments of a tool or a prompt.
    pub fn arguments(&self) -> Option<&Arguments> {
        match self {
            Self::CallTool { arguments, .. } | Self::GetPrompt { arguments, .. } => Some(arguments),
            Self::ReadResource { .. } | Self::Complete { .. } => None,
        }
    }

    /// Returns the kind and the name of the target.
    pub fn target(&self) -> (TargetKind, &str) {
        match self {
            Self::CallTool { name, .. } => (TargetKind::Tool, name),
            Self::ReadResource { uri } => (TargetKind::Resource, uri),
            Self::GetPrompt { name, .. } => (TargetKind::Prompt, name),
            Self::Complete { reference: Reference::Prompt(name) | Reference::Template(name), .. } => {
                (TargetKind::Completion, name)
            }
        }
    }

    /// Returns the target about which a permission decides. A completion needs the permission of its prompt or template.
    pub(crate) fn permission_target(&self, effect: Effect) -> Target<'_> {
        let (kind, name) = self.target();
        let kind = match self {
            Self::Complete { reference: Reference::Prompt(_), .. } => TargetKind::Prompt,
            Self::Complete { reference: Reference::Template(_), .. } => TargetKind::Resource,
            _ => kind,
        };
        Target { kind, name, effect }
    }
}

/// An answer, of the same kind as the request.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SourceResponse {
    /// The result of a tool.
    Tool(ToolResult),
    /// The contents of a resource.
    Resource(Vec<ResourceContents>),
    /// The messages of a prompt.
    Prompt(PromptAnswer),
    /// Values that complete an argument.
    Completion(CompletionValues),
}

/// The messages of a prompt.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PromptAnswer {
    /// The messages.
    pub messages: Vec<PromptMessage>,
    /// The description of the messages.
    pub description: Option<String>,
    /// The metadata (`_meta`) that another server sent.
    pub meta: Map<String, Value>,
}

impl From<Vec<PromptMessage>> for PromptAnswer {
    fn from(messages: Vec<PromptMessage>) -> Self {
        Self { messages, ..Self::default() }
    }
}

/// Values that complete an argument.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompletionValues {
    /// The values.
    pub values: Vec<String>,
    /// The total number of matching values, if another server reports it.
    pub total: Option<u64>,
    /// Whether more values match, if another server reports it.
    pub has_more: Option<bool>,
}

impl From<Vec<String>> for CompletionValues {
    fn from(values: Vec<String>) -> Self {
        Self { values, ..Self::default() }
    }
}

/// A message of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptMessage {
    /// Whether the message comes from the assistant instead of the user.
    pub is_from_assistant: bool,
    /// The content of the message.
    pub content: Content,
}

impl PromptMessage {
    /// Creates a message of the user.
    pub fn user(content: impl Into<Content>) -> Self {
        Self { is_from_assistant: false, content: content.into() }
    }

    /// Creates a message of the assistant.
    pub fn assistant(content: impl Into<Content>) -> Self {
        Self { is_from_assistant: true, content: content.into() }
    }
}
