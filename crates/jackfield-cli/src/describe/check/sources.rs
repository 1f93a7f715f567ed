//! The facts that the document states about an operation. A new text must not contain other facts.

use std::collections::BTreeSet;

use serde_json::Value;

use super::address::addresses;
use super::figure::{Figure, Sense, figures};
use super::token::{Token, tokens};
use super::unit::Unit;

/// The maximum number of values in schemas that are read.
const MOST_VALUES: usize = 50_000;
/// Keys whose values are examples instead of facts about the operation.
const EXAMPLES: [&str; 3] = ["example", "examples", "x-example"];
/// The minimum length of a value of an enumeration, for the value to count as a fact.
const SHORTEST_VALUE: usize = 2;

/// The facts of texts and schemas.
#[derive(Clone, Debug, Default)]
pub(in crate::describe) struct Sources {
    pub(super) figures: BTreeSet<Figure>,
    pub(super) words: BTreeSet<String>,
    pub(super) units: BTreeSet<&'static str>,
    pub(super) addresses: BTreeSet<String>,
    /// The values of enumerations.
    pub(super) enumerated: BTreeSet<String>,
    /// All texts and names, in which quoted values are searched.
    pub(super) text: String,
}

impl Sources {
    /// Returns the facts of one text.
    pub(super) fn of_text(text: &str) -> Self {
        let mut sources = Self::default();
        sources.text(text);
        sources
    }

    /// Adds the facts of a text.
    pub(in crate::describe) fn text(&mut self, text: &str) {
        let tokens = tokens(text);
        self.figures.extend(figures(&tokens));
        for (at, token) in tokens.iter().enumerate() {
            let unit = match token {
                Token::Word(word) => {
                    let follows_number =
                        at.checked_sub(1).is_some_and(|at| matches!(tokens[at], Token::Number(_)));
                    Unit::of(word).filter(|unit| unit.stands_alone || follows_number)
                }
                Token::Symbol(symbol) => Unit::of_symbol(*symbol),
                _ => None,
            };
            self.units.extend(unit.map(|unit| unit.name));
            if let Token::Word(word) = token {
                self.words.insert(word.clone());
            }
        }
        self.addresses.extend(addresses(text));
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// Adds the facts of a schema, or of a parameter with its schema. Examples are left out.
    pub(in crate::describe) fn schema(&mut self, schema: &Value) {
        let mut left = MOST_VALUES;
        self.value(schema, None, &mut left);
    }

    fn value(&mut self, value: &Value, sense: Option<Sense>, left: &mut usize) {
        if *left == 0 {
            return;
        }
        *left -= 1;
        match value {
            Value::Object(map) => {
                for (key, value) in map.iter().filter(|(key, _)| !EXAMPLES.contains(&key.as_str())) {
                    self.text(key);
                    if key == "enum" {
                        let texts = value.as_array().into_iter().flatten().filter_map(Value::as_str);
                        self.enumerated.extend(
                            texts.filter(|text| text.chars().count() >= SHORTEST_VALUE).map(str::to_owned),
                        );
                    }
                    self.value(value, sense_of(key), left);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.value(item, None, left)),
            Value::String(text) => {
                self.text(text);
                self.limit(text, sense);
            }
            Value::Number(number) => {
                let text = number.to_string();
                self.text(&text);
                self.limit(&text, sense);
            }
            Value::Bool(_) | Value::Null => {}
        }
    }

    /// Adds a number of a schema. `sense` is the meaning that the keyword gives to the number.
    fn limit(&mut self, text: &str, sense: Option<Sense>) {
        let Some(sense) = sense else { return };
        if let [figure] = figures(&tokens(text)).as_slice() {
            self.figures.insert(Figure { sense: Some(sense), ..figure.clone() });
        }
    }
}

/// Returns the meaning of a number that is the value of a JSON Schema keyword.
fn sense_of(key: &str) -> Option<Sense> {
    match key {
        "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties" => Some(Sense::Most),
        "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties" => Some(Sense::Least),
        "default" => Some(Sense::Default),
        _ => None,
    }
}
