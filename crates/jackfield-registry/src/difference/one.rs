//! One difference between two versions.

use std::fmt;

use jackfield_diff::Class;
use jackfield_recipe::visible_line;

/// The maximum number of characters of a value.
const LONGEST_VALUE: usize = 200;

/// One difference between two versions of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// How much it matters.
    pub class: Class,
    /// The part of the entry.
    pub kind: DifferenceKind,
    /// The name of the variable, header, argument, package or host.
    pub subject: String,
    /// The change in plain words, such as "is new and is a secret".
    pub change: String,
    /// The value before, if there was one.
    pub before: Option<String>,
    /// The value after, if there is one.
    pub after: Option<String>,
}

/// The part of an entry that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DifferenceKind {
    /// A package.
    Package,
    /// The version of a package.
    PackageVersion,
    /// The transport of a package or of a remote server.
    Transport,
    /// An environment variable.
    Variable,
    /// An argument of the command line.
    Argument,
    /// The host of a remote server.
    Host,
    /// The URL of a remote server at the same host.
    Url,
    /// A variable of the URL of a remote server.
    UrlVariable,
    /// A header of a remote server.
    Header,
    /// The status.
    Status,
    /// The repository of the source code.
    Repository,
    /// A text for people.
    Text,
}

impl DifferenceKind {
    /// Returns the name of the part for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Package => "package",
            Self::PackageVersion => "package version",
            Self::Transport => "transport",
            Self::Variable => "variable",
            Self::Argument => "argument",
            Self::Host => "host",
            Self::Url => "URL",
            Self::UrlVariable => "URL variable",
            Self::Header => "header",
            Self::Status => "status",
            Self::Repository => "repository",
            Self::Text => "text",
        }
    }
}

impl Difference {
    pub(super) fn new(class: Class, kind: DifferenceKind, subject: &str, change: &str) -> Self {
        Self {
            class,
            kind,
            subject: shortened(subject),
            change: change.to_owned(),
            before: None,
            after: None,
        }
    }

    /// Sets the values before and after.
    pub(super) fn values(self, before: Option<&str>, after: Option<&str>) -> Self {
        Self { before: before.map(shortened), after: after.map(shortened), ..self }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, subject, change, before, after, .. } = self;
        write!(f, "{} {subject} {change}", kind.as_str())?;
        match (before, after) {
            (None, None) => Ok(()),
            (before, after) => {
                let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
                write!(f, ": {} → {}", shown(before), shown(after))
            }
        }
    }
}

fn shortened(text: &str) -> String {
    let short: String = text.chars().take(LONGEST_VALUE).collect();
    let dots = if short.len() < text.len() { "…" } else { "" };
    format!("{}{dots}", visible_line(&short))
}
