//! Endpoints of authorization servers. The connector sends users and secrets to these URLs.

use crate::lower::server;

/// Checks that an endpoint is an absolute HTTP URL with a host, and that all URL parsers agree about its
/// parts.
///
/// # Errors
/// Returns the problem as a clause that follows the URL and a comma, such as `which has a fragment`.
pub fn endpoint(text: &str) -> Result<String, &'static str> {
    let Some((scheme, rest)) = text.split_once("://") else { return Err("which is not an absolute URL") };
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return Err("which is neither `https://` nor `http://`");
    }
    if rest.contains(['{', '}']) {
        return Err("which has variables without values");
    }
    if !rest.bytes().all(|b| b.is_ascii_graphic()) || rest.contains(['\\', '"', '<', '>', '^', '`', '|']) {
        return Err("which contains characters that must be percent-encoded");
    }
    if rest.contains('#') {
        return Err("which has a fragment");
    }
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err("which contains credentials");
    }
    if authority.is_empty() || authority.starts_with(':') {
        return Err("which has no host");
    }
    Ok(format!("{}://{rest}", scheme.to_ascii_lowercase()))
}

/// Checks the endpoint URL in a document. It may be relative to `base`, the URL of the first server.
pub(super) fn from_document(text: &str, base: Option<&str>) -> Result<String, &'static str> {
    if text.contains("://") {
        return endpoint(text);
    }
    if !is_relative(text) {
        return Err("which is neither `https://` nor `http://`");
    }
    let base = base.ok_or("which is relative, and its base URL is unknown")?;
    let (path, query) = text.find('?').map_or((text, ""), |at| text.split_at(at));
    let whole = server::resolve(base, path).ok_or("which is relative, and its base URL is unknown")?;
    // A slash at the end is significant in an endpoint, but not in a server URL.
    let slash = if path.ends_with('/') && !whole.ends_with('/') { "/" } else { "" };
    endpoint(&format!("{whole}{slash}{query}"))
}

/// Whether the URL is relative: it does not begin with a scheme.
pub(super) fn is_relative(text: &str) -> bool {
    !text.split(['/', '?', '#']).next().is_some_and(|first| first.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_http_url_of_an_oauth_endpoint_is_accepted() {
        for (text, whole) in [
            ("https://login.example.com/token", "https://login.example.com/token"),
            ("HTTPS://login.example.com:8443/t?x=1", "https://login.example.com:8443/t?x=1"),
            ("http://127.0.0.1:9/token", "http://127.0.0.1:9/token"),
        ] {
            assert_eq!(endpoint(text).ok().as_deref(), Some(whole), "{text}");
        }
    }

    #[test]
    fn oauth_endpoint_must_be_an_absolute_url_without_credentials() {
        for text in [
            "/token",
            "ftp://login.example.com/token",
            "javascript://login.example.com/%0aalert(1)",
            "https://user:secret@login.example.com/token",
            "https://login.example.com/token#part",
            "https://{tenant}.example.com/token",
            "https://login.example.com/to\nken",
            "https://login.example.com\\@evil.example.org/",
            "https:///token",
            "https://:443/token",
        ] {
            assert!(endpoint(text).is_err(), "{text}");
        }
    }

    #[test]
    fn relative_url_of_an_oauth_endpoint_is_resolved_against_the_server() {
        let base = Some("https://api.example.com/v1");
        for (text, whole) in [
            ("/oauth/token", "https://api.example.com/oauth/token"),
            ("/oauth/token/", "https://api.example.com/oauth/token/"),
            ("/oauth/token?realm=a/b", "https://api.example.com/oauth/token?realm=a/b"),
            ("token", "https://api.example.com/token"),
            ("//login.example.com/token", "https://login.example.com/token"),
        ] {
            assert_eq!(from_document(text, base).ok().as_deref(), Some(whole), "{text}");
        }
        for text in ["javascript:alert(1)", "//user@login.example.com/token"] {
            assert!(from_document(text, base).is_err(), "{text}");
        }
        assert!(from_document("/oauth/token", None).is_err());
    }
}
