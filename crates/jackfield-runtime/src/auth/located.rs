//! Records where each credential was found, for messages about credentials that the service refused.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use jackfield_recipe::shell_quoted;

use super::credential::{Credential, Missing};
use super::slot::CredentialSlot;
use super::store::Provenance;
use crate::call::held_rows::SchemeHandle;

/// A credential and where it was found.
#[derive(Clone)]
#[non_exhaustive]
pub struct Located {
    /// The credential.
    pub credential: Credential,
    /// The source of the credential, if it is known.
    pub place: Option<CredentialPlace>,
}

impl Located {
    /// Creates a credential that was found in the source `place`.
    pub fn new(credential: Credential, place: Option<CredentialPlace>) -> Self {
        Self { credential, place }
    }
}

/// A future that resolves to a credential and its source, or to the remedy for a missing credential.
pub type LocatedFuture<'a> = Pin<Box<dyn Future<Output = Result<Located, Missing>> + Send + 'a>>;

/// The source in which a credential was found, as text that follows "check" in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialPlace {
    text: String,
    is_read_once: bool,
}

impl CredentialPlace {
    /// Creates a source that is read when the connector starts, such as a variable. A change of the source needs a
    /// restart.
    pub fn read_once(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_read_once: true }
    }

    /// Creates a source that is read at each call.
    pub fn read_always(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_read_once: false }
    }

    /// Whether a change of the source needs a restart of the connector.
    pub(crate) const fn is_read_once(&self) -> bool {
        self.is_read_once
    }

    /// Joins the sources of the secrets that form one credential.
    pub(super) fn of_texts<'p>(
        found: impl IntoIterator<Item = &'p (CredentialSlot<'p>, Provenance)>,
        set_command: &str,
    ) -> Option<Self> {
        let places = found.into_iter().map(|(slot, from)| Self::of_text(slot, from, set_command));
        places.reduce(|one, other| Self {
            is_read_once: one.is_read_once || other.is_read_once,
            text: if one.text == other.text { one.text } else { format!("{} and {}", one.text, other.text) },
        })
    }

    fn of_text(slot: &CredentialSlot<'_>, from: &Provenance, set_command: &str) -> Self {
        let (scheme, field) = (slot.scheme.name, slot.field.as_str());
        match from {
            Provenance::Variable(name) => Self::read_once(name),
            Provenance::File { variable, path } => {
                Self::read_always(format!("{}, which {variable} names", path.display()))
            }
            // The arguments of the command are not shown, because an argument may be a secret.
            Provenance::Command(words) => Self::read_always(format!(
                "the {field} of `{scheme}`, printed by the command `{}` in connector.toml",
                words.first().map_or("", String::as_str)
            )),
            Provenance::Records => Self::read_always(format!(
                "the {field} of `{scheme}` in the vault (`{set_command} {} {field}` replaces it)",
                shell_quoted(scheme)
            )),
            Provenance::Connector => Self::read_always("connector.toml"),
        }
    }
}

impl fmt::Display for CredentialPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A credential that was sent, without its secret.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) scheme: SchemeHandle,
    pub(crate) place: Option<CredentialPlace>,
}

impl Sent {
    /// Returns the sources that the user should check, as text, and whether a change of a source needs a restart.
    pub(crate) fn places(sent: &[Self]) -> (String, bool) {
        let mut places: Vec<String> = Vec::new();
        for one in sent {
            let place = one.place.as_ref().map(ToString::to_string);
            let place = place.unwrap_or_else(|| format!("the credential of `{}`", one.scheme.get().name));
            if !places.contains(&place) {
                places.push(place);
            }
        }
        let once = sent.iter().any(|one| one.place.as_ref().is_none_or(CredentialPlace::is_read_once));
        (places.join(", and "), once)
    }

    /// Returns the descriptions of schemes in the OpenAPI document.
    pub(crate) fn descriptions(sent: &[Self]) -> String {
        let schemes = sent.iter().map(|one| one.scheme.get());
        let said = schemes.filter(|scheme| !scheme.description.is_empty());
        said.map(|scheme| format!(" The document describes `{}` as {:?}.", scheme.name, scheme.description))
            .collect()
    }
}

#[cfg(test)]
mod tests;
