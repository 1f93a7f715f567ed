//! Detects facts about the format of a value in a text: values, bounds, format, unit, pattern or default.

/// A set of these facts: values, bounds, format, unit, pattern, default.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Kinds(u8);

pub(super) const NONE: Kinds = Kinds(0);
pub(super) const VALUE: Kinds = Kinds(1);
pub(super) const BOUND: Kinds = Kinds(2);
const FORMAT: Kinds = Kinds(4);
const UNIT: Kinds = Kinds(8);
pub(super) const PATTERN: Kinds = Kinds(16);
pub(super) const DEFAULT: Kinds = Kinds(32);
pub(super) const ALL: Kinds = Kinds(63);

impl Kinds {
    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Phrases that begin at the start of a word, in lower case, and the kind of fact that each of them announces.
const PHRASES: [(&str, Kinds); 74] = [
    ("acceptable value", VALUE),
    ("accepted value", VALUE),
    ("allowed value", VALUE),
    ("alpha-2", FORMAT),
    ("are allowed", VALUE),
    ("are either ", VALUE),
    ("are one of ", VALUE),
    ("at most", BOUND),
    ("available value", VALUE),
    ("base64", FORMAT),
    ("be either ", VALUE),
    ("be one of ", VALUE),
    ("between ", BOUND),
    ("can be a ", VALUE),
    ("can be an ", VALUE),
    ("characters long", BOUND),
    ("comma delimited", FORMAT),
    ("comma separated", FORMAT),
    ("comma-delimited", FORMAT),
    ("comma-separated", FORMAT),
    ("currency unit", UNIT),
    ("e.164", FORMAT),
    ("epoch", FORMAT),
    ("greater than", BOUND),
    ("hexadecimal", FORMAT),
    ("in bytes", UNIT),
    ("in cents", UNIT),
    ("in days", UNIT),
    ("in hours", UNIT),
    ("in kilo", UNIT),
    ("in meters", UNIT),
    ("in microseconds", UNIT),
    ("in milliseconds", UNIT),
    ("in minutes", UNIT),
    ("in ms", UNIT),
    ("in percent", UNIT),
    ("in pixels", UNIT),
    ("in seconds", UNIT),
    ("in the format", FORMAT),
    ("is one of ", VALUE),
    ("iso ", FORMAT),
    ("iso-", FORMAT),
    ("iso3", FORMAT),
    ("iso4", FORMAT),
    ("iso6", FORMAT),
    ("iso8", FORMAT),
    ("json encoded", FORMAT),
    ("json string", FORMAT),
    ("json-encoded", FORMAT),
    ("jsonl", FORMAT),
    ("less than", BOUND),
    ("max ", BOUND),
    ("max:", BOUND),
    ("maximum", BOUND),
    ("min:", BOUND),
    ("minimum", BOUND),
    ("no more than", BOUND),
    ("one of the following", VALUE),
    ("one of: ", VALUE),
    ("possible value", VALUE),
    ("rfc ", FORMAT),
    ("rfc-", FORMAT),
    ("rfc3", FORMAT),
    ("select one of ", VALUE),
    ("supported attributes", VALUE),
    ("supported value", VALUE),
    ("unix ", FORMAT),
    ("up to ", BOUND),
    ("url encoded", FORMAT),
    ("url-encoded", FORMAT),
    ("utc", FORMAT),
    ("valid option", VALUE),
    ("valid value", VALUE),
    ("yyyy", FORMAT),
];

/// Detects the facts in the text.
pub(super) fn kinds(text: &str) -> Kinds {
    let lower = text.to_lowercase();
    let mut found = announced(&lower);
    // A bound is a number.
    if !lower.bytes().any(|b| b.is_ascii_digit()) {
        found = found.without(BOUND);
    }
    let mut add = |kind: Kinds, says: bool| found = if says { found.with(kind) } else { found };
    add(VALUE, lower.starts_with("one of ") || means(&lower));
    add(FORMAT, standard(text) || date(text));
    add(PATTERN, pattern(text));
    add(DEFAULT, default(&lower));
    found
}

/// Returns the kinds of facts that the phrases of the text announce.
fn announced(lower: &str) -> Kinds {
    let mut found = NONE;
    let mut is_inside = false;
    for (at, c) in lower.char_indices() {
        if !is_inside && c.is_ascii() {
            let begins = |phrase: &&(&str, Kinds)| phrase.0.as_bytes()[0] == lower.as_bytes()[at];
            let from = PHRASES.partition_point(|phrase| phrase.0.as_bytes()[0] < lower.as_bytes()[at]);
            for (phrase, kind) in PHRASES[from..].iter().take_while(begins) {
                if lower[at..].starts_with(phrase) {
                    found = found.with(*kind);
                }
            }
        }
        is_inside = c.is_alphanumeric();
    }
    found
}

/// Whether the text contains a path with placeholders, such as `shelves/{shelf}/books/*`. A path that begins
/// with `/` is the route of another operation.
fn pattern(text: &str) -> bool {
    tokens(text).any(|token| {
        let placeholder = token.contains(['{', '<']) || token.contains("/*") || token.contains("*/");
        token.contains('/') && placeholder && token.starts_with(|c: char| c.is_alphanumeric() || c == '{')
    })
}

/// Whether the text contains the format of a date or a time in letters, such as `YYYY-MM-DD` or `hh:mm`.
fn date(text: &str) -> bool {
    tokens(text).any(|token| {
        let part = |part: &str| {
            let first = part.chars().next().unwrap_or_default().to_ascii_lowercase();
            matches!(part.len(), 2 | 4)
                && "ymdhs".contains(first)
                && part.chars().all(|c| c.to_ascii_lowercase() == first)
        };
        let mut parts = token.split(['-', '/', ':', '.', 'T']);
        parts.next().is_some_and(part) && parts.next().is_some_and(part)
    })
}

/// Whether the text names a numbered standard, such as `ISO 8601` or `RFC3339`.
fn standard(text: &str) -> bool {
    let is_body = |word: &str| word.len() == 3 && word.bytes().all(|b| b.is_ascii_uppercase());
    let is_number = |word: &str| word.len() > 2 && word.bytes().all(|b| b.is_ascii_digit());
    let mut last = "";
    for word in text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        let letters = word.find(|c: char| c.is_ascii_digit()).unwrap_or(word.len());
        let (body, number) = word.split_at(letters);
        if is_body(body) && is_number(number) || is_body(last) && is_number(word) {
            return true;
        }
        last = word;
    }
    false
}

/// Whether the text says which value applies if none is sent.
fn default(lower: &str) -> bool {
    const FOLLOWS: [&str; 8] = [" is ", " to ", ": ", " = ", "=", " value is ", " value: ", " is: "];
    lower.match_indices("default").any(|(at, word)| {
        let rest = &lower[at + word.len()..];
        let rest = rest.strip_prefix('s').unwrap_or(rest);
        !lower[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
            && (FOLLOWS.iter().any(|follows| rest.starts_with(follows)) || lower[..at].ends_with("by "))
    })
}

fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().map(|token| {
        token.trim_matches(|c: char| {
            matches!(c, '.' | ',' | ';' | ':' | '"' | '\'' | '`' | '(' | ')' | '[' | ']')
        })
    })
}

/// Whether the text explains numbers, such as `1 is yes, 0 is no`.
fn means(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let mut next = words.next();
    std::iter::from_fn(|| Some((std::mem::replace(&mut next, words.next())?, next?))).any(|(number, verb)| {
        number.bytes().all(|b| b.is_ascii_digit()) && ["is", "=", "means", "for"].contains(&verb)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_phrases_are_sorted_for_binary_search() {
        assert!(PHRASES.is_sorted_by_key(|phrase| phrase.0));
    }

    #[test]
    fn format_of_a_value_is_detected() {
        let (format, unit) = (Kinds(4), Kinds(8));
        for (text, expected) in [
            ("Format: shelves/{shelf}/books/{book}", PATTERN),
            ("In the form shelves/*/books/*.", PATTERN),
            ("Either refs/heads/<branch name> or <branch name>", PATTERN),
            ("Named in GET /shelves/{shelf}", NONE),
            ("Shelf and/or book", NONE),
            ("A day (YYYY-MM-DD)", format),
            ("A time as hh:mm", format),
            ("A code of ISO 3166", format),
            ("A time of RFC3339", format),
            ("A loan of ABCDE 12", NONE),
            ("It fails with HTTP 500", NONE),
            ("Length in seconds", unit),
            ("Defaults to false", DEFAULT),
            ("The default value is the shelf", DEFAULT),
            ("Default: the shelf", DEFAULT),
            ("Sorted by title by default", DEFAULT),
            ("The default shelf", NONE),
            ("is_default: whether it counts", NONE),
        ] {
            assert!(kinds(text) == expected, "{text}");
        }
    }
}
