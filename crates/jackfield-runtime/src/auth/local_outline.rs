//! Placeholders for the credentials of the local user, from the names of variables alone: nothing is read, run or asked
//! for.

use jackfield_recipe::Word;

use super::local::LocalSource;
use super::outline::Outline;
use super::slot::Slot;
use crate::call::rows::{FlowKind, Scheme};

impl LocalSource {
    /// The placeholder for a scheme, by the names of variables and by connector.toml.
    pub(super) fn outline_of(&self, scheme: &'static Scheme) -> Outline {
        let slot = |word| Slot { connector: self.connector(), scheme, word };
        let source = |word| self.store().outlined(&slot(word));
        let mut names: Vec<(Word, String)> = Vec::new();
        let mut is_set = !scheme.words().is_empty();
        for slot in Slot::of(self.connector(), scheme) {
            let found = self.store().outlined(&slot);
            is_set &= found.is_some() || slot.is_optional();
            names.push((slot.word, found.unwrap_or_else(|| slot.variable())));
        }
        if scheme.is_granted() && source(Word::Token).is_none() {
            let [id, secret] = [Word::ClientId, Word::ClientSecret].map(source);
            let by_itself = scheme.flow(FlowKind::ClientCredentials).is_some();
            is_set = by_itself && id.is_some() && secret.is_some();
            let shown = match by_itself && !scheme.has_login() {
                true => format!("token for {}", slot(Word::ClientId).variable()),
                false => "token from auth login".to_owned(),
            };
            names.retain(|(word, _)| *word != Word::Token);
            names.push((Word::Token, shown));
        }
        Outline { is_set, names }
    }
}
