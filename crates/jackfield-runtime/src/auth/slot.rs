//! The credential fields of a scheme that the user sets, and the names of their variables and records.

pub(crate) use jackfield_recipe::CredentialField;
use jackfield_recipe::visible_line;

use crate::call::rows::{Connector, Scheme};

impl Scheme<'_> {
    /// Whether a flow can grant tokens for the scheme.
    pub(crate) fn is_granted(&self) -> bool {
        self.kind.is_oauth() && (!self.flows.is_empty() || self.metadata.is_some())
    }
}

/// One credential field of one scheme.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CredentialSlot<'a> {
    pub(crate) connector: &'a Connector<'a>,
    pub(crate) scheme: &'a Scheme<'a>,
    pub(crate) field: CredentialField,
}

impl<'a> CredentialSlot<'a> {
    /// Returns the fields of a scheme.
    pub(crate) fn of(
        connector: &'a Connector<'a>,
        scheme: &'a Scheme<'a>,
    ) -> impl Iterator<Item = Self> + use<'a> {
        scheme.kind.fields().iter().map(move |&field| Self { connector, scheme, field })
    }

    /// Returns the name of the variable that messages show. It is the short name, such as `BOOKSHOP_TOKEN`, if
    /// only one scheme has this field.
    pub(crate) fn variable(&self) -> String {
        self.short().unwrap_or_else(|| self.long())
    }

    /// Returns all variables that can contain the field, in the order of precedence: the variable with the
    /// scheme's name, the variables with its aliases, and the short name.
    pub(crate) fn variables(&self) -> impl Iterator<Item = String> + use<'a> {
        let Self { connector, scheme, field } = *self;
        let names = [scheme.name].into_iter().chain(scheme.aliases.iter().copied());
        let long = names.map(move |name| field.long_variable(connector.name, name));
        long.chain(self.short())
    }

    /// Returns the name of the vault record.
    pub(crate) fn record(&self) -> String {
        record_name(self.connector, self.scheme, self.field.as_str())
    }

    /// Returns the command in connector.toml that prints the field.
    pub(crate) fn command(&self) -> Option<&'a [&'a str]> {
        let commands = self.scheme.commands.iter();
        commands.rev().find(|command| command.what == self.field.as_str()).map(|command| command.words)
    }

    /// Whether the field is optional.
    pub(crate) fn is_optional(&self) -> bool {
        match self.field {
            // A public client has no secret. A service that takes an API key as the username needs no password. The file with the
            // certificate can also contain the key.
            CredentialField::ClientSecret | CredentialField::Password | CredentialField::CertificateKey => {
                true
            }
            CredentialField::Token | CredentialField::ClientId => self.scheme.is_granted(),
            CredentialField::ApiKey | CredentialField::Username | CredentialField::Certificate => false,
        }
    }

    /// Whether messages tell the user to set the field. A token that a flow grants does not have to be set.
    pub(crate) fn is_usual(&self) -> bool {
        match self.field {
            CredentialField::Token => !self.scheme.is_granted(),
            CredentialField::ClientId | CredentialField::ClientSecret => self.scheme.is_granted(),
            _ => true,
        }
    }

    /// Returns the value of the field in connector.toml, if any.
    pub(crate) fn given(&self) -> Option<&'a str> {
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

/// Returns the name of a scheme's record. Control characters are escaped, because people read the name and the
/// vault does not accept them.
pub(crate) fn record_name(connector: &Connector<'_>, scheme: &Scheme<'_>, what: &str) -> String {
    visible_line(&format!("{}/{}/{what}", connector.name, scheme.name)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1::{Connector, Scheme};

    #[test]
    fn vault_record_name_escapes_control_characters() {
        let name = record_name(&Connector::new("shop"), &Scheme::bearer("tok\u{1b}[31m"), "token");
        assert!(name.starts_with("shop/tok") && name.ends_with("/token"), "{name}");
        assert!(!name.contains(char::is_control), "{name:?}");
    }
}
