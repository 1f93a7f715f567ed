//! Which facts about the spelling of a value a text tells: its values, bounds, format or unit.

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

/// Which of these a text tells: values, bounds, format, unit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Kinds(u8);

pub(super) const BOUND: Kinds = Kinds(2);

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
}

/// Finds out what the text tells.
pub(super) fn kinds(text: &str) -> Kinds {
    let lower = text.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|words| has(&lower, words));
    let bounds = says(&BOUNDS) && lower.bytes().any(|b| b.is_ascii_digit());
    let values = says(&VALUES) || lower.starts_with("one of ") || means(&lower);
    let told = [values, bounds, says(&FORMATS), says(&UNITS)];
    Kinds(told.into_iter().enumerate().map(|(at, told)| u8::from(told) << at).sum())
}

/// Whether the text has these words at the beginning of a word.
fn has(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| !text[..at].ends_with(char::is_alphanumeric))
}

/// Whether the text explains numbers, as in `1 is yes, 0 is no`.
fn means(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(2).any(|pair| {
        let [number, verb] = pair else { return false };
        !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_digit())
            && ["is", "=", "means", "for"].contains(verb)
    })
}
