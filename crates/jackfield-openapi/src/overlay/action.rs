//! Parses an overlay: its version, and its actions in order.

use std::sync::Arc;

use jackfield_model::{Diagnostic, Place, Pointer};
use serde_json::{Map, Value};

use super::malformed::malformed;
use super::query::Query;
use crate::kind::kind_of;
use crate::source::Source;

/// A parsed overlay.
#[derive(Debug)]
pub(super) struct Overlay {
    /// Whether an action may replace a string, number, boolean or null, which Overlay 1.1 allows.
    pub(super) replaces_primitives: bool,
    pub(super) actions: Vec<Action>,
}

/// A change of all values that the target selects.
#[derive(Debug)]
pub(super) struct Action {
    pub(super) target: Expression,
    pub(super) change: Change,
}

#[derive(Debug)]
pub(super) enum Change {
    Remove,
    /// Merges this value into the selected values. The value's place is in the overlay.
    Update(Value, Place),
    /// Merges a value from elsewhere in the document into the selected values.
    Copy(Expression),
}

/// A JSONPath expression, with its text and place.
#[derive(Debug)]
pub(super) struct Expression {
    pub(super) text: String,
    pub(super) query: Query,
    pub(super) place: Place,
}

impl Overlay {
    /// Parses an overlay. Invalid parts are left out, each with an error in `refused`.
    pub(super) fn parse(source: &Source, root: &Value, refused: &mut Vec<Diagnostic>) -> Self {
        let place = Place { file: Arc::clone(source.name()), pointer: Pointer::root() };
        let mut reader = Reader { minor: 0, refused };
        let actions = reader.overlay(root, &place);
        Self { replaces_primitives: reader.minor >= 1, actions }
    }
}

struct Reader<'r> {
    minor: u32,
    refused: &'r mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn overlay(&mut self, root: &Value, place: &Place) -> Vec<Action> {
        // The parser has already checked that the root is a mapping.
        let Value::Object(map) = root else { return Vec::new() };
        let Some(minor) = self.version(map, place) else { return Vec::new() };
        self.minor = minor;
        self.check_keys(map, place, &["overlay", "info", "extends", "actions", "$self", "components"]);
        let here = place.child("actions");
        match map.get("actions") {
            Some(Value::Array(items)) if !items.is_empty() => {
                let items = items.iter().enumerate();
                items.filter_map(|(at, item)| self.action(item, &here.index(at))).collect()
            }
            Some(Value::Array(_)) => {
                self.refuse(
                    here,
                    "the overlay has no actions",
                    "add an action, or remove the overlay from connector.toml",
                );
                Vec::new()
            }
            Some(other) => {
                let problem = format!("`actions` is {}, not a list", kind_of(other));
                self.refuse(here, problem, "write each action as an item: `- target: $.info`");
                Vec::new()
            }
            None => {
                self.refuse(
                    place.clone(),
                    "the overlay has no `actions`",
                    "add a list: `actions: [{ target: $.info, update: {} }]`",
                );
                Vec::new()
            }
        }
    }

    /// Parses the version `1.MINOR`, and returns the minor number.
    fn version(&mut self, map: &Map<String, Value>, place: &Place) -> Option<u32> {
        let text = match map.get("overlay") {
            Some(Value::String(text)) => text.trim().to_owned(),
            // YAML parses an unquoted `1.0` as a number.
            Some(Value::Number(number)) => number.to_string(),
            Some(other) => {
                let problem = format!("`overlay` is {}, not a version", kind_of(other));
                self.refuse(place.child("overlay"), problem, "write `overlay: 1.0.0`");
                return None;
            }
            None => {
                let remedy = "if this is an overlay, add `overlay: 1.0.0` at the top";
                self.refuse(place.clone(), "the file has no `overlay` version", remedy);
                return None;
            }
        };
        let mut numbers = text.split('.').map(str::parse::<u32>);
        match (numbers.next(), numbers.next().unwrap_or(Ok(0)), numbers.all(|number| number.is_ok())) {
            (Some(Ok(1)), Ok(minor), true) => Some(minor),
            _ => {
                let problem = format!("unsupported Overlay version {text:?}");
                self.refuse(place.child("overlay"), problem, "write `overlay: 1.0.0` or `overlay: 1.1.0`");
                None
            }
        }
    }

    fn action(&mut self, item: &Value, place: &Place) -> Option<Action> {
        let Value::Object(map) = item else {
            let problem = format!("an action must be a mapping, not {}", kind_of(item));
            self.refuse(place.clone(), problem, "write `target`, and `update` or `remove: true`");
            return None;
        };
        if map.contains_key("$ref") {
            let problem = "reusable actions are not supported";
            self.refuse(place.child("$ref"), problem, "write the whole action here");
            return None;
        }
        self.check_keys(map, place, &["target", "description", "update", "remove", "copy"]);
        let change = self.change(map, place);
        let target = self.expression(map, "target", place);
        Some(Action { target: target?, change: change? })
    }

    fn change(&mut self, map: &Map<String, Value>, place: &Place) -> Option<Change> {
        match map.get("remove") {
            // The Overlay specification says that the other keys of the action are ignored then.
            Some(Value::Bool(true)) => return Some(Change::Remove),
            Some(Value::Bool(false)) | None => {}
            Some(other) => {
                let problem = format!("`remove` is {}, not a boolean", kind_of(other));
                self.refuse(place.child("remove"), problem, "write `remove: true`");
                return None;
            }
        }
        match (map.get("update"), map.contains_key("copy")) {
            (Some(update), false) => Some(Change::Update(update.clone(), place.child("update"))),
            (None, true) if self.minor == 0 => {
                let problem = "`copy` needs Overlay 1.1, and this is 1.0";
                self.refuse(place.child("copy"), problem, "write `overlay: 1.1.0`");
                None
            }
            (None, true) => self.expression(map, "copy", place).map(Change::Copy),
            (Some(_), true) => {
                let problem = "the action has both `update` and `copy`";
                self.refuse(place.child("copy"), problem, "split the action into two actions");
                None
            }
            (None, false) => {
                let problem = "the action has neither `update` nor `remove: true`";
                self.refuse(place.clone(), problem, "add `update` or `remove: true`");
                None
            }
        }
    }

    fn expression(&mut self, map: &Map<String, Value>, key: &str, place: &Place) -> Option<Expression> {
        let text = match map.get(key) {
            Some(Value::String(text)) => text,
            Some(other) => {
                let problem = format!("`{key}` is {}, not a JSONPath expression", kind_of(other));
                self.refuse(place.child(key), problem, "write an expression such as `$.paths['/books'].get`");
                return None;
            }
            None => {
                let problem = format!("the action has no `{key}`");
                self.refuse(place.clone(), problem, "add an expression, such as `target: $.info`");
                return None;
            }
        };
        match Query::parse(text) {
            Ok(query) => Some(Expression { text: text.clone(), query, place: place.child(key) }),
            Err(fault) => {
                let problem = format!(
                    "`{text}` is not a JSONPath expression: column {}: {}",
                    fault.column, fault.problem
                );
                self.refuse(place.child(key), problem, "correct the expression (syntax: RFC 9535)");
                None
            }
        }
    }

    /// Refuses unknown keys, since a misspelled key would have no effect.
    fn check_keys(&mut self, map: &Map<String, Value>, place: &Place, known: &[&str]) {
        for key in map.keys().filter(|key| !known.contains(&key.as_str()) && !key.starts_with("x-")) {
            let problem = format!("unknown key `{key}`");
            self.refuse(
                place.child(key),
                problem,
                &format!("correct or remove the key; known keys are {}", known.join(", ")),
            );
        }
    }

    fn refuse(&mut self, place: Place, problem: impl Into<String>, remedy: &str) {
        self.refused.push(*malformed(place, problem, remedy));
    }
}
