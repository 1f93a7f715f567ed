//! Base URLs.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use jackfield_recipe::{AddressClass, percent_decode};

use crate::call::encode::{Keep, escape};

/// A base URL: scheme, authority, and a path without a trailing slash. The path of a request is appended to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    url: String,
    /// The unix socket that requests go through, instead of the network.
    socket: Option<PathBuf>,
}

/// Returns a URL as messages show it. A URL that may contain userinfo is hidden completely.
pub(crate) fn shown_address(text: &str) -> String {
    if holds_at_sign(text) {
        "the URL (hidden, because it contains an `@`)".to_owned()
    } else {
        format!("{text:?}")
    }
}

/// Whether a text contains an `@`: literally, percent-encoded once or several times, or as a full-width character.
fn holds_at_sign(text: &str) -> bool {
    let is_at = |c: char| matches!(c, '@' | '\u{FE6B}' | '\u{FF20}');
    // Encoding repeatedly gives `%40`, `%2540` and `%252540`, because the percent sign is encoded each time.
    let is_escaped = |rest: &str| {
        let mut rest = rest;
        while let Some(inner) = rest.strip_prefix("25") {
            rest = inner;
        }
        rest.starts_with("40")
    };
    text.contains(is_at) || text.split('%').skip(1).any(is_escaped)
}

/// The reason why a base URL is invalid. The message never quotes userinfo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BaseUrlError {
    Userinfo {
        /// Whether the `@` may belong to the path.
        may_be_in_path: bool,
    },
    Address {
        /// The text as messages show it.
        shown: String,
        fault: AddressFault,
    },
    /// The path of the unix socket is invalid.
    Socket {
        /// The path as messages show it.
        shown: String,
    },
}

/// The reasons why a text is not a base URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AddressFault {
    NoScheme,
    OtherScheme,
    QueryOrFragment,
    Character,
    NoHost,
    Variable,
    HostOrPort,
}

impl BaseUrl {
    pub(crate) fn parse(text: &str) -> Result<Self, BaseUrlError> {
        let refuse = |fault| Err(BaseUrlError::Address { shown: shown_address(text), fault });
        if let Some(socket) = text.strip_prefix("unix://") {
            return Self::through(socket, "");
        }
        if let Some(rest) = text.strip_prefix("http+unix://") {
            let (socket, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
            return Self::through(socket, path);
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return refuse(AddressFault::NoScheme);
        };
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            return refuse(AddressFault::OtherScheme);
        }
        if text.contains(['?', '#']) {
            return refuse(AddressFault::QueryOrFragment);
        }
        if text.bytes().any(|b| b.is_ascii_control() || b == b' ' || b == b'\\' || b == b'"' || !b.is_ascii())
        {
            return refuse(AddressFault::Character);
        }
        let authority = rest.split('/').next().unwrap_or_default();
        if authority.is_empty() {
            return refuse(AddressFault::NoHost);
        }
        if holds_at_sign(authority) {
            return Err(BaseUrlError::Userinfo { may_be_in_path: false });
        }
        if authority.contains(['{', '}']) || rest.contains(['{', '}']) {
            return refuse(AddressFault::Variable);
        }
        if !is_host_and_port(authority) {
            return refuse(AddressFault::HostOrPort);
        }
        Ok(Self { url: text.trim_end_matches('/').to_owned(), socket: None })
    }

    /// Parses a URL that the user set. A URL with an `@` anywhere is refused: in `https://user:pa/ss@host`, part of the
    /// password would otherwise be parsed and shown as port and path.
    pub(crate) fn parse_chosen(text: &str) -> Result<Self, BaseUrlError> {
        if text.contains('@') {
            let after_scheme = text.split_once("://").map_or(text, |(_, rest)| rest);
            let is_before_path =
                after_scheme.split('/').next().is_some_and(|authority| authority.contains('@'));
            return Err(BaseUrlError::Userinfo { may_be_in_path: !is_before_path });
        }
        Self::parse(text)
    }

    /// Creates the base URL of `unix:///var/run/shop.sock`, or of `http+unix://%2Fvar%2Frun%2Fshop.sock/v1` with a path after the socket.
    fn through(socket: &str, path: &str) -> Result<Self, BaseUrlError> {
        let decoded = percent_decode(socket).and_then(|socket| String::from_utf8(socket).ok());
        let Some(decoded) = decoded.filter(|socket| socket.starts_with('/') && !socket.contains('\0')) else {
            return Err(BaseUrlError::Socket { shown: shown_address(socket) });
        };
        let base = Self::parse(&format!("http://localhost{path}"))?;
        Ok(Self { socket: Some(PathBuf::from(decoded)), ..base })
    }

    /// Returns the host and port to connect to.
    pub(crate) fn host_and_port(&self) -> Option<(&str, u16)> {
        let (scheme, rest) = self.url.split_once("://")?;
        let authority = rest.split('/').next()?;
        let usual = if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
            _ => (authority, usual),
        };
        Some((host.trim_start_matches('[').trim_end_matches(']'), port))
    }

    /// Classifies the host as written: public, private or this machine. Names are not resolved.
    pub(crate) fn class(&self) -> AddressClass {
        match self.socket {
            Some(_) => AddressClass::UnixSocket,
            None => AddressClass::of_url(&self.url),
        }
    }

    /// Whether the host is a name that has to be resolved.
    pub(crate) fn is_name(&self) -> bool {
        self.socket.is_none()
            && self.class() == AddressClass::Public
            && self.host_and_port().is_some_and(|(host, _)| host.parse::<IpAddr>().is_err())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.url
    }

    /// Returns the path without a trailing slash. Empty if there is no path.
    pub(crate) fn path(&self) -> &str {
        let rest = self.url.split_once("://").map_or("", |(_, rest)| rest);
        rest.find('/').map_or("", |at| &rest[at..])
    }

    /// Whether the scheme is https.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.url.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"))
    }

    pub(crate) fn socket(&self) -> Option<&Path> {
        self.socket.as_deref()
    }
}

/// Writes the URL as the user has spelled it.
impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(socket) = &self.socket else { return f.write_str(&self.url) };
        let path = self.url.strip_prefix("http://localhost").unwrap_or_default();
        let escaped = escape(&socket.to_string_lossy(), Keep::Unreserved);
        if path.is_empty() {
            return write!(f, "unix://{}", escaped.replace("%2F", "/"));
        }
        write!(f, "http+unix://{escaped}{path}")
    }
}

/// Whether the authority is only a host and a valid port, so that all URL parsers agree on the host.
fn is_host_and_port(authority: &str) -> bool {
    let Ok(parsed) = authority.parse::<http::uri::Authority>() else { return false };
    let port = authority.strip_prefix(parsed.host()).unwrap_or("?");
    let is_number = |port: &str| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok();
    let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_number);
    is_port && !parsed.host().is_empty() && !parsed.host().contains('%')
}

impl fmt::Display for BaseUrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Userinfo { may_be_in_path } => {
                let hint = if *may_be_in_path { "; write an `@` in the path as %40" } else { "" };
                write!(
                    f,
                    "the URL contains an `@`: set credentials in variables of their own, not in the URL{hint}"
                )
            }
            Self::Address { shown, fault } => write!(f, "{shown} is not a base URL: {fault}"),
            Self::Socket { shown } => write!(
                f,
                "{shown} is not the URL of a unix socket: write unix:///folder/name.sock, or http+unix://%2Ffolder%2Fname.sock/path"
            ),
        }
    }
}

impl std::error::Error for BaseUrlError {}

impl fmt::Display for AddressFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoScheme => "the URL has to start with https:// or http://",
            Self::OtherScheme => "only http and https are supported",
            Self::QueryOrFragment => "the URL must not have a query or fragment",
            Self::Character => "the URL contains a character that has to be percent-encoded",
            Self::NoHost => "the URL has no host",
            Self::Variable => "the URL contains a variable without a value",
            Self::HostOrPort => "the host has to be a name in ASCII or an IP address, and the port a number",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{BaseUrl, shown_address};

    #[test]
    fn invalid_base_url_is_refused() {
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
            "unix://",
            "unix://var/run/x.sock",
            "http+unix://var/run",
            "http+unix://%2Fvar%2Fx.sock/v1?x",
            "unix:///var/%0/x.sock",
        ] {
            assert!(BaseUrl::parse(text).is_err(), "{text}");
        }
    }

    /// Spellings of a URL that contains a user name and a password.
    const WITH_USERINFO: [&str; 16] = [
        "https://canary:secret@host",
        "https://canary:sec/ret@host",
        "https://canary:sec@ret@host/",
        "https://canary:sec?ret@host/",
        "https://canary:sec#ret@host/",
        "https://canary:sec ret@host/",
        "https://canary:12/secret@host",
        "https://canary@host/",
        "https://canary:secret%40host/",
        "https://canary:secret%2540host/",
        "https://canary:secret\u{FF20}host/",
        "HTTPS:/canary:secret@host",
        "canary:secret@host",
        "ftp://canary:secret@host",
        "unix://canary:secret@/var/run/x.sock",
        "http+unix://canary:secret@%2Fvar%2Frun%2Fx.sock/v1",
    ];

    #[test]
    fn base_url_with_userinfo_is_refused_and_not_shown() {
        for text in WITH_USERINFO {
            let error = BaseUrl::parse_chosen(text).expect_err(text).to_string();
            for part in ["canary", "sec", "ret", "host\""] {
                assert!(!error.contains(part), "{text}: {error}");
            }
        }
    }

    #[test]
    fn displayed_url_hides_possible_userinfo() {
        assert_eq!(shown_address("https://host/v1"), "\"https://host/v1\"");
        for text in WITH_USERINFO {
            assert_eq!(shown_address(text), "the URL (hidden, because it contains an `@`)", "{text}");
        }
    }

    #[test]
    fn at_sign_in_the_path_is_accepted_only_in_a_url_of_the_document() {
        assert!(BaseUrl::parse("https://host/@scope").is_ok());
        assert!(BaseUrl::parse_chosen("https://host/@scope").is_err());
        assert_eq!(BaseUrl::parse_chosen("https://host/%40scope").unwrap().as_str(), "https://host/%40scope");
    }

    #[test]
    fn trailing_slash_of_a_base_url_is_not_doubled() {
        assert_eq!(
            BaseUrl::parse("https://x/v1/").map(|url| url.as_str().to_owned()),
            Ok("https://x/v1".to_owned())
        );
    }

    #[test]
    fn host_and_port_of_a_base_url_are_parsed() {
        for (text, expected) in [
            ("https://x/v1", ("x", 443)),
            ("http://x:81", ("x", 81)),
            ("http://[::1]:8080/v1", ("::1", 8080)),
            ("http://[::1]", ("::1", 80)),
        ] {
            assert_eq!(BaseUrl::parse(text).unwrap().host_and_port(), Some(expected));
        }
    }

    #[test]
    fn host_that_url_parsers_interpret_differently_is_refused() {
        for text in [
            "http://%31%32%37.0.0.1",
            "http://127.0.0.1%2f.example.com",
            "http://[::1%25lo]:80",
            "http://[::1]x",
            "http://[::1",
            "http://\u{FF11}27.0.0.1",
            "https://evil.example.net:1.example.com",
            "https://example.com:99999",
            "https://example.com:",
            "https://example.com:+1",
            "https://:443",
        ] {
            assert!(BaseUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn displayed_base_url_keeps_its_spelling() {
        for text in [
            "https://x/v1",
            "http://[::1]:8080",
            "unix:///var/run/shop.sock",
            "unix:///a%20b.sock",
            "http+unix://%2Fvar%2Frun%2Fshop.sock/v1",
        ] {
            assert_eq!(BaseUrl::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn unix_socket_url_is_parsed_in_both_spellings() {
        let plain = BaseUrl::parse("unix:///var/run/shop.sock").unwrap();
        assert_eq!(
            (plain.as_str(), plain.socket()),
            ("http://localhost", Some("/var/run/shop.sock".as_ref()))
        );
        let with_path = BaseUrl::parse("http+unix://%2Fvar%2Frun%2Fshop.sock/v1/").unwrap();
        assert_eq!((with_path.as_str(), with_path.socket()), ("http://localhost/v1", plain.socket()));
    }
}
