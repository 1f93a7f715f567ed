//! The arguments of a tool call, as mapping functions read them.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value};

use crate::call::argument_problem::ArgumentProblem;

/// The arguments of a tool call.
#[derive(Clone, Debug, Default)]
pub struct Args(Map<String, Value>);

impl Args {
    /// Wraps the `arguments` of a `tools/call` request.
    pub const fn new(arguments: Map<String, Value>) -> Self {
        Self(arguments)
    }

    /// Returns an argument that must be given.
    pub fn required<'a>(&'a self, name: &'a str) -> Input<'a> {
        Input { name, value: self.0.get(name).map(Cow::Borrowed), required: true }
    }

    /// Returns an argument that may be absent.
    pub fn optional<'a>(&'a self, name: &'a str) -> Input<'a> {
        Input { name, value: self.0.get(name).map(Cow::Borrowed), required: false }
    }

    /// Returns the value of an argument, for hand-written tools.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Returns all arguments.
    pub const fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }
}

/// A value for the request, with the name that errors show for it.
#[derive(Clone, Debug)]
pub struct Input<'a> {
    name: &'a str,
    value: Option<Cow<'a, Value>>,
    required: bool,
}

impl<'a> Input<'a> {
    /// Creates an input from a string constant in the document. No argument can change it.
    pub fn text(text: &'a str) -> Self {
        Self { name: text, value: Some(Cow::Owned(text.into())), required: true }
    }

    /// Creates an input from a JSON constant in the document.
    pub fn json(text: &'a str) -> Self {
        Self { name: text, value: serde_json::from_str(text).ok().map(Cow::Owned), required: true }
    }

    /// Creates an input from a connector setting. Errors name the environment variable of the setting.
    pub(crate) fn chosen(variable: &'a str, value: &str) -> Self {
        Self { name: variable, value: Some(Cow::Owned(value.into())), required: true }
    }

    /// Returns the value, which may be null. Returns an error if the value is required and missing.
    pub(crate) fn value(&self) -> Result<Option<&Value>, ArgError> {
        match &self.value {
            None if self.required => Err(self.error(ArgumentProblem::Required)),
            value => Ok(value.as_deref()),
        }
    }

    /// Returns the value, but treats null as absent. Null is a value only in JSON bodies.
    pub(crate) fn present(&self) -> Result<Option<&Value>, ArgError> {
        match self.value.as_deref() {
            None | Some(Value::Null) if self.required => Err(self.error(ArgumentProblem::Required)),
            Some(Value::Null) => Ok(None),
            value => Ok(value),
        }
    }

    /// Whether the value is a constant of the document rather than an argument.
    pub(crate) const fn is_fixed(&self) -> bool {
        matches!(self.value, Some(Cow::Owned(_)))
    }

    pub(crate) const fn name(&self) -> &'a str {
        self.name
    }

    /// Converts the input to its form in a recipe.
    pub(crate) fn recorded(&self) -> jackfield_recipe::Input {
        match &self.value {
            Some(Cow::Owned(value)) => jackfield_recipe::Input::Fixed { json: value.to_string() },
            _ => jackfield_recipe::Input::arg(self.name, self.required),
        }
    }

    pub(crate) fn error(&self, problem: impl Into<ArgumentProblem>) -> ArgError {
        ArgError { arg: self.name.to_owned(), problem: problem.into() }
    }
}

/// An argument that cannot be put into the request. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgError {
    arg: String,
    problem: ArgumentProblem,
}

impl ArgError {
    pub(crate) fn new(arg: impl Into<String>, problem: impl Into<ArgumentProblem>) -> Self {
        Self { arg: arg.into(), problem: problem.into() }
    }
}

impl fmt::Display for ArgError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.arg, self.problem)
    }
}

impl std::error::Error for ArgError {}
