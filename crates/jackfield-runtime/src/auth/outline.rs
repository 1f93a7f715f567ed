//! The placeholder that a dry run shows for a credential.

use jackfield_recipe::CredentialField;

use crate::call::rows::Scheme;

/// The placeholder for the credential of a scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// Whether the user has set the credential. A credential in a source that has to be read, such as the vault, does not count as set.
    pub(crate) is_set: bool,
    /// The text to show for each credential field, including a password that is not set.
    pub(super) names: Vec<(CredentialField, String)>,
}

impl Outline {
    /// Creates a placeholder with the text `name`. `is_set` says whether the credential is available.
    pub fn new(is_set: bool, name: &str) -> Self {
        Self { is_set, names: CredentialField::ALL.map(|field| (field, name.to_owned())).into() }
    }

    /// Creates the placeholder for a scheme whose credential source does not describe it.
    pub(super) fn unknown(scheme: &Scheme<'_>) -> Self {
        let name = |field: &CredentialField| (*field, format!("{} of {}", field.as_str(), scheme.name));
        Self { is_set: false, names: scheme.kind.fields().iter().map(name).collect() }
    }

    pub(crate) fn name(&self, field: CredentialField) -> &str {
        self.names.iter().find(|(known, _)| *known == field).map_or("", |(_, name)| name)
    }
}
