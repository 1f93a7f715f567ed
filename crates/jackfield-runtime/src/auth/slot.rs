//! What a scheme asks of the user, text by text, and what each is called.

pub(crate) use jackfield_recipe::CredentialField;
use jackfield_recipe::visible_line;

use crate::call::rows::{Connector, Scheme};

impl Scheme {
    /// Whether its tokens can be granted, and not only be set.
    pub(crate) fn is_granted(&self) -> bool {
        self.kind.is_oauth() && (!self.flows.is_empty() || self.metadata.is_some())
    }
}

/// One text of one scheme.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) connector: &'static Connector,
    pub(crate) scheme: &'static Scheme,
    pub(crate) field: CredentialField,
}

impl Slot {
    /// Those of a scheme.
    pub(crate) fn of(connector: &'static Connector, scheme: &'static Scheme) -> impl Iterator<Item = Self> {
        scheme.kind.fields().iter().map(move |&field| Self { connector, scheme, field })
    }

    /// The variable to tell the user of: the short one, `BOOKSHOP_TOKEN`, where one scheme alone asks for such a text.
    pub(crate) fn variable(&self) -> String {
        self.short().unwrap_or_else(|| self.long())
    }

    /// Every variable that holds it, the one that wins first: by the scheme's name, by its other names, the short one.
    pub(crate) fn variables(&self) -> impl Iterator<Item = String> + use<> {
        let Self { connector, scheme, field } = *self;
        let names = [scheme.name].into_iter().chain(scheme.aliases.iter().copied());
        let long = names.map(move |name| field.long_variable(connector.name, name));
        long.chain(self.short())
    }

    /// What the vault calls it.
    pub(crate) fn record(&self) -> String {
        record_name(self.connector, self.scheme, self.field.as_str())
    }

    /// The command that prints it.
    pub(crate) fn command(&self) -> Option<&'static [&'static str]> {
        let commands = self.scheme.commands.iter();
        commands.rev().find(|command| command.what == self.field.as_str()).map(|command| command.words)
    }

    /// Whether the scheme can do without it.
    pub(crate) fn is_optional(&self) -> bool {
        match self.field {
            // A public client has none, some services take the key as the name, and one file can hold both.
            CredentialField::ClientSecret | CredentialField::Password | CredentialField::CertificateKey => {
                true
            }
            CredentialField::Token | CredentialField::ClientId => self.scheme.is_granted(),
            CredentialField::ApiKey | CredentialField::Username | CredentialField::Certificate => false,
        }
    }

    /// Whether a person who sets up the scheme is asked for it. Where tokens are granted, nobody has one at hand.
    pub(crate) fn is_usual(&self) -> bool {
        match self.field {
            CredentialField::Token => !self.scheme.is_granted(),
            CredentialField::ClientId | CredentialField::ClientSecret => self.scheme.is_granted(),
            _ => true,
        }
    }

    /// What the connector itself has for it.
    pub(crate) fn given(&self) -> Option<&'static str> {
        self.scheme.client.id.filter(|_| self.field == CredentialField::ClientId)
    }

    fn long(&self) -> String {
        self.field.long_variable(self.connector.name, self.scheme.name)
    }

    fn short(&self) -> Option<String> {
        let schemes = self.connector.schemes.iter().map(|scheme| scheme.kind.fields());
        self.field.short_variable(self.connector.name, schemes)
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
