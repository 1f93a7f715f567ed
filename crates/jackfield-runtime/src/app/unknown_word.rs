//! Errors about unknown arguments of the command line.

use jackfield_recipe::nearest;

use super::output::Failure;

/// Returns the failure for an unknown argument, with the nearest known argument as a suggestion.
pub(super) fn unknown<'k>(
    problem: &str,
    word: &str,
    known: impl IntoIterator<Item = &'k str>,
    help: &str,
) -> Failure {
    Failure::usage(match nearest(word, known) {
        Some(near) => format!("{problem}; did you mean `{near}`?"),
        None => format!("{problem}; {help}"),
    })
}
