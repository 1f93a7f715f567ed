//! `[form]`: how objects in form fields are serialized.

use std::collections::BTreeMap;

use jackfield_openapi::FormObjects;
use toml::Spanned;

use super::refusal::Refusal;
use super::rules::RuleTable;
use super::written::WrittenForm;

/// The key for all forms.
const ALL: &str = "objects";

/// The choice for all forms, and the choices for the forms of single operations.
#[derive(Clone, Debug, Default)]
pub(crate) struct Forms {
    objects: FormObjects,
    /// The choices for the forms of single operations.
    pub(crate) operations: RuleTable<FormObjects>,
}

impl Forms {
    pub(super) fn parse(written: BTreeMap<Spanned<String>, WrittenForm>) -> Result<Self, Refusal> {
        let mut forms = Self::default();
        for (key, written) in written {
            let span = key.span();
            match key.into_inner() {
                key if key == ALL => forms.objects = written.into(),
                key => forms.operations.add(&key, span, written.into())?,
            }
        }
        Ok(forms)
    }

    /// Returns the choice for forms of operations that have no choice of their own.
    pub(crate) const fn objects(&self) -> FormObjects {
        self.objects
    }
}
