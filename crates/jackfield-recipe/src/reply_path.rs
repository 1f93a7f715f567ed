//! Paths to values in a JSON reply, in a small subset of JSONPath.

use std::fmt;
use std::str::FromStr;

/// The maximum number of steps of a path. The state of a walk has one bit for each step.
const MOST_STEPS: usize = 60;
/// The maximum number of bytes of a reply's text, unless connector.toml sets another maximum. Clients cut results of about 25,000
/// tokens, regardless of the content.
pub const USUAL_REPLY_BYTES: usize = 100_000;
/// The maximum length of a path in bytes.
const LONGEST: usize = 1000;

/// A path to values in a JSON value, such as `$.orders[].customer.email`.
///
/// `.name` and `["name"]` select a member, `.*` and `[*]` every member or item, `[]` every item of an array, and `..` any depth.
/// Unlike in JSONPath, a name applies to each item of an array, and `[]` also selects a value that is not an array. So a path matches
/// both a single value and an array of values, and a redaction does not depend on which of the two a service sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyPath {
    text: String,
    steps: Vec<PathStep>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum PathStep {
    Member(String),
    Any,
    Items,
    AnyDepth,
}

/// The kind of a value that a walk enters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WalkedKind {
    /// An array.
    List,
    /// An object.
    Object,
    /// Any other value.
    Scalar,
}

/// The step of a walk from a value to one of its children.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WalkedChild<'k> {
    /// An item of an array.
    Item,
    /// A member of an object, with its name.
    Member(&'k str),
}

/// The state of a path at the current value of a walk: bit `n` is set if the first `n` steps of the path have matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathState(u64);

impl PathState {
    /// The state at the root value.
    pub const START: Self = Self(1);

    /// Whether the path can match neither the value nor anything inside it.
    pub const fn is_dead(self) -> bool {
        self.0 == 0
    }
}

impl ReplyPath {
    /// Returns the path as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the JSON pointer of the value. `None` unless the path consists only of names, because only such a path selects a single
    /// value.
    pub fn pointer(&self) -> Option<String> {
        let names = self.steps.iter().map(|step| match step {
            PathStep::Member(name) => Some(format!("/{}", name.replace('~', "~0").replace('/', "~1"))),
            _ => None,
        });
        names.collect()
    }

    /// Adds the steps that match the current value itself, which has the given kind.
    #[must_use]
    pub fn at(&self, state: PathState, kind: WalkedKind) -> PathState {
        let mut bits = state.0;
        for (at, step) in self.steps.iter().enumerate() {
            let is_skipped = match step {
                PathStep::AnyDepth => true,
                PathStep::Items => kind != WalkedKind::List,
                PathStep::Member(_) | PathStep::Any => false,
            };
            if is_skipped && bits & (1 << at) != 0 {
                bits |= 1 << (at + 1);
            }
        }
        PathState(bits)
    }

    /// Whether the path selects the current value. `state` was returned by [`at`](Self::at).
    pub fn selects(&self, state: PathState) -> bool {
        state.0 & (1 << self.steps.len()) != 0
    }

    /// Returns the state at a child of the current value. `state` was returned by [`at`](Self::at).
    #[must_use]
    pub fn enter(&self, state: PathState, child: WalkedChild<'_>) -> PathState {
        let mut bits = 0;
        for (at, step) in self.steps.iter().enumerate().filter(|(at, _)| state.0 & (1 << at) != 0) {
            bits |= match (step, child) {
                (PathStep::AnyDepth, _) => 1 << at,
                (PathStep::Member(_), WalkedChild::Item) => 1 << at,
                (PathStep::Member(name), WalkedChild::Member(key)) if name == key => 1 << (at + 1),
                (PathStep::Any, _) | (PathStep::Items, WalkedChild::Item) => 1 << (at + 1),
                (PathStep::Member(_) | PathStep::Items, WalkedChild::Member(_)) => 0,
            };
        }
        PathState(bits)
    }

    /// Whether the other path selects every value of this path, or a value that contains it.
    pub fn is_within(&self, other: &Self) -> bool {
        let fits = |(own, others): (&PathStep, &PathStep)| own == others || *others == PathStep::Any;
        other.steps.len() <= self.steps.len() && self.steps.iter().zip(&other.steps).all(fits)
    }
}

impl ReplyPath {
    /// Whether the values of the two paths are separate: a value of one path is never inside a value of the other path.
    pub fn is_apart(&self, other: &Self) -> bool {
        let steps = |path: &Self| {
            path.steps.iter().filter(|step| **step != PathStep::Items).cloned().collect::<Vec<_>>()
        };
        for pair in steps(self).iter().zip(&steps(other)) {
            match pair {
                (PathStep::Member(one), PathStep::Member(other)) if one == other => {}
                (PathStep::Member(_), PathStep::Member(_)) => return true,
                _ => return false,
            }
        }
        false
    }
}

impl fmt::Display for ReplyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for ReplyPath {
    type Err = InvalidReplyPath;

    fn from_str(text: &str) -> Result<Self, InvalidReplyPath> {
        let invalid =
            |reason: &'static str| InvalidReplyPath { path: text.chars().take(80).collect(), reason };
        if text.len() > LONGEST {
            return Err(invalid("the path is longer than 1000 bytes"));
        }
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(invalid("the path is empty"));
        }
        let is_rooted =
            rest.strip_prefix('$').is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        if is_rooted {
            rest = &rest[1..];
        }
        let mut steps = Vec::new();
        let mut is_begin = !is_rooted;
        while !rest.is_empty() {
            let begin = std::mem::take(&mut is_begin);
            if let Some(after) = rest.strip_prefix("..") {
                steps.push(PathStep::AnyDepth);
                // In `..[]`, the step after `..` is in brackets.
                if after.starts_with('[') {
                    rest = after;
                    continue;
                }
                rest = push_name(after, &mut steps).map_err(invalid)?;
            } else if let Some(after) = rest.strip_prefix('[') {
                rest = push_bracket(after, &mut steps).map_err(invalid)?;
            } else if let Some(after) = rest.strip_prefix('.') {
                rest = push_name(after, &mut steps).map_err(invalid)?;
            } else if begin {
                rest = push_name(rest, &mut steps).map_err(invalid)?;
            } else {
                return Err(invalid("a `.` or `[` is missing after `]`"));
            }
        }
        if steps.len() > MOST_STEPS {
            return Err(invalid("the path has more than 60 steps"));
        }
        Ok(Self { text: text.trim().to_owned(), steps })
    }
}

/// Parses a name or `*`, and returns the rest of the text.
fn push_name<'t>(text: &'t str, steps: &mut Vec<PathStep>) -> Result<&'t str, &'static str> {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if name.is_empty() {
        return Err("a name is missing after `.`");
    }
    if name == "*" {
        steps.push(PathStep::Any);
        return Ok(rest);
    }
    if name.contains(|c: char| c.is_whitespace() || c.is_control() || "]*?@'\"(),{}|".contains(c)) {
        return Err("a name with spaces or punctuation needs brackets and quotes: `[\"a name\"]`");
    }
    steps.push(PathStep::Member(name.to_owned()));
    Ok(rest)
}

/// Parses the text after `[` up to the matching `]`, and returns the rest of the text.
fn push_bracket<'t>(text: &'t str, steps: &mut Vec<PathStep>) -> Result<&'t str, &'static str> {
    if let Some(rest) = text.strip_prefix(']') {
        steps.push(PathStep::Items);
        return Ok(rest);
    }
    if let Some(rest) = text.strip_prefix("*]") {
        steps.push(PathStep::Any);
        return Ok(rest);
    }
    let Some(quote) = text.chars().next().filter(|quote| matches!(quote, '"' | '\'')) else {
        return Err(
            "brackets can contain nothing (`[]`, every item), `*` or a quoted name; there are no indexes and no filters",
        );
    };
    let mut name = String::new();
    let mut characters = text[1..].char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => name.extend(characters.next().map(|(_, escaped)| escaped)),
            c if c == quote => {
                steps.push(PathStep::Member(name));
                return text[1 + at + 1..].strip_prefix(']').ok_or("a `]` is missing after a quoted name");
            }
            c => name.push(c),
        }
    }
    Err("a quoted name has no closing quote")
}

/// The error for text that is not a valid path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidReplyPath {
    path: String,
    reason: &'static str,
}

impl fmt::Display for InvalidReplyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a path: {}", self.path, self.reason)
    }
}

impl std::error::Error for InvalidReplyPath {}

#[cfg(test)]
mod tests {
    use super::WalkedChild::{Item, Member};
    use super::*;

    /// Whether a path selects the scalar that the given steps lead to.
    fn selects(path: &str, children: &[WalkedChild<'_>]) -> bool {
        let path: ReplyPath = path.parse().unwrap();
        let mut state = PathState::START;
        for child in children {
            let kind = if *child == Item { WalkedKind::List } else { WalkedKind::Object };
            state = path.enter(path.at(state, kind), *child);
        }
        path.selects(path.at(state, WalkedKind::Scalar))
    }

    #[test]
    fn reply_path_selects_members_items_and_any_depth() {
        let email = [Member("customer"), Member("email")];
        for path in [
            "$.customer.email",
            "customer.email",
            "$['customer'][\"email\"]",
            "$.*.email",
            "$..email",
            "$..*",
            "..customer.email",
        ] {
            assert!(selects(path, &email), "{path}");
        }
        for path in ["$.email", "$.customer", "$.customer.Email", "$.customer.email.x", "$.*", "$"] {
            assert!(!selects(path, &email), "{path}");
        }
        assert!(selects("$", &[]) && selects("$[]", &[]));
        assert!(selects("$[\"a.b \\\"c\"]", &[Member("a.b \"c")]));
        assert!(selects("$[*].id", &[Item, Member("id")]) && selects("$.*", &[Item]));
    }

    #[test]
    fn reply_path_selects_from_a_value_and_from_an_array_of_values() {
        let listed = [Member("orders"), Item, Member("email")];
        for path in ["orders.email", "orders[].email", "$..orders[].email"] {
            assert!(selects(path, &listed), "{path}");
            assert!(selects(path, &[Member("orders"), Member("email")]), "{path}");
            assert!(selects(path, &[Member("orders"), Item, Item, Member("email")]), "{path}");
        }
        assert!(selects("email", &[Item, Member("email")]));
        assert!(!selects("orders[][].email", &[Member("orders"), Item, Member("mail")]));
    }

    #[test]
    fn reply_path_has_a_pointer_only_if_it_consists_of_names() {
        let pointer = |path: &str| path.parse::<ReplyPath>().unwrap().pointer();
        assert_eq!(pointer("$.job['a/b~c']").as_deref(), Some("/job/a~1b~0c"));
        assert_eq!(pointer("$").as_deref(), Some(""));
        for path in ["$..id", "jobs[].id", "*.id"] {
            assert_eq!(pointer(path), None, "{path}");
        }
    }

    #[test]
    fn error_about_an_invalid_reply_path_names_the_fault() {
        for (path, reason) in [
            ("", "the path is empty"),
            ("$.", "a name is missing"),
            ("a..", "a name is missing"),
            ("$.items[0].id", "there are no indexes"),
            ("$[?@.id]", "there are no indexes"),
            ("$.first name", "needs brackets and quotes: `[\"a name\"]`"),
            ("$['a", "has no closing quote"),
            ("$['a'", "a `]` is missing"),
            ("$[]a", "a `.` or `[` is missing"),
        ] {
            let error = path.parse::<ReplyPath>().unwrap_err().to_string();
            assert!(error.contains(reason), "{path}: {error}");
        }
        assert!("a.".repeat(1000).parse::<ReplyPath>().is_err());
        assert!(format!("a{}", ".b".repeat(60)).parse::<ReplyPath>().is_err());
        assert!(format!("a{}", ".b".repeat(59)).parse::<ReplyPath>().is_ok());
    }

    #[test]
    fn reply_path_is_within_its_prefix() {
        let is_within =
            |one: &str, other: &str| one.parse::<ReplyPath>().unwrap().is_within(&other.parse().unwrap());
        assert!(is_within("$.a.b", "a") && is_within("a", "$.a") && is_within("a.b", "*.b"));
        assert!(!is_within("a", "a.b") && !is_within("a.c", "a.b"));
        let is_apart =
            |one: &str, other: &str| one.parse::<ReplyPath>().unwrap().is_apart(&other.parse().unwrap());
        assert!(is_apart("a.b", "$.a[].c") && is_apart("a", "b"));
        assert!(!is_apart("a", "a.b") && !is_apart("*", "a") && !is_apart("a..b", "a.c"));
    }
}
