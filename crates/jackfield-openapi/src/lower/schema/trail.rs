//! The path from a known pointer to a schema. It is converted to a pointer only when a finding needs it.

use jackfield_model::Pointer;

use super::projection::Projection;

/// A step of the path, linked to the step before it.
pub(super) struct Trail<'a> {
    /// The file of the schema.
    pub(super) file: usize,
    /// The direction for which the schema is extracted.
    pub(super) projection: Projection,
    step: Step<'a>,
}

enum Step<'a> {
    Root(&'a Pointer),
    Key(&'a Trail<'a>, &'a str),
    Index(&'a Trail<'a>, usize),
}

impl<'a> Trail<'a> {
    pub(super) const fn root(file: usize, pointer: &'a Pointer, projection: Projection) -> Self {
        Self { file, projection, step: Step::Root(pointer) }
    }

    pub(super) const fn child(&'a self, key: &'a str) -> Self {
        Self { step: Step::Key(self, key), ..*self }
    }

    pub(super) const fn index(&'a self, at: usize) -> Self {
        Self { step: Step::Index(self, at), ..*self }
    }

    pub(super) fn pointer(&self) -> Pointer {
        match self.step {
            Step::Root(pointer) => pointer.clone(),
            Step::Key(up, key) => up.pointer().child(key),
            Step::Index(up, at) => up.pointer().index(at),
        }
    }
}
