//! A text that the command is asked for.

use super::check::Sources;

/// The maximum numbers of characters of the texts.
const MOST_SUMMARY: usize = 80;
const MOST_DESCRIPTION: usize = 500;
const MOST_ARGUMENT: usize = 250;

/// The thing that a text describes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Summary,
    Description,
    Argument(String),
}

impl Subject {
    /// Returns the end of the text's name.
    pub(super) fn id(&self) -> String {
        match self {
            Self::Summary => "summary".to_owned(),
            Self::Description => "description".to_owned(),
            Self::Argument(name) => format!("arguments.{name}"),
        }
    }

    /// Returns the key of the document that holds the text.
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

    /// Returns the task of the text, for its writer.
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

/// A text that the command is asked for.
pub(super) struct Wanted {
    pub(super) subject: Subject,
    /// The target of the overlay action.
    pub(super) target: String,
    /// The text of the document. Empty if there is none.
    pub(super) original: String,
    /// The text of the document.
    pub(super) sources: Sources,
    /// The operations that show the text, if it belongs to more than its operation.
    pub(super) shared: Vec<String>,
}

impl Wanted {
    /// Returns the name of the text in the material and in the answer.
    pub(super) fn id(&self, tool: &str) -> String {
        format!("{tool}.{}", self.subject.id())
    }
}
