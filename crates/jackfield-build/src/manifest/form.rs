//! `[form]`: how objects in form fields are serialized.

use std::collections::BTreeMap;

use jackfield_openapi::FormObjects;
use toml::Spanned;

use super::refusal::Span;
use super::written::WrittenForm;

/// The key for all forms.
const ALL: &str = "objects";

/// The choice for all forms, and the choices for the forms of single operations.
#[derive(Clone, Debug, Default)]
pub(crate) struct Forms {
    objects: FormObjects,
    /// The choices by operationId or route, with their positions.
    operations: BTreeMap<String, (FormObjects, Span)>,
}

impl Forms {
    pub(super) fn parse(written: BTreeMap<Spanned<String>, WrittenForm>) -> Self {
        let mut forms = Self::default();
        for (key, written) in written {
            let span = key.span();
            match key.into_inner() {
                key if key == ALL => forms.objects = written.into(),
                key => drop(forms.operations.insert(key, (written.into(), span))),
            }
        }
        forms
    }

    /// The choice for forms of operations that have no choice of their own.
    pub(crate) const fn objects(&self) -> FormObjects {
        self.objects
    }

    /// The choices for the forms of single operations, by operationId or route.
    pub(crate) fn operations(&self) -> BTreeMap<String, FormObjects> {
        self.operations.iter().map(|(key, (objects, _))| (key.clone(), *objects)).collect()
    }

    /// The keys for single operations, with positions.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (&str, &Span)> {
        self.operations.iter().map(|(key, (_, span))| (key.as_str(), span))
    }
}
