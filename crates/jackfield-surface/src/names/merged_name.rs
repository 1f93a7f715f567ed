use jackfield_model::MergedInto;

/// The merge that an operation is part of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedName {
    /// The tool through which clients call the operation.
    pub into: MergedInto,
    /// The index of the operation in the merge.
    pub entry: usize,
}
