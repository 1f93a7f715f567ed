//! `[headers]`: headers that are sent with every request.

use std::collections::BTreeMap;

use toml::Spanned;

use super::refusal::Refusal;

/// Headers that frame, route or authenticate a message. Jackfield or HTTP sets them, and servers disagree about duplicates.
const OWNED: [&str; 16] = [
    "authorization",
    "connection",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "origin",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];

pub(super) fn parse(
    written: BTreeMap<Spanned<String>, Spanned<String>>,
) -> Result<Vec<(String, String)>, Refusal> {
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, value) in written {
        let (span, value_span) = (name.span(), value.span());
        let (name, value) = (name.into_inner(), value.into_inner());
        let plain = name.to_ascii_lowercase();
        if !is_token(&name) {
            let help = "write a name such as `X-Version`";
            return Err(Refusal::new(span, format!("{name:?} is not the name of a header"), help));
        }
        if plain.starts_with("content-") || OWNED.contains(&plain.as_str()) {
            let help = match plain.as_str() {
                "authorization" | "cookie" => {
                    "say how the connector authenticates under [auth]; credentials do not belong in this file"
                }
                _ => "remove it",
            };
            return Err(Refusal::new(span, format!("`{name}` cannot be set in connector.toml"), help));
        }
        if value.trim() != value || value.is_empty() || !value.bytes().all(|b| matches!(b, b' '..=b'~')) {
            let help = "use ASCII characters, without leading or trailing spaces";
            let problem = format!("{value:?} cannot be the value of a header");
            return Err(Refusal::new(value_span, problem, help));
        }
        if headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(&name)) {
            let problem = format!("`{name}` is set twice: header names are case-insensitive");
            return Err(Refusal::new(span, problem, "remove one of the two lines"));
        }
        headers.push((name, value));
    }
    Ok(headers)
}

pub(super) fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}
