//! Detects common HTTP requests, which are answered without the SDK.
//!
//! For each request, the SDK starts a session with several async tasks, which takes long. The conditions here are
//! stricter than the conditions of the SDK, so a request that the SDK would refuse is always passed to the SDK.

use http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderName, ORIGIN};
use http::{HeaderMap, Method, Request};
use hyper::body::Body;
use rmcp::model::ProtocolVersion;

use super::sessions::SESSION_ID;

/// The maximum length of a body that is read before the SDK sees the request.
const MAX_BODY: u64 = 256 * 1024;

pub(super) const REVISION: HeaderName = HeaderName::from_static("mcp-protocol-version");

/// The header that every request of revision 2026-07-28 contains.
pub(super) const METHOD: HeaderName = HeaderName::from_static("mcp-method");

/// The revisions that name themselves in a header, and have sessions.
const KNOWN: [ProtocolVersion; 3] =
    [ProtocolVersion::V_2025_11_25, ProtocolVersion::V_2025_06_18, ProtocolVersion::V_2025_03_26];

/// Returns the protocol revision of a common request. `None` if the SDK has to handle the request.
pub(super) fn usual_revision<B: Body>(request: &Request<B>, hosts: &[String]) -> Option<ProtocolVersion> {
    let headers = request.headers();
    // Later revisions repeat members of the message in headers.
    if !is_plain(request, hosts, |name| *name == REVISION) {
        return None;
    }
    if !headers.contains_key(REVISION) {
        return Some(ProtocolVersion::V_2025_03_26);
    }
    known_revision(headers)
}

/// Whether a request of a session is a common request, judged by its headers.
pub(super) fn is_usual_in_session<B: Body>(request: &Request<B>, hosts: &[String]) -> bool {
    let headers = request.headers();
    is_plain(request, hosts, |name| *name == REVISION || *name == SESSION_ID)
        && (!headers.contains_key(REVISION) || known_revision(headers).is_some())
}

/// Whether a request names no revision, or a revision that has sessions.
pub(super) fn is_known_revision(headers: &HeaderMap) -> bool {
    !headers.contains_key(REVISION)
        || known_revision(headers).is_some()
        || one(headers, &REVISION) == Some(ProtocolVersion::V_2024_11_05.as_str())
}

/// Whether a request may be a common `tools/list` request of the newest revision, judged by its headers.
pub(super) fn is_usual_list<B: Body>(request: &Request<B>, hosts: &[String]) -> bool {
    let headers = request.headers();
    is_plain(request, hosts, |name| *name == REVISION || *name == METHOD)
        && one(headers, &REVISION) == Some(ProtocolVersion::V_2026_07_28.as_str())
        && one(headers, &METHOD) == Some("tools/list")
}

/// Returns the revision that the headers name, if it is one of `KNOWN`.
fn known_revision(headers: &HeaderMap) -> Option<ProtocolVersion> {
    let revision = one(headers, &REVISION)?;
    KNOWN.into_iter().find(|known| known.as_str() == revision)
}

/// Whether the only headers of MCP are those that `may_have` accepts, and all other headers have common values.
fn is_plain<B: Body>(request: &Request<B>, hosts: &[String], may_have: impl Fn(&HeaderName) -> bool) -> bool {
    let (uri, headers) = (request.uri(), request.headers());
    request.method() == Method::POST
        && uri.authority().is_none()
        && request.body().size_hint().exact().is_some_and(|length| length <= MAX_BODY)
        && one(headers, &HOST).is_some_and(|host| is_one_of(hosts, host))
        && one(headers, &CONTENT_TYPE) == Some("application/json")
        && matches!(
            one(headers, &ACCEPT),
            Some("application/json, text/event-stream" | "text/event-stream, application/json")
        )
        && !headers.contains_key(ORIGIN)
        && !headers.contains_key(CONTENT_ENCODING)
        && headers.keys().all(|name| !name.as_str().starts_with("mcp-") || may_have(name))
}

/// Returns the value of a header that occurs exactly once.
fn one<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then(|| value.to_str().ok())?
}

/// Whether `host`, with or without a port, is in `hosts`. Returns false for IPv6 addresses, so that the SDK
/// handles them.
fn is_one_of(hosts: &[String], host: &str) -> bool {
    let (name, port) = host.split_once(':').unwrap_or((host, "0"));
    hosts.iter().any(|it| it == name) && port.parse::<u16>().is_ok() && !port.starts_with('+')
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http_body_util::Full;

    const ACCEPTED: &str = "application/json, text/event-stream";

    /// Returns the revision that is detected for a common request, after `changed` has replaced headers. An empty
    /// value removes a header.
    fn revision(method: &str, uri: &str, changed: &[(&str, &str)], length: usize) -> Option<String> {
        let mut request = Request::builder().method(method).uri(uri);
        let usual = [("host", "127.0.0.1:80"), ("content-type", "application/json"), ("accept", ACCEPTED)];
        let kept = usual.iter().filter(|(name, _)| changed.iter().all(|(other, _)| name != other));
        for (name, value) in kept.chain(changed).filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::from(vec![b' '; length]))).unwrap();
        usual_revision(&request, &["localhost".to_owned(), "127.0.0.1".to_owned()])
            .map(|revision| revision.to_string())
    }

    #[test]
    fn protocol_revision_of_a_request_in_the_usual_form_is_detected() {
        for (changed, expected) in [
            (&[][..], "2025-03-26"),
            (&[("host", "localhost")], "2025-03-26"),
            (&[("mcp-protocol-version", "2025-11-25")], "2025-11-25"),
            (&[("user-agent", "x"), ("accept-encoding", "gzip")], "2025-03-26"),
        ] {
            assert_eq!(revision("POST", "/mcp", changed, 10).as_deref(), Some(expected), "{changed:?}");
        }
    }

    #[test]
    fn http_request_in_an_unusual_form_is_handled_by_the_sdk() {
        for changed in [
            &[("host", "")][..],
            &[("host", "example.com")],
            &[("host", "127.0.0.1.example.com")],
            &[("host", "localhost:80@example.com")],
            &[("host", "localhost:")],
            &[("host", "localhost:+80")],
            &[("host", "127.0.0.1"), ("host", "example.com")],
            &[("origin", "http://127.0.0.1")],
            &[("origin", "null")],
            &[("content-type", "")],
            &[("content-type", "text/plain")],
            &[("content-type", "application/json; charset=utf-16")],
            &[("content-encoding", "gzip")],
            &[("accept", "application/json")],
            &[("accept", "*/*")],
            &[("accept", "application/json;q=0, text/event-stream")],
            &[("mcp-protocol-version", "2026-07-28")],
            &[("mcp-protocol-version", "2024-11-05x")],
            &[("mcp-protocol-version", "2025-06-18"), ("mcp-protocol-version", "2025-11-25")],
            &[("mcp-method", "tools/list")],
            &[("mcp-session-id", "1")],
        ] {
            assert_eq!(revision("POST", "/mcp", changed, 10), None, "{changed:?}");
        }
        assert_eq!(revision("GET", "/mcp", &[], 0), None);
        assert_eq!(revision("POST", "http://127.0.0.1/mcp", &[], 10), None);
        assert_eq!(revision("POST", "/mcp", &[], 257 * 1024), None);
    }
}
