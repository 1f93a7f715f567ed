//! Checks values that a person gives for the inputs of an entry.

use std::fmt;

use jackfield_recipe::is_invisible;

use super::arguments::is_flag;
use crate::entry::input::{Input, InputFormat};

/// The reason why a value does not fit its input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerProblem {
    /// It is not one of the choices.
    NotAChoice(Vec<String>),
    /// It does not have the format.
    NotOfFormat(InputFormat),
    /// It contains a line break or another control character.
    ControlCharacter,
    /// It would be read as a flag.
    Flag,
}

impl fmt::Display for AnswerProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAChoice(choices) => write!(f, "it is none of the choices: {}", choices.join(", ")),
            Self::NotOfFormat(InputFormat::Number) => f.write_str("it is not a number"),
            Self::NotOfFormat(InputFormat::Boolean) => f.write_str("it is neither true nor false"),
            Self::NotOfFormat(format) => write!(f, "it is not a {}", format.as_str()),
            Self::ControlCharacter => f.write_str("it contains a line break or an invisible character"),
            Self::Flag => f.write_str("it begins with a dash, so the server would read it as a flag"),
        }
    }
}

impl std::error::Error for AnswerProblem {}

/// Checks a value that a person gives for an input.
///
/// # Errors
/// Returns an error if the value does not fit the input, or, if `is_argument`, would be read as a flag.
pub fn check_answer(input: &Input, value: &str, is_argument: bool) -> Result<(), AnswerProblem> {
    let has_format = match input.format {
        InputFormat::Number => value.parse::<f64>().is_ok_and(f64::is_finite),
        InputFormat::Boolean => matches!(value, "true" | "false"),
        InputFormat::Text | InputFormat::FilePath => true,
    };
    if value.contains(is_invisible) {
        Err(AnswerProblem::ControlCharacter)
    } else if !input.choices.is_empty() && !input.choices.iter().any(|choice| choice == value) {
        Err(AnswerProblem::NotAChoice(input.choices.clone()))
    } else if !has_format {
        Err(AnswerProblem::NotOfFormat(input.format))
    } else if is_argument && is_flag(value, input) {
        Err(AnswerProblem::Flag)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answer_that_does_not_fit_its_input_is_refused() {
        let text = Input::default();
        let number = Input { format: InputFormat::Number, ..Input::default() };
        let flag = Input { format: InputFormat::Boolean, ..Input::default() };
        let choice = Input { choices: vec!["a".to_owned(), "b".to_owned()], ..Input::default() };
        for (input, value, is_argument, fits) in [
            (&text, "Europe/Berlin", true, true),
            (&text, "--verbose", true, false),
            (&text, "--verbose", false, true),
            (&text, "-", true, true),
            (&text, "a\nb", false, false),
            (&text, "a\u{202e}b", false, false),
            (&number, "-1.5", true, true),
            (&number, "1e3", true, true),
            (&number, "NaN", true, false),
            (&number, "ten", true, false),
            (&flag, "true", true, true),
            (&flag, "yes", true, false),
            (&choice, "b", true, true),
            (&choice, "c", true, false),
        ] {
            assert_eq!(check_answer(input, value, is_argument).is_ok(), fits, "{value}");
        }
    }
}
