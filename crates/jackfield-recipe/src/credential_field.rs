//! The fields of credentials that the user sets, and the environment variables that contain them.

use crate::environment::variable;

/// A value that a security scheme requires the user to set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CredentialField {
    /// A bearer token, set by the user or granted by an authorization server.
    Token,
    /// An API key.
    ApiKey,
    /// The user name of HTTP Basic or Digest authentication.
    Username,
    /// The password for the user name.
    Password,
    /// The connector's client identifier at an authorization server.
    ClientId,
    /// The client secret of the connector.
    ClientSecret,
    /// A client certificate, in PEM.
    Certificate,
    /// The private key of the client certificate, in PEM.
    CertificateKey,
}

impl CredentialField {
    /// Every field, in the order of the enum.
    pub const ALL: [Self; 8] = [
        Self::Token,
        Self::ApiKey,
        Self::Username,
        Self::Password,
        Self::ClientId,
        Self::ClientSecret,
        Self::Certificate,
        Self::CertificateKey,
    ];

    /// Returns the name in connector.toml, in the vault and on the command line. Environment variables contain it in upper case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::ApiKey => "api_key",
            Self::Username => "username",
            Self::Password => "password",
            Self::ClientId => "client_id",
            Self::ClientSecret => "client_secret",
            Self::Certificate => "certificate",
            Self::CertificateKey => "certificate_key",
        }
    }

    /// Returns the environment variable for this field of a scheme, such as `BOOKSHOP_TOKEN_BOOKSHOPTOKEN`. Two schemes share a variable
    /// only if their names differ only in case, or in characters that environment variables cannot contain.
    pub fn long_variable(self, connector: &str, scheme: &str) -> String {
        variable(connector, &format!("{}_{scheme}", self.as_str()))
    }

    /// Returns the environment variable without the name of a scheme, such as `BOOKSHOP_TOKEN`. `schemes` lists the fields of each scheme
    /// of the connector. Returns `None` unless exactly one scheme has this field.
    pub fn short_variable<'s>(
        self,
        connector: &str,
        schemes: impl IntoIterator<Item = &'s [Self]>,
    ) -> Option<String> {
        let mut schemes = schemes.into_iter().filter(|fields| fields.contains(&self));
        let is_unambiguous = schemes.next().is_some() && schemes.next().is_none();
        is_unambiguous.then(|| variable(connector, self.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credential_field_has_a_short_variable_if_only_one_scheme_has_the_field() {
        use CredentialField as Field;
        let schemes: [&[Field]; 3] =
            [&[Field::Token], &[Field::Token, Field::ClientId], &[Field::Username, Field::Password]];
        let short = |field: Field| field.short_variable("book-shop", schemes);
        assert_eq!(short(CredentialField::Token), None);
        assert_eq!(short(CredentialField::ClientId).as_deref(), Some("BOOK_SHOP_CLIENT_ID"));
        assert_eq!(short(CredentialField::Username).as_deref(), Some("BOOK_SHOP_USERNAME"));
        assert_eq!(short(CredentialField::ApiKey), None);
    }

    #[test]
    fn long_variable_name_has_underscores_for_special_characters() {
        let long = CredentialField::ApiKey.long_variable("book-shop", "Key (größe).2");
        assert_eq!(long, "BOOK_SHOP_API_KEY_KEY__GR__E__2");
    }
}
