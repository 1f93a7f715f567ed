use jackfield_model::ArgName;
use serde_json::Value;

/// The decisions about one argument, or about a property within it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ArgumentRule {
    /// The name of the argument, or the dotted path of a property.
    pub path: String,
    /// Whether calls cannot set the argument.
    pub hide: bool,
    /// The value that is always sent.
    pub fix: Option<Value>,
    /// The default: the value that is sent if a call does not set the argument.
    pub default: Option<Value>,
    /// The name that models see.
    pub rename: Option<ArgName>,
    /// The description.
    pub describe: Option<String>,
    /// The only values that are accepted.
    pub values: Option<Vec<Value>>,
}

/// A rule about an argument that cannot apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgumentFault {
    /// The index of the table.
    pub table: usize,
    /// The index of the rule in its table.
    pub rule: usize,
    /// The problem, without the location of the rule, which the caller shows beside it.
    pub problem: String,
    /// The remedy.
    pub help: String,
}
