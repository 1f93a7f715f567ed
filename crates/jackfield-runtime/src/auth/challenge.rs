//! Parses the challenges in `WWW-Authenticate` headers (RFC 9110).

use http::HeaderMap;

/// An authentication scheme that the service accepts, with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    pub(crate) scheme: String,
    /// Names and values. Names are in lower case, and values are unquoted and unescaped.
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// Returns all challenges of a reply, in order. A reply may have several `WWW-Authenticate` headers, and each
    /// header several challenges.
    pub fn all(headers: &HeaderMap) -> Vec<Self> {
        let fields = headers.get_all(http::header::WWW_AUTHENTICATE).iter();
        fields.filter_map(|field| std::str::from_utf8(field.as_bytes()).ok()).flat_map(Self::parse).collect()
    }

    /// Whether this is a challenge for the authentication scheme `scheme`, ignoring case.
    pub fn is_for(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// Returns the value of a parameter. `name` has to be in lower case.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Parses a header. Text that cannot be parsed is skipped up to the next comma.
    fn parse(field: &str) -> Vec<Self> {
        let mut challenges: Vec<Self> = Vec::new();
        let mut rest = field;
        loop {
            rest = rest.trim_start_matches([' ', '\t', ',']);
            if rest.is_empty() {
                return challenges;
            }
            let (word, after) = token(rest);
            if word.is_empty() {
                rest = after_comma(rest);
                continue;
            }
            let value = after.trim_start_matches([' ', '\t']).strip_prefix('=').and_then(value);
            match (value, challenges.last_mut()) {
                (Some((value, after)), Some(challenge)) => {
                    challenge.parameters.push((word.to_ascii_lowercase(), value));
                    rest = after;
                }
                (Some(_), None) => rest = after_comma(after),
                // The name of a scheme is followed by a space, by a comma or by the end of the header. Any other character is the padding
                // of a token68 value.
                (None, _) if after.starts_with([' ', '\t', ',']) || after.is_empty() => {
                    challenges.push(Self { scheme: word.to_owned(), parameters: Vec::new() });
                    rest = after;
                }
                (None, _) => rest = after_comma(after),
            }
        }
    }
}

fn token(text: &str) -> (&str, &str) {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    text.split_at(text.find(|c| !is_token(c)).unwrap_or(text.len()))
}

/// Splits a token or a quoted string off the start of `text`. Returns its value and the rest of `text`.
fn value(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start_matches([' ', '\t']);
    let Some(quoted) = text.strip_prefix('"') else {
        let (word, after) = token(text);
        return (!word.is_empty()).then(|| (word.to_owned(), after));
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.push(chars.next()?.1),
            c => value.push(c),
        }
    }
    None
}

fn after_comma(text: &str) -> &str {
    text.split_once(',').map_or("", |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(field: &str) -> Vec<String> {
        let show = |it: Challenge| {
            let parameters = it.parameters.iter().map(|(name, value)| format!(" {name}=<{value}>"));
            format!("{}{}", it.scheme, parameters.collect::<String>())
        };
        Challenge::parse(field).into_iter().map(show).collect()
    }

    #[test]
    fn www_authenticate_header_with_several_challenges_is_parsed() {
        for (field, expected) in [
            ("Basic realm=\"a, b\"", &["Basic realm=<a, b>"][..]),
            (
                "Digest realm=\"x\\\"y\\\\\", qop=\"auth,auth-int\", Algorithm=SHA-256 , Basic realm=r",
                &["Digest realm=<x\"y\\> qop=<auth,auth-int> algorithm=<SHA-256>", "Basic realm=<r>"],
            ),
            ("Negotiate, Digest nonce = \"n\"", &["Negotiate", "Digest nonce=<n>"]),
            ("Negotiate YWJj==, Digest nonce=n", &["Negotiate", "Digest nonce=<n>"]),
            (",, Bearer", &["Bearer"]),
            ("Digest realm=\"without an end", &["Digest"]),
            ("Digest realm=\"\", nonce=\"é\"", &["Digest realm=<> nonce=<é>"]),
            ("=x, Digest", &["Digest"]),
            ("realm=x", &[]),
            ("", &[]),
        ] {
            assert_eq!(shown(field), expected, "{field}");
        }
    }
}
