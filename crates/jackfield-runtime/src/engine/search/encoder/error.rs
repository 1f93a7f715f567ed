//! Errors of encoders that cannot be loaded.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A problem with a file of an encoder.
#[derive(Debug)]
pub struct EncoderError {
    path: PathBuf,
    problem: Problem,
}

#[derive(Debug)]
enum Problem {
    Io(io::Error),
    TooLarge(u64),
    Invalid(Invalid),
}

/// The reason why a file is not usable.
#[derive(Debug)]
pub(super) struct Invalid(String);

impl From<String> for Invalid {
    fn from(reason: String) -> Self {
        Self(reason)
    }
}

impl From<&str> for Invalid {
    fn from(reason: &str) -> Self {
        Self(reason.to_owned())
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl EncoderError {
    pub(super) fn io(path: &Path, error: io::Error) -> Self {
        Self { path: path.to_path_buf(), problem: Problem::Io(error) }
    }

    pub(super) fn too_large(path: &Path, most: u64) -> Self {
        Self { path: path.to_path_buf(), problem: Problem::TooLarge(most) }
    }

    pub(super) fn invalid(path: &Path, problem: Invalid) -> Self {
        Self { path: path.to_path_buf(), problem: Problem::Invalid(problem) }
    }
}

impl fmt::Display for EncoderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.problem {
            Problem::Io(error) => write!(f, "cannot read the encoder: {path}: {error}"),
            Problem::TooLarge(most) => {
                write!(f, "the encoder is too large: {path} has more than {most} bytes")
            }
            Problem::Invalid(problem) => {
                write!(
                    f,
                    "the encoder is not usable: {path}: {problem}; choose a folder with a BERT-style sentence encoder"
                )
            }
        }
    }
}

impl std::error::Error for EncoderError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            Problem::Io(error) => Some(error),
            Problem::TooLarge(_) | Problem::Invalid(_) => None,
        }
    }
}
