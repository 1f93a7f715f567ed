use std::fmt;

/// The error of a task: a text that says why the task failed.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Converts an error to a failure that names the action during which it occurred.
    pub(crate) fn while_<E: fmt::Display>(doing: &str) -> impl FnOnce(E) -> Self + '_ {
        move |error| Self(format!("{doing}: {error}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<jackfield_build::Error> for Failure {
    fn from(error: jackfield_build::Error) -> Self {
        Self(error.to_string())
    }
}
