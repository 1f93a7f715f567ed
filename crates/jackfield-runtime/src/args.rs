//! The arguments of a call, as mapping functions ask for them.

use std::fmt;

use serde_json::{Map, Value};

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
        Input { name, value: self.0.get(name), required: true }
    }

    /// An argument that may be absent.
    pub fn optional<'a>(&'a self, name: &'a str) -> Input<'a> {
        Input { name, value: self.0.get(name), required: false }
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

/// One argument on its way into a request.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    name: &'a str,
    value: Option<&'a Value>,
    required: bool,
}

impl<'a> Input<'a> {
    /// The value, which may be null.
    pub(crate) fn value(self) -> Result<Option<&'a Value>, ArgError> {
        match self.value {
            None if self.required => Err(self.error("is required")),
            value => Ok(value),
        }
    }

    /// The value, where null says the same as absence: everywhere but in JSON.
    pub(crate) fn present(self) -> Result<Option<&'a Value>, ArgError> {
        match self.value {
            None | Some(Value::Null) if self.required => Err(self.error("is required")),
            Some(Value::Null) => Ok(None),
            value => Ok(value),
        }
    }

    pub(crate) const fn name(self) -> &'a str {
        self.name
    }

    pub(crate) fn error(self, problem: impl Into<String>) -> ArgError {
        ArgError { arg: self.name.to_owned(), problem: problem.into() }
    }
}

/// An argument that cannot be put into the request. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgError {
    arg: String,
    problem: String,
}

impl ArgError {
    pub(crate) fn new(arg: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { arg: arg.into(), problem: problem.into() }
    }
}

impl fmt::Display for ArgError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.arg, self.problem)
    }
}

impl std::error::Error for ArgError {}
