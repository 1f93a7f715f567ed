//! Visits all values of a document and checks texts, names and examples.

use std::collections::BTreeSet;

use jackfield_build::Document;
use jackfield_build::model::{Code, Diagnostic, Fix, Place, Pointer, is_invisible, visible_line};
use serde_json::Value;

use super::subject::Subject;
use super::value_place::ValuePlace;
use super::{examples, instruction, lookalike};

/// The maximum number of values that are checked.
const MOST_VALUES: usize = 5_000_000;
/// The maximum number of findings of one code.
const MOST_FINDINGS: usize = 1_000;
/// The minimum number of zero-width characters that can hide a message.
const HIDING: usize = 8;

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
        if is_read && let Some(hidden) = hidden_in(text) {
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

/// Describes the characters that make people see another text than programs do.
fn hidden_in(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let mut tags = String::new();
    let (mut turns, mut widths, mut is_flag) = (0_usize, 0_usize, false);
    for c in text.chars() {
        match c {
            // Tag characters are allowed after this flag emoji: the flags of England, Scotland and Wales consist of them.
            '\u{1F3F4}' => is_flag = true,
            '\u{E0020}'..='\u{E007F}' if is_flag => is_flag = c != '\u{E007F}',
            '\u{E0000}'..='\u{E007F}' => {
                tags.extend(char::from_u32(u32::from(c) - 0xE0000).filter(|c| !is_invisible(*c)));
                widths += HIDING;
            }
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => turns += 1,
            '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2064}' | '\u{E0100}'..='\u{E01EF}' => {
                is_flag = false;
                widths += usize::from(!matches!(c, '\u{200C}' | '\u{200D}'));
            }
            _ => is_flag = false,
        }
    }
    if !tags.is_empty() {
        let shown: String = tags.chars().take(60).collect();
        return Some(format!("tag characters, which are invisible and spell `{shown}`"));
    }
    if turns > 0 {
        return Some("characters that reverse the text direction".to_owned());
    }
    (widths >= HIDING).then(|| format!("{widths} zero-width characters"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_found_but_ordinary_characters_are_not() {
        let tags: String = "do x".bytes().map(|b| char::from_u32(0xE0000 + u32::from(b)).unwrap()).collect();
        assert!(hidden_in(&format!("A book.{tags}")).is_some_and(|found| found.contains("`do x`")));
        assert!(hidden_in("user\u{202E}txt.exe").is_some());
        assert!(hidden_in(&"a\u{200B}".repeat(9)).is_some());
        for usual in
            ["A book", "Ein Büch\u{AD}lein", "👩\u{200D}💻 a\u{200B}b\u{FEFF}", "日本語", "می\u{200C}خواهم"]
        {
            assert_eq!(hidden_in(usual), None, "{usual}");
        }
        let scotland = "\u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}";
        assert_eq!(hidden_in(scotland), None);
    }
}
