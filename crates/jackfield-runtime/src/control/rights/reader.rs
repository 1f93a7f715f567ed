//! Reads TOML tables strictly: an unknown key is an error that suggests the nearest known key.

use jackfield_recipe::{Effect, nearest};
use serde_json::{Number, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::RightsError;
use super::when::When;

/// A TOML text, which is kept to compute the positions of errors.
#[derive(Clone, Copy)]
pub(super) struct Reader<'t>(pub(super) &'t str);

impl Reader<'_> {
    pub(super) fn refuse(
        self,
        offset: usize,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> RightsError {
        RightsError::at(self.0, offset, problem, remedy)
    }

    /// Checks that a table has only the given keys.
    pub(super) fn check_keys(self, table: &DeTable<'_>, known: &[&str]) -> Result<(), RightsError> {
        let mut keys: Vec<_> = table.keys().map(|key| (key.span().start, key.get_ref())).collect();
        keys.sort_by_key(|(offset, _)| *offset);
        match keys.into_iter().find(|(_, key)| !known.contains(&key.as_ref())) {
            None => Ok(()),
            Some((offset, key)) => {
                let remedy = match nearest(key, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("use one of `{}`", known.join("`, `")),
                };
                Err(self.refuse(offset, format!("there is no key `{key}` here"), remedy))
            }
        }
    }

    pub(super) fn table<'v, 'i>(
        self,
        value: &'v Spanned<DeValue<'i>>,
        remedy: &str,
    ) -> Result<&'v DeTable<'i>, RightsError> {
        match value.get_ref() {
            DeValue::Table(table) => Ok(table),
            other => {
                Err(self.refuse(value.span().start, format!("expected a table, not {}", kind(other)), remedy))
            }
        }
    }

    /// Reads a string that is not empty.
    pub(super) fn text(self, value: &Spanned<DeValue<'_>>, remedy: &str) -> Result<String, RightsError> {
        match value.get_ref() {
            DeValue::String(text) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
            DeValue::String(_) => Err(self.refuse(value.span().start, "the string is empty", remedy)),
            other => Err(self.refuse(
                value.span().start,
                format!("expected a string, not {}", kind(other)),
                remedy,
            )),
        }
    }

    /// Reads an array of strings that are not empty, with the byte offset of each string.
    pub(super) fn texts(
        self,
        value: &Spanned<DeValue<'_>>,
        remedy: &str,
    ) -> Result<Vec<(String, usize)>, RightsError> {
        let DeValue::Array(items) = value.get_ref() else {
            let problem = format!("expected an array of strings, not {}", kind(value.get_ref()));
            return Err(self.refuse(value.span().start, problem, remedy));
        };
        if items.is_empty() {
            return Err(self.refuse(value.span().start, "the array is empty", remedy));
        }
        items.iter().map(|item| Ok((self.text(item, remedy)?, item.span().start))).collect()
    }

    /// Reads a condition in CEL. An error names the exact position if the expression is written without escapes.
    pub(super) fn when(self, value: &Spanned<DeValue<'_>>) -> Result<When, RightsError> {
        let text = self.text(value, "write an expression such as \"arguments.amount <= 100\"")?;
        When::parse(&text).map_err(|error| {
            let span = value.span();
            let written = self.0.get(span.clone()).unwrap_or_default();
            let at = written.find(&text).map_or(span.start, |start| span.start + start + error.at);
            self.refuse(at, error.problem, error.remedy)
        })
    }

    pub(super) fn effect(self, value: &Spanned<DeValue<'_>>) -> Result<Effect, RightsError> {
        const REMEDY: &str = "write the strongest effect that it allows: \"read\", \"write\" or \"destroy\"";
        let known = [Effect::Read, Effect::Write, Effect::Destroy];
        let text = self.text(value, REMEDY)?;
        let found = known.into_iter().find(|effect| effect.as_str() == text);
        found.ok_or_else(|| {
            let near = nearest(&text, known.map(Effect::as_str));
            let remedy = near.map_or_else(|| REMEDY.to_owned(), |near| format!("did you mean `{near}`?"));
            self.refuse(value.span().start, format!("there is no effect `{text}`"), remedy)
        })
    }

    /// Reads a string, a number or a boolean.
    pub(super) fn scalar(self, value: &Spanned<DeValue<'_>>) -> Result<Value, RightsError> {
        Ok(match value.get_ref() {
            DeValue::String(text) => Value::String(text.clone().into_owned()),
            DeValue::Boolean(is_true) => Value::Bool(*is_true),
            _ => Value::Number(self.number(value, "expected a string, a number or a boolean")?),
        })
    }

    pub(super) fn number(self, value: &Spanned<DeValue<'_>>, problem: &str) -> Result<Number, RightsError> {
        let number = match value.get_ref() {
            DeValue::Integer(integer) => {
                i64::from_str_radix(integer.as_str(), integer.radix()).ok().map(Number::from)
            }
            DeValue::Float(float) => float.as_str().parse().ok().and_then(Number::from_f64),
            _ => None,
        };
        number.ok_or_else(|| {
            let problem = format!("{problem}, not {}", kind(value.get_ref()));
            self.refuse(
                value.span().start,
                problem,
                "write it as in `{ equals = \"eu\" }` or `{ at_most = 100 }`",
            )
        })
    }
}

/// Returns the type of a value, for messages.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
