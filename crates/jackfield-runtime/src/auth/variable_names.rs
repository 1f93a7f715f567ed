//! The cached names of the variables of credential fields.

use std::sync::{Arc, Mutex, PoisonError};

use jackfield_recipe::file_variable;

use super::slot::{CredentialField, CredentialSlot};

/// The variable that can contain a credential field, and the variable that can name a file with the field.
pub(super) struct VariableName {
    pub(super) value: String,
    pub(super) file: String,
}

/// The cached variable names of credential fields. They depend only on the connector, so they are computed once.
#[derive(Default)]
pub(super) struct VariableNames(Mutex<Vec<FieldNames>>);

struct FieldNames {
    connector: String,
    scheme: String,
    field: CredentialField,
    names: Arc<[VariableName]>,
}

impl VariableNames {
    /// Returns the variables of a field, in the order of precedence.
    pub(super) fn of(&self, slot: &CredentialSlot<'_>) -> Arc<[VariableName]> {
        let (connector, scheme, field) = (slot.connector.name, slot.scheme.name, slot.field);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same =
            |it: &&FieldNames| it.field == field && it.scheme == scheme && it.connector == connector;
        if let Some(known) = known.iter().find(is_same) {
            return Arc::clone(&known.names);
        }
        let name = |value: String| VariableName { file: file_variable(&value), value };
        let names: Arc<[VariableName]> = slot.variables().map(name).collect();
        let (connector, scheme) = (connector.to_owned(), scheme.to_owned());
        known.push(FieldNames { connector, scheme, field, names: Arc::clone(&names) });
        names
    }
}
