//! The values that a person gives for the inputs of a published server.

use std::collections::BTreeMap;
use std::io::{BufRead as _, IsTerminal as _, Write as _};

use jackfield_recipe::{shell_quoted, visible_line};
use jackfield_registry::{Input, check_answer};

use crate::failure::Failure;

/// The values by the names of their inputs. An input can have several values.
#[derive(Debug, Default)]
pub(super) struct Answers {
    given: BTreeMap<String, Vec<String>>,
    /// Whether a person at the terminal is asked for missing values.
    asks: bool,
    /// The names of required values that are missing.
    missing: Vec<String>,
    /// The names of all inputs that were looked up.
    known: Vec<String>,
    /// Whether values of unknown inputs are ignored.
    is_lenient: bool,
}

impl Answers {
    /// Parses the values of `--set NAME=VALUE`.
    ///
    /// # Errors
    /// Returns an error if a word has no `=`.
    pub(super) fn parse(words: &[String], asks: bool) -> Result<Self, Failure> {
        let mut given: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for word in words {
            let Some((name, value)) = word.split_once('=').filter(|(name, _)| !name.is_empty()) else {
                return Err(Failure(format!("`{word}` has no `=`: write it as in `--set TZ=UTC`")));
            };
            given.entry(name.to_owned()).or_default().push(value.to_owned());
        }
        Ok(Self { given, asks: asks && std::io::stdin().is_terminal(), ..Self::default() })
    }

    /// Ignores values of inputs that the server does not have, because another version may have had them.
    pub(super) const fn lenient(mut self) -> Self {
        self.is_lenient = true;
        self
    }

    /// Returns the values of an input: those that were given, or else its default, or else the answer of a person. Empty if the input is
    /// optional and has no value, or if its value is missing.
    ///
    /// # Errors
    /// Returns an error if a value does not fit the input, or if the terminal cannot be read.
    pub(super) fn of(
        &mut self,
        name: &str,
        input: &Input,
        is_argument: bool,
    ) -> Result<Vec<String>, Failure> {
        self.known.push(name.to_owned());
        let fits = |value: &str| {
            check_answer(input, value, is_argument).map_err(|problem| {
                Failure(format!("the value of {} does not fit: {problem}", visible_line(name)))
            })
        };
        if let Some(values) = self.given.get(name) {
            values.iter().try_for_each(|value| fits(value))?;
            return Ok(values.clone());
        }
        if let Some(value) = &input.default {
            fits(value)?;
            return Ok(vec![value.clone()]);
        }
        if !input.is_required {
            return Ok(Vec::new());
        }
        if self.asks {
            let value = asked(name, input)?;
            fits(&value)?;
            if !value.is_empty() {
                return Ok(vec![value]);
            }
        }
        self.missing.push(name.to_owned());
        Ok(Vec::new())
    }

    /// Reports missing values, and values of inputs that the server does not have.
    ///
    /// # Errors
    /// Returns an error that names the options to type.
    pub(super) fn finish(self) -> Result<(), Failure> {
        if !self.missing.is_empty() {
            let options: Vec<String> = self
                .missing
                .iter()
                .map(|name| format!("--set {}", shell_quoted(&format!("{}=VALUE", visible_line(name)))))
                .collect();
            return Err(Failure(format!("the server needs more values: add {}", options.join(" "))));
        }
        match self.given.keys().find(|name| !self.known.contains(name)) {
            None => Ok(()),
            Some(_) if self.is_lenient => Ok(()),
            Some(name) if self.known.is_empty() => {
                Err(Failure(format!("the server has no settings, so `--set {name}` cannot be used")))
            }
            Some(name) => Err(Failure(format!(
                "the server has no setting `{name}`: it has `{}`",
                visible_line(&self.known.join("`, `"))
            ))),
        }
    }
}

/// Asks a person at the terminal for a value.
fn asked(name: &str, input: &Input) -> Result<String, Failure> {
    let mut question = visible_line(name).into_owned();
    if let Some(description) = &input.description {
        question += &format!(" ({})", visible_line(description));
    }
    if !input.choices.is_empty() {
        question += &format!(", one of {}", visible_line(&input.choices.join(", ")));
    }
    ask(&question)
}

/// Asks a question at the terminal, and returns the line that a person enters.
///
/// # Errors
/// Returns an error if the terminal cannot be read.
pub(super) fn ask(question: &str) -> Result<String, Failure> {
    let mut stderr = std::io::stderr();
    write!(stderr, "{question}: ").and_then(|()| stderr.flush()).map_err(Failure::of)?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).map_err(Failure::of)?;
    Ok(answer.trim().to_owned())
}

/// Asks for a yes at the terminal. `yes` answers without asking.
///
/// # Errors
/// Returns an error if there is no terminal to ask at.
pub(super) fn confirmed(question: &str, yes: bool) -> Result<bool, Failure> {
    if yes {
        return Ok(true);
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure("there is no terminal to ask at: read the text above, and add --yes".to_owned()));
    }
    Ok(matches!(ask(&format!("{question} [y/N]"))?.as_str(), "y" | "Y" | "yes"))
}
