//! The host, the origin and the cookie of a browser's request.

use http::HeaderMap;
use http::header::{HOST, HeaderName, ORIGIN};
use jackfield_runtime::Secret;

use super::address::Address;
use super::random_text::random_text;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether the `Host` header is the host of the pages. Any other host may be DNS rebinding.
pub(super) fn is_for(address: &Address, headers: &HeaderMap) -> bool {
    headers.get(HOST).is_some_and(|host| host.as_bytes().eq_ignore_ascii_case(address.host.as_bytes()))
}

/// Whether a form was sent by a page of this server. Browsers send `Origin` with every form.
pub(super) fn is_own_form(address: &Address, headers: &HeaderMap) -> bool {
    let is_own = headers.get(ORIGIN).is_some_and(|it| it.as_bytes() == address.origin.as_bytes());
    is_own && headers.get(FETCH_SITE).is_none_or(|site| site == "same-origin")
}

/// Returns the name of the cookie. Other hosts of the domain cannot set a cookie with the prefix `__Host-`.
pub(super) fn cookie_name(address: &Address) -> &'static str {
    if address.is_secure() { "__Host-jackfield-connect" } else { "jackfield-connect" }
}

/// Creates a random cookie value, and the `Set-Cookie` header for it. `None` if random numbers are unavailable.
pub(super) fn new_cookie(address: &Address) -> Option<(Secret, String)> {
    let value = random_text()?;
    let secure = if address.is_secure() { "; Secure" } else { "" };
    let header =
        format!("{}={value}; Path=/; Max-Age=900; HttpOnly; SameSite=Lax{secure}", cookie_name(address));
    Some((Secret::new(value), header))
}

/// Returns the `Set-Cookie` header that removes the cookie.
pub(super) fn no_cookie(address: &Address) -> String {
    let secure = if address.is_secure() { "; Secure" } else { "" };
    format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{secure}", cookie_name(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_from_another_origin_is_refused() {
        let address = Address::of_endpoint("https://gw.example.com/mcp").unwrap();
        let sent = |pairs: &[(&'static str, &'static str)]| -> HeaderMap {
            pairs
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
                .collect()
        };
        for (headers, is_own) in [
            (sent(&[("origin", "https://gw.example.com")]), true),
            (sent(&[("origin", "https://gw.example.com"), ("sec-fetch-site", "same-origin")]), true),
            (sent(&[("origin", "https://gw.example.com"), ("sec-fetch-site", "cross-site")]), false),
            (sent(&[("origin", "https://evil.example.com")]), false),
            (sent(&[("origin", "http://gw.example.com")]), false),
            (sent(&[("origin", "null")]), false),
            (sent(&[]), false),
        ] {
            assert_eq!(is_own_form(&address, &headers), is_own, "{headers:?}");
        }
        assert!(is_for(&address, &sent(&[("host", "GW.example.com")])));
        assert!(
            !is_for(&address, &sent(&[("host", "rebound.example.com")])) && !is_for(&address, &sent(&[]))
        );
    }

    #[test]
    fn cookie_is_hidden_from_scripts_and_other_sites() {
        let address = Address::of_endpoint("https://gw.example.com/mcp").unwrap();
        let (value, header) = new_cookie(&address).unwrap();
        assert!(header.starts_with("__Host-jackfield-connect=") && header.contains("; Secure"), "{header}");
        assert!(header.contains("; HttpOnly; SameSite=Lax"), "{header}");
        assert!(header.contains(&format!("={};", value.expose())), "{header}");
    }
}
