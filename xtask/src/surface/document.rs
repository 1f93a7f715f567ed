//! A document and its tools, with the data that the detectors need.

use jackfield_build::model::Effect;

use super::source::Parameter;

/// A document of the folder.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) path: String,
    /// The reason why the document has no tools.
    pub(super) error: Option<String>,
    pub(super) tools: Vec<Tool>,
    /// Whether the document has an `info.version`.
    pub(super) has_version: bool,
    /// The location and name of every declared API key.
    pub(super) keys: Vec<(String, String)>,
    /// The number of tokens of the list of tools.
    pub(super) tokens: usize,
    /// The number of tokens of the instructions and the list of the search surface.
    pub(super) first_request: usize,
}

/// A tool, with facts about its operation.
#[derive(Debug)]
pub(super) struct Tool {
    pub(super) name: String,
    /// The title. Empty if the list omits it.
    pub(super) title: String,
    pub(super) description: String,
    pub(super) effect: Effect,
    pub(super) because: String,
    pub(super) arguments: Vec<Argument>,
    pub(super) method: String,
    /// The key of the path item.
    pub(super) path: String,
    pub(super) id: String,
    /// The summary in the document.
    pub(super) summary: String,
    /// The description in the document.
    pub(super) text: String,
    /// The parameters that the document declares.
    pub(super) parameters: Vec<Parameter>,
}

/// An argument of a tool.
#[derive(Debug)]
pub(super) struct Argument {
    pub(super) name: String,
    pub(super) required: bool,
    pub(super) text: String,
    /// The description of the argument in the document.
    pub(super) documented: String,
    /// The location and the name in the request, if the argument is a header or query parameter.
    pub(super) wire: Option<(&'static str, String)>,
}

impl Tool {
    /// Returns all texts of the list about the tool as a whole, without its arguments.
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
