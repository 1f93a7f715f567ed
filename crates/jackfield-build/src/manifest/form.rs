//! `[form]`: how objects in the fields of forms are written.

use std::collections::BTreeMap;

use jackfield_openapi::{Candidate, FormObjects};
use toml::Spanned;

use super::refusal::Span;
use super::written::WrittenForm;

/// The key that speaks of every form.
const ALL: &str = "objects";

/// The choice for all forms, and those for the forms of single operations.
#[derive(Clone, Debug, Default)]
pub(crate) struct Forms {
    objects: FormObjects,
    /// By operationId or route, with where each stands.
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

    /// The choice for the form of an operation, the route before the operationId; `matched` is told which keys speak of it.
    pub(crate) fn of(&self, candidate: &Candidate<'_>, mut matched: impl FnMut(&str)) -> FormObjects {
        let route = format!("{} {}", candidate.method, candidate.path);
        let mut chosen = None;
        for key in [Some(route.as_str()), candidate.id].into_iter().flatten() {
            if let Some((objects, _)) = self.operations.get(key) {
                matched(key);
                chosen = chosen.or(Some(*objects));
            }
        }
        chosen.unwrap_or(self.objects)
    }

    /// The keys that speak of single operations, with where each stands.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (&str, &Span)> {
        self.operations.iter().map(|(key, (_, span))| (key.as_str(), span))
    }
}
