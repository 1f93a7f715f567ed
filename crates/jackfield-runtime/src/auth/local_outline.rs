//! Placeholders for the credentials of the local user, with the names of their variables. Creating a placeholder reads no credential, runs
//! no command and requests no token.

use jackfield_recipe::CredentialField;

use super::local::LocalSource;
use super::outline::Outline;
use super::slot::CredentialSlot;
use crate::call::rows::{FlowKind, Scheme};

impl LocalSource {
    /// Builds the placeholder of a scheme from the names of variables and connector.toml.
    pub(super) fn outline_of(&self, scheme: &Scheme<'_>) -> Outline {
        let slot = |field| CredentialSlot { connector: self.connector(), scheme, field };
        let source = |field| self.store().outlined(&slot(field));
        let mut names: Vec<(CredentialField, String)> = Vec::new();
        let mut is_set = !scheme.kind.fields().is_empty();
        for slot in CredentialSlot::of(self.connector(), scheme) {
            let found = self.store().outlined(&slot);
            is_set &= found.is_some() || slot.is_optional();
            names.push((slot.field, found.unwrap_or_else(|| slot.variable())));
        }
        if scheme.is_granted() && source(CredentialField::Token).is_none() {
            let [id, secret] = [CredentialField::ClientId, CredentialField::ClientSecret].map(source);
            let by_itself = scheme.flow(FlowKind::ClientCredentials).is_some();
            is_set = by_itself && id.is_some() && secret.is_some();
            let shown = match by_itself && !scheme.has_login() {
                true => format!("token for {}", slot(CredentialField::ClientId).variable()),
                false => "token from auth login".to_owned(),
            };
            names.retain(|(field, _)| *field != CredentialField::Token);
            names.push((CredentialField::Token, shown));
        }
        Outline { is_set, names }
    }
}
