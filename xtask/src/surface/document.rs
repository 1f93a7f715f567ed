//! A document with its tools, as the detectors read them.

use jackfield_build::model::Effect;

use super::source::Parameter;

/// A document of the folder.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) path: String,
    /// Why there are no tools.
    pub(super) error: Option<String>,
    pub(super) tools: Vec<Tool>,
    /// Whether `info.version` is there.
    pub(super) has_version: bool,
    /// The place and name of every declared API key.
    pub(super) keys: Vec<(String, String)>,
    /// The tokens of the list.
    pub(super) tokens: usize,
    /// The tokens of the instructions and the list of the search surface.
    pub(super) first_request: usize,
}

/// A tool, and the operation that it was made from.
#[derive(Debug)]
pub(super) struct Tool {
    pub(super) name: String,
    /// Empty where the list omits it.
    pub(super) title: String,
    pub(super) description: String,
    pub(super) effect: Effect,
    pub(super) because: String,
    pub(super) arguments: Vec<Argument>,
    pub(super) method: String,
    /// The key of the path item.
    pub(super) path: String,
    pub(super) id: String,
    /// The summary as the document has it.
    pub(super) summary: String,
    /// The description as the document has it.
    pub(super) text: String,
    /// The parameters as the document declares them.
    pub(super) parameters: Vec<Parameter>,
}

/// An argument of a tool.
#[derive(Debug)]
pub(super) struct Argument {
    pub(super) name: String,
    pub(super) required: bool,
    pub(super) text: String,
    /// The text that the document has for it.
    pub(super) documented: String,
    /// `header` or `query` and the name on the wire, for parameters of these places.
    pub(super) wire: Option<(&'static str, String)>,
}

impl Tool {
    /// Everything that the list says in words about the tool as a whole.
    pub(super) fn said(&self) -> String {
        match (self.title.as_str(), self.description.as_str()) {
            ("", text) | (text, "") => text.to_owned(),
            (title, text) => format!("{title}.\n\n{text}"),
        }
    }

    pub(super) const fn effect(&self) -> &'static str {
        match self.effect {
            Effect::Read => "read",
            Effect::Write => "write",
            Effect::Destroy => "destroy",
        }
    }
}
