//! Creates a text that matches a simple regular expression. Patterns with lookarounds, backreferences or Unicode classes are not supported.

use std::iter::Peekable;
use std::str::Chars;

/// The maximum number of characters of a text.
const LONGEST: usize = 200;
/// The maximum number of nested groups.
const DEEPEST: usize = 8;
/// Candidates for a negated class, such as `[^a]`.
const USUAL: &str = "a1A-_ .x";

/// Returns a text that matches the pattern. Unbounded repetitions occur at least `repeats` times.
pub(super) fn matching(pattern: &str, repeats: usize) -> Option<String> {
    let mut reader = Reader { rest: pattern.chars().peekable(), repeats };
    let text = reader.alternatives(0)?;
    (reader.rest.next().is_none() && text.chars().count() <= LONGEST).then_some(text)
}

struct Reader<'p> {
    rest: Peekable<Chars<'p>>,
    repeats: usize,
}

impl Reader<'_> {
    /// Parses all alternatives, and returns a text for the first.
    fn alternatives(&mut self, depth: usize) -> Option<String> {
        let first = self.sequence(depth)?;
        while self.rest.next_if_eq(&'|').is_some() {
            self.sequence(depth)?;
        }
        Some(first)
    }

    fn sequence(&mut self, depth: usize) -> Option<String> {
        let mut text = String::new();
        while let Some(c) = self.rest.next_if(|c| !matches!(c, '|' | ')')) {
            let atom = match c {
                '^' | '$' => continue,
                '(' => self.group(depth + 1)?,
                '[' => self.class()?.to_string(),
                '\\' => escaped(self.rest.next()?)?.to_string(),
                '.' => "a".to_owned(),
                '*' | '+' | '?' | '{' => return None,
                c => c.to_string(),
            };
            let count = self.count()?;
            if text.len() + atom.len().saturating_mul(count) > 4 * LONGEST {
                return None;
            }
            text.push_str(&atom.repeat(count));
        }
        Some(text)
    }

    fn group(&mut self, depth: usize) -> Option<String> {
        if depth > DEEPEST {
            return None;
        }
        if self.rest.next_if_eq(&'?').is_some() {
            self.rest.next_if_eq(&':')?;
        }
        let text = self.alternatives(depth)?;
        self.rest.next_if_eq(&')')?;
        Some(text)
    }

    /// Parses a character class, and returns one of its characters.
    fn class(&mut self) -> Option<char> {
        let is_negated = self.rest.next_if_eq(&'^').is_some();
        let (mut ranges, mut is_last) = (Vec::new(), false);
        while !is_last {
            let c = match self.rest.next()? {
                ']' => break,
                '\\' => match self.rest.next()? {
                    'd' => {
                        ranges.push(('0', '9'));
                        continue;
                    }
                    'w' => {
                        ranges.extend([('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')]);
                        continue;
                    }
                    other => escaped(other)?,
                },
                c => c,
            };
            let end = match self.rest.next_if_eq(&'-') {
                None => c,
                Some(_) => match self.rest.next()? {
                    ']' => {
                        is_last = true;
                        ranges.push(('-', '-'));
                        c
                    }
                    '\\' => escaped(self.rest.next()?)?,
                    end => end,
                },
            };
            ranges.push((c, end));
        }
        let has = |c: char| ranges.iter().any(|(first, last)| (*first..=*last).contains(&c));
        match is_negated {
            true => USUAL.chars().find(|c| !has(*c)),
            false => ranges.first().map(|(first, _)| *first),
        }
    }

    /// Parses a quantifier, and returns how often the atom occurs.
    fn count(&mut self) -> Option<usize> {
        let (least, most) = match self.rest.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => {
                let mut text = String::new();
                while let Some(c) = self.rest.next_if(|c| *c != '}') {
                    text.push(c);
                }
                let text = text.strip_prefix('{')?;
                match text.split_once(',') {
                    None => (text.parse().ok()?, Some(text.parse().ok()?)),
                    Some((least, "")) => (least.parse().ok()?, None),
                    Some((least, most)) => (least.parse().ok()?, Some(most.parse().ok()?)),
                }
            }
            _ => return Some(1),
        };
        self.rest.next();
        self.rest.next_if_eq(&'?');
        Some(self.repeats.clamp(least, most.unwrap_or(usize::MAX).max(least)))
    }
}

/// Returns the character for an escape. For the escape of a class, such as `\d`, returns one character of the class.
fn escaped(c: char) -> Option<char> {
    match c {
        'd' => Some('1'),
        'w' | 'S' | 'D' => Some('a'),
        's' => Some(' '),
        'W' => Some('-'),
        'n' => Some('\n'),
        't' => Some('\t'),
        c if c.is_alphanumeric() => None,
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn example_of_a_simple_pattern_matches_the_pattern() {
        for (pattern, text) in [
            ("^bk_[0-9]+$", "bk_0"),
            ("^[A-Z]{2}-\\d{3,}$", "AA-111"),
            ("^(GET|POST) /[^/ ]+$", "GET /a"),
            ("^(?:a-)?x*\\.y$", "a-x.y"),
            ("^[\\w-]{3}$", "aaa"),
        ] {
            assert_eq!(matching(pattern, 1).as_deref(), Some(text), "{pattern}");
        }
        assert_eq!(matching("^[a-z]+$", 4).as_deref(), Some("aaaa"));
    }

    #[test]
    fn unsupported_or_invalid_pattern_yields_no_example() {
        for pattern in
            ["^(?=a)b$", "(a)\\1", "\\p{L}", "[", "(", "a{", "a{9999999999}", "((a{99}){99}){99}", "*"]
        {
            assert_eq!(matching(pattern, 1), None, "{pattern}");
        }
        assert_eq!(matching(&"(".repeat(100_000), 1), None);
    }
}
