use jackfield_build::Error;

/// Why a command ended early.
#[derive(Debug)]
pub enum Failure {
    /// The pipeline's findings.
    Build(Error),
    /// Any other error, as its message.
    Other(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Build(error)
    }
}
