//! The data that the page about a published server shows.

use std::collections::BTreeMap;

use jackfield_build::diff::{Report, ServerLists};
use jackfield_build::model::Effect;

use crate::lint::{Gravity, ListFinding};

/// A published server with all data that the page shows. Every text may be hostile.
#[derive(Clone, Debug, Default)]
pub struct PublishedReview<'r> {
    /// The name of the connector in the gateway.
    pub connector: String,
    /// The name in the registry, such as `io.github.example/time`.
    pub name: String,
    /// The version in the registry.
    pub version: String,
    /// The title in the registry. Empty if there is none.
    pub title: String,
    /// The description in the registry.
    pub description: String,
    /// Who may publish under the namespace, such as `the GitHub account example`.
    pub publisher: String,
    /// The kind of package or server, such as `npm package`.
    pub kind: String,
    /// How the server is started or reached.
    pub start: StartOfServer,
    /// The digest of the installed package. None for a remote server.
    pub digest: Option<String>,
    /// When this version was published. Empty if it is unknown.
    pub published: String,
    /// The status in the registry, such as `active`.
    pub status: String,
    /// The hosts that the entry names.
    pub hosts: Vec<String>,
    /// The variables and headers that the entry declares.
    pub variables: Vec<ReviewVariable>,
    /// Further facts, each with its label.
    pub facts: Vec<(String, String)>,
    /// The findings about the entry of the registry.
    pub entry_findings: Vec<ReviewNote>,
    /// What was observed while the server ran in quarantine.
    pub observations: Vec<ReviewNote>,
    /// The findings of the lint about the lists.
    pub list_findings: Vec<ListFinding>,
    /// The lists of the server.
    pub lists: ServerLists<'r>,
    /// The effects that a person chose, by the names of tools. Any other tool counts as `destroy`.
    pub effects: BTreeMap<String, Effect>,
    /// The differences from the lists that were accepted before, and the name of that version.
    pub changes: Option<(Report, String)>,
}

/// How a published server is started or reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartOfServer {
    /// The program and its arguments.
    Command(Vec<String>),
    /// The address of a remote server.
    Address(String),
}

impl Default for StartOfServer {
    fn default() -> Self {
        Self::Command(Vec::new())
    }
}

/// A variable or a header that an entry declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReviewVariable {
    /// The name.
    pub name: String,
    /// The description. Empty if there is none.
    pub description: String,
    /// Whether the value is a secret. It is stored in the vault and not shown.
    pub is_secret: bool,
    /// Whether the server needs a value.
    pub is_required: bool,
    /// The value that the server gets. Ignored for a secret.
    pub value: Option<String>,
}

/// A finding or an observation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewNote {
    /// How much it matters.
    pub gravity: Gravity,
    /// The text.
    pub text: String,
}
