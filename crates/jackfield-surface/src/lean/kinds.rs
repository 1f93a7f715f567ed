//! Detects which facts about the format of a value a text contains: its values, bounds, format, unit, pattern
//! or default.

const VALUES: [&str; 20] = [
    "be one of ",
    "is one of ",
    "are one of ",
    "select one of ",
    "one of the following",
    "one of: ",
    "valid value",
    "valid option",
    "allowed value",
    "possible value",
    "accepted value",
    "available value",
    "supported value",
    "supported attributes",
    "are allowed",
    "be either ",
    "are either ",
    "can be a ",
    "can be an ",
    "acceptable value",
];
const BOUNDS: [&str; 12] = [
    "maximum",
    "minimum",
    "max ",
    "max:",
    "min:",
    "at most",
    "up to ",
    "between ",
    "no more than",
    "characters long",
    "greater than",
    "less than",
];
const FORMATS: [&str; 28] = [
    "iso ",
    "iso-",
    "iso8",
    "iso3",
    "iso4",
    "iso6",
    "rfc ",
    "rfc-",
    "rfc3",
    "utc",
    "unix ",
    "epoch",
    "json-encoded",
    "json encoded",
    "json string",
    "jsonl",
    "base64",
    "hexadecimal",
    "comma-separated",
    "comma separated",
    "comma-delimited",
    "comma delimited",
    "yyyy",
    "e.164",
    "alpha-2",
    "url-encoded",
    "url encoded",
    "in the format",
];
const UNITS: [&str; 14] = [
    "in seconds",
    "in milliseconds",
    "in microseconds",
    "in ms",
    "in minutes",
    "in hours",
    "in days",
    "in bytes",
    "in cents",
    "in pixels",
    "in percent",
    "in meters",
    "in kilo",
    "currency unit",
];

/// Which of these facts a text contains: values, bounds, format, unit, pattern, default.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Kinds(u8);

pub(super) const NONE: Kinds = Kinds(0);
pub(super) const VALUE: Kinds = Kinds(1);
pub(super) const BOUND: Kinds = Kinds(2);
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

/// Detects the facts in the text.
pub(super) fn kinds(text: &str) -> Kinds {
    let lower = text.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|words| has(&lower, words));
    let bounds = says(&BOUNDS) && lower.bytes().any(|b| b.is_ascii_digit());
    let values = says(&VALUES) || lower.starts_with("one of ") || means(&lower);
    let formats = says(&FORMATS) || standard(text) || date(text);
    let told = [values, bounds, formats, says(&UNITS), pattern(text), default(&lower)];
    Kinds(told.into_iter().enumerate().map(|(at, told)| u8::from(told) << at).sum())
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
        let parts: Vec<&str> = token.split(['-', '/', ':', '.', 'T']).collect();
        parts.len() > 1 && parts.iter().take(2).all(|it| part(it))
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

/// Whether the text contains these words, beginning at the start of a word.
fn has(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| !text[..at].ends_with(char::is_alphanumeric))
}

/// Whether the text explains numbers, such as `1 is yes, 0 is no`.
fn means(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(2).any(|pair| {
        let [number, verb] = pair else { return false };
        !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_digit())
            && ["is", "=", "means", "for"].contains(verb)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
