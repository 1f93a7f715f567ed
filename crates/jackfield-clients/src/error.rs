//! The errors of building, writing or removing an entry.

use std::fmt;
use std::path::PathBuf;

/// A position in a file: a line and a column, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl Position {
    pub(crate) fn of(text: &str, at: usize) -> Self {
        let mut end = at.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &text[..end];
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self { line: before.matches('\n').count() + 1, column: before[start..].chars().count() + 1 }
    }
}

/// The error of building, writing or removing an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientError {
    /// The client does not support this server.
    Unsupported {
        /// The unsupported feature, and the remedy.
        text: String,
    },
    /// The path of the client's file is unknown.
    NoPlace {
        /// The reason why no file is known, and what to type.
        text: String,
    },
    /// The file is not in the format of the client.
    Invalid {
        /// The file.
        file: PathBuf,
        /// The position of the error.
        position: Position,
        /// The description of the error.
        text: String,
    },
    /// The file is valid, but an entry cannot be added or removed without changing something else.
    Refused {
        /// The file.
        file: PathBuf,
        /// The reason and the remedy.
        text: String,
    },
    /// The file has another entry with this name.
    Taken {
        /// The file.
        file: PathBuf,
        /// The name.
        name: String,
    },
    /// The entry was not written, so it cannot be undone.
    NothingToUndo {
        /// The file.
        file: PathBuf,
        /// The name of the entry.
        name: String,
    },
    /// A file cannot be read or written.
    Io {
        /// The file.
        file: PathBuf,
        /// The operation that failed, such as `read`.
        action: &'static str,
        /// The reason.
        text: String,
    },
}

impl ClientError {
    pub(crate) fn io(file: &std::path::Path, action: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        let file = file.to_owned();
        move |error| Self::Io { file, action, text: error.to_string() }
    }

    pub(crate) fn refused(file: &std::path::Path, text: impl Into<String>) -> Self {
        Self::Refused { file: file.to_owned(), text: text.into() }
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported { text } | Self::NoPlace { text } => f.write_str(text),
            Self::Invalid { file, position: Position { line, column }, text } => {
                write!(
                    f,
                    "{}:{line}:{column}: {text}; the client cannot read this file either. Correct it and try again",
                    file.display()
                )
            }
            Self::Refused { file, text } => write!(f, "{}: {text}", file.display()),
            Self::Taken { file, name } => write!(
                f,
                "{} has another entry `{name}`: add --replace to replace it, or --name NAME for a second entry",
                file.display()
            ),
            Self::NothingToUndo { file, name } => {
                write!(
                    f,
                    "`{name}` was not written to {} by this user: there is nothing to undo",
                    file.display()
                )
            }
            Self::Io { file, action, text } => write!(f, "cannot {action} {}: {text}", file.display()),
        }
    }
}

impl std::error::Error for ClientError {}
