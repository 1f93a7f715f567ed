//! Addresses of registries.

use std::fmt;

use jackfield_recipe::{AddressClass, origin_of};

/// The address of the official registry.
const OFFICIAL: &str = "https://registry.modelcontextprotocol.io";

/// The address of a registry: a URL of a host, with a path if it serves several registries.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RegistryAddress(String);

/// The reason why a text is not the address of a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidRegistryAddress {
    /// It is not an http or https URL of a host and a path.
    NotAUrl(String),
    /// It contains a user name or a password, and is not repeated.
    UserInfo,
    /// It is not protected by TLS.
    NotEncrypted(String),
}

impl fmt::Display for InvalidRegistryAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAUrl(text) => write!(
                f,
                "{text:?} is not the address of a registry; write an https URL without a query, such as {OFFICIAL}"
            ),
            Self::UserInfo => {
                f.write_str("the address of a registry contains a user name; write it without credentials")
            }
            Self::NotEncrypted(text) => {
                write!(f, "the registry at {text:?} is not protected by TLS; write its https URL")
            }
        }
    }
}

impl std::error::Error for InvalidRegistryAddress {}

impl RegistryAddress {
    /// Returns the address of the official registry.
    pub fn official() -> Self {
        Self(OFFICIAL.to_owned())
    }

    /// Parses the address that a person has typed. It may be an address of a private network or of this machine, and only there it may be
    /// without TLS.
    ///
    /// # Errors
    /// Returns an error if the text is not a URL of a host and a path, or contains credentials.
    pub fn parse(text: &str) -> Result<Self, InvalidRegistryAddress> {
        let not_a_url = || InvalidRegistryAddress::NotAUrl(text.to_owned());
        let (scheme, rest) = text.split_once("://").ok_or_else(not_a_url)?;
        let scheme = scheme.to_ascii_lowercase();
        if rest.split(['/', '?', '#']).next().unwrap_or_default().contains('@') {
            return Err(InvalidRegistryAddress::UserInfo);
        }
        let fits = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}?#".contains(&byte);
        let is_url = matches!(scheme.as_str(), "http" | "https") && rest.bytes().all(fits);
        let origin = origin_of(text).filter(|_| is_url).ok_or_else(not_a_url)?;
        let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default().trim_end_matches('/');
        let class = AddressClass::of_url(text);
        if scheme == "http" && class == AddressClass::Public {
            return Err(InvalidRegistryAddress::NotEncrypted(text.to_owned()));
        }
        Ok(Self(format!("{origin}{path}")))
    }

    /// Returns the URL, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RegistryAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_is_normalized() {
        for (text, address) in [
            ("https://Registry.Example.com/", "https://registry.example.com"),
            ("https://example.com:443/mcp//", "https://example.com/mcp"),
            ("HTTPS://example.com/A/b", "https://example.com/A/b"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://10.1.2.3/registry", "http://10.1.2.3/registry"),
        ] {
            assert_eq!(RegistryAddress::parse(text).map(|it| it.0), Ok(address.to_owned()), "{text}");
        }
        assert_eq!(RegistryAddress::parse(OFFICIAL), Ok(RegistryAddress::official()));
    }

    #[test]
    fn text_that_is_not_the_address_of_a_registry_is_refused() {
        for text in [
            "",
            "example.com",
            "ftp://example.com",
            "https://",
            "https://a b",
            "https://example.com?x",
            "file:///a",
        ] {
            assert!(RegistryAddress::parse(text).is_err(), "{text}");
        }
        let error = RegistryAddress::parse("https://me:canary@example.com").unwrap_err();
        assert!(!error.to_string().contains("canary"), "{error}");
        let error = RegistryAddress::parse("http://example.com").unwrap_err();
        assert!(matches!(error, InvalidRegistryAddress::NotEncrypted(_)), "{error}");
    }
}
