//! Which operation a request is meant for.

use std::borrow::Cow;
use std::cmp::Reverse;

use jackfield_model::{Operation, percent_decode_lenient};

/// A method and a path template.
#[derive(Clone, Debug)]
pub(super) struct Route {
    method: String,
    segments: Vec<Vec<Part>>,
    /// Some documents tell operations apart by a query in the path.
    query: Vec<(String, String)>,
}

/// A piece of a segment: `{owner}.{repo}` has three.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Variable(String),
}

/// A request target, taken apart.
#[derive(Debug)]
pub(super) struct Target {
    path: String,
    pub(super) query: Vec<(String, String)>,
}

impl Target {
    pub(super) fn of(target: &str) -> Self {
        // Proxies are sent the whole address.
        let target = match target.split_once("://") {
            Some((scheme, rest)) if !scheme.contains(['/', '?']) => {
                rest.find('/').map_or("/", |start| &rest[start..])
            }
            _ => target,
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self { path: path.to_owned(), query: pairs(query) }
    }

    /// The path below `base`, where it is below.
    pub(super) fn under(&self, base: &str) -> Option<&str> {
        self.path.strip_prefix(base).filter(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl Route {
    pub(super) fn of(operation: &Operation) -> Self {
        let path = operation.path.split('#').next().unwrap_or_default();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let segments = path.trim_start_matches('/').split('/').map(parts).collect();
        Self { method: operation.method.as_str().to_owned(), segments, query: pairs(query) }
    }

    /// Sorts what tells more before what tells less: text before variables, from the left; then a fixed query.
    pub(super) fn rank(&self) -> (Vec<usize>, Reverse<usize>) {
        let variables = |segment: &Vec<Part>| {
            let literal: usize =
                segment.iter().map(|it| if let Part::Literal(it) = it { it.len() } else { 0 }).sum();
            let is_fixed = !segment.iter().any(|it| matches!(it, Part::Variable(_)));
            // Among segments with variables the one with more text around them.
            if is_fixed { 0 } else { usize::MAX - literal }
        };
        (self.segments.iter().map(variables).collect(), Reverse(self.query.len()))
    }

    /// The values of the path's variables, where the request is meant for this route.
    pub(super) fn matches(
        &self,
        method: &str,
        path: &str,
        query: &[(String, String)],
    ) -> Option<Vec<(String, String)>> {
        let mut segments = path.strip_prefix('/').unwrap_or(path).split('/');
        if self.method != method || !self.query.iter().all(|pair| query.contains(pair)) {
            return None;
        }
        let mut variables = Vec::new();
        for parts in &self.segments {
            // Decoded after it was split, so that an encoded slash stays inside its variable.
            let segment = decode(segments.next()?, false);
            if !capture(parts, &segment, &mut variables) {
                return None;
            }
        }
        segments.next().is_none().then_some(variables)
    }
}

fn parts(segment: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = segment;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else { break };
        if !before.is_empty() {
            parts.push(Part::Literal(decode(before, false)));
        }
        parts.push(Part::Variable(name.to_owned()));
        rest = behind;
    }
    if !rest.is_empty() || parts.is_empty() {
        parts.push(Part::Literal(decode(rest, false)));
    }
    parts
}

/// Whether the text is made of the parts; a variable is never empty, and as short as the rest allows.
fn capture(parts: &[Part], text: &str, variables: &mut Vec<(String, String)>) -> bool {
    match parts {
        [] => text.is_empty(),
        [Part::Literal(literal), rest @ ..] => {
            text.strip_prefix(literal.as_str()).is_some_and(|text| capture(rest, text, variables))
        }
        [Part::Variable(name), rest @ ..] => {
            let mark = variables.len();
            let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
            for end in ends {
                variables.push((name.clone(), text[..end].to_owned()));
                if capture(rest, &text[end..], variables) {
                    return true;
                }
                variables.truncate(mark);
            }
            false
        }
    }
}

/// The pairs of a query or of a form.
pub(super) fn pairs(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name, true), decode(value, true))
        })
        .collect()
}

/// Undoes percent-encoding, and `+` for a space where that is meant; what is no encoding stays.
fn decode(text: &str, plus: bool) -> String {
    let spaced = if plus { Cow::Owned(text.replace('+', " ")) } else { Cow::Borrowed(text) };
    String::from_utf8_lossy(&percent_decode_lenient(&spaced)).into_owned()
}
