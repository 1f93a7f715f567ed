//! The output of a command: text, data, and the failure that ends it.

use std::io::Write as _;
use std::process::ExitCode;

use jackfield_recipe::visible;

/// A failure that ends the command: its exit status and its text.
#[derive(Debug, PartialEq)]
pub(super) struct Failure {
    pub(super) code: u8,
    pub(super) text: String,
}

impl Failure {
    pub(super) fn usage(text: impl Into<String>) -> Self {
        Self { code: 2, text: text.into() }
    }

    pub(super) fn failed(text: impl Into<String>) -> Self {
        Self { code: 1, text: text.into() }
    }
}

/// Prints words to stdout. What cannot be seen is an escape: names and texts of a document are among them.
pub(super) fn print(text: &str) -> Result<ExitCode, Failure> {
    print_data(&visible(text))
}

/// Prints data to stdout, as it is; a reader that went away, as in `| head`, is no failure.
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

/// Says a line to the person at the terminal, where there is one. What cannot be seen is an escape.
pub(super) fn tell(line: &str) {
    // A closed stderr leaves nobody to tell.
    let _ = writeln!(std::io::stderr(), "{}", visible(line));
}
