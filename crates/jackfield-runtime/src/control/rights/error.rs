//! Errors in a rights file.

use jackfield_recipe::TextProblem;

/// A problem in a rights file, with its position and the remedy.
pub type RightsError = TextProblem;
