//! Shows which credentials are set, and the source of each.

use super::local::LocalSource;
use super::slot::{CredentialField, CredentialSlot};
use super::store::{Held, Provenance};
use super::store_error::StoreError;
use crate::call::rows::Scheme;
use crate::common::secret::Secret;

/// The minimum length of a secret of which the last characters are shown. Shorter secrets are hidden completely.
const LONG: usize = 16;

/// The number of characters at the end of a long secret that are shown.
const SHOWN: usize = 4;

/// The state of one credential field of a scheme.
pub(crate) struct State<'a> {
    pub(crate) slot: CredentialSlot<'a>,
    /// The value that was found, or the reason why it cannot be read.
    pub(crate) held: Result<Option<Held>, StoreError>,
}

impl LocalSource {
    /// Returns the state of each field of a scheme.
    pub(crate) async fn states<'a>(&'a self, scheme: &'a Scheme<'a>) -> Vec<State<'a>> {
        let mut states = Vec::new();
        for slot in CredentialSlot::of(self.connector(), scheme) {
            states.push(State { slot, held: self.store().find(&slot).await });
        }
        states
    }

    /// Returns the number of tools that need a scheme in one of their alternatives.
    pub(crate) fn needed_by(&self, scheme: &Scheme<'_>) -> usize {
        let tools = self.connector().tools();
        tools
            .filter(|tool| {
                tool.security.iter().flat_map(|needs| needs.iter()).any(|it| it.scheme == scheme.name)
            })
            .count()
    }
}

impl State<'_> {
    /// Returns the last characters of a long secret, or a public value in full. Returns `None` for a short secret.
    pub(crate) fn hint(&self) -> Option<String> {
        let Ok(Some(held)) = &self.held else { return None };
        match self.slot.field {
            CredentialField::ClientId if held.from == Provenance::Connector => {
                Some(held.secret.expose().to_owned())
            }
            CredentialField::Certificate | CredentialField::CertificateKey => None,
            // Some services take the API key as the username, so the username is hidden too.
            _ => end_of(&held.secret),
        }
    }
}

/// Returns the last characters of a long secret, as in `…7f3a`.
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
    fn status_shows_no_characters_of_a_short_secret() {
        let hint = |text: &str| end_of(&Secret::new(text.to_owned()));
        assert_eq!(hint(""), None);
        assert_eq!(hint("abc"), None);
        assert_eq!(hint("fifteen-letters"), None);
        assert_eq!(hint("sixteen--letters").as_deref(), Some("…ters"));
        assert_eq!(hint("sixteen--lett\u{7}rs"), None);
    }
}
