//! Names of servers, and references to a version of a server.

use std::fmt;

use super::version::{ExactVersion, VersionProblem};

/// The maximum number of characters of a name.
const LONGEST: usize = 200;

/// The name of a server: a namespace in reverse DNS notation, a slash, and a name, such as `io.github.ada/weather`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerName(String);

/// A server, and perhaps one of its versions: `io.github.ada/weather@1.2.0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerReference {
    /// The name of the server.
    pub name: ServerName,
    /// The version. `None` stands for the latest version.
    pub version: Option<ExactVersion>,
}

/// The reason why a text is not the name of a server, or not a reference to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidReference {
    /// The name is malformed.
    Name(String),
    /// The version is malformed.
    Version(String, VersionProblem),
}

impl fmt::Display for InvalidReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(text) => write!(
                f,
                "{:?} is not the name of a published server; names look like io.github.ada/weather",
                text.chars().take(LONGEST).collect::<String>()
            ),
            Self::Version(text, problem) => {
                write!(f, "{:?} is not a version: {problem}", text.chars().take(LONGEST).collect::<String>())
            }
        }
    }
}

impl std::error::Error for InvalidReference {}

impl ServerName {
    /// Parses a name.
    ///
    /// # Errors
    /// Returns an error if the text is not a namespace, a slash and a name of ASCII letters, digits, `-`, `.` and, after the slash, `_`.
    pub fn parse(text: &str) -> Result<Self, InvalidReference> {
        let is_part = |part: &str, more: &[u8]| {
            let fits =
                |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte) || more.contains(&byte);
            !part.is_empty() && part.bytes().all(fits)
        };
        let parts = text.split_once('/').filter(|_| text.len() <= LONGEST);
        match parts {
            Some((namespace, name)) if is_part(namespace, b"") && is_part(name, b"_") => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(InvalidReference::Name(text.to_owned())),
        }
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the part before the slash. The registry has checked that the publisher owns it.
    pub fn namespace(&self) -> &str {
        self.0.split_once('/').map_or("", |(namespace, _)| namespace)
    }

    /// Returns the part after the slash.
    pub fn short(&self) -> &str {
        self.0.split_once('/').map_or(&self.0, |(_, name)| name)
    }
}

impl ServerReference {
    /// Parses `NAME` or `NAME@VERSION`.
    ///
    /// # Errors
    /// Returns an error if the name or the version is malformed. A range of versions is not a version.
    pub fn parse(text: &str) -> Result<Self, InvalidReference> {
        let (name, version) = match text.split_once('@') {
            Some((name, version)) => (name, Some(version)),
            None => (text, None),
        };
        let name = ServerName::parse(name)?;
        let parse = |text: &str| {
            ExactVersion::parse(text).map_err(|problem| InvalidReference::Version(text.to_owned(), problem))
        };
        Ok(Self { name, version: version.map(parse).transpose()? })
    }
}

impl fmt::Display for ServerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ServerReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.version {
            Some(version) => write!(f, "{}@{version}", self.name),
            None => self.name.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_has_a_namespace_and_one_slash() {
        let name = ServerName::parse("io.github.ada-l/Weather_2.mcp").unwrap();
        assert_eq!([name.namespace(), name.short()], ["io.github.ada-l", "Weather_2.mcp"]);
        let long = format!("a/{}", "b".repeat(199));
        for text in
            ["", "/", "a/", "/b", "weather", "a/b/c", "a_b/c", "a b/c", "а/b", "a/b\n", "a/..%2f", &long]
        {
            assert!(ServerName::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn reference_has_an_exact_version_or_none() {
        let reference = ServerReference::parse("a.b/c@1.0.0-rc.1+5").unwrap();
        assert_eq!(reference.version.as_ref().map(ExactVersion::as_str), Some("1.0.0-rc.1+5"));
        assert_eq!(reference.to_string(), "a.b/c@1.0.0-rc.1+5");
        assert_eq!(ServerReference::parse("a.b/c").unwrap().version, None);
        for text in
            ["a.b/c@", "a.b/c@latest", "a.b/c@^1", "a.b/c@1.x", "@1.0.0", "a.b/c@1.0.0@2", "a.b/c@1.0.0 x"]
        {
            assert!(ServerReference::parse(text).is_err(), "{text}");
        }
    }
}
