//! Serializes values of jq programs as JSON text.

use std::fmt;

use super::value::Val;

/// The maximum number of bytes of a value in a message.
const BEGINNING: usize = 120;

/// Serializes a value as compact JSON of at most `most` bytes. `None` if it would be longer.
pub(super) fn json(value: &Val, most: usize) -> Option<String> {
    let mut printer = Printer { text: String::new(), most };
    printer.print(value).then_some(printer.text)
}

impl fmt::Display for Val {
    /// Writes the beginning of the value, for messages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut printer = Printer { text: String::new(), most: BEGINNING };
        let is_whole = printer.print(self);
        f.write_str(&printer.text)?;
        f.write_str(if is_whole { "" } else { "…" })
    }
}

struct Printer {
    text: String,
    most: usize,
}

impl Printer {
    /// Appends text. Returns false if it does not fit.
    fn add(&mut self, text: &str) -> bool {
        let room = self.most.saturating_sub(self.text.len());
        let end = (0..=text.len().min(room)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        self.text.push_str(&text[..end]);
        end == text.len()
    }

    fn add_string(&mut self, text: &str) -> bool {
        serde_json::to_string(text).is_ok_and(|text| self.add(&text))
    }

    /// Writes a value, whose depth is limited. Returns false if it does not fit.
    fn print(&mut self, value: &Val) -> bool {
        match value {
            Val::Null => self.add("null"),
            Val::Bool(value) => self.add(if *value { "true" } else { "false" }),
            Val::Int(int) => self.add(&int.to_string()),
            Val::Digits(digits, _) => self.add(digits),
            Val::Float(float) => self.add_float(*float),
            Val::Text(text) => self.add_string(text),
            Val::List(list) => {
                let mut fits = self.add("[");
                for (at, item) in list.items.iter().enumerate() {
                    fits = fits && (at == 0 || self.add(",")) && self.print(item);
                    if !fits {
                        return false;
                    }
                }
                fits && self.add("]")
            }
            Val::Object(object) => {
                let mut fits = self.add("{");
                for (at, (name, value)) in object.members().into_iter().enumerate() {
                    fits = fits
                        && (at == 0 || self.add(","))
                        && self.add_string(name)
                        && self.add(":")
                        && self.print(value);
                    if !fits {
                        return false;
                    }
                }
                fits && self.add("}")
            }
        }
    }

    /// Writes an integral number without a fraction, as jq does. JSON has neither infinity nor NaN, so infinity is written as the greatest
    /// number, and NaN as null.
    fn add_float(&mut self, float: f64) -> bool {
        if float.is_nan() {
            return self.add("null");
        }
        let float = float.clamp(f64::MIN, f64::MAX);
        if float.fract() == 0.0 && float.abs() < 1e17 {
            return self.add(&format!("{float:.0}"));
        }
        let number = serde_json::Number::from_f64(float).map(|number| number.to_string());
        self.add(&number.unwrap_or_default())
    }
}
