//! A complete request: the bytes to send, and a form for display in which secrets are masked.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

use jackfield_recipe::{Location, percent_decode_lenient};
use sha2::{Digest as _, Sha256};

use crate::call::encode::{self, Keep};
use crate::call::method::MethodName;
use crate::call::outgoing_body::OutgoingBody;
use crate::common::secret::Secret;

/// Replaces a secret wherever a request is displayed.
const MASK: &str = "****";

/// A complete request. Its `Display` is the output of a dry run: the exact bytes, but with secrets masked.
#[derive(Clone)]
pub(crate) struct Outgoing {
    pub(crate) method: MethodName,
    /// The base URL and the path.
    pub(crate) url: String,
    /// The unix socket that the request goes through, instead of the network.
    pub(crate) socket: Option<PathBuf>,
    pub(crate) query: Vec<Pair>,
    pub(crate) headers: Vec<Pair>,
    pub(crate) cookies: Vec<Pair>,
    pub(crate) body: Option<OutgoingBody>,
}

impl Outgoing {
    /// Sets a credential at its location, after a prefix such as `Bearer `. `secret` is not encoded yet.
    pub(crate) fn authenticate(
        &mut self,
        (location, wire): (Location, &str),
        word: impl Into<Cow<'static, str>>,
        secret: Secret,
    ) {
        let (list, name, value) = match location {
            Location::Header | Location::Path => (&mut self.headers, wire.to_owned(), secret),
            Location::Query => (
                &mut self.query,
                encode::escape(wire, Keep::Unreserved),
                secret.map(|text| encode::escape(text, Keep::Unreserved)),
            ),
            Location::Cookie => (&mut self.cookies, wire.to_owned(), secret),
        };
        // An argument with the same name is removed, because a service that gets two values may use either of them.
        list.retain(|pair| pair.value.is_hidden() || !is_named(location, &pair.name, wire));
        list.push(Pair { name, value: Text::Hidden { word: word.into(), secret: value } });
    }

    /// Removes the credentials, so that other credentials can be set.
    pub(crate) fn remove_credentials(&mut self) {
        for list in [&mut self.query, &mut self.headers, &mut self.cookies] {
            list.retain(|pair| !pair.value.is_hidden());
        }
    }

    /// Sets a placeholder for a credential, for a dry run.
    pub(crate) fn sketch(&mut self, parameter: (Location, &str), text: &str) {
        self.authenticate(parameter, "", Secret::new(String::new()));
        let lists = [&mut self.headers, &mut self.query, &mut self.cookies];
        for pair in lists.into_iter().flatten().filter(|pair| pair.value.is_hidden()) {
            pair.value = Text::Open(text.to_owned());
        }
    }

    /// Sets a header if no argument has set it.
    pub(crate) fn set_missing(&mut self, header: &str, value: &str) {
        let is_set = self.headers.iter().any(|pair| Location::Header.is_same_name(&pair.name, header));
        if !is_set {
            let value = Text::Open(value.to_owned());
            self.headers.push(Pair { name: header.to_owned(), value });
        }
    }

    /// Removes a header, which an argument may have set.
    pub(crate) fn clear(&mut self, header: &str) {
        self.headers.retain(|pair| !Location::Header.is_same_name(&pair.name, header));
    }

    /// Replaces the URL by another URL of the same origin. `address` does not contain credentials yet.
    pub(crate) fn readdress(&mut self, address: &str) {
        let (url, query) = address.split_once('?').unwrap_or((address, ""));
        self.url = url.to_owned();
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let pair = |pair: &str| match pair.split_once('=') {
            Some((name, value)) => Pair { name: name.to_owned(), value: Text::Open(value.to_owned()) },
            None => Pair { name: pair.to_owned(), value: Text::Bare },
        };
        self.query = pairs.map(pair).collect();
    }

    pub(crate) const fn method(&self) -> &MethodName {
        &self.method
    }

    /// Returns the absolute URL, including secrets.
    pub(crate) fn url(&self) -> String {
        self.address(&self.query, Text::wire)
    }

    /// Returns the absolute URL without credentials, which may be displayed.
    pub(crate) fn open_url(&self) -> String {
        self.address(self.query.iter().filter(|pair| !pair.value.is_hidden()), Text::wire)
    }

    /// Returns a digest of the request: method, URL, headers and body, byte for byte, but without credentials.
    pub(crate) fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        let mut field = |bytes: &[u8]| {
            digest.update((bytes.len() as u64).to_le_bytes());
            digest.update(bytes);
        };
        self.feed(&mut field, |_| false);
        digest.finalize().into()
    }

    /// Passes each field of the request to a digest, except for credentials and for headers that `is_left_out` selects.
    pub(crate) fn feed(&self, field: &mut impl FnMut(&[u8]), is_left_out: impl Fn(&str) -> bool) {
        field(self.method.to_string().as_bytes());
        field(self.open_url().as_bytes());
        field(self.socket.as_deref().map(Path::as_os_str).unwrap_or_default().as_encoded_bytes());
        let is_open = |pair: &&Pair| !pair.value.is_hidden();
        let query: Vec<&Pair> = self.query.iter().filter(is_open).collect();
        let headers: Vec<&Pair> =
            self.headers.iter().filter(is_open).filter(|pair| !is_left_out(&pair.name)).collect();
        let cookies: Vec<&Pair> = self.cookies.iter().filter(is_open).collect();
        for list in [query, headers, cookies] {
            field(&list.len().to_le_bytes());
            for pair in list {
                field(pair.name.as_bytes());
                field(pair.value.wire().as_bytes());
            }
        }
        match &self.body {
            Some(body) => body.add_to(field),
            None => {
                field(&[0]);
                field(&[]);
            }
        }
    }

    pub(crate) fn socket(&self) -> Option<&Path> {
        self.socket.as_deref()
    }

    /// Returns each header: its name, its value including secrets, and whether the value contains a secret.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&str, Cow<'_, str>, bool)> {
        let hidden = self.cookies.iter().any(|pair| pair.value.is_hidden());
        let cookies =
            (!self.cookies.is_empty()).then(|| ("cookie", self.cookie_line(Text::wire).into(), hidden));
        let headers = self.headers.iter();
        headers.map(|pair| (pair.name.as_str(), pair.value.wire(), pair.value.is_hidden())).chain(cookies)
    }

    /// Whether the request sends a large file.
    pub(crate) fn is_upload(&self) -> bool {
        self.body.as_ref().is_some_and(OutgoingBody::is_streamed)
    }

    pub(crate) fn body(&self) -> Option<OutgoingBody> {
        self.body.clone()
    }

    /// Returns the method and the path, for messages. The query is left out, because it may contain data that must not be logged.
    pub(crate) fn route(&self) -> String {
        let path = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        let path = path.find('/').map_or("/", |at| &path[at..]);
        format!("{} {}", self.method, path.split('?').next().unwrap_or(path))
    }

    fn address<'q>(
        &self,
        query: impl IntoIterator<Item = &'q Pair>,
        text: fn(&Text) -> Cow<'_, str>,
    ) -> String {
        let mut url = self.url.clone();
        for pair in query {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&pair.name);
            if !matches!(pair.value, Text::Bare) {
                url.push('=');
                url.push_str(&text(&pair.value));
            }
        }
        url
    }

    fn cookie_line(&self, text: fn(&Text) -> Cow<'_, str>) -> String {
        let pair = |pair: &Pair| match &pair.value {
            Text::Bare => pair.name.clone(),
            value => format!("{}={}", pair.name, text(value)),
        };
        let pairs: Vec<String> = self.cookies.iter().map(pair).collect();
        pairs.join("; ")
    }
}

impl fmt::Display for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.address(&self.query, Text::shown))?;
        match self.socket() {
            Some(socket) => writeln!(f, " through {}", socket.display())?,
            None => writeln!(f)?,
        }
        for pair in &self.headers {
            writeln!(f, "{}: {}", pair.name, pair.value.shown())?;
        }
        if !self.cookies.is_empty() {
            writeln!(f, "cookie: {}", self.cookie_line(Text::shown))?;
        }
        if let Some(body) = &self.body {
            write!(f, "\n{body}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outgoing({})", self.route())
    }
}

/// Whether an encoded name equals a parameter's name. A name in a query can be escaped in several ways, so both are
/// decoded.
pub(crate) fn is_named(location: Location, on_wire: &str, parameter: &str) -> bool {
    match location {
        Location::Query => percent_decode_lenient(on_wire) == parameter.as_bytes(),
        _ => location.is_same_name(on_wire, parameter),
    }
}

/// A name with its value, both encoded.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) name: String,
    pub(crate) value: Text,
}

#[derive(Clone)]
pub(crate) enum Text {
    Open(String),
    /// A query without `=`: the name is the whole text.
    Bare,
    /// A credential, after a prefix that names its kind.
    Hidden {
        word: Cow<'static, str>,
        secret: Secret,
    },
}

impl Text {
    const fn is_hidden(&self) -> bool {
        matches!(self, Self::Hidden { .. })
    }

    fn wire(&self) -> Cow<'_, str> {
        match self {
            Self::Open(text) => text.into(),
            Self::Bare => "".into(),
            Self::Hidden { word, secret } if word.is_empty() => secret.expose().into(),
            Self::Hidden { word, secret } => [word, secret.expose()].concat().into(),
        }
    }

    pub(crate) fn shown(&self) -> Cow<'_, str> {
        match self {
            Self::Open(text) => text.into(),
            Self::Bare => "".into(),
            Self::Hidden { word, .. } => [word, MASK].concat().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Builds a request with an argument and a credential, each at `location` under the given name.
    fn authenticated(location: Location, argument: &str, credential: &str) -> Outgoing {
        let pair = Pair { name: argument.to_owned(), value: Text::Open("mine".to_owned()) };
        let pairs = |at| if location == at { vec![pair.clone()] } else { Vec::new() };
        let mut outgoing = Outgoing {
            method: "GET".into(),
            url: "https://api.example.com/x".to_owned(),
            socket: None,
            query: pairs(Location::Query),
            headers: pairs(Location::Header),
            cookies: pairs(Location::Cookie),
            body: None,
        };
        outgoing.authenticate((location, credential), "", Secret::new("secret".to_owned()));
        outgoing
    }

    #[test]
    fn credential_replaces_only_the_argument_with_the_same_name() {
        for (location, argument, credential, stays) in [
            (Location::Query, "key", "key", false),
            (Location::Query, "key", "Key", true),
            (Location::Query, "k%65y", "key", false),
            (Location::Query, "a[b]", "a[b]", false),
            (Location::Query, "a%5bb%5D", "a[b]", false),
            (Location::Query, "A%5bb%5D", "a[b]", true),
            (Location::Query, "100%", "100%", false),
            (Location::Cookie, "session", "session", false),
            (Location::Cookie, "session", "Session", true),
            (Location::Header, "x-key", "X-Key", false),
            (Location::Header, "x-keys", "X-Key", true),
        ] {
            let outgoing = authenticated(location, argument, credential);
            let pairs = [&outgoing.query, &outgoing.headers, &outgoing.cookies];
            let open = pairs.into_iter().flatten().any(|pair| !pair.value.is_hidden());
            assert_eq!(open, stays, "{location:?} argument {argument}, credential {credential}");
        }
    }
}
