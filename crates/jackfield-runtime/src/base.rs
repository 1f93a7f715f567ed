//! The base address of a service.

use std::fmt;

/// A base address that requests are appended to: scheme, authority, and a path without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseUrl(String);

/// Why an address is no base address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseUrlError(String);

impl BaseUrl {
    pub(crate) fn parse(text: &str) -> Result<Self, BaseUrlError> {
        let refuse = |why: &str| Err(BaseUrlError(format!("{text:?} is no base address: {why}")));
        let Some((scheme, rest)) = text.split_once("://") else {
            return refuse("it has to start with https:// or http://");
        };
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            return refuse("only http and https are spoken");
        }
        if text.contains(['?', '#']) {
            return refuse("a query or fragment has no place in it");
        }
        if text.bytes().any(|b| b.is_ascii_control() || b == b' ' || b == b'\\' || b == b'"' || !b.is_ascii())
        {
            return refuse("it holds a character that has to be percent-encoded");
        }
        let authority = rest.split('/').next().unwrap_or_default();
        if authority.is_empty() {
            return refuse("it names no host");
        }
        if authority.contains('@') {
            // Not shown: what stands there may be a password.
            return Err(BaseUrlError(
                "credentials belong into their own variables, not into the address".to_owned(),
            ));
        }
        if authority.contains(['{', '}']) || rest.contains(['{', '}']) {
            return refuse("it holds a variable without a value");
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BaseUrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::BaseUrl;

    #[test]
    fn what_is_no_base_address_is_refused() {
        for text in [
            "",
            "/v1",
            "ftp://x",
            "https://",
            "https://a:b@x",
            "https://x?y",
            "https://x#y",
            "https://{h}/",
            "https://x/ y",
        ] {
            assert!(BaseUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_slash_at_the_end_is_not_doubled() {
        assert_eq!(
            BaseUrl::parse("https://x/v1/").map(|url| url.as_str().to_owned()),
            Ok("https://x/v1".to_owned())
        );
    }
}
