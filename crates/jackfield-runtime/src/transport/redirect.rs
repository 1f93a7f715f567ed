//! Decides whether a redirect is followed.
//!
//! A credential belongs to one origin, so a redirect to another scheme, host or port is not followed. A write is
//! not repeated at another URL, unless the status code requires it (307, 308).

use std::fmt;

use http::StatusCode;
use jackfield_recipe::push_percent_escape;

use crate::call::method::MethodName;
use crate::call::origin::Origin;

/// The maximum number of redirects. More redirects count as a loop.
const MOST_HOPS: usize = 5;

/// One request in a chain of redirects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hop {
    pub(crate) method: MethodName,
    pub(crate) url: String,
    /// Whether the request has the body of the first request.
    pub(crate) with_body: bool,
    /// The number of earlier requests in the chain.
    pub(crate) number: usize,
    /// The method of a write that a 303 response confirmed, if this request only reads the write's outcome.
    done: Option<MethodName>,
    /// Whether this request follows a 302 or 303 response to a request that reads. The reply then represents another resource.
    pub(crate) was_referred: bool,
}

impl Hop {
    pub(crate) const fn first(method: MethodName, url: String) -> Self {
        Self { method, url, with_body: true, number: 0, done: None, was_referred: false }
    }

    fn is_read(&self) -> bool {
        matches!(self.method.as_bytes(), b"GET" | b"HEAD")
    }

    /// Returns the method of a write that a 303 response has confirmed. `303 See Other` says that the write is
    /// complete, and where to read its outcome.
    pub(crate) fn done(&self, status: StatusCode) -> Option<MethodName> {
        if status == StatusCode::SEE_OTHER && !self.is_read() {
            Some(self.method.clone())
        } else {
            self.done.clone()
        }
    }

    /// Returns the next request, or `None` if the reply is not a redirect.
    ///
    /// # Errors
    /// Returns an error if the redirect is not followed.
    pub(crate) fn next(
        &self,
        status: StatusCode,
        location: Option<&[u8]>,
    ) -> Result<Option<Self>, RedirectError> {
        let target = location.map(|it| String::from_utf8_lossy(it).into_owned());
        let refused = |reason| Err(RedirectError { reason, target: target.clone() });
        let (method, with_body) = match status.as_u16() {
            301 | 302 if self.is_read() => (self.method.clone(), self.with_body),
            303 if self.method == "HEAD" => ("HEAD".into(), false),
            303 => ("GET".into(), false),
            307 | 308 => (self.method.clone(), self.with_body),
            301 | 302 => {
                return refused(RedirectRefusal::MayBeDone { method: self.method.clone() });
            }
            _ => return Ok(None),
        };
        let Some(location) = location else {
            return refused(RedirectRefusal::NoLocation);
        };
        let Some(url) = resolve(&self.url, location) else {
            return refused(RedirectRefusal::NoAddress);
        };
        let target_origin = Origin::of(&url);
        if target_origin.is_none() || target_origin != Origin::of(&self.url) {
            let may_have_moved = status != StatusCode::SEE_OTHER;
            return refused(RedirectRefusal::OtherOrigin { may_have_moved });
        }
        if self.number == MOST_HOPS {
            return refused(RedirectRefusal::TooMany);
        }
        let refers = matches!(status, StatusCode::FOUND | StatusCode::SEE_OTHER) && self.is_read();
        let was_referred = self.was_referred || refers;
        Ok(Some(Self {
            method,
            url,
            with_body,
            number: self.number + 1,
            done: self.done(status),
            was_referred,
        }))
    }
}

/// The error for a redirect that is not followed. The text is written for a model. The location comes last and is
/// not truncated here, because callers redact credentials first and truncate afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RedirectError {
    reason: RedirectRefusal,
    /// The location in the reply, if there is one.
    target: Option<String>,
}

/// The reason why a redirect is not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum RedirectRefusal {
    /// The write may already be complete, so it is not repeated.
    MayBeDone {
        method: MethodName,
    },
    NoLocation,
    NoAddress,
    OtherOrigin {
        may_have_moved: bool,
    },
    TooMany,
}

impl fmt::Display for RedirectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            RedirectRefusal::MayBeDone { method } => write!(
                f,
                "The redirect was not followed: the {method} may already have taken effect, and must not be repeated. Read the current \
                 state before calling again."
            )?,
            RedirectRefusal::NoLocation => f.write_str("The redirect has no location.")?,
            RedirectRefusal::NoAddress => {
                f.write_str("The target of the redirect is not a URL that can be followed.")?;
            }
            RedirectRefusal::OtherOrigin { may_have_moved } => {
                f.write_str(
                    "The redirect leads to another origin, and was not followed: credentials go only to their own origin.",
                )?;
                if *may_have_moved {
                    f.write_str(
                        " If the service has moved, the user has to give this connector its new base address.",
                    )?;
                }
            }
            RedirectRefusal::TooMany => {
                write!(f, "The redirect was not followed: too many redirects (limit {MOST_HOPS}).")?;
            }
        }
        self.target.as_ref().map_or(Ok(()), |target| write!(f, " It points to {target}"))
    }
}

impl std::error::Error for RedirectError {}

/// Resolves a location against `base`, by RFC 3986, without the fragment.
pub(crate) fn resolve(base: &str, location: &[u8]) -> Option<String> {
    if location.iter().any(u8::is_ascii_control) {
        return None;
    }
    // Spaces and non-ASCII letters are invalid in a URI, but services often send them.
    let mut escaped = String::with_capacity(location.len());
    for byte in location {
        match byte {
            0x21..=0x7E => escaped.push(char::from(*byte)),
            _ => push_percent_escape(&mut escaped, *byte),
        }
    }
    let location = escaped.split('#').next().unwrap_or_default();
    let (scheme, rest) = base.split_once("://")?;
    let path_at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, base_target) = rest.split_at(path_at);
    let base_path = base_target.split('?').next().unwrap_or_default();
    let has_scheme = location.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    });
    if has_scheme {
        return Some(location.to_owned());
    }
    if location.starts_with("//") {
        return Some(format!("{scheme}:{location}"));
    }
    let (path, query) = location.find('?').map_or((location, ""), |at| location.split_at(at));
    let path = if path.is_empty() {
        base_path.to_owned()
    } else if path.starts_with('/') {
        without_dots(path)
    } else {
        let folder = base_path.rsplit_once('/').map_or("", |(folder, _)| folder);
        without_dots(&format!("{folder}/{path}"))
    };
    Some(format!("{scheme}://{authority}{path}{query}"))
}

/// Removes the segments `.` and `..` from a path, by RFC 3986.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    for (at, segment) in segments.iter().enumerate() {
        let is_last = at + 1 == segments.len();
        match *segment {
            "." => {}
            ".." => _ = kept.pop(),
            other => {
                kept.push(other);
                continue;
            }
        }
        if is_last {
            kept.push("");
        }
    }
    kept.iter().map(|segment| format!("/{segment}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://api.example.com/v1/books?limit=3";

    fn next(method: &'static str, status: u16, location: &str) -> Result<Option<Hop>, RedirectError> {
        Hop::first(method.into(), BASE.to_owned())
            .next(StatusCode::from_u16(status).unwrap(), Some(location.as_bytes()))
    }

    fn url(location: &str) -> Option<String> {
        next("GET", 302, location).ok().flatten().map(|hop| hop.url)
    }

    #[test]
    fn redirect_location_is_resolved_against_the_request_url() {
        for (location, expected) in [
            ("/v2/books", "https://api.example.com/v2/books"),
            ("moss?x=1#top", "https://api.example.com/v1/moss?x=1"),
            ("../a/./b/..", "https://api.example.com/a/"),
            ("../../../..", "https://api.example.com/"),
            ("?page=2", "https://api.example.com/v1/books?page=2"),
            ("//api.example.com/x", "https://api.example.com/x"),
            ("HTTPS://API.example.com:443/x", "HTTPS://API.example.com:443/x"),
            ("/a b/é", "https://api.example.com/a%20b/%C3%A9"),
            ("/x%0d%0aset-cookie:%20a", "https://api.example.com/x%0d%0aset-cookie:%20a"),
        ] {
            assert_eq!(url(location).as_deref(), Some(expected), "{location}");
        }
    }

    #[test]
    fn redirect_to_other_origin_is_not_followed() {
        for location in [
            "http://api.example.com/v1/books",
            "https://api.example.com:8443/",
            "https://evil.example.net/",
            "//evil.example.net/",
            "https://api.example.com@evil.example.net/",
            "https://me:pw@api.example.com/",
            "https://api.example.com.evil.example.net/",
            "https:evil.example.net",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "data:,x",
        ] {
            let why = next("GET", 302, location).expect_err(location).to_string();
            assert!(why.contains("another origin"), "{location}: {why}");
        }
        for location in ["/a\r\nx: y", "/\u{0}"] {
            let why = next("GET", 302, location).expect_err(location).to_string();
            assert!(why.contains("not a URL"), "{why}");
        }
        assert_eq!(url("/\\evil.example.net"), Some("https://api.example.com/\\evil.example.net".to_owned()));
    }

    #[test]
    fn write_redirected_by_301_or_302_is_not_repeated() {
        let go =
            |method, status| next(method, status, "/x").map(|hop| hop.map(|hop| (hop.method, hop.with_body)));
        assert_eq!(go("POST", 303), Ok(Some(("GET".into(), false))));
        assert_eq!(go("HEAD", 303), Ok(Some(("HEAD".into(), false))));
        assert_eq!(go("PUT", 307), Ok(Some(("PUT".into(), true))));
        assert_eq!(go("POST", 308), Ok(Some(("POST".into(), true))));
        assert!(go("POST", 301).is_err() && go("DELETE", 302).is_err());
        for status in [200, 300, 304, 305, 404] {
            assert_eq!(go("GET", status), Ok(None), "{status}");
        }
    }

    #[test]
    fn write_redirected_by_303_counts_as_done_if_the_target_fails() {
        let first = Hop::first("POST".into(), BASE.to_owned());
        assert_eq!(first.done(StatusCode::OK), None);
        let read = first.next(StatusCode::SEE_OTHER, Some(b"/x")).unwrap().unwrap();
        let read = read.next(StatusCode::FOUND, Some(b"/y")).unwrap().unwrap();
        assert_eq!((&*read.method, read.done(StatusCode::NOT_FOUND).as_deref()), ("GET", Some("POST")));
        let why = first.next(StatusCode::SEE_OTHER, Some(b"https://x/")).unwrap_err().to_string();
        assert!(why.contains("another origin") && !why.contains("moved"), "{why}");
    }

    #[test]
    fn redirect_loop_ends_at_the_limit() {
        let mut hop = Hop::first("GET".into(), BASE.to_owned());
        for _ in 0..MOST_HOPS {
            hop = hop.next(StatusCode::FOUND, Some(b"/x")).unwrap().unwrap();
        }
        let why = hop.next(StatusCode::FOUND, Some(b"/x")).unwrap_err().to_string();
        assert!(why.contains("too many redirects (limit 5)"), "{why}");
        assert!(hop.next(StatusCode::FOUND, None).is_err());
    }
}
