//! The path from a known pointer to a schema. It is converted to a pointer only when a finding needs it.

use jackfield_model::Pointer;

use super::projection::Projection;

/// The keywords whose schemas are conditions: they do not describe the whole value.
const CONDITIONS: [&str; 6] = ["not", "if", "contains", "propertyNames", "dependentSchemas", "dependencies"];

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

    /// Whether the schema at the end describes a whole value: it is the root, a property or an item, and not part of a
    /// condition.
    pub(super) fn is_of_a_value(&self) -> bool {
        let is_value = match self.step {
            Step::Root(_) => true,
            Step::Key(up, key) => {
                up.key() == Some("properties") || ["items", "additionalProperties"].contains(&key)
            }
            Step::Index(up, _) => up.key() == Some("items") || up.key() == Some("prefixItems"),
        };
        is_value && !self.keys().any(|key| CONDITIONS.contains(&key))
    }

    fn key(&self) -> Option<&'a str> {
        match self.step {
            Step::Key(_, key) => Some(key),
            Step::Root(_) | Step::Index(..) => None,
        }
    }

    /// Returns the keys from the end to the root.
    fn keys(&self) -> impl Iterator<Item = &'a str> {
        let up = |trail: &&'a Trail<'a>| match trail.step {
            Step::Root(_) => None,
            Step::Key(up, _) | Step::Index(up, _) => Some(up),
        };
        let first = match self.step {
            Step::Root(_) => None,
            Step::Key(up, _) | Step::Index(up, _) => Some(up),
        };
        self.key().into_iter().chain(std::iter::successors(first, up).filter_map(Self::key))
    }
}
