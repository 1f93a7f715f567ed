//! Splits a path into its resources and variables.

use super::snake::snake;

/// A segment of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// A literal text, in snake case.
    Literal(String),
    /// A variable, as the words of its name.
    Variable(String),
}

impl Segment {
    pub(super) fn literal(&self) -> Option<&str> {
        match self {
            Self::Literal(text) => Some(text),
            Self::Variable(_) => None,
        }
    }
}

/// Returns the segments of a path, without a leading `api` or version, and without extensions such as `.json`.
/// `/v1/jobs/{name}:cancel` has an action after its colon, and `/Accounts('{id}')` has a variable in its
/// parentheses.
pub(super) fn segments(path: &str) -> Vec<Segment> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut found = Vec::new();
    for piece in path.split('/') {
        let mut rest = piece;
        while let Some((literal, variable, behind)) = split_variable(rest) {
            push_literal(literal, &mut found);
            found.push(Segment::Variable(snake(variable)));
            rest = behind;
        }
        let (name, action) = rest.split_once(':').unwrap_or((rest, ""));
        push_literal(without_extension(name), &mut found);
        push_literal(action, &mut found);
    }
    let noise = found.iter().take_while(|segment| segment.literal().is_some_and(is_noise)).count();
    if noise < found.len() {
        found.drain(..noise);
    }
    found
}

/// Returns the text before the first variable, its name, and the text after it.
fn split_variable(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, behind) = rest.split_once('}')?;
    Some((before, name, behind))
}

fn push_literal(text: &str, found: &mut Vec<Segment>) {
    let name = snake(text);
    if !name.is_empty() {
        found.push(Segment::Literal(name));
    }
}

/// Removes a file extension: `messages.json` becomes `messages`, and `.json` after a variable is removed.
fn without_extension(text: &str) -> &str {
    const EXTENSIONS: [&str; 5] = [".json", ".xml", ".csv", ".php", ".aspx"];
    EXTENSIONS.iter().find_map(|extension| text.strip_suffix(extension)).unwrap_or(text)
}

/// Returns the age of the version in a path: stable versions are newer than others, `v2` is newer than `v1`, and
/// `v1beta2` is newer than `v1beta1`.
pub(super) fn version_age(path: &str) -> Option<(bool, Vec<u64>)> {
    let version = path.split('/').map(snake).find(|segment| is_version(segment))?;
    let is_stable = !version.trim_start_matches('v').contains(|c: char| c.is_ascii_alphabetic());
    let numbers = version.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok());
    Some((is_stable, numbers.collect()))
}

/// Returns the leading segments of a path that do not name a resource: `api` and versions.
pub(super) fn noise(path: &str) -> Vec<String> {
    let segments = path.split('/').filter(|segment| !segment.is_empty()).map(snake);
    segments.take_while(|segment| is_noise(segment)).collect()
}

fn is_noise(word: &str) -> bool {
    matches!(word, "api" | "apis" | "rest") || is_version(word)
}

/// Whether the word is a version, such as `v1`, `v2beta1`, `2` or `2022_11_28`.
pub(super) fn is_version(word: &str) -> bool {
    let digits = word.strip_prefix('v').unwrap_or(word);
    let stages = ["alpha", "beta", "preview", "p", "_"];
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_rest = rest.is_empty()
        || (word.starts_with('v') && stages.iter().any(|stage| rest.starts_with(stage)) && rest.len() <= 12)
        || (digits.len() == 10 && digits.split('_').map(str::len).eq([4, 2, 2]));
    rest.len() < digits.len() && is_rest
}

/// Returns the path in words. The root path has words too.
pub(super) fn path_words(path: &str) -> String {
    let words = path.split('?').next().unwrap_or_default().replace(['{', '}'], " ");
    if words.bytes().any(|b| b.is_ascii_alphanumeric()) { words } else { "root".to_owned() }
}

/// Returns the words of a path, including variables, in snake case.
pub(super) fn words_of_route(path: &str) -> Vec<String> {
    snake(&path_words(path)).split('_').map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(path: &str) -> String {
        let words = segments(path).into_iter().map(|segment| match segment {
            Segment::Literal(text) => text,
            Segment::Variable(name) => format!("{{{name}}}"),
        });
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn path_is_split_into_resources_and_variables() {
        for (path, expected) in [
            ("/api/v1/books/{bookId}", "books {book_id}"),
            ("/2010-04-01/Accounts/{Sid}/Messages.json", "accounts {sid} messages"),
            ("/forms/{id}.json", "forms {id}"),
            ("/v1/{name}:cancel", "{name} cancel"),
            ("/Accounts('{id}')/Orders", "accounts {id} orders"),
            ("/@{handle}/posts", "{handle} posts"),
            ("/v1", "v1"),
            ("/", ""),
            ("/books?kind=new", "books"),
        ] {
            assert_eq!(shown(path), expected, "{path}");
        }
    }

    #[test]
    fn versions_are_distinguished_from_words_with_digits() {
        for (word, is) in [
            ("v1", true),
            ("v1beta1", true),
            ("2", true),
            ("2022_11_28", true),
            ("v", false),
            ("ipv4", false),
            ("vat", false),
            ("s3", false),
            ("3d", false),
        ] {
            assert_eq!(is_version(word), is, "{word}");
        }
    }
}
