//! Finds the operation that a request belongs to.

use std::cmp::Reverse;

use crate::wire::{decoded, decoded_pairs};

/// The method, the path template and the fixed query of an operation.
#[derive(Clone, Debug)]
pub struct Route {
    /// The method.
    pub method: String,
    segments: Vec<Vec<Part>>,
    /// The query in the path key of the document. In some documents, operations differ only in this query.
    query: Vec<(String, String)>,
}

/// A part of a path segment. `{owner}.{repo}` has three parts.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Variable(String),
}

/// A parsed request target.
#[derive(Debug)]
pub struct Target {
    path: String,
    /// The decoded pairs of the query.
    pub query: Vec<(String, String)>,
}

impl Target {
    /// Parses the target of a request.
    pub fn of(target: &str) -> Self {
        // The target of a request to a proxy is an absolute URL.
        let target = match target.split_once("://") {
            Some((scheme, rest)) if !scheme.contains(['/', '?']) => {
                rest.find('/').map_or("/", |start| &rest[start..])
            }
            _ => target,
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self { path: path.to_owned(), query: decoded_pairs(query) }
    }

    /// Returns the path after `base`. `None` if the path does not begin with `base`.
    pub fn under(&self, base: &str) -> Option<&str> {
        self.path.strip_prefix(base).filter(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl Route {
    /// Creates the route of an operation.
    pub fn of(method: &str, path: &str) -> Self {
        let path = path.split('#').next().unwrap_or_default();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let segments = path.strip_prefix('/').unwrap_or(path).split('/').map(parts).collect();
        Self { method: method.to_owned(), segments, query: decoded_pairs(query) }
    }

    /// Returns a sort key that puts more specific routes first. Literal segments come before variables, compared from the left. If two
    /// routes are equal in this, the route with a fixed query comes first.
    pub fn rank(&self) -> (Vec<usize>, Reverse<usize>) {
        let variables = |segment: &Vec<Part>| {
            let literal: usize =
                segment.iter().map(|it| if let Part::Literal(it) = it { it.len() } else { 0 }).sum();
            let is_fixed = !segment.iter().any(|it| matches!(it, Part::Variable(_)));
            // If two segments contain variables, the segment with more literal text comes first.
            if is_fixed { 0 } else { usize::MAX - literal }
        };
        (self.segments.iter().map(variables).collect(), Reverse(self.query.len()))
    }

    /// Returns the names and encoded values of the path variables. `None` if the path or the query does not match this route.
    pub fn matches(&self, path: &str, query: &[(String, String)]) -> Option<Vec<(String, String)>> {
        let mut segments = path.strip_prefix('/').unwrap_or(path).split('/');
        if !self.query.iter().all(|pair| pair.1.contains('{') || query.contains(pair)) {
            return None;
        }
        let mut variables = Vec::new();
        for parts in &self.segments {
            // The path is split before it is decoded, so that an encoded slash stays in its variable.
            let segment = segments.next()?;
            if !capture(parts, segment, &mut variables) {
                // A client may escape characters of the literal text.
                let before = variables.len();
                if !capture(parts, &decoded(segment), &mut variables) {
                    return None;
                }
                variables[before..].iter_mut().for_each(|(_, value)| *value = value.replace('%', "%25"));
            }
        }
        if segments.next().is_some() {
            return None;
        }
        // Some templates have variables in their query too.
        for (name, template) in &self.query {
            if let Some(variable) = template.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
                let value = query.iter().find(|(known, _)| known == name).map(|(_, value)| value)?;
                variables.push((variable.to_owned(), value.replace('%', "%25")));
            }
        }
        Some(variables)
    }
}

fn parts(segment: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = segment;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else { break };
        if !before.is_empty() {
            parts.push(Part::Literal(decoded(before)));
        }
        parts.push(Part::Variable(name.to_owned()));
        rest = behind;
    }
    if !rest.is_empty() || parts.is_empty() {
        parts.push(Part::Literal(decoded(rest)));
    }
    parts
}

/// Whether the text matches the parts. A variable matches as few characters as possible, but at least one.
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

/// Returns the path of a server URL, without a trailing slash.
pub fn base_path(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').map_or("", |start| &rest[start..]);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.trim_end_matches('/').to_owned()
}
