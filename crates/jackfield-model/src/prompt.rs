use crate::{ArgName, ToolName};

/// A prompt of connector.toml: a text for a common task, which the user of a client chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// The name with which clients request the prompt. It may contain the characters that tool names may contain.
    pub name: ToolName,
    /// The title for people. Empty if there is none.
    pub title: String,
    /// The description for people. Empty if there is none.
    pub description: String,
    /// The arguments, in the order of connector.toml.
    pub arguments: Vec<PromptArgument>,
    /// The text with its placeholders, in the notation of [`prompt_parts`](crate::prompt_parts).
    pub text: String,
}

/// An argument of a prompt. Its values are strings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptArgument {
    /// The name.
    pub name: ArgName,
    /// The meaning of the argument. Empty if there is no description.
    pub description: String,
    /// Whether the argument is required.
    pub required: bool,
    /// The text that is used if the argument is left out.
    pub default: String,
    /// The allowed values. If empty, all values are allowed.
    pub values: Vec<String>,
}
