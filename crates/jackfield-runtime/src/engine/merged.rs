//! Merged tools, each of which calls one of several operations, and the choice of the operation.

use std::fmt;

use jackfield_recipe::{
    Alternative, Effect, MERGED_BY_ARGUMENTS, MERGED_BY_SELECTOR, alternatives_in_words, nearest,
    selected_alternatives,
};
use serde_json::{Map, Value};

use crate::call::held_rows::{ConnectorRows, ToolHandle};
use crate::call::rows::Merge;
use crate::engine::first_sentence::first_sentence;

/// The maximum number of characters of a value in a message.
const LONGEST_VALUE: usize = 60;

/// A merged tool: it calls one of several operations.
#[derive(Clone, Debug)]
pub(crate) struct MergedTool {
    rows: ConnectorRows,
    at: usize,
    parts: Vec<Part>,
}

/// An operation of a merged tool.
#[derive(Clone, Debug)]
struct Part {
    tool: ToolHandle,
    required: Vec<String>,
    optional: Vec<String>,
}

impl Part {
    fn of(tool: ToolHandle) -> Self {
        let input: Map<String, Value> = serde_json::from_str(tool.get().input).unwrap_or_default();
        let texts = |value: &Value| value.as_str().map(str::to_owned);
        let required: Vec<String> =
            input.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(texts).collect();
        let all = input.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::keys);
        let optional = all.filter(|name| !required.contains(name)).cloned().collect();
        Self { tool, required, optional }
    }

    fn alternative(&self) -> Alternative<'_> {
        fn texts(names: &[String]) -> Vec<&str> {
            names.iter().map(String::as_str).collect()
        }
        Alternative { required: texts(&self.required), optional: texts(&self.optional) }
    }

    fn value(&self) -> &str {
        self.tool.get().merged.map_or("", |merged| merged.value)
    }

    fn selector(&self) -> &str {
        self.tool.get().merged.map_or("", |merged| merged.selector)
    }
}

impl MergedTool {
    /// Returns the merged tools of a connector.
    pub(crate) fn all_of(rows: &ConnectorRows) -> Vec<Self> {
        let tool = |(at, merge): (usize, &Merge<'_>)| {
            let is_part =
                |tool: &ToolHandle| tool.get().merged.is_some_and(|merged| merged.tool == merge.name);
            let parts = rows.tools().filter(is_part).map(Part::of).collect();
            Self { rows: rows.clone(), at, parts }
        };
        rows.get().merges.iter().enumerate().map(tool).collect()
    }

    /// Returns the table entry of the tool.
    pub(crate) fn get(&self) -> &Merge<'_> {
        &self.rows.get().merges[self.at]
    }

    /// Returns the title of the tool or the first sentence of its own description; otherwise the titles of its operations, separated by
    /// semicolons.
    pub(crate) fn summary(&self) -> String {
        let Merge { title, description, .. } = *self.get();
        let is_own =
            ![MERGED_BY_ARGUMENTS, MERGED_BY_SELECTOR].iter().any(|line| description.starts_with(line));
        if is_own || !title.is_empty() {
            return if title.is_empty() { first_sentence(description) } else { title }.to_owned();
        }
        let said = |tool: &ToolHandle| {
            let row = tool.get();
            let text = if row.title.is_empty() { row.description } else { row.title };
            match first_sentence(text).trim_end_matches('.') {
                "" => format!("{} {}", row.method, row.path),
                text => text.to_owned(),
            }
        };
        self.operations().map(said).collect::<Vec<_>>().join("; ")
    }

    /// Returns the operations of the tool.
    pub(crate) fn operations(&self) -> impl Iterator<Item = &ToolHandle> {
        self.parts.iter().map(|part| &part.tool)
    }

    /// Selects the operation of a call, and removes the selector from the arguments. Also removes each `null` for an argument that only
    /// other operations have, because some clients make the model give every argument, with `null` for each unused one.
    ///
    /// # Errors
    /// Returns an error if the arguments select no operation, or several.
    pub(crate) fn select(&self, arguments: &mut Map<String, Value>) -> Result<&ToolHandle, MergeError> {
        let alternatives: Vec<Alternative<'_>> = self.parts.iter().map(Part::alternative).collect();
        let selector = self.selector();
        let at = if selector.is_empty() {
            let given = arguments.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name.as_str());
            let given: Vec<&str> = given.collect();
            match selected_alternatives(&alternatives, &given).as_slice() {
                [one] => *one,
                several => return Err(self.unselected(&alternatives, &given, several)),
            }
        } else {
            let chosen = arguments.get(selector).and_then(Value::as_str);
            let Some(at) = self.parts.iter().position(|part| Some(part.value()) == chosen) else {
                return Err(self.unnamed(arguments.get(selector)));
            };
            arguments.remove(selector);
            at
        };
        let is_foreign =
            |name: &str| !alternatives[at].takes(name) && alternatives.iter().any(|other| other.takes(name));
        arguments.retain(|name, value| !(value.is_null() && is_foreign(name)));
        Ok(&self.parts[at].tool)
    }

    /// Creates the error for arguments that select no operation, or the operations at the indexes `several`.
    fn unselected(&self, alternatives: &[Alternative<'_>], given: &[&str], several: &[usize]) -> MergeError {
        let names = |at: &usize| self.parts[*at].tool.get().name.to_owned();
        let known = given.iter().filter(|name| alternatives.iter().any(|one| one.takes(name)));
        let ways = alternatives_in_words(alternatives).into_iter().zip(&self.parts).map(|(words, part)| {
            let words = match words.as_str() {
                "" => "none of these".to_owned(),
                words if words.starts_with("optional ") => format!("none of these, {words}"),
                _ => words,
            };
            (words, part.tool.get().name.to_owned())
        });
        MergeError::Arguments {
            tool: self.get().name.to_owned(),
            fitting: several.iter().map(names).collect(),
            given: known.map(|name| (*name).to_owned()).collect(),
            ways: ways.collect(),
        }
    }

    /// Creates the error for a selector value that names no operation.
    fn unnamed(&self, value: Option<&Value>) -> MergeError {
        let known: Vec<String> = self.parts.iter().map(|part| part.value().to_owned()).collect();
        let near =
            value.and_then(Value::as_str).and_then(|text| nearest(text, known.iter().map(String::as_str)));
        MergeError::Selector {
            tool: self.get().name.to_owned(),
            selector: self.selector().to_owned(),
            value: value.map(|value| value.to_string().chars().take(LONGEST_VALUE).collect()),
            near: near.map(str::to_owned),
            known,
        }
    }

    /// Returns the argument whose value selects the operation. Empty if the names of the given arguments select the operation.
    fn selector(&self) -> &str {
        self.parts.first().map_or("", Part::selector)
    }

    /// Returns the strongest effect of the operations.
    pub(crate) fn effect(&self) -> Effect {
        self.get().effect
    }
}

/// The reason why a call of a merged tool selects no operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MergeError {
    /// The given arguments fit no operation, or several.
    Arguments {
        /// The name of the tool.
        tool: String,
        /// The operations that the arguments fit, if there are several.
        fitting: Vec<String>,
        /// The given arguments that an operation has.
        given: Vec<String>,
        /// The arguments that select each operation, and the name of the operation.
        ways: Vec<(String, String)>,
    },
    /// The value of the selector is missing or names no operation.
    Selector {
        /// The name of the tool.
        tool: String,
        /// The argument whose value selects the operation.
        selector: String,
        /// The value, shortened, if the call has one.
        value: Option<String>,
        /// The value that was probably meant.
        near: Option<String>,
        /// The values of the operations.
        known: Vec<String>,
    },
}

impl MergeError {
    /// Replaces the connector's own names of tools with the names that clients see.
    pub(crate) fn rename(&mut self, shown: &dyn Fn(&str) -> String) {
        match self {
            Self::Arguments { tool, fitting, ways, .. } => {
                *tool = shown(tool);
                let operations = ways.iter_mut().map(|(_, operation)| operation);
                fitting.iter_mut().chain(operations).for_each(|operation| *operation = shown(operation));
            }
            Self::Selector { tool, .. } => *tool = shown(tool),
        }
    }
}

impl fmt::Display for MergeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arguments { tool, fitting, given, ways } => {
                let quoted: Vec<String> = given.iter().map(|name| format!("`{name}`")).collect();
                match (fitting.as_slice(), quoted.as_slice()) {
                    ([], []) => write!(f, "The arguments select no operation of `{tool}`.")?,
                    ([], _) => {
                        write!(f, "No operation of `{tool}` is selected by {}.", quoted.join(", "))?;
                    }
                    _ => write!(f, "The arguments fit {} of `{tool}`.", fitting.join(" and "))?,
                }
                f.write_str(" Give the arguments of one:")?;
                for (words, operation) in ways {
                    write!(f, "\n- {words} ({operation})")?;
                }
                f.write_str("\nNothing was sent.")
            }
            Self::Selector { tool, selector, value, near, known } => {
                match value {
                    None => write!(f, "`{tool}` needs the argument `{selector}`")?,
                    Some(value) => write!(f, "`{selector}` of `{tool}` cannot be {value}")?,
                }
                write!(f, ": use one of `{}`.", known.join("`, `"))?;
                if let Some(near) = near {
                    write!(f, " Did you mean `{near}`?")?;
                }
                f.write_str(" Nothing was sent.")
            }
        }
    }
}

impl std::error::Error for MergeError {}

#[cfg(test)]
mod tests;
