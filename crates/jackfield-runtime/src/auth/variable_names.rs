//! The names of the variables of credential fields, which are computed once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jackfield_recipe::file_variable;

use super::slot::{CredentialField, CredentialSlot};

/// A variable that can hold a credential field, and the one that can name its file.
pub(super) struct VariableName {
    pub(super) value: String,
    pub(super) file: String,
}

/// The names by connector and scheme. They depend on nothing else, and a store has one connector.
#[derive(Default)]
pub(super) struct VariableNames(Mutex<HashMap<(String, String), Fields>>);

type Fields = Vec<(CredentialField, Arc<[VariableName]>)>;

impl VariableNames {
    /// The variables of a field, in the order of precedence.
    pub(super) fn of(&self, slot: &CredentialSlot<'_>) -> Arc<[VariableName]> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (slot.connector.name.to_owned(), slot.scheme.name.to_owned());
        let fields = known.entry(key).or_default();
        if let Some((_, names)) = fields.iter().find(|(field, _)| *field == slot.field) {
            return Arc::clone(names);
        }
        let name = |value: String| VariableName { file: file_variable(&value), value };
        let names: Arc<[VariableName]> = slot.variables().map(name).collect();
        fields.push((slot.field, Arc::clone(&names)));
        names
    }
}
