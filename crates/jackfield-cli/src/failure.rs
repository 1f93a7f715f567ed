use jackfield_build::Error;

/// What ends a command.
#[derive(Debug)]
pub enum Failure {
    /// The pipeline's findings.
    Build(Error),
    /// Anything else, in words.
    Other(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Build(error)
    }
}
