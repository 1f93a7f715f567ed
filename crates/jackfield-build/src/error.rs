use std::fmt;
use std::path::Path;

use jackfield_model::Diagnostic;

use crate::show::Shown;

/// The findings that prevented the generation. `Debug` prints the same text as `Display`, because cargo shows the `Debug` text of a failed
/// `build.rs`.
pub struct Error {
    shown: Vec<Shown>,
}

impl Error {
    pub(crate) fn of(findings: Vec<Shown>) -> Self {
        Self { shown: findings }
    }

    pub(crate) fn plain(diagnostic: Diagnostic) -> Self {
        Self { shown: vec![Shown::without_lines(diagnostic)] }
    }

    pub(crate) fn file(path: &Path, doing: &str, error: &std::io::Error) -> Self {
        Self::plain(
            Diagnostic::error(
                jackfield_model::Code::File,
                None,
                format!("cannot {doing} {}: {error}", path.display()),
            )
            .so("nothing was generated"),
        )
    }

    /// Returns the findings that ended the run.
    pub fn findings(&self) -> &[Shown] {
        &self.shown
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, shown) in self.shown.iter().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            write!(f, "{shown}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

impl std::error::Error for Error {}
