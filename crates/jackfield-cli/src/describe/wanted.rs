//! A text for which the command is asked.

use super::check::Sources;

/// The maximum number of characters of a summary.
const MOST_SUMMARY: usize = 80;
/// The maximum number of characters of a tool's description.
const MOST_DESCRIPTION: usize = 500;
/// The maximum number of characters of an argument's description.
const MOST_ARGUMENT: usize = 250;

/// The thing that a text describes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Summary,
    Description,
    Argument(String),
}

impl Subject {
    /// Returns the last part of the text's ID.
    pub(super) fn id(&self) -> String {
        match self {
            Self::Summary => "summary".to_owned(),
            Self::Description => "description".to_owned(),
            Self::Argument(name) => format!("arguments.{name}"),
        }
    }

    /// Returns the key that has the text as its value in the document.
    pub(super) const fn key(&self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Description | Self::Argument(_) => "description",
        }
    }

    /// Returns the maximum number of characters.
    pub(super) const fn most(&self) -> usize {
        match self {
            Self::Summary => MOST_SUMMARY,
            Self::Description => MOST_DESCRIPTION,
            Self::Argument(_) => MOST_ARGUMENT,
        }
    }

    /// Returns the instruction for the writer of the text.
    pub(super) const fn task(&self) -> &'static str {
        match self {
            Self::Summary => "what a call does, as a phrase that begins with a verb",
            Self::Description => {
                "what a call does, and when to use this tool and not a sibling, in one to three sentences"
            }
            Self::Argument(_) => "what the value means, beyond its name and its schema",
        }
    }
}

/// A text for which the command is asked.
pub(super) struct Wanted {
    pub(super) subject: Subject,
    /// The target of the overlay action.
    pub(super) target: String,
    /// The existing text of the document. Empty if there is none.
    pub(super) original: String,
    /// The facts that the document states about the operation.
    pub(super) sources: Sources,
    /// The operations that share the text, if there are several.
    pub(super) shared: Vec<String>,
}

impl Wanted {
    /// Returns the ID of the text in the material and in the answer.
    pub(super) fn id(&self, tool: &str) -> String {
        format!("{tool}.{}", self.subject.id())
    }
}
