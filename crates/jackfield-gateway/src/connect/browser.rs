//! Reads the origin, the cookie and the form fields of a browser's request.

use http::HeaderMap;
use http::header::{COOKIE, HOST, HeaderName, ORIGIN};
use jackfield_recipe::percent_decode;
use jackfield_runtime::Secret;
use sha2::{Digest as _, Sha256};

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
fn name(address: &Address) -> &'static str {
    if address.is_secure() { "__Host-jackfield-connect" } else { "jackfield-connect" }
}

/// Creates a random cookie value, and the `Set-Cookie` header for it. `None` if random numbers are unavailable.
pub(super) fn new_cookie(address: &Address) -> Option<(Secret, String)> {
    let value = random_text()?;
    let secure = if address.is_secure() { "; Secure" } else { "" };
    let header = format!("{}={value}; Path=/; Max-Age=900; HttpOnly; SameSite=Lax{secure}", name(address));
    Some((Secret::new(value), header))
}

/// Returns the `Set-Cookie` header that removes the cookie.
pub(super) fn no_cookie(address: &Address) -> String {
    let secure = if address.is_secure() { "; Secure" } else { "" };
    format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{secure}", name(address))
}

/// Whether the request has the cookie with the expected value.
pub(super) fn has_cookie(address: &Address, headers: &HeaderMap, expected: &Secret) -> bool {
    let texts = headers.get_all(COOKIE).iter().filter_map(|it| it.to_str().ok());
    let mut pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let given = pairs.find(|(known, _)| *known == name(address)).map(|(_, value)| value);
    // Digests are compared, so that the time of the comparison tells nothing about the cookie.
    given.is_some_and(|given| Sha256::digest(given) == Sha256::digest(expected.expose()))
}

/// Returns the decoded value of a field in a query or a form. `None` if the field is missing, occurs twice or cannot be decoded.
pub(super) fn field(form: &[u8], name: &str) -> Option<String> {
    let form = std::str::from_utf8(form).ok()?;
    let mut values =
        form.split('&').filter_map(|pair| pair.split_once('=')).filter(|(known, _)| *known == name);
    let (value, None) = (values.next()?.1, values.next()) else { return None };
    String::from_utf8(percent_decode(&value.replace('+', " "))?).ok()
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
        let sent = |text: String| HeaderMap::from_iter([(COOKIE, text.parse().unwrap())]);
        let own = format!("a=b; __Host-jackfield-connect={}", value.expose());
        assert!(has_cookie(&address, &sent(own), &value));
        for other in
            ["__Host-jackfield-connect=x".to_owned(), format!("jackfield-connect={}", value.expose())]
        {
            assert!(!has_cookie(&address, &sent(other), &value));
        }
    }

    #[test]
    fn duplicate_form_field_is_ignored() {
        assert_eq!(field(b"a=1&token=x%2By+z", "token").as_deref(), Some("x+y z"));
        assert_eq!(field(b"token=x&token=y", "token"), None);
        assert_eq!(field(b"token=%FF", "token"), None);
    }
}
