//! Reads tables of gateway.toml strictly, and collects every problem.

use std::cell::RefCell;

use jackfield_recipe::{Effect, nearest};
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::error::ConfigError;

/// A value with its position in the file.
pub(super) type Placed<'i> = Spanned<DeValue<'i>>;

/// The text of gateway.toml, and the problems that were found in it.
pub(super) struct Reader<'t> {
    pub(super) source: &'t str,
    problems: RefCell<Vec<ConfigError>>,
}

impl<'t> Reader<'t> {
    pub(super) fn new(source: &'t str) -> Self {
        Self { source, problems: RefCell::default() }
    }

    /// Returns the problems in the order of the file.
    pub(super) fn into_problems(self) -> Vec<ConfigError> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(ConfigError::line);
        problems
    }

    /// Reports a problem.
    pub(super) fn refuse(&self, offset: usize, problem: impl Into<String>, remedy: impl Into<String>) {
        self.problems.borrow_mut().push(ConfigError::at(self.source, offset, problem, remedy));
    }

    /// Checks that a table has only these keys.
    pub(super) fn check_keys(&self, table: &DeTable<'_>, known: &[&str]) {
        for key in table.keys() {
            let (offset, key) = (key.span().start, key.get_ref());
            if known.contains(&key.as_ref()) {
                continue;
            }
            let remedy = match nearest(key, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("use one of `{}`", known.join("`, `")),
            };
            self.refuse(offset, format!("there is no key `{key}` here"), remedy);
        }
    }

    pub(super) fn table<'v, 'i>(&self, value: &'v Placed<'i>, remedy: &str) -> Option<&'v DeTable<'i>> {
        if let DeValue::Table(table) = value.get_ref() {
            return Some(table);
        }
        self.needs(value, "a table", remedy)
    }

    /// Reads a string that is not empty.
    pub(super) fn text(&self, value: &Placed<'_>, remedy: &str) -> Option<String> {
        match value.get_ref() {
            DeValue::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            DeValue::String(_) => {
                self.refuse(value.span().start, "the string is empty", remedy);
                None
            }
            _ => self.needs(value, "a string", remedy),
        }
    }

    /// Reads an array of strings, which may be empty. Returns each string with its byte offset.
    pub(super) fn texts(&self, value: &Placed<'_>, remedy: &str) -> Option<Vec<(String, usize)>> {
        let DeValue::Array(items) = value.get_ref() else {
            return self.needs(value, "an array of strings", remedy);
        };
        items.iter().map(|item| Some((self.text(item, remedy)?, item.span().start))).collect()
    }

    /// Reads an integer from `least` to `most`.
    pub(super) fn number(&self, value: &Placed<'_>, least: u64, most: u64) -> Option<u64> {
        let remedy = format!("write a number from {least} to {most}");
        let DeValue::Integer(integer) = value.get_ref() else {
            return self.needs(value, "an integer", &remedy);
        };
        let number = u64::from_str_radix(integer.as_str(), integer.radix()).ok();
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.refuse(value.span().start, format!("{} is out of range", integer.as_str()), remedy);
        }
        number
    }

    pub(super) fn boolean(&self, value: &Placed<'_>) -> Option<bool> {
        match value.get_ref() {
            DeValue::Boolean(is_set) => Some(*is_set),
            _ => self.needs(value, "a boolean", "write `true` or `false`"),
        }
    }

    pub(super) fn effect(&self, value: &Placed<'_>) -> Option<Effect> {
        const REMEDY: &str = "write \"read\", \"write\" or \"destroy\"";
        let known = [Effect::Read, Effect::Write, Effect::Destroy];
        let text = self.text(value, REMEDY)?;
        let found = known.into_iter().find(|effect| effect.as_str() == text);
        if found.is_none() {
            let near = nearest(&text, known.map(Effect::as_str));
            let remedy = near.map_or_else(|| REMEDY.to_owned(), |near| format!("did you mean `{near}`?"));
            self.refuse(value.span().start, format!("there is no effect `{text}`"), remedy);
        }
        found
    }

    fn needs<T>(&self, value: &Placed<'_>, what: &str, remedy: &str) -> Option<T> {
        let problem = format!("expected {what}, found {}", kind(value.get_ref()));
        self.refuse(value.span().start, problem, remedy);
        None
    }
}

/// Returns the entries of a table in the order of the file.
pub(super) fn in_order<'v, 'i>(table: &'v DeTable<'i>) -> Vec<(&'v Spanned<DeString<'i>>, &'v Placed<'i>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// Returns the name of a value's type for messages.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
