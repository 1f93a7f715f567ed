//! Shows the differences that a new jackfield.lock accepts, and asks the person at the terminal.

use std::io::{BufRead, IsTerminal as _, Write, stderr, stdin};
use std::path::Path;
use std::process::ExitCode;

use jackfield_build::{CrateFolder, Generated};

use crate::diff::since_lock::{self, Format};
use crate::{Failure, paint};

/// Shows the differences from the existing lock. At a terminal, asks whether to accept the differences. Without a terminal, accepts them,
/// because the user ran the command.
///
/// # Errors
/// Returns an error if the differences cannot be computed, or the answer cannot be read.
pub(crate) fn is_accepted(
    folder: &Path,
    connector: &CrateFolder,
    generated: &Generated,
) -> Result<bool, Failure> {
    if generated.changes.as_ref().is_none_or(|changes| changes.is_empty()) {
        return Ok(true);
    }
    since_lock::print(folder, connector, Format::Text)?;
    if !stdin().is_terminal() || !stderr().is_terminal() {
        return Ok(true);
    }
    ask(&mut stdin().lock(), &mut stderr())
}

/// Accepts the withheld tools that the selectors match. All other lines of the lock are kept.
///
/// # Errors
/// Returns an error if a selector matches no withheld tool, a tool cannot be accepted alone, or the lock cannot be written.
pub(crate) fn tools(
    folder: &Path,
    connector: &CrateFolder,
    selectors: &[String],
    is_accepted: bool,
) -> Result<ExitCode, Failure> {
    let acceptance = connector.acceptance(selectors)?;
    if !is_accepted {
        since_lock::print_tools(folder, connector, &acceptance.tools)?;
        // Added origins and destinations of credentials do not belong to a tool, but the lock lists them too.
        paint::changes(Some(&acceptance.changes));
        let is_terminal = stdin().is_terminal() && stderr().is_terminal();
        if is_terminal && !ask(&mut stdin().lock(), &mut stderr())? {
            paint::note("nothing was written");
            return Ok(ExitCode::FAILURE);
        }
    }
    let outcome = connector.accept(&acceptance)?;
    if is_accepted {
        paint::changes(Some(&acceptance.changes));
    }
    paint::outcome(&outcome);
    if acceptance.left > 0 {
        let are = if acceptance.left == 1 { "tool is" } else { "tools are" };
        paint::note(&format!("{} other {are} still withheld", acceptance.left));
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks for confirmation, and reads one line. Every answer except `y` and `yes` declines.
fn ask(input: &mut impl BufRead, output: &mut impl Write) -> Result<bool, Failure> {
    let failed = |error: std::io::Error| Failure::Other(format!("the terminal cannot be used: {error}"));
    write!(output, "\naccept these differences, so that they are served? [y/N] ")
        .and_then(|()| output.flush())
        .map_err(failed)?;
    let mut answer = String::new();
    input.read_line(&mut answer).map_err(failed)?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test is a panic by design")]
mod tests {
    use super::*;

    #[test]
    fn differences_are_accepted_only_if_the_answer_is_yes() {
        for (answer, accepted) in
            [("y\n", true), ("Yes\n", true), ("n\n", false), ("\n", false), ("", false), ("yep\n", false)]
        {
            let mut shown = Vec::new();
            assert_eq!(ask(&mut answer.as_bytes(), &mut shown).unwrap(), accepted, "{answer:?}");
            assert!(String::from_utf8(shown).unwrap().ends_with("? [y/N] "));
        }
    }
}
