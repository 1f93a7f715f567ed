//! Detects texts that do not describe a value: markers that repeat a keyword of the schema, and references to
//! another place.

/// Words that mean the same as a keyword of a schema.
const MARKERS: [&str; 6] = ["optional", "required", "mandatory", "nullable", "readonly", "writeonly"];
/// Words that, together with `only`, mean the same as a keyword: `read only`.
const DIRECTIONS: [&str; 4] = ["input", "output", "read", "write"];
/// Words that refer to another place.
const POINTERS: [&str; 5] = ["see", "refer", "below", "above", "here"];
/// Words that add nothing to a marker or to a reference.
const FILLERS: [&str; 33] = [
    "a",
    "an",
    "and",
    "are",
    "as",
    "argument",
    "described",
    "description",
    "detail",
    "details",
    "docs",
    "documentation",
    "example",
    "examples",
    "field",
    "for",
    "in",
    "information",
    "is",
    "it",
    "more",
    "note",
    "notes",
    "only",
    "or",
    "parameter",
    "property",
    "request",
    "section",
    "the",
    "this",
    "to",
    "value",
];
/// Words after which `optional` begins a condition.
const CONDITIONS: [&str; 9] = ["and", "but", "for", "if", "in", "on", "unless", "when", "with"];

/// Whether a text consists only of a marker, such as `Output only.`, or of a reference, such as `see below`.
pub(super) fn is_marker(text: &str) -> bool {
    let text = text.to_lowercase();
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is_only = words.contains(&"only");
    let marks = |word: &&str| {
        MARKERS.contains(word) || POINTERS.contains(word) || is_only && DIRECTIONS.contains(word)
    };
    words.iter().any(marks) && words.iter().all(|word| marks(word) || FILLERS.contains(word))
}

/// Returns the text without a marker at its beginning or end. `(optional) name`, `Optional: name`, `Optional name`
/// and `Name (optional)` all become `Name`.
pub(super) fn without_marker(text: &str) -> String {
    let text = without_end(text);
    let bare = text.trim_start_matches(['(', '[', '*', '+', ' ']);
    let separator = bare.char_indices().find(|(at, c)| SEPARATORS.contains(c) && is_separator(bare, *at, *c));
    if let Some((at, c)) = separator
        && is_marker(&bare[..at])
    {
        let rest = bare[at + c.len_utf8()..].trim_start_matches(|c| c == ' ' || SEPARATORS.contains(&c));
        return if rest.is_empty() { text.to_owned() } else { capital(rest) };
    }
    // The marker is an adjective of the noun after it.
    let first = bare.split_ascii_whitespace().next().unwrap_or_default();
    let rest = bare[first.len()..].trim_start();
    let next = rest.split_ascii_whitespace().next().unwrap_or_default();
    let is_noun = next.starts_with(|c: char| c.is_ascii_alphabetic())
        && !CONDITIONS.contains(&next.to_ascii_lowercase().as_str());
    if bare.len() == text.len() && first.eq_ignore_ascii_case("optional") && is_noun {
        return capital(rest);
    }
    text.to_owned()
}

const SEPARATORS: [char; 9] = ['.', ':', ';', ',', ')', ']', '-', '–', '—'];

/// Whether the sign separates a marker from the text. The hyphen in a word such as `read-only` does not.
fn is_separator(text: &str, at: usize, sign: char) -> bool {
    sign != '-' || text[..at].ends_with(' ')
}

fn without_end(text: &str) -> &str {
    let opened = [" (", " [", " +"].iter().filter_map(|opening| text.rfind(opening)).max();
    match opened.filter(|at| *at > 0 && is_marker(&text[*at..])) {
        Some(at) => text[..at].trim_end(),
        None => text,
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    // A name that continues a sentence keeps its spelling.
    let first_word = text.split_ascii_whitespace().next().unwrap_or_default();
    let is_name = first_word.chars().skip(1).any(|c| c.is_uppercase() || matches!(c, '_' | '/' | '{'));
    match chars.next() {
        Some(first) if !is_name => first.to_uppercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_only_says_optional_or_refers_elsewhere_is_detected() {
        for (text, expected) in [
            ("Output only.", true),
            ("Optional.", true),
            ("(required)", true),
            ("+optional", true),
            ("This field is read-only", true),
            ("See below.", true),
            ("see the documentation for details", true),
            ("As described above", true),
            ("Required if `kind` is set", false),
            ("Read", false),
            ("Output", false),
            ("Value", false),
            ("See the zones of ISO 3166", false),
            ("Deprecated in favor of `kind`", false),
            ("Deprecated.", false),
            ("", false),
            ("…", false),
        ] {
            assert_eq!(is_marker(text), expected, "{text}");
        }
    }

    #[test]
    fn marker_such_as_optional_is_removed_from_either_end_of_a_text() {
        for (text, expected) in [
            ("(Optional) name of the book", "Name of the book"),
            ("Optional: name", "Name"),
            ("Output only - the name", "The name"),
            ("[Required] `shelf_id` of the book", "`shelf_id` of the book"),
            ("Optional name of the book", "Name of the book"),
            ("Optional ISBN of the book", "ISBN of the book"),
            ("Optional if `kind` is set", "Optional if `kind` is set"),
            ("Required when `kind` is set", "Required when `kind` is set"),
            ("Optional.", "Optional."),
            ("Read: one of two", "Read: one of two"),
            ("Name, optional", "Name, optional"),
            ("Größe – optional", "Größe – optional"),
            ("Name of the book (optional).", "Name of the book"),
            ("Defaults to unset +optional", "Defaults to unset"),
            ("Deprecated: use `kind`", "Deprecated: use `kind`"),
            ("(optional)", "(optional)"),
        ] {
            assert_eq!(without_marker(text), expected, "{text}");
        }
    }
}
