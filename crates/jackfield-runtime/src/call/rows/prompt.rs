//! The table entries of prompts.

/// A prompt that connector.toml defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prompt<'a> {
    pub(crate) name: &'a str,
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
    pub(crate) arguments: &'a [PromptArgument<'a>],
    /// The text, with its placeholders.
    pub(crate) text: &'a str,
}

impl<'a> Prompt<'a> {
    /// Creates a prompt. `text` has placeholders for arguments (`{topic}`) and for names of tools (`{tool:get_book}`). `{{` and `}}`
    /// stand for braces.
    pub const fn new(name: &'a str, text: &'a str) -> Self {
        Self { name, title: "", description: "", arguments: &[], text }
    }

    /// Sets the title for people.
    pub const fn title(self, title: &'a str) -> Self {
        Self { title, ..self }
    }

    /// Sets the description for people.
    pub const fn description(self, description: &'a str) -> Self {
        Self { description, ..self }
    }

    /// Sets the arguments.
    pub const fn arguments(self, arguments: &'a [PromptArgument<'a>]) -> Self {
        Self { arguments, ..self }
    }
}

/// An argument of a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PromptArgument<'a> {
    pub(crate) name: &'a str,
    pub(crate) description: &'a str,
    /// The text that replaces an argument that is not given. `None` if the prompt requires the argument.
    pub(crate) default: Option<&'a str>,
    /// The allowed values. If empty, every value is allowed.
    pub(crate) values: &'a [&'a str],
}

impl<'a> PromptArgument<'a> {
    /// Creates an argument that the prompt requires.
    pub const fn new(name: &'a str) -> Self {
        Self { name, description: "", default: None, values: &[] }
    }

    /// Sets the description of the argument.
    pub const fn description(self, description: &'a str) -> Self {
        Self { description, ..self }
    }

    /// Makes the argument optional. `default` replaces the argument if it is not given.
    pub const fn optional(self, default: &'a str) -> Self {
        Self { default: Some(default), ..self }
    }

    /// Sets the allowed values.
    pub const fn values(self, values: &'a [&'a str]) -> Self {
        Self { values, ..self }
    }
}
