//! Exact versions. A range or a tag names a different package tomorrow, so neither is a version here.

use std::cmp::Ordering;
use std::fmt;

/// The maximum number of bytes of a version.
const LONGEST: usize = 255;

/// A single version, such as `1.2.0` or `2026.11.29`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExactVersion(String);

/// The reason why a text is not a single version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionProblem {
    /// It is empty.
    Empty,
    /// It is longer than 255 bytes.
    TooLong,
    /// It is a range, such as `^1.2` or `1.x`.
    Range,
    /// It is a tag that can move to another version, such as `latest`.
    Tag,
    /// It contains a character that versions do not have.
    Character,
}

impl fmt::Display for VersionProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "it is empty",
            Self::TooLong => "it is longer than 255 bytes",
            Self::Range => "it is a range of versions",
            Self::Tag => "it is a tag that can move to another version",
            Self::Character => "it has a character that versions do not have",
        })
    }
}

impl std::error::Error for VersionProblem {}

impl ExactVersion {
    /// Parses a version.
    ///
    /// # Errors
    /// Returns an error if the text is a range, a tag, or not a version at all.
    pub fn parse(text: &str) -> Result<Self, VersionProblem> {
        let is_wildcard = |part: &str| matches!(part, "x" | "X" | "*");
        let numbers = text.split(['-', '+']).next().unwrap_or_default();
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".-+_!~".contains(&byte);
        if text.is_empty() {
            Err(VersionProblem::Empty)
        } else if text.len() > LONGEST {
            Err(VersionProblem::TooLong)
        } else if text.starts_with(['^', '~', '>', '<', '=', '!'])
            || text.contains("||")
            || text.contains(" - ")
            || text.contains([',', '*'])
            || numbers.split('.').any(is_wildcard)
        {
            Err(VersionProblem::Range)
        } else if !text.bytes().all(fits) || text.starts_with(['-', '+', '.', '_']) {
            Err(VersionProblem::Character)
        } else if !text.bytes().any(|byte| byte.is_ascii_digit()) {
            Err(VersionProblem::Tag)
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// Returns the version as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Compares two versions as Semantic Versioning does. Texts that are not semantic versions are compared part by part.
    pub fn precedence(&self, other: &Self) -> Ordering {
        let (one, other) = (split(&self.0), split(&other.0));
        compare(one.0, other.0, Ordering::Less).then_with(|| match (one.1, other.1) {
            (None, None) => Ordering::Equal,
            // A version comes after its pre-releases.
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(one), Some(other)) => compare(one, other, Ordering::Less),
        })
    }

    /// Whether this is a complete version of Semantic Versioning, as npm and cargo require: in both, `1.2` is a range.
    pub(crate) fn is_semantic(text: &str) -> bool {
        let without_build = text.split_once('+').map_or(text, |(version, _)| version);
        let (numbers, release) = split(without_build);
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let is_identifier = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        let build = text.split_once('+').map(|(_, build)| build);
        numbers.split('.').count() == 3
            && numbers.split('.').all(is_number)
            && [release, build].into_iter().flatten().all(|part| part.split('.').all(is_identifier))
    }
}

/// Returns the numbers and the pre-release of a version, without its build.
fn split(text: &str) -> (&str, Option<&str>) {
    let text = text.split_once('+').map_or(text, |(version, _)| version);
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    match text.split_once('-') {
        Some((numbers, release)) => (numbers, Some(release)),
        None => (text, None),
    }
}

/// Compares the parts between dots: numbers by their value, and before other texts. `shorter` is the result if one text ends first.
fn compare(one: &str, other: &str, shorter: Ordering) -> Ordering {
    let (mut ones, mut others) = (one.split('.'), other.split('.'));
    loop {
        let ordering = match (ones.next(), others.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return shorter,
            (Some(_), None) => return shorter.reverse(),
            (Some(one), Some(other)) => compare_parts(one, other),
        };
        if ordering.is_ne() {
            return ordering;
        }
    }
}

fn compare_parts(one: &str, other: &str) -> Ordering {
    let digits = |part: &str| {
        let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.trim_start_matches('0').to_owned())
    };
    match (digits(one), digits(other)) {
        // Numbers of any length: the longer one is greater.
        (Some(one), Some(other)) => one.len().cmp(&other.len()).then_with(|| one.cmp(&other)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => one.cmp(other),
    }
}

impl fmt::Display for ExactVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn range_or_tag_is_not_a_version() {
        use VersionProblem::{Character, Empty, Range, Tag, TooLong};
        for (text, problem) in [
            ("", Empty),
            ("^1.2.3", Range),
            ("~1.2.3", Range),
            ("~=1.2", Range),
            (">=1.2.3", Range),
            ("<2", Range),
            ("=1.2.3", Range),
            ("==1.2.3", Range),
            ("!=1.2.3", Range),
            ("1.x", Range),
            ("1.2.X", Range),
            ("x", Range),
            ("1.*", Range),
            ("*", Range),
            ("1.0.0 - 2.0.0", Range),
            ("1.0.0 || 2.0.0", Range),
            (">=1,<2", Range),
            ("latest", Tag),
            ("next", Tag),
            ("beta", Tag),
            ("1.0.0 ", Character),
            ("1.0.0\n", Character),
            ("-1.0.0", Character),
            ("1.0.0/../2", Character),
            ("1.0.0@2", Character),
            ("１.0.0", Character),
            ("git+https://example.com/a#1", Character),
        ] {
            assert_eq!(ExactVersion::parse(text), Err(problem), "{text}");
        }
        assert_eq!(ExactVersion::parse(&"1".repeat(256)), Err(TooLong));
        for text in
            ["1.0.0", "1", "v1.2", "0.1.0-alpha.1+x.2", "2026-11-29", "1!2.0.post1", "1.0.0-x.7", "r5"]
        {
            assert!(ExactVersion::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn versions_are_ordered_as_semantic_versioning_does() {
        let ascending = [
            "0.9.9",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.1",
            "1.2",
            "1.10.0",
            "v2.0.0",
            "2026.1.1",
            "99999999999999999999999.0",
        ];
        let parsed: Vec<ExactVersion> = ascending.iter().map(|it| ExactVersion::parse(it).unwrap()).collect();
        for (at, one) in parsed.iter().enumerate() {
            for (other_at, other) in parsed.iter().enumerate() {
                assert_eq!(one.precedence(other), at.cmp(&other_at), "{one} {other}");
            }
        }
        let of = |text| ExactVersion::parse(text).unwrap();
        assert_eq!(of("1.0.0+a").precedence(&of("1.0.0+b")), Ordering::Equal);
    }

    #[test]
    fn incomplete_version_is_not_semantic() {
        for text in ["1.2.3", "1.2.3-rc.1", "1.2.3+5", "1.2.3-a-b+c.d"] {
            assert!(ExactVersion::is_semantic(text), "{text}");
        }
        for text in ["1", "1.2", "1.2.3.4", "1.2.", "1.2.3-", "1.2.3+", "a.b.c", ""] {
            assert!(!ExactVersion::is_semantic(text), "{text}");
        }
    }
}
