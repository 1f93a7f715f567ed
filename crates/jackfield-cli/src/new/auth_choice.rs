//! The user's choice of an authentication for requests, if the document does not declare one.

use jackfield_build::model::text::{toml_key, toml_text};
use jackfield_build::model::{is_invisible, nearest};

/// The forms of `--auth`.
const FORMS: &str =
    "none, bearer, basic, header:NAME, query:NAME, or the name of a security scheme of the document";

/// A way to authenticate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AuthChoice {
    Nothing,
    Bearer,
    Basic,
    /// An API key in a header.
    Header(String),
    /// An API key in the query.
    Query(String),
    /// A scheme that the document declares.
    Declared(String),
}

impl AuthChoice {
    /// Parses a choice. The name of a declared scheme takes precedence over a word such as `bearer`.
    ///
    /// # Errors
    /// Returns an error if the text does not have one of these forms, or if it contains an invalid name.
    pub(super) fn parse(text: &str, declared: &[String]) -> Result<Self, String> {
        if declared.iter().any(|name| name == text) {
            return Ok(Self::Declared(text.to_owned()));
        }
        let (form, name) = text.split_once(':').unwrap_or((text, ""));
        let named = !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || is_invisible(c));
        match form {
            "none" if name.is_empty() => Ok(Self::Nothing),
            "bearer" if name.is_empty() => Ok(Self::Bearer),
            "basic" if name.is_empty() => Ok(Self::Basic),
            "header" if named => match name.parse::<http::HeaderName>() {
                Ok(_) => Ok(Self::Header(name.to_owned())),
                Err(_) => Err(format!("`{name}` is not a valid header name")),
            },
            "query" if named => Ok(Self::Query(name.to_owned())),
            "header" | "query" => Err(format!(
                "`{text}` does not say which {form} contains the key: write a name, as in {form}:api_key"
            )),
            _ => {
                let known = declared.iter().map(String::as_str).chain(["none", "bearer", "basic"]);
                let near = nearest(text, known).map(|near| format!("; did you mean `{near}`?"));
                Err(format!("`{text}` is not a way to authenticate: use {FORMS}{}", near.unwrap_or_default()))
            }
        }
    }

    /// Returns the name of the scheme, or None if requests need no credential.
    pub(super) fn scheme(&self) -> Option<&str> {
        match self {
            Self::Nothing => None,
            Self::Bearer => Some("token"),
            Self::Basic => Some("login"),
            Self::Header(_) | Self::Query(_) => Some("key"),
            Self::Declared(name) => Some(name),
        }
    }

    /// Returns the tables of connector.toml that declare the scheme for a document that requires no credentials.
    /// Empty if requests need no credential.
    pub(super) fn tables(&self) -> String {
        let Some(scheme) = self.scheme() else { return String::new() };
        let declared = match self {
            Self::Nothing | Self::Declared(_) => String::new(),
            Self::Bearer => "type = \"bearer\"\n".to_owned(),
            Self::Basic => "type = \"basic\"\n".to_owned(),
            Self::Header(name) => {
                format!("type = \"api_key\"\nin = \"header\"\nname = {}\n", toml_text(name))
            }
            Self::Query(name) => format!("type = \"api_key\"\nin = \"query\"\nname = {}\n", toml_text(name)),
        };
        let require = format!("[auth]\nrequire = [{}]\n", toml_text(scheme));
        match declared.as_str() {
            "" => require,
            declared => format!("{require}\n[auth.schemes.{}]\n{declared}", toml_key(scheme)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auth_option_is_parsed_as_an_authentication_method_or_a_declared_scheme() {
        let declared = ["bearer".to_owned(), "shop key".to_owned()];
        let parse = |text: &str| AuthChoice::parse(text, &declared);
        assert_eq!(parse("none"), Ok(AuthChoice::Nothing));
        assert_eq!(parse("bearer"), Ok(AuthChoice::Declared("bearer".to_owned())));
        assert_eq!(AuthChoice::parse("bearer", &[]), Ok(AuthChoice::Bearer));
        assert_eq!(parse("basic"), Ok(AuthChoice::Basic));
        assert_eq!(parse("header:X-Key"), Ok(AuthChoice::Header("X-Key".to_owned())));
        assert_eq!(parse("query:key"), Ok(AuthChoice::Query("key".to_owned())));
        assert_eq!(parse("shop key"), Ok(AuthChoice::Declared("shop key".to_owned())));
        for (text, part) in [
            ("header:", "does not say which header contains the key"),
            ("header:a b", "does not say which header contains the key"),
            ("header:ä", "`ä` is not a valid header name"),
            ("bearer:x", "is not a way to authenticate"),
            ("shop_key", "did you mean `shop key`?"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
