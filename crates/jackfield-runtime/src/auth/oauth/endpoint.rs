//! The endpoint URLs of an authorization server. They use HTTPS or a loopback address.

use std::fmt;
use std::net::IpAddr;

use crate::call::encode::{Keep, escape};

/// The maximum length of an endpoint URL. Longer URLs are refused.
const MAX_CHARACTERS: usize = 2048;

/// An absolute URL that may receive credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint(http::Uri);

impl Endpoint {
    /// Parses an endpoint URL.
    ///
    /// # Errors
    /// Returns an error if credentials may not be sent to this URL.
    pub(crate) fn parse(text: &str) -> Result<Self, EndpointError> {
        if text.len() > MAX_CHARACTERS {
            return Err(EndpointError::TooLong);
        }
        let refuse = |fault| Err(EndpointError::Address { text: text.to_owned(), fault });
        if !text.contains("://") {
            return refuse(EndpointFault::Relative);
        }
        let Ok(uri) = text.parse::<http::Uri>() else {
            return refuse(EndpointFault::NoAddress);
        };
        let Some(authority) = uri.authority().filter(|authority| !authority.host().is_empty()) else {
            return refuse(EndpointFault::NoHost);
        };
        if authority.as_str().contains('@') {
            return Err(EndpointError::Userinfo);
        }
        if text.contains('#') {
            return refuse(EndpointFault::Fragment);
        }
        match uri.scheme_str() {
            Some("https") => Ok(Self(uri)),
            Some("http") if is_loopback(authority.host()) => Ok(Self(uri)),
            Some("http") => refuse(EndpointFault::NoTls),
            _ => refuse(EndpointFault::OtherScheme),
        }
    }

    pub(crate) const fn uri(&self) -> &http::Uri {
        &self.0
    }

    /// Returns the URL with `pairs` appended to its query.
    pub(crate) fn with_query(&self, pairs: &[(&str, &str)]) -> String {
        let mut address = self.0.to_string();
        for (name, value) in pairs {
            address.push(if address.contains('?') { '&' } else { '?' });
            address.push_str(name);
            address.push('=');
            address.push_str(&escape(value, Keep::Unreserved));
        }
        address
    }
}

/// The error for a URL that credentials may not be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EndpointError {
    TooLong,
    /// The URL has userinfo, which is not shown because it may contain a password.
    Userinfo,
    Address {
        text: String,
        fault: EndpointFault,
    },
}

/// The reason why a URL cannot be an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndpointFault {
    Relative,
    NoAddress,
    NoHost,
    Fragment,
    NoTls,
    OtherScheme,
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "a URL of more than {MAX_CHARACTERS} characters is not used"),
            Self::Userinfo => f.write_str("a URL with a user name is not used"),
            Self::Address { text, fault } => write!(f, "{text:?} {fault}"),
        }
    }
}

impl std::error::Error for EndpointError {}

impl fmt::Display for EndpointFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Relative => "is not an absolute URL: it has to start with https://",
            Self::NoAddress => "is not a URL",
            Self::NoHost => "names no host",
            Self::Fragment => "has a fragment, which is not allowed here",
            Self::NoTls => "is not protected by TLS: it has to start with https://",
            Self::OtherScheme => "has to start with https://",
        })
    }
}

/// The reason why an endpoint of an authorization server cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EndpointUnavailable {
    /// Neither the document nor the server's metadata declares the endpoint.
    NotNamed { name: String, scheme: String },
    /// The URL in the document is invalid.
    OfDocument { name: &'static str, scheme: String, why: EndpointError },
    /// The URL in the server's metadata is invalid.
    OfMetadata { name: String, issuer: String, why: EndpointError },
}

impl fmt::Display for EndpointUnavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotNamed { name, scheme } => {
                write!(f, "neither the document nor its server names a {name} for `{scheme}`")
            }
            Self::OfDocument { name, scheme, why } => {
                write!(f, "the {name} that the document gives for `{scheme}` is not used: {why}")
            }
            Self::OfMetadata { name, issuer, why } => {
                write!(f, "the {name} of {issuer} is not used: {why}")
            }
        }
    }
}

impl std::error::Error for EndpointUnavailable {}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether the host is `localhost` or a loopback address. No name is resolved.
fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::Endpoint;

    #[test]
    fn endpoint_without_tls_is_refused_outside_loopback() {
        for good in [
            "https://id.example.com/token?x=1",
            "http://127.0.0.1:9/t",
            "http://[::1]:9/",
            "http://localhost/t",
        ] {
            assert!(Endpoint::parse(good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("/oauth/token", "not an absolute URL"),
            ("http://id.example.com/token", "TLS"),
            ("http://127.0.0.1.example.com/token", "TLS"),
            ("ftp://id.example.com/", "https://"),
            ("https://me:pw@id.example.com/", "with a user name"),
            ("https://id.example.com/#x", "fragment"),
            ("https:///token", "no"),
            ("https://id.example.com/\r\nx", "not a URL"),
        ] {
            let error = Endpoint::parse(bad).unwrap_err().to_string();
            assert!(error.contains(why) && !error.contains("pw"), "{bad}: {error}");
        }
    }

    #[test]
    fn existing_query_of_an_oauth_endpoint_url_is_kept() {
        let address = Endpoint::parse("https://x/authorize?access_type=offline").unwrap();
        assert_eq!(
            address.with_query(&[("scope", "a b"), ("state", "s&t")]),
            "https://x/authorize?access_type=offline&scope=a%20b&state=s%26t"
        );
        assert_eq!(Endpoint::parse("https://x").unwrap().with_query(&[("a", "b")]), "https://x/?a=b");
    }
}
