//! What an overlay says: its version, and its actions in their order.

use std::sync::Arc;

use jackfield_model::{Diagnostic, Place, Pointer};
use serde_json::{Map, Value};

use super::malformed;
use super::query::Query;
use crate::document::kind_of;
use crate::source::Source;

/// An overlay that was understood.
#[derive(Debug)]
pub(super) struct Overlay {
    /// Whether an action may select a single value in order to replace it, as from 1.1 on.
    pub(super) replaces_primitives: bool,
    pub(super) actions: Vec<Action>,
}

/// One change, of whatever its target selects.
#[derive(Debug)]
pub(super) struct Action {
    pub(super) target: Expression,
    pub(super) change: Change,
}

#[derive(Debug)]
pub(super) enum Change {
    Remove,
    /// What is joined with the selected values, and where it stands.
    Update(Value, Place),
    /// The value of the document that is joined with them.
    Copy(Expression),
}

/// An expression, as it is written and where.
#[derive(Debug)]
pub(super) struct Expression {
    pub(super) text: String,
    pub(super) query: Query,
    pub(super) place: Place,
}

impl Overlay {
    /// Understands the tree of an overlay. What is wrong with it is told, and left out.
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
        // Sources are mappings, always.
        let Value::Object(map) = root else { return Vec::new() };
        let Some(minor) = self.version(map, place) else { return Vec::new() };
        self.minor = minor;
        self.known(map, place, &["overlay", "info", "extends", "actions", "$self", "components"]);
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
                    "write some, or remove it from connector.toml",
                );
                Vec::new()
            }
            Some(other) => {
                let problem = format!("`actions` is {}, and no list", kind_of(other));
                self.refuse(here, problem, "write each action as an item: `- target: $.info`");
                Vec::new()
            }
            None => {
                self.refuse(place.clone(), "the overlay has no `actions`", "write them as a list");
                Vec::new()
            }
        }
    }

    /// The second number of the version, given that the first is 1.
    fn version(&mut self, map: &Map<String, Value>, place: &Place) -> Option<u32> {
        let text = match map.get("overlay") {
            Some(Value::String(text)) => text.trim().to_owned(),
            // Unquoted YAML makes a number of `1.0`.
            Some(Value::Number(number)) => number.to_string(),
            Some(other) => {
                let problem = format!("`overlay` is {}, and no version", kind_of(other));
                self.refuse(place.child("overlay"), problem, "write it as in `overlay: 1.0.0`");
                return None;
            }
            None => {
                let remedy = "put `overlay: 1.0.0` at its top, if it is one";
                self.refuse(place.clone(), "the file does not say which Overlay it is", remedy);
                return None;
            }
        };
        let mut numbers = text.split('.').map(str::parse::<u32>);
        match (numbers.next(), numbers.next().unwrap_or(Ok(0)), numbers.all(|number| number.is_ok())) {
            (Some(Ok(1)), Ok(minor), true) => Some(minor),
            _ => {
                let problem = format!("{text:?} is no version of Overlay that is understood");
                self.refuse(place.child("overlay"), problem, "1.0.0 and 1.1.0 are");
                None
            }
        }
    }

    fn action(&mut self, item: &Value, place: &Place) -> Option<Action> {
        let Value::Object(map) = item else {
            let problem = format!("an action is a mapping; this is {}", kind_of(item));
            self.refuse(place.clone(), problem, "write `target`, and `update` or `remove: true`");
            return None;
        };
        if map.contains_key("$ref") {
            let problem = "reusable actions are not supported";
            self.refuse(place.child("$ref"), problem, "write the action here, with all that it says");
            return None;
        }
        self.known(map, place, &["target", "description", "update", "remove", "copy"]);
        let change = self.change(map, place);
        let target = self.expression(map, "target", place);
        Some(Action { target: target?, change: change? })
    }

    fn change(&mut self, map: &Map<String, Value>, place: &Place) -> Option<Change> {
        match map.get("remove") {
            // What else the action says has no effect then, by the specification.
            Some(Value::Bool(true)) => return Some(Change::Remove),
            Some(Value::Bool(false)) | None => {}
            Some(other) => {
                let problem = format!("`remove` is {}, and no boolean", kind_of(other));
                self.refuse(place.child("remove"), problem, "write `remove: true`");
                return None;
            }
        }
        match (map.get("update"), map.contains_key("copy")) {
            (Some(update), false) => Some(Change::Update(update.clone(), place.child("update"))),
            (None, true) if self.minor == 0 => {
                let problem = "`copy` came with Overlay 1.1, and this is 1.0";
                self.refuse(place.child("copy"), problem, "write `overlay: 1.1.0`");
                None
            }
            (None, true) => self.expression(map, "copy", place).map(Change::Copy),
            (Some(_), true) => {
                let problem = "the action has both `update` and `copy`, and neither would count";
                self.refuse(place.child("copy"), problem, "make two actions of it");
                None
            }
            (None, false) => {
                let problem = "the action has neither `update` nor `remove: true`";
                self.refuse(place.clone(), problem, "say what it is to change, or remove it");
                None
            }
        }
    }

    fn expression(&mut self, map: &Map<String, Value>, key: &str, place: &Place) -> Option<Expression> {
        let text = match map.get(key) {
            Some(Value::String(text)) => text,
            Some(other) => {
                let problem = format!("`{key}` is {}, and no JSONPath", kind_of(other));
                self.refuse(place.child(key), problem, "write it as in `$.paths['/books'].get`");
                return None;
            }
            None => {
                let problem = format!("the action has no `{key}`");
                self.refuse(place.clone(), problem, "say what it changes, as in `target: $.info`");
                return None;
            }
        };
        match Query::parse(text) {
            Ok(query) => Some(Expression { text: text.clone(), query, place: place.child(key) }),
            Err(fault) => {
                let problem =
                    format!("`{text}` is no JSONPath: at column {}: {}", fault.column, fault.problem);
                self.refuse(place.child(key), problem, "write it as RFC 9535 has it");
                None
            }
        }
    }

    /// A key that is misspelled would be an intention without effect.
    fn known(&mut self, map: &Map<String, Value>, place: &Place, known: &[&str]) {
        for key in map.keys().filter(|key| !known.contains(&key.as_str()) && !key.starts_with("x-")) {
            let problem = format!("`{key}` is nothing that an overlay says here");
            self.refuse(
                place.child(key),
                problem,
                &format!("correct or remove it; known are {}", known.join(", ")),
            );
        }
    }

    fn refuse(&mut self, place: Place, problem: impl Into<String>, remedy: &str) {
        self.refused.push(*malformed(place, problem, remedy));
    }
}
