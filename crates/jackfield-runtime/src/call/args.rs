//! The arguments of a tool call, for mapping functions.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value};

use crate::call::argument_problem::ArgumentProblem;

/// The arguments of a tool call.
#[derive(Clone, Debug, Default)]
pub struct Args(Map<String, Value>);

impl Args {
    /// Wraps the arguments of a `tools/call`.
    pub const fn new(arguments: Map<String, Value>) -> Self {
        Self(arguments)
    }

    /// A required argument.
    pub fn required<'a>(&'a self, name: &'a str) -> Input<'a> {
        Input { name, value: self.0.get(name).map(Cow::Borrowed), required: true }
    }

    /// An optional argument.
    pub fn optional<'a>(&'a self, name: &'a str) -> Input<'a> {
        Input { name, value: self.0.get(name).map(Cow::Borrowed), required: false }
    }

    /// The value of an argument, for hand-written tools.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// All arguments.
    pub const fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }
}

/// A value to put into a request, and the name that errors show for it.
#[derive(Clone, Debug)]
pub struct Input<'a> {
    name: &'a str,
    value: Option<Cow<'a, Value>>,
    required: bool,
}

impl<'a> Input<'a> {
    /// A text constant that the document declares. No argument can change it.
    pub fn text(text: &'a str) -> Self {
        Self { name: text, value: Some(Cow::Owned(text.into())), required: true }
    }

    /// A JSON constant that the document declares.
    pub fn json(text: &'a str) -> Self {
        Self { name: text, value: serde_json::from_str(text).ok().map(Cow::Owned), required: true }
    }

    /// The value of a connector setting. Errors name the variable that sets it.
    pub(crate) fn chosen(variable: &'a str, value: &str) -> Self {
        Self { name: variable, value: Some(Cow::Owned(value.into())), required: true }
    }

    /// The value, which may be null. Returns an error if it is required and missing.
    pub(crate) fn value(&self) -> Result<Option<&Value>, ArgError> {
        match &self.value {
            None if self.required => Err(self.error(ArgumentProblem::Required)),
            value => Ok(value.as_deref()),
        }
    }

    /// The value, where null counts as absent. Null is a value only in JSON bodies.
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

    /// The input as a recipe has it.
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
