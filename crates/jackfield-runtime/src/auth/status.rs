//! What is there of what schemes ask for, and where it came from.

use super::local::LocalSource;
use super::slot::{CredentialField, Slot};
use super::store::{Held, Provenance};
use super::store_error::StoreError;
use crate::call::rows::Scheme;
use crate::common::secret::Secret;

/// Secrets shorter than this show nothing of themselves.
const LONG: usize = 16;

/// How much of the others is shown.
const SHOWN: usize = 4;

/// One text of a scheme, and what is known of it.
pub(crate) struct State {
    pub(crate) slot: Slot,
    /// What was found; or what keeps it from being found.
    pub(crate) held: Result<Option<Held>, StoreError>,
}

impl LocalSource {
    /// The texts of a scheme, with what is there of each.
    pub(crate) async fn states(&self, scheme: &'static Scheme) -> Vec<State> {
        let mut states = Vec::new();
        for slot in Slot::of(self.connector(), scheme) {
            states.push(State { slot, held: self.store().find(&slot).await });
        }
        states
    }

    /// How many tools need a scheme, alone or with others, in one of their alternatives.
    pub(crate) fn needed_by(&self, scheme: &Scheme) -> usize {
        let tools = self.connector().tools();
        tools
            .filter(|tool| {
                tool.security.iter().flat_map(|needs| needs.iter()).any(|it| it.scheme == scheme.name)
            })
            .count()
    }
}

impl State {
    /// The end of the text, where it is long enough that nothing is given away; what everybody has, whole.
    pub(crate) fn hint(&self) -> Option<String> {
        let Ok(Some(held)) = &self.held else { return None };
        match self.slot.field {
            CredentialField::ClientId if held.from == Provenance::Connector => {
                Some(held.secret.expose().to_owned())
            }
            CredentialField::Certificate | CredentialField::CertificateKey => None,
            // Some services take the key as the name.
            _ => end_of(&held.secret),
        }
    }
}

/// `…7f3a`
fn end_of(secret: &Secret) -> Option<String> {
    let characters: Vec<char> = secret.expose().chars().collect();
    let end = characters.get(characters.len().checked_sub(SHOWN)?..)?;
    let fit = characters.len() >= LONG && end.iter().all(char::is_ascii_graphic);
    fit.then(|| format!("…{}", end.iter().collect::<String>()))
}

impl std::fmt::Display for Provenance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "from {name}"),
            Self::File { variable, path } => write!(f, "from {}, which {variable} names", path.display()),
            Self::Command(words) => write!(f, "from `{}`", words.join(" ")),
            Self::Records => f.write_str("from the vault"),
            Self::Connector => f.write_str("from connector.toml"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_secrets_show_nothing() {
        let hint = |text: &str| end_of(&Secret::new(text.to_owned()));
        assert_eq!(hint(""), None);
        assert_eq!(hint("abc"), None);
        assert_eq!(hint("fifteen-letters"), None);
        assert_eq!(hint("sixteen--letters").as_deref(), Some("…ters"));
        assert_eq!(hint("sixteen--lett\u{7}rs"), None);
    }
}
