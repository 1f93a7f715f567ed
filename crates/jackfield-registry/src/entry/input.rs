//! Values that a person sets: variables, headers and arguments.

use std::collections::BTreeMap;

use serde_json::Value;

use super::error::EntryError;
use super::node::{NAME, Node, TEXT};

/// The maximum number of variables of an input.
const MOST_VARIABLES: usize = 50;
/// The maximum number of choices of an input.
const MOST_CHOICES: usize = 500;

/// A value that a person sets, or that the publisher has fixed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    /// The description.
    pub description: Option<String>,
    /// Whether the server does not work without the value.
    pub is_required: bool,
    /// Whether the value is a secret.
    pub is_secret: bool,
    /// The format.
    pub format: InputFormat,
    /// The value that is used if the person sets none.
    pub default: Option<String>,
    /// The allowed values. Empty if any value is allowed.
    pub choices: Vec<String>,
    /// An example of a value.
    pub placeholder: Option<String>,
    /// The value, if the publisher has fixed it. `{name}` in it stands for a variable.
    pub value: Option<String>,
    /// The variables of the value.
    pub variables: BTreeMap<String, Input>,
}

/// The format of an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InputFormat {
    /// Any text.
    #[default]
    Text,
    /// A decimal number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// The path of a file of the person.
    FilePath,
}

/// An environment variable or a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedInput {
    /// The name of the variable or header.
    pub name: String,
    /// The value.
    pub input: Input,
}

impl InputFormat {
    /// Returns the name of the format in `server.json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::FilePath => "filepath",
        }
    }
}

impl Input {
    /// Whether the input, or a variable of its value, is a secret.
    pub fn has_secret(&self) -> bool {
        self.is_secret || self.variables.values().any(|variable| variable.is_secret)
    }

    /// Returns the texts that reach the server unless the person replaces them: the value, the default and the choices, and those of the
    /// variables.
    pub(crate) fn published_values(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self).chain(self.variables.values()).flat_map(|input| {
            [&input.value, &input.default].into_iter().flatten().chain(&input.choices).map(String::as_str)
        })
    }

    pub(super) fn parse(node: &Node<'_>) -> Result<Self, EntryError> {
        let mut input = Self::without_variables(node)?;
        input.variables = variables(node)?;
        Ok(input)
    }

    fn without_variables(node: &Node<'_>) -> Result<Self, EntryError> {
        let format = match node.text("format", NAME)?.as_deref() {
            Some("number") => InputFormat::Number,
            Some("boolean") => InputFormat::Boolean,
            Some("filepath") => InputFormat::FilePath,
            // A format that is not known yet is a text.
            _ => InputFormat::Text,
        };
        let mut choices = Vec::new();
        for (value, place) in node.list("choices", MOST_CHOICES)? {
            let choice = match value {
                Value::String(text) => text.clone(),
                Value::Number(_) | Value::Bool(_) => value.to_string(),
                _ => return Err(EntryError::new(place, "this is not a text")),
            };
            if choice.len() > TEXT {
                return Err(EntryError::new(
                    place,
                    format!("this text has {} bytes, at most {TEXT}", choice.len()),
                ));
            }
            choices.push(choice);
        }
        Ok(Self {
            description: node.text("description", TEXT)?,
            is_required: node.flag("isRequired")?,
            is_secret: node.flag("isSecret")?,
            format,
            default: node.scalar("default", TEXT)?,
            choices,
            placeholder: node.scalar("placeholder", TEXT)?,
            value: node.scalar("value", TEXT)?,
            variables: BTreeMap::new(),
        })
    }
}

/// Reads the member `variables`. Variables have no variables of their own.
pub(super) fn variables(node: &Node<'_>) -> Result<BTreeMap<String, Input>, EntryError> {
    let mut variables = BTreeMap::new();
    for (name, value, place) in node.map("variables", MOST_VARIABLES)? {
        variables.insert(name.clone(), Input::without_variables(&Node::of(value, place)?)?);
    }
    Ok(variables)
}

/// Reads an array of environment variables or headers.
pub(super) fn named_inputs(
    node: &Node<'_>,
    member: &str,
    most: usize,
) -> Result<Vec<NamedInput>, EntryError> {
    let mut inputs = Vec::new();
    for (value, place) in node.list(member, most)? {
        let node = Node::of(value, place)?;
        inputs.push(NamedInput { name: node.required("name", NAME)?, input: Input::parse(&node)? });
    }
    Ok(inputs)
}
