//! The rows of prompts.

/// A prompt of connector.toml.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prompt<'a> {
    pub(crate) name: &'a str,
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
    pub(crate) arguments: &'a [PromptArgument<'a>],
    /// The text with its placeholders.
    pub(crate) text: &'a str,
}

impl<'a> Prompt<'a> {
    /// A prompt of that name. The text has placeholders for arguments (`{topic}`) and names of tools (`{tool:get_book}`); `{{` and `}}` stand
    /// for braces.
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
    /// The text in place of an argument that is left out. `None` if the prompt requires it.
    pub(crate) default: Option<&'a str>,
    /// The only values that are taken. If empty, all are.
    pub(crate) values: &'a [&'a str],
}

impl<'a> PromptArgument<'a> {
    /// An argument that the prompt requires.
    pub const fn new(name: &'a str) -> Self {
        Self { name, description: "", default: None, values: &[] }
    }

    /// Sets the meaning of the argument.
    pub const fn description(self, description: &'a str) -> Self {
        Self { description, ..self }
    }

    /// Lets the argument be left out. Then this text takes its place.
    pub const fn optional(self, default: &'a str) -> Self {
        Self { default: Some(default), ..self }
    }

    /// Sets the only values that are taken.
    pub const fn values(self, values: &'a [&'a str]) -> Self {
        Self { values, ..self }
    }
}
