//! Regular expressions. JSON Schema uses the syntax of ECMAScript; documents often use the syntax of the
//! service's language.

use std::borrow::Cow;

use regress::{Flags, Regex};

/// The maximum length of a pattern. Longer patterns are dropped.
const LONGEST: usize = 8 * 1024;
/// Characters with a special meaning outside of a class. They may be escaped there.
const SYNTAX: &str = "^$\\.*+?()[]{}|/";

/// Converts a pattern to an ECMAScript pattern that is valid with and without the unicode flag. None if there
/// is no equivalent.
pub(super) fn ecmascript(pattern: &str) -> Option<Cow<'_, str>> {
    // Removes the delimiters of a regular expression literal, which would otherwise be part of the pattern.
    let pattern = match pattern.strip_prefix("/^").and_then(|rest| rest.strip_suffix("$/")) {
        Some(_) => &pattern[1..pattern.len() - 1],
        None => pattern,
    };
    if pattern.len() > LONGEST {
        return None;
    }
    if is_ecmascript(pattern) {
        return Some(Cow::Borrowed(pattern));
    }
    translate(pattern).filter(|translated| is_ecmascript(translated)).map(Cow::Owned)
}

fn is_ecmascript(pattern: &str) -> bool {
    [true, false].into_iter().all(|unicode| {
        let flags = Flags { unicode, no_opt: true, ..Flags::default() };
        Regex::from_unicode(pattern.chars().map(u32::from), flags).is_ok()
    })
}

/// Replaces the syntax of other languages and of older modes by ECMAScript equivalents.
fn translate(pattern: &str) -> Option<String> {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    let mut in_class = false;
    // Whether the last item matches several characters, so that it cannot begin a range.
    let mut many = false;
    while let Some(first) = rest.chars().next() {
        let mut taken = first.len_utf8();
        let was_many = std::mem::take(&mut many);
        match first {
            '\\' => {
                let escaped = rest[1..].chars().next()?;
                taken += escaped.len_utf8();
                many = "wWdDsSpP".contains(escaped);
                match escaped {
                    'A' if !in_class => out.push('^'),
                    'z' | 'Z' if !in_class => out.push('$'),
                    'a' => out.push_str("\\x07"),
                    'e' => out.push_str("\\x1B"),
                    // An unnecessary escape.
                    plain if !has_meaning(plain, in_class) => out.push(plain),
                    _ => out.push_str(&rest[..taken]),
                }
            }
            '[' if in_class => match posix(rest) {
                Some((length, members)) => {
                    taken = length;
                    many = true;
                    out.push_str(members);
                }
                None if ["[:", "[.", "[="].iter().any(|start| rest.starts_with(start)) => return None,
                None => out.push_str("\\["),
            },
            '[' => {
                let inside = rest[1..].strip_prefix('^').unwrap_or(&rest[1..]);
                // In other languages this bracket is a member of the class.
                if inside.starts_with(']') {
                    return None;
                }
                in_class = true;
                out.push('[');
            }
            ']' => {
                out.push_str(if in_class { "]" } else { "\\]" });
                in_class = false;
            }
            '-' if in_class && (was_many || begins_many(&rest[1..])) => out.push_str("\\-"),
            '{' if !in_class => match quantifier(rest)? {
                0 => out.push_str("\\{"),
                length => {
                    taken = length;
                    out.push_str(&rest[..length]);
                }
            },
            '}' if !in_class => out.push_str("\\}"),
            '(' if !in_class && rest.starts_with("(?P<") => {
                taken = 4;
                out.push_str("(?<");
            }
            other => out.push(other),
        }
        rest = &rest[taken..];
    }
    Some(out)
}

/// Whether the escaped character has a special meaning.
fn has_meaning(escaped: char, in_class: bool) -> bool {
    escaped.is_ascii_alphanumeric() || SYNTAX.contains(escaped) || (escaped == '-' && in_class)
}

/// Whether the text begins with an escape such as `\w`.
fn begins_many(rest: &str) -> bool {
    let escaped = rest.strip_prefix('\\').and_then(|rest| rest.chars().next());
    escaped.is_some_and(|escaped| "wWdDsSpP".contains(escaped)) || posix(rest).is_some()
}

/// Returns the length of a class such as `[:alpha:]`, and its members.
fn posix(rest: &str) -> Option<(usize, &'static str)> {
    let name = rest.strip_prefix("[:")?.split_once(":]")?.0;
    let members = match name {
        "alpha" => "A-Za-z",
        "digit" => "0-9",
        "alnum" => "A-Za-z0-9",
        "upper" => "A-Z",
        "lower" => "a-z",
        "xdigit" => "0-9A-Fa-f",
        "word" => "\\w",
        "space" => " \\t\\n\\v\\f\\r",
        "blank" => " \\t",
        _ => return None,
    };
    Some((name.len() + 4, members))
}

/// Returns the length of a quantifier such as `{2,5}` at the beginning. Zero for a literal brace, and None if
/// languages interpret it differently.
fn quantifier(rest: &str) -> Option<usize> {
    let Some(inside) = rest[1..].split_once('}').map(|(inside, _)| inside) else { return Some(0) };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match inside.split_once(',') {
        Some(("", most)) if is_number(most) => None,
        Some((least, most)) if is_number(least) && (most.is_empty() || is_number(most)) => {
            Some(inside.len() + 2)
        }
        None if is_number(inside) => Some(inside.len() + 2),
        _ => Some(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pattern_with_an_ecmascript_equivalent_is_translated() {
        for (pattern, expected) in [
            ("^[a-z]{2,5}$", "^[a-z]{2,5}$"),
            ("/^a+$/", "^a+$"),
            (r"\Aa\z", "^a$"),
            (r"\A[0-9]+\Z", "^[0-9]+$"),
            (r"^a\-b\_c\@d$", "^a-b_c@d$"),
            (r"^[\w-.]+$", r"^[\w\-.]+$"),
            (r"^[\w\-\.\_]+$", r"^[\w\-\._]+$"),
            (r"^[a-\d]$", r"^[a\-\d]$"),
            ("^[[:alpha:]_]+$", "^[A-Za-z_]+$"),
            ("^{id}$", r"^\{id\}$"),
            ("^a]$", r"^a\]$"),
            ("^(?P<year>[0-9]{4})$", "^(?<year>[0-9]{4})$"),
            (r"\p{L}+", r"\p{L}+"),
        ] {
            assert_eq!(ecmascript(pattern).as_deref(), Some(expected), "{pattern}");
        }
    }

    #[test]
    fn pattern_without_an_ecmascript_equivalent_is_dropped() {
        for pattern in [
            "(?i)abc",
            "a++",
            "a*+",
            "(?>a)b",
            r"\Qa\E",
            r"\h",
            r"\pL",
            "[]a]",
            "a{,5}]",
            "(",
            "[",
            "*",
            "a\\",
            r"\p{IsBasicLatin}",
            "[[:punct:]]",
            "(?#a)b",
            r"\G",
        ] {
            assert_eq!(ecmascript(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn deeply_nested_pattern_does_not_overflow_the_stack() {
        for part in ["(", "[", "(?:", "(?=", "a{9}{9}", "(a|"] {
            assert_eq!(ecmascript(&part.repeat(100_000)), None, "{part}");
            let _ = ecmascript(&part.repeat(LONGEST / part.len()));
        }
    }
}
