use jackfield_model::{ArgName, ToolName};

use crate::select::Selector;

/// Operations that the user merges into one tool.
#[derive(Clone, Debug)]
pub struct MergeChoice {
    /// The name of the tool.
    pub name: ToolName,
    /// The title that the user wrote.
    pub title: Option<String>,
    /// The description that the user wrote.
    pub description: Option<String>,
    /// The argument whose value selects the operation, if the given arguments do not.
    pub selector: Option<ArgName>,
    /// The operations, each with its value of the selector.
    pub operations: Vec<(Selector, Option<String>)>,
}

/// A merge that is not possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeFault {
    /// The index of the merge.
    pub merge: usize,
    /// The index of the entry that is at fault, if one is.
    pub entry: Option<usize>,
    /// The mistake.
    pub problem: MergeProblem,
}

/// The reason why a merge is not possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MergeProblem {
    /// The entry matches no operation that becomes a tool.
    Unmatched,
    /// The entry matches several operations.
    Several(usize),
    /// The operation is already part of another merge, which has this index.
    Twice(usize),
    /// A tool outside of the merge already has the name of the merge. The string is the route of its operation.
    NameTaken(String),
    /// Two operations have an argument of this name with different schemas. The strings are the routes of the
    /// operations.
    Differs(String, [String; 2]),
    /// Two operations require the same arguments. The strings are their routes.
    Indistinct([String; 2]),
    /// An operation has an argument with the name of the selector. The string is the route of the operation.
    SelectorTaken(String),
}
