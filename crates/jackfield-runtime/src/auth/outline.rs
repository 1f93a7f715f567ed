//! The placeholders that a dry run shows for credentials, from the names of variables alone: nothing is read, run or
//! asked for.

use jackfield_recipe::{Location, Word};

use super::slot::Slot;
use super::{CredentialSource, LocalSource, Signers};
use crate::call::outgoing::Outgoing;
use crate::call::rows::{Connector, FlowKind, Need, Scheme, SchemeKind, Tool};

/// The placeholder for the credential of a scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// Whether the user has set it, as far as that is seen without reading anything.
    is_set: bool,
    /// The name of each of its texts, that of a password that may be unset among them.
    names: Vec<(Word, String)>,
}

impl Outline {
    /// A credential that goes by that name in a dry run; `is_set` where it would be there.
    pub fn new(is_set: bool, name: &str) -> Self {
        Self { is_set, names: Word::ALL.map(|word| (word, name.to_owned())).into() }
    }

    /// An outline of a scheme of which nobody says more.
    pub(super) fn unknown(scheme: &Scheme) -> Self {
        let name = |word: &Word| (*word, format!("{} of {}", word.as_str(), scheme.name));
        Self { is_set: false, names: scheme.words().iter().map(name).collect() }
    }

    fn name(&self, word: Word) -> &str {
        self.names.iter().find(|(known, _)| *known == word).map_or("", |(_, name)| name)
    }
}

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

/// Puts placeholders where the credentials of a call would stand, and returns what no request can show. Shown is the first
/// alternative whose variables are set, else the first.
pub(crate) fn outline(
    connector: &'static Connector,
    tool: &Tool,
    source: &dyn CredentialSource,
    signers: &Signers,
    outgoing: &mut Outgoing,
) -> Vec<String> {
    let scheme = |need: &Need| connector.schemes.iter().find(|scheme| scheme.name == need.scheme);
    let is_set = |need: &Need| {
        scheme(need).is_some_and(|scheme| signers.contains_key(scheme.name) || source.outline(scheme).is_set)
    };
    let set = tool.security.iter().find(|needs| !needs.is_empty() && needs.iter().all(is_set));
    let needs: &[Need] = set.or(tool.security.first()).copied().unwrap_or_default();
    let mut notes = Vec::new();
    for scheme in needs.iter().filter_map(scheme) {
        if signers.contains_key(scheme.name) {
            notes.push(format!("`{}` is signed when the request is sent", scheme.name));
            continue;
        }
        let it = source.outline(scheme);
        let word = |usual| scheme.prefix.unwrap_or(usual);
        let mut header = |text: String| outgoing.sketch(Location::Header, "authorization", &text);
        match scheme.kind {
            SchemeKind::Bearer | SchemeKind::OAuth2 | SchemeKind::OpenIdConnect => {
                header(format!("{}<{}>", word("Bearer "), it.name(Word::Token)));
            }
            SchemeKind::Basic => header(format!(
                "{}<base64 of {}:{}>",
                word("Basic "),
                it.name(Word::Username),
                it.name(Word::Password)
            )),
            SchemeKind::Digest => header(format!(
                "Digest <made from {} and {} when the request is sent>",
                it.name(Word::Username),
                it.name(Word::Password)
            )),
            SchemeKind::ApiKey { location, wire } => {
                outgoing.sketch(location, wire, &format!("{}<{}>", word(""), it.name(Word::ApiKey)));
            }
            SchemeKind::MutualTls => {
                notes.push(format!(
                    "the certificate of {} is shown when connecting",
                    it.name(Word::Certificate)
                ));
            }
            SchemeKind::Other(kind) => {
                notes.push(format!("`{}` ({kind}) takes a signer, and there is none", scheme.name));
            }
        }
    }
    notes
}

#[cfg(test)]
mod tests;
