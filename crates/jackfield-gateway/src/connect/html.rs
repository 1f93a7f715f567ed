//! Writes the pages as HTML without scripts and styles.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, REFERRER_POLICY,
    SET_COOKIE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{Response, StatusCode};
use jackfield_recipe::is_invisible;

pub(super) type Page = Response<Bytes>;

/// The `Referrer-Policy`. With this policy, browsers send `Origin` with forms, and do not send `Referer` to other origins.
const REFERRER: &str = "same-origin";
const POLICY: &str = "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Escapes text for HTML.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Characters that are invisible or change the direction of text could disguise a name.
            char if is_invisible(char) => out.push('\u{FFFD}'),
            char => out.push(char),
        }
    }
    out
}

/// Returns a page whose body is already HTML.
pub(super) fn page(status: StatusCode, title: &str, body: &str) -> Page {
    let title = escaped(title);
    let text = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title></head>\n<body><main><h1>{title}</h1>\n{body}\n</main></body></html>\n"
    );
    answer(status, "text/html; charset=utf-8", text)
}

/// Returns a page with one paragraph of plain text.
pub(super) fn told(status: StatusCode, title: &str, text: &str) -> Page {
    page(status, title, &format!("<p>{}</p>", escaped(text)))
}

/// Returns a public JSON document, which may be cached for five minutes.
pub(super) fn document(value: &serde_json::Value) -> Page {
    let mut page = answer(StatusCode::OK, "application/json", value.to_string());
    page.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    page
}

/// Redirects the browser to a URL.
pub(super) fn redirect(address: &str) -> Page {
    let Ok(target) = HeaderValue::from_str(address) else {
        return told(
            StatusCode::BAD_GATEWAY,
            "The account is not connected",
            "The address of the login is not an address.",
        );
    };
    let mut page = answer(StatusCode::SEE_OTHER, "text/plain; charset=utf-8", String::new());
    page.headers_mut().insert(LOCATION, target);
    page
}

/// Adds a `Set-Cookie` header.
pub(super) fn with_cookie(mut page: Page, cookie: &str) -> Page {
    if let Ok(mut value) = HeaderValue::from_str(cookie) {
        value.set_sensitive(true);
        page.headers_mut().append(SET_COOKIE, value);
    }
    page
}

fn answer(status: StatusCode, kind: &'static str, text: String) -> Page {
    const HEADERS: [(HeaderName, &str); 5] = [
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, REFERRER),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
    ];
    let mut page = Response::new(Bytes::from(text));
    *page.status_mut() = status;
    page.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    for (name, value) in HEADERS {
        page.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_on_a_connect_page_cannot_become_html() {
        let text = "<script>\"x\" & 'y'</script>\u{202E}\u{7}";
        let page = told(StatusCode::OK, text, text);
        let body = String::from_utf8(page.body().to_vec()).unwrap();
        assert!(!body.contains("<script") && !body.contains("\"x\"") && !body.contains('\u{202E}'), "{body}");
        assert!(page.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap().contains("default-src 'none'"));
    }
}
