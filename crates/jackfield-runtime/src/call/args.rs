//! The arguments of a call, as mapping functions ask for them.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value};

use crate::call::argument_problem::ArgumentProblem;

/// The arguments that a client sent.
#[derive(Clone, Debug, Default)]
pub struct Args(Map<String, Value>);

impl Args {
    /// The arguments of a `tools/call`.
    pub const fn new(arguments: Map<String, Value>) -> Self {
        Self(arguments)
    }

    /// An argument that the request cannot be made without.
    pub fn required<'a>(&'a self, name: &'a str) -> Input<'a> {
        Input { name, value: self.0.get(name).map(Cow::Borrowed), required: true }
    }

    /// An argument that may be absent.
    pub fn optional<'a>(&'a self, name: &'a str) -> Input<'a> {
        Input { name, value: self.0.get(name).map(Cow::Borrowed), required: false }
    }

    /// The argument of that name, for hand-written tools.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// All of them.
    pub const fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }
}

/// One value on its way into a request.
#[derive(Clone, Debug)]
pub struct Input<'a> {
    name: &'a str,
    value: Option<Cow<'a, Value>>,
    required: bool,
}

impl<'a> Input<'a> {
    /// A text that the document fixes: nobody is asked for it.
    pub fn text(text: &'a str) -> Self {
        Self { name: text, value: Some(Cow::Owned(text.into())), required: true }
    }

    /// Any other value that the document fixes, as JSON.
    pub fn json(text: &'a str) -> Self {
        Self { name: text, value: serde_json::from_str(text).ok().map(Cow::Owned), required: true }
    }

    /// The value, which may be null.
    pub(crate) fn value(&self) -> Result<Option<&Value>, ArgError> {
        match &self.value {
            None if self.required => Err(self.error(ArgumentProblem::Required)),
            value => Ok(value.as_deref()),
        }
    }

    /// The value, where null says the same as absence: everywhere but in JSON.
    pub(crate) fn present(&self) -> Result<Option<&Value>, ArgError> {
        match self.value.as_deref() {
            None | Some(Value::Null) if self.required => Err(self.error(ArgumentProblem::Required)),
            Some(Value::Null) => Ok(None),
            value => Ok(value),
        }
    }

    /// Whether it is the document that says it, and not the model.
    pub(crate) const fn is_fixed(&self) -> bool {
        matches!(self.value, Some(Cow::Owned(_)))
    }

    pub(crate) const fn name(&self) -> &'a str {
        self.name
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
