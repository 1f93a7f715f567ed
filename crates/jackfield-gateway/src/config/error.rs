//! Problems in gateway.toml.

use jackfield_recipe::TextProblem;

/// A problem in gateway.toml, with its line and column, and the remedy.
pub type ConfigError = TextProblem;
