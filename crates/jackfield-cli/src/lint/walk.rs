//! Visits all values of a document and checks texts, names and examples.

use std::collections::BTreeSet;

use jackfield_build::Document;
use jackfield_build::model::{Code, Diagnostic, Fix, Place, Pointer, visible_line};
use serde_json::Value;

use super::subject::Subject;
use super::value_place::ValuePlace;
use super::{examples, hidden, instruction, lookalike};

/// The maximum number of values that are checked.
const MOST_VALUES: usize = 5_000_000;
/// The maximum number of findings of one code.
const MOST_FINDINGS: usize = 1_000;

/// Checks every text of a document, except in operations that are not tools.
pub(super) fn document(subject: &Subject, document: &Document, found: &mut Vec<Diagnostic>) {
    let chosen = subject.tools.iter().map(|tool| tool.place.clone()).collect();
    let mut walk = Walk { chosen, found: Vec::new(), secrets: BTreeSet::new(), left: MOST_VALUES };
    let root = document.root();
    let is_root = |file: &str| *root.place().file == *file;
    for source in document.sources() {
        let place = Place { file: source.name().clone(), pointer: Pointer::root() };
        let Some(node) = document.node(&place) else { continue };
        let start = ValuePlace::root(place, is_root(source.name()));
        walk.value(node.value(), &start);
    }
    lookalike::names(&root, &walk.chosen, &mut walk.found);
    for tool in &subject.tools {
        if let Some(operation) = document.node(&tool.place) {
            lookalike::operation(&operation, tool, &mut walk.found);
        }
    }
    found.append(&mut walk.found);
}

struct Walk {
    chosen: BTreeSet<Place>,
    found: Vec<Diagnostic>,
    /// The texts with secrets that were already reported.
    secrets: BTreeSet<String>,
    left: usize,
}

impl Walk {
    fn value(&mut self, value: &Value, at: &ValuePlace) {
        if self.left == 0 || self.found.len() > MOST_FINDINGS {
            return;
        }
        self.left -= 1;
        match value {
            Value::Object(map) => {
                let own = map.get("name").and_then(Value::as_str);
                for (key, value) in map {
                    let place = at.place.child(key);
                    if self.is_left_out(&place) {
                        continue;
                    }
                    self.value(value, &at.entry(key, own, place));
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let place = at.place.index(index);
                    self.value(item, &at.item(place));
                }
            }
            Value::String(text) => self.text(text, at),
            _ => {}
        }
    }

    /// Returns whether the node belongs to a part of the document that does not become a tool.
    fn is_left_out(&self, place: &Place) -> bool {
        let pointer = place.pointer.as_str();
        let mut tokens = pointer.split('/').skip(1);
        // Webhooks and root extensions do not become tools.
        if tokens.clone().next().is_some_and(|first| first == "webhooks" || first.starts_with("x-")) {
            return true;
        }
        let is_operation = tokens.next() == Some("paths")
            && tokens.next().is_some()
            && tokens.next().is_some_and(is_method)
            && tokens.next().is_none();
        is_operation && !self.chosen.contains(place)
    }

    fn text(&mut self, text: &str, at: &ValuePlace) {
        let is_read = !at.is_example && matches!(at.key.as_str(), "description" | "summary" | "title");
        let fix = || at.can_overlay.then(|| Fix::removal(&at.place.pointer));
        if (is_read || at.is_example || at.key == "enum")
            && let Some(order) = instruction::order_in(text)
        {
            let problem = format!(
                "a text of the document contains instructions for a model: `{}`",
                visible_line(&order)
            );
            self.found.push(
                Diagnostic::warning(Code::InstructionText, at.place.clone(), problem)
                    .so("a model may follow these instructions as if the user had written them")
                    .help("ask the author of the document, or remove the text with an overlay")
                    .fix(fix()),
            );
        }
        if is_read && let Some(hidden) = hidden::hidden_in(text) {
            self.found.push(
                Diagnostic::warning(Code::HiddenText, at.place.clone(), format!("the text contains {hidden}"))
                    .so("the characters are removed from tools, but a person who reads the document cannot see them")
                    .help("ask the author of the document, or remove the text with an overlay")
                    .fix(fix()),
            );
        }
        // Each secret is reported once, because documents repeat an example in many operations.
        if let Some(finding) = examples::secret(text, at)
            && self.secrets.insert(text.to_owned())
        {
            self.found.push(finding);
        }
    }
}

fn is_method(token: &str) -> bool {
    matches!(token, "get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace" | "query")
}
