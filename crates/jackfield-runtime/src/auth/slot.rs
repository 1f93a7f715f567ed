//! What a scheme asks of the user, text by text, and what each is called.

pub(crate) use jackfield_recipe::Word;
use jackfield_recipe::visible_line;

use crate::call::rows::{Connector, Scheme, SchemeKind};
use crate::common::environment::variable;

impl Scheme {
    /// Whether its tokens can be granted, and not only be set.
    pub(crate) fn is_granted(&self) -> bool {
        matches!(self.kind, SchemeKind::OAuth2 | SchemeKind::OpenIdConnect)
            && (!self.flows.is_empty() || self.metadata.is_some())
    }

    /// What it asks of the user.
    pub(crate) const fn words(&self) -> &'static [Word] {
        match self.kind {
            SchemeKind::Bearer => &[Word::Token],
            SchemeKind::OAuth2 | SchemeKind::OpenIdConnect => {
                &[Word::Token, Word::ClientId, Word::ClientSecret]
            }
            SchemeKind::ApiKey { .. } => &[Word::ApiKey],
            SchemeKind::Basic | SchemeKind::Digest => &[Word::Username, Word::Password],
            SchemeKind::MutualTls => &[Word::Certificate, Word::CertificateKey],
            SchemeKind::Other(_) => &[],
        }
    }
}

/// One text of one scheme.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) connector: &'static Connector,
    pub(crate) scheme: &'static Scheme,
    pub(crate) word: Word,
}

impl Slot {
    /// Those of a scheme.
    pub(crate) fn of(connector: &'static Connector, scheme: &'static Scheme) -> impl Iterator<Item = Self> {
        scheme.words().iter().map(move |&word| Self { connector, scheme, word })
    }

    /// The variable to tell the user of: the short one, `BOOKSHOP_TOKEN`, where one scheme alone asks for such a text.
    pub(crate) fn variable(&self) -> String {
        self.short().unwrap_or_else(|| self.long())
    }

    /// Every variable that holds it, the one that wins first: by the scheme's name, by its other names, the short one.
    pub(crate) fn variables(&self) -> impl Iterator<Item = String> + use<> {
        let Self { connector, scheme, word } = *self;
        let names = [scheme.name].into_iter().chain(scheme.aliases.iter().copied());
        let long = names.map(move |name| variable(connector.name, &format!("{}_{name}", word.as_str())));
        long.chain(self.short())
    }

    /// What the vault calls it.
    pub(crate) fn record(&self) -> String {
        record_name(self.connector, self.scheme, self.word.as_str())
    }

    /// The command that prints it.
    pub(crate) fn command(&self) -> Option<&'static [&'static str]> {
        let commands = self.scheme.commands.iter();
        commands.rev().find(|command| command.what == self.word.as_str()).map(|command| command.words)
    }

    /// Whether the scheme can do without it.
    pub(crate) fn is_optional(&self) -> bool {
        match self.word {
            // A public client has none, some services take the key as the name, and one file can hold both.
            Word::ClientSecret | Word::Password | Word::CertificateKey => true,
            Word::Token | Word::ClientId => self.scheme.is_granted(),
            Word::ApiKey | Word::Username | Word::Certificate => false,
        }
    }

    /// Whether a person who sets up the scheme is asked for it. Where tokens are granted, nobody has one at hand.
    pub(crate) fn is_usual(&self) -> bool {
        match self.word {
            Word::Token => !self.scheme.is_granted(),
            Word::ClientId | Word::ClientSecret => self.scheme.is_granted(),
            _ => true,
        }
    }

    /// What the connector itself has for it.
    pub(crate) fn given(&self) -> Option<&'static str> {
        self.scheme.client.id.filter(|_| self.word == Word::ClientId)
    }

    fn long(&self) -> String {
        variable(self.connector.name, &format!("{}_{}", self.word.as_str(), self.scheme.name))
    }

    fn short(&self) -> Option<String> {
        let rivals = self.connector.schemes.iter().filter(|scheme| scheme.words().contains(&self.word));
        (rivals.count() == 1).then(|| variable(self.connector.name, self.word.as_str()))
    }
}

/// The name of a record of a scheme. The vault takes no control characters, and people read the name.
pub(crate) fn record_name(connector: &Connector, scheme: &Scheme, what: &str) -> String {
    visible_line(&format!("{}/{}/{what}", connector.name, scheme.name)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_name_of_a_scheme_with_control_characters_is_visible() {
        let name = record_name(&Connector::new("shop"), &Scheme::bearer("tok\u{1b}[31m"), "token");
        assert!(name.starts_with("shop/tok") && name.ends_with("/token"), "{name}");
        assert!(!name.contains(char::is_control), "{name:?}");
    }
}
