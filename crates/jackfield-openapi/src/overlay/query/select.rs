//! Evaluates an expression on a document.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashSet;
use std::ptr;

use jackfield_model::Pointer;
use serde_json::Value;

use super::expression::{Condition, Operand, Query, Segment, Selector};

/// The evaluation exceeded the maximum number of visits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::overlay) struct VisitLimitExceeded;

impl Query {
    /// Returns the pointers of all selected values, in document order and without duplicates.
    ///
    /// The evaluation visits at most `most_visits` values, because nested filters may visit the whole
    /// document once for each of its values.
    pub(in crate::overlay) fn select(
        &self,
        root: &Value,
        most_visits: u64,
    ) -> Result<Vec<Pointer>, VisitLimitExceeded> {
        let visit = Visit { root, left: Cell::new(most_visits) };
        let nodes = visit.follow(&self.segments, root)?;
        // The memory address identifies a value, and is stable while the document is borrowed.
        let mut wanted: HashSet<*const Value> = nodes.into_iter().map(ptr::from_ref).collect();
        let mut places = Vec::with_capacity(wanted.len());
        find(root, &mut Vec::new(), &mut wanted, &mut places);
        Ok(places)
    }

    /// Returns the longest prefix of the expression that selects a value, for an expression that selects
    /// none.
    pub(in crate::overlay) fn reach<'t>(&self, text: &'t str, root: &Value, most_visits: u64) -> &'t str {
        let visit = Visit { root, left: Cell::new(most_visits) };
        let selects = |length: &usize| {
            visit.follow(&self.segments[..*length], root).is_ok_and(|nodes| !nodes.is_empty())
        };
        let longest = (1..self.segments.len()).rev().find(selects);
        longest.map_or("$", |length| text[..self.segments[length - 1].end].trim())
    }
}

fn find<'v>(
    value: &'v Value,
    here: &mut Vec<Token<'v>>,
    wanted: &mut HashSet<*const Value>,
    places: &mut Vec<Pointer>,
) {
    if wanted.remove(&ptr::from_ref(value)) {
        places.push(here.iter().fold(Pointer::root(), |pointer, token| match token {
            Token::Key(key) => pointer.child(key),
            Token::Index(index) => pointer.index(*index),
        }));
    }
    if wanted.is_empty() {
        return;
    }
    let mut enter = |token, value| {
        here.push(token);
        find(value, here, wanted, places);
        here.pop();
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| enter(Token::Key(key), value)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, value)| enter(Token::Index(at), value));
        }
        _ => {}
    }
}

enum Token<'v> {
    Key(&'v str),
    Index(usize),
}

type Visited = Result<(), VisitLimitExceeded>;

/// One evaluation of an expression.
struct Visit<'v> {
    root: &'v Value,
    left: Cell<u64>,
}

impl<'v> Visit<'v> {
    fn spend(&self) -> Visited {
        self.left.set(self.left.get().checked_sub(1).ok_or(VisitLimitExceeded)?);
        Ok(())
    }

    fn follow(&self, segments: &[Segment], start: &'v Value) -> Result<Vec<&'v Value>, VisitLimitExceeded> {
        let mut nodes = vec![start];
        for segment in segments {
            let mut next = Vec::new();
            for node in nodes {
                self.step(segment, node, &mut next)?;
            }
            nodes = next;
        }
        Ok(nodes)
    }

    fn step(&self, segment: &Segment, node: &'v Value, out: &mut Vec<&'v Value>) -> Visited {
        self.spend()?;
        for selector in &segment.selectors {
            self.pick(selector, node, out)?;
        }
        if segment.descends {
            for child in children(node) {
                self.step(segment, child, out)?;
            }
        }
        Ok(())
    }

    fn pick(&self, selector: &Selector, node: &'v Value, out: &mut Vec<&'v Value>) -> Visited {
        match selector {
            Selector::Name(name) => out.extend(node.as_object().and_then(|map| map.get(name))),
            Selector::Index(index) => out.extend(item(node, *index)),
            Selector::Slice { start, end, step } => {
                if let Value::Array(items) = node {
                    out.extend(slice(items, *start, *end, *step));
                }
            }
            Selector::Wildcard => {
                for child in children(node) {
                    self.spend()?;
                    out.push(child);
                }
            }
            Selector::Filter(condition) => {
                for child in children(node) {
                    if self.passes(condition, child)? {
                        out.push(child);
                    }
                }
            }
        }
        Ok(())
    }

    fn passes(&self, condition: &Condition, current: &'v Value) -> Result<bool, VisitLimitExceeded> {
        self.spend()?;
        match condition {
            Condition::Any(conditions) => {
                for condition in conditions {
                    if self.passes(condition, current)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Condition::All(conditions) => {
                for condition in conditions {
                    if !self.passes(condition, current)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Condition::Not(condition) => Ok(!self.passes(condition, current)?),
            Condition::Exists(query) => Ok(!self.inner(query, current)?.is_empty()),
            Condition::Compare(left, comparison, right) => {
                let (left, right) = (self.value(left, current)?, self.value(right, current)?);
                Ok(comparison.holds(left.as_deref(), right.as_deref()))
            }
        }
    }

    fn inner(&self, query: &Query, current: &'v Value) -> Result<Vec<&'v Value>, VisitLimitExceeded> {
        self.follow(&query.segments, if query.absolute { self.root } else { current })
    }

    fn value<'o>(
        &self,
        operand: &'o Operand,
        current: &'v Value,
    ) -> Result<Option<Cow<'o, Value>>, VisitLimitExceeded>
    where
        'v: 'o,
    {
        Ok(match operand {
            Operand::Literal(value) => Some(Cow::Borrowed(value)),
            Operand::Query(query) | Operand::OnlyValue(query) => match self.inner(query, current)?[..] {
                [only] => Some(Cow::Borrowed(only)),
                _ => None,
            },
            Operand::Count(query) => Some(Cow::Owned(self.inner(query, current)?.len().into())),
            Operand::Length(operand) => {
                let length = match self.value(operand, current)?.as_deref() {
                    Some(Value::String(text)) => Some(text.chars().count()),
                    Some(Value::Array(items)) => Some(items.len()),
                    Some(Value::Object(map)) => Some(map.len()),
                    _ => None,
                };
                length.map(|length| Cow::Owned(length.into()))
            }
        })
    }
}

fn children(value: &Value) -> impl Iterator<Item = &Value> {
    let items = value.as_array().into_iter().flatten();
    items.chain(value.as_object().into_iter().flat_map(|map| map.values()))
}

/// Returns the item at an index; a negative index counts from the end.
fn item(value: &Value, index: i64) -> Option<&Value> {
    let items = value.as_array()?;
    let at = if index < 0 { index.checked_add(i64::try_from(items.len()).ok()?)? } else { index };
    items.get(usize::try_from(at).ok()?)
}

/// Returns the items of a slice in list order, even if the step is negative.
fn slice(items: &[Value], start: Option<i64>, end: Option<i64>, step: i64) -> impl Iterator<Item = &Value> {
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let from_front = |index: i64| if index < 0 { index.saturating_add(length) } else { index };
    // The bounds of RFC 9535, section 2.3.4.2.2.
    let (first, past) = if step >= 0 {
        let first = start.map_or(0, |start| from_front(start).clamp(0, length));
        (first, end.map_or(length, |end| from_front(end).clamp(0, length)))
    } else {
        let upper = start.map_or(length - 1, |start| from_front(start).clamp(-1, length - 1));
        let lower = end.map_or(-1, |end| from_front(end).clamp(-1, length - 1));
        // In list order, a backward slice begins at the item that its last step reaches.
        let steps = (upper - lower - 1).max(0) / step.saturating_abs();
        (if upper > lower { upper - steps * step.saturating_abs() } else { upper + 1 }, upper + 1)
    };
    let every = usize::try_from(step.saturating_abs()).unwrap_or(usize::MAX);
    let range = usize::try_from(first).unwrap_or(0)..usize::try_from(past).unwrap_or(0);
    let taken = if step == 0 || range.start >= range.end { &[] } else { &items[range] };
    taken.iter().step_by(every.max(1))
}
