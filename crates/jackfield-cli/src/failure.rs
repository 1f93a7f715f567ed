use jackfield_build::Error;

/// The error that ends a command.
#[derive(Debug)]
pub enum Failure {
    /// Findings of the pipeline that prevent a result.
    Build(Error),
    /// Any other error, as its message.
    Other(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Build(error)
    }
}
