//! The settings with which a published server is used: what its entry declares, with the values that a person gave.

use jackfield_registry::{Argument, ArgumentKind, Input, NamedInput, Package, Remote, fill, placeholders};

use super::answers::Answers;
use super::way::Way;
use crate::failure::Failure;

/// The settings with which a published server is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Settings {
    /// The arguments of the program.
    pub(super) arguments: Vec<String>,
    /// The environment variables of the program, without secrets.
    pub(super) variables: Vec<(String, String)>,
    /// The variables whose values are asked for and stored in the vault.
    pub(super) secrets: Vec<SecretVariable>,
    /// The URL of the server. Empty for a program.
    pub(super) url: String,
    /// The headers, each with the variable that holds its value.
    pub(super) headers: Vec<(String, String)>,
}

/// A variable whose value is in the vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SecretVariable {
    pub(super) name: String,
    pub(super) description: Option<String>,
    /// The text around the secret, such as `Bearer {token}`.
    pub(super) template: Option<String>,
    /// Whether the server does not work without it.
    pub(super) is_required: bool,
}

impl Settings {
    /// Collects the settings of a way. `connector` begins the names of variables for headers.
    ///
    /// # Errors
    /// Returns an error if a value does not fit, or if a secret would be written into a file or a command line.
    pub(super) fn of(way: &Way<'_>, answers: &mut Answers, connector: &str) -> Result<Self, Failure> {
        match way {
            Way::Package(package) => Self::of_package(package, answers),
            Way::Remote(remote) => Self::of_remote(remote, answers, connector),
        }
    }

    fn of_package(package: &Package, answers: &mut Answers) -> Result<Self, Failure> {
        let mut settings = Self::default();
        for argument in &package.arguments {
            settings.arguments.extend(words(argument, answers)?);
        }
        for variable in &package.environment {
            if variable.input.has_secret() {
                settings.secrets.push(secret(variable, variable.name.clone()));
            } else if let Some(value) = text(&variable.name, &variable.input, answers)? {
                settings.variables.push((variable.name.clone(), value));
            }
        }
        Ok(settings)
    }

    fn of_remote(remote: &Remote, answers: &mut Answers, connector: &str) -> Result<Self, Failure> {
        let mut settings = Self::default();
        let mut values = Vec::new();
        for name in placeholders(remote.url()) {
            let Some(input) = remote.variables.get(name) else { continue };
            if input.is_secret {
                return Err(Failure(format!(
                    "the URL contains the secret {name}, which would be written into gateway.toml, so this address cannot be added"
                )));
            }
            let value = answers.of(name, input, false)?.pop().unwrap_or_default();
            if !value.chars().all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c)) {
                return Err(Failure(format!(
                    "the value of {name} would change the URL: use letters, digits, `-`, `.`, `_` and `~`"
                )));
            }
            values.push((name, value));
        }
        let value = |name: &str| values.iter().find(|(it, _)| *it == name).map(|(_, value)| value.as_str());
        settings.url = fill(remote.url(), value);
        let beginning = connector.to_ascii_uppercase().replace('-', "_");
        for header in &remote.transport.headers {
            let variable = format!("{beginning}_{}", header.name.to_ascii_uppercase().replace('-', "_"));
            // The value of a header can be a key even if the entry does not say so, so no value is written into gateway.toml.
            if header.input.is_required || header.input.has_secret() || header.input.value.is_some() {
                settings.headers.push((header.name.clone(), variable.clone()));
                settings.secrets.push(secret(header, variable));
            }
        }
        Ok(settings)
    }
}

/// Returns the words of an argument.
fn words(argument: &Argument, answers: &mut Answers) -> Result<Vec<String>, Failure> {
    // A value of `--set` cannot begin with dashes.
    let (label, input) = (argument.label().trim_start_matches('-'), &argument.input);
    if input.has_secret() {
        return Err(Failure(format!(
            "the argument {label} is a secret, which every user of this machine could read in the list of processes, so this package cannot be added"
        )));
    }
    let values = match &input.value {
        Some(_) => text(label, input, answers)?.into_iter().collect(),
        None => answers.of(label, input, matches!(argument.kind, ArgumentKind::Positional { .. }))?,
    };
    let flag = match &argument.kind {
        ArgumentKind::Positional { .. } => return Ok(values),
        ArgumentKind::Named { name } => name,
    };
    let is_switch = input.value.is_none()
        && input.default.is_none()
        && input.choices.is_empty()
        && !input.is_required
        && values.is_empty();
    // A flag without any value is a switch that the publisher sets.
    if is_switch && input.placeholder.is_none() && input.description.is_none() {
        return Ok(vec![flag.clone()]);
    }
    Ok(values.into_iter().flat_map(|value| [flag.clone(), value]).collect())
}

/// Returns the value of an input: the text that its publisher has fixed, with the values of its variables, or the value that a person gave.
fn text(name: &str, input: &Input, answers: &mut Answers) -> Result<Option<String>, Failure> {
    let Some(template) = &input.value else { return Ok(answers.of(name, input, false)?.pop()) };
    let mut values = Vec::new();
    for name in placeholders(template) {
        if let Some(variable) = input.variables.get(name) {
            values.push((name, answers.of(name, variable, false)?.pop()));
        }
    }
    let value = |name: &str| {
        values.iter().find(|(it, _)| *it == name).map(|(_, value)| value.clone().unwrap_or_default())
    };
    Ok(Some(fill(template, value)))
}

fn secret(input: &NamedInput, name: String) -> SecretVariable {
    SecretVariable {
        name,
        description: input.input.description.clone(),
        template: input.input.value.clone(),
        is_required: input.input.is_required || input.input.value.is_some(),
    }
}
