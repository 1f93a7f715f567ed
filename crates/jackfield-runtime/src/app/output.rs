//! The output of a command: text, data, and the failure that ends the command.

use std::io::Write as _;
use std::process::ExitCode;

use jackfield_recipe::visible;

/// A failure that ends the command, with an exit status and a message.
#[derive(Debug, PartialEq)]
pub(super) struct Failure {
    pub(super) code: u8,
    pub(super) text: String,
}

impl Failure {
    pub(super) fn usage(text: impl Into<String>) -> Self {
        Self { code: 2, text: text.into() }
    }

    /// Returns the failure of a command or option that requires the feature `serve`, in builds without this
    /// feature.
    pub(super) fn needs_serve(word: &str) -> Self {
        Self::usage(format!(
            "`{word}` is for servers that many people use: add `features = [\"serve\"]` to jackfield-runtime in Cargo.toml"
        ))
    }

    pub(super) fn failed(text: impl Into<String>) -> Self {
        Self { code: 1, text: text.into() }
    }
}

/// Prints text to stdout. Control characters are escaped, because a document may contain them.
pub(super) fn print(text: &str) -> Result<ExitCode, Failure> {
    print_data(&visible(text))
}

/// Prints data to stdout unchanged. A closed pipe, as in `| head`, is not an error.
pub(super) fn print_data(text: &str) -> Result<ExitCode, Failure> {
    let mut out = std::io::stdout().lock();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    match write!(out, "{text}{end}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::failed(error.to_string()))
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// Prints a line to stderr. Control characters are escaped.
pub(super) fn tell(line: &str) {
    // A command does not fail because stderr is closed.
    let _ = writeln!(std::io::stderr(), "{}", visible(line));
}
