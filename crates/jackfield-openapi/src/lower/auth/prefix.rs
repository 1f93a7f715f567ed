//! Detects the prefix of a credential in the description of its scheme.

use jackfield_model::text::{toml_key, toml_text};
use jackfield_model::{Code, Diagnostic, Location, Scheme, SchemeKind};

use crate::lower::text::{clean, one_line, shorten};

/// The maximum number of characters of a description to keep.
const LONGEST: usize = 160;

/// The maximum number of characters of a description to search: the format is usually at the beginning.
const READ: usize = 4000;

/// The maximum length of a prefix. HTTP's own prefixes are shorter.
const LONGEST_PREFIX: usize = 40;

/// Returns the sentence that shows the format of the credential, or the first sentence, on one line.
pub(super) fn telling_sentence(description: &str) -> String {
    let description: String = description.chars().take(READ).collect();
    let text = clean(&description);
    let mut sentences = sentences(&text).into_iter().peekable();
    let first = sentences.peek().cloned().unwrap_or_default();
    let telling = sentences.find(|sentence| prefix_in(sentence, "authorization").is_some());
    shorten(&telling.unwrap_or(first), LONGEST)
}

/// Splits a text into sentences, which end with an empty line or with a period before a space.
fn sentences(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for paragraph in text.split("\n\n") {
        let line = one_line(paragraph);
        let mut rest = line.as_str();
        while let Some(at) = rest.find(". ") {
            found.push(rest[..at].to_owned());
            rest = &rest[at + 2..];
        }
        found.push(rest.strip_suffix('.').unwrap_or(rest).to_owned());
    }
    found.retain(|sentence| !sentence.trim().is_empty());
    found
}

/// Returns the note about a key whose description shows a prefix that is not sent.
pub(super) fn missing(scheme: &Scheme) -> Option<Diagnostic> {
    let SchemeKind::ApiKey { location: Location::Header, wire } = &scheme.kind else { return None };
    let prefix = prefix_in(&scheme.description, wire.as_str()).filter(|_| scheme.prefix.is_none())?;
    Some(
        Diagnostic::note(
            Code::MissingPrefix,
            scheme.place.clone(),
            format!(
                "the description of `{}` shows {prefix:?} in front of the key: {:?}",
                scheme.name, scheme.description
            ),
        )
        .so("the key is sent without a prefix")
        .help(format!(
            "to have the connector add the prefix, declare it in connector.toml:\n\n[auth.schemes.{}]\nprefix = {}\n",
            toml_key(scheme.name.as_str()),
            toml_text(&prefix)
        )),
    )
}

/// Returns the prefix that a text shows before a placeholder, as in `Token token=<API_KEY>`. The placeholder has to stand at the end of the
/// text, of a quotation, or of the text after the header's name and a colon.
fn prefix_in(text: &str, header: &str) -> Option<String> {
    quoted(text).chain([text]).find_map(|text| {
        let text = text.trim();
        let value = match text.split_once(':') {
            Some((name, value)) if is_header(name, header) => value,
            Some(_) => return None,
            None => text,
        };
        prefix_of(value.trim())
    })
}

/// Returns the parts of a text that stand in backticks, in double quotes or in single quotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    ['`', '"', '\''].into_iter().flat_map(move |mark| text.split(mark).skip(1).step_by(2))
}

/// Whether a text ends with the name of the header.
fn is_header(text: &str, header: &str) -> bool {
    let text = text.trim_end();
    let start = text.len().checked_sub(header.len());
    start.is_some_and(|at| {
        text.is_char_boundary(at)
            && text[at..].eq_ignore_ascii_case(header)
            && !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-')
    })
}

fn prefix_of(value: &str) -> Option<String> {
    let value = value.trim_end_matches(['.', ',']);
    // In `Token token=KEY`, the prefix includes a part of the second word.
    let at = value.rfind([' ', '=']).map(|at| at + 1).or_else(|| value.find(['<', '{', '[']))?;
    // A placeholder may contain spaces.
    let at = value.find(['<', '{', '[']).map_or(at, |open| open.min(at));
    let (prefix, placeholder) = value.split_at(at);
    let words: Vec<&str> = prefix.split_whitespace().collect();
    let is_name = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    let is_prefix = match words.as_slice() {
        [scheme] if prefix.ends_with(' ') => is_name(scheme),
        [pair] => pair.strip_suffix('=').is_some_and(is_name),
        [scheme, pair] => is_name(scheme) && pair.strip_suffix('=').is_some_and(is_name),
        _ => false,
    };
    (is_prefix && prefix.len() <= LONGEST_PREFIX && is_placeholder(placeholder)).then(|| prefix.to_owned())
}

/// Whether the text is a placeholder, such as `<key>`, `{key}`, `[key]`, `$KEY`, `YOUR_KEY` or `xxxx`.
fn is_placeholder(text: &str) -> bool {
    let bracketed = [('<', '>'), ('{', '}'), ('[', ']')]
        .into_iter()
        .any(|(open, close)| text.len() > 2 && text.starts_with(open) && text.ends_with(close));
    let bare = text.trim_start_matches('$');
    let is_constant = bare.len() > 2
        && bare.contains(|c: char| c.is_ascii_uppercase())
        && bare.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_' || c == '-');
    let is_blank = text.len() > 2 && text.chars().all(|c| matches!(c, 'x' | 'X' | '*' | '.' | '…'));
    bracketed || is_constant || is_blank
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> Option<String> {
        prefix_in(text, "Authorization")
    }

    #[test]
    fn credential_prefix_is_not_detected_without_a_placeholder_after_it() {
        for text in [
            "Use the key <key>",
            "Give the key as Api-Key. Eg: {apiKey : <Your API Key>}",
            "The header `X-Key`",
            "Bearer Token authentication",
            "See `Authorization` and [keys](https://keys.example.com)",
            "X-Other: Bearer <token>",
            "<key>",
            "`special-key`",
            "`",
            "",
        ] {
            assert_eq!(prefix(text), None, "{text}");
        }
    }

    #[test]
    fn credential_prefix_before_a_placeholder_is_detected() {
        for (text, expected) in [
            ("Token token=<API_KEY>", "Token token="),
            ("Token token=API_KEY", "Token token="),
            ("Bearer {token}.", "Bearer "),
            ("Use `Authorization: Bot YOUR_TOKEN` for all calls", "Bot "),
            ("Send it as Authorization: ApiKey <your api key>", "ApiKey "),
            ("Write \"GenieKey xxxx\", with the blank", "GenieKey "),
            ("key=[KEY]", "key="),
        ] {
            assert_eq!(prefix(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn credential_description_is_shortened_to_the_sentence_with_the_prefix() {
        for (text, sentence) in [
            ("Your key. Find it\nin the settings.", "Your key"),
            ("Your\u{202E} key\u{7}", "Your key"),
            (
                "Sign up first.\n\nThen send `Authorization: Token <key>`.",
                "Then send `Authorization: Token <key>`",
            ),
            ("", ""),
        ] {
            assert_eq!(telling_sentence(text), sentence);
        }
        assert!(telling_sentence(&"word ".repeat(100_000)).chars().count() <= LONGEST);
    }
}
