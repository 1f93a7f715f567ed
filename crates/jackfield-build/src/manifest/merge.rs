//! `[merge."TOOL"]`: operations that become one tool.

use std::collections::BTreeMap;
use std::fmt;

use jackfield_model::text::toml_key;
use jackfield_model::{ArgName, ToolName};
use jackfield_surface::MergeChoice;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::refusal::{Refusal, Span};
use super::{rules, written_text};

/// The argument whose value selects an operation, if the table does not name it.
const USUAL_SELECTOR: &str = "operation";

/// A table, as it is written in connector.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenMerge {
    operations: Spanned<WrittenOperations>,
    argument: Option<Spanned<String>>,
    title: Option<Spanned<String>>,
    description: Option<Spanned<String>>,
}

/// The operations, each with its value of the selector if it has one.
enum WrittenOperations {
    List(Vec<Spanned<String>>),
    ByValue(BTreeMap<Spanned<String>, Spanned<String>>),
}

impl<'de> Deserialize<'de> for WrittenOperations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Operations;
        impl<'de> Visitor<'de> for Operations {
            type Value = WrittenOperations;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of operations, or a table of them with a short name for each")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
                Deserialize::deserialize(SeqAccessDeserializer::new(list)).map(WrittenOperations::List)
            }

            fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Self::Value, A::Error> {
                Deserialize::deserialize(MapAccessDeserializer::new(table)).map(WrittenOperations::ByValue)
            }
        }
        deserializer.deserialize_any(Operations)
    }
}

/// The merges in connector.toml, with their positions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Merges {
    pub(crate) choices: Vec<MergeChoice>,
    /// The position of each table, and of each of its operations.
    pub(crate) spans: Vec<(Span, Vec<Span>)>,
}

impl Merges {
    /// Whether a merged tool has that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.choices.iter().any(|choice| choice.name.as_str() == name)
    }
}

pub(super) fn parse(written: BTreeMap<Spanned<String>, WrittenMerge>) -> Result<Merges, Refusal> {
    let mut merges = Merges::default();
    for (name, table) in written {
        let span = name.span();
        let name = ToolName::new(name.into_inner()).map_err(|error| {
            Refusal::new(span.clone(), error.to_string(), "choose a name such as `get_book`")
        })?;
        let (choice, spans) = choice(name, table, &span)?;
        merges.choices.push(choice);
        merges.spans.push((span, spans));
    }
    Ok(merges)
}

fn choice(name: ToolName, written: WrittenMerge, span: &Span) -> Result<(MergeChoice, Vec<Span>), Refusal> {
    let WrittenMerge { operations, argument, title, description } = written;
    let table = format!("[merge.{}]", toml_key(name.as_str()));
    let list_span = operations.span();
    let (values, written): (Vec<Option<Spanned<String>>>, Vec<Spanned<String>>) =
        match operations.into_inner() {
            WrittenOperations::List(list) => list.into_iter().map(|one| (None, one)).unzip(),
            WrittenOperations::ByValue(table) => {
                let mut table: Vec<_> = table.into_iter().collect();
                // Models see the operations in the order of connector.toml.
                table.sort_by_key(|(value, _)| value.span().start);
                table.into_iter().map(|(value, one)| (Some(value), one)).unzip()
            }
        };
    if written.len() < 2 {
        let problem = format!(
            "`operations` of {table} merges {}",
            match written.len() {
                0 => "nothing",
                _ => "one operation only",
            }
        );
        let help = "name at least two operations; `[rename]` gives one operation another name";
        return Err(Refusal::new(list_span, problem, help));
    }
    let has_values = values.iter().all(Option::is_some);
    if let Some(argument) = argument.as_ref().filter(|_| !has_values) {
        let problem = format!(
            "`argument` of {table} has no effect: the other arguments of a call select the operation"
        );
        let help = "give each operation a value of this argument, as in `operations = { open = \"listOpenLoans\", … }`, or remove `argument`";
        return Err(Refusal::new(argument.span(), problem, help));
    }
    let selector = has_values.then(|| match argument {
        Some(argument) => (argument.span(), argument.into_inner()),
        None => (span.clone(), USUAL_SELECTOR.to_owned()),
    });
    let selector = selector.map(|(span, text)| {
        ArgName::new(text)
            .map_err(|error| Refusal::new(span, error.to_string(), "choose a name such as `operation`"))
    });
    let mut spans = Vec::new();
    let mut operations = Vec::new();
    for (value, one) in values.into_iter().zip(written) {
        let value = value.map(|value| check_value(&table, value)).transpose()?;
        operations.push((rules::selector(one.get_ref(), &one.span())?, value));
        spans.push(one.span());
    }
    let titled = |title: Spanned<String>| {
        let span = title.span();
        written_text::title(&format!("`title` of {table}"), title.into_inner(), &span)
    };
    let described = |text: Spanned<String>| {
        let span = text.span();
        written_text::text(&format!("`description` of {table}"), text.into_inner(), &span)
    };
    let choice = MergeChoice {
        selector: selector.transpose()?,
        title: title.map(titled).transpose()?,
        description: description.map(described).transpose()?,
        operations,
        name,
    };
    Ok((choice, spans))
}

/// Checks a value of the selector. Models write it, so it looks like the name of a tool.
fn check_value(table: &str, value: Spanned<String>) -> Result<String, Refusal> {
    let span = value.span();
    match ToolName::new(value.get_ref().as_str()) {
        Ok(_) => Ok(value.into_inner()),
        Err(_) => {
            let problem = format!(
                "`{}` in `operations` of {table} cannot be the value of an argument",
                value.get_ref()
            );
            let help = "choose 1 to 64 letters, digits, `_` or `-`, such as `open`";
            Err(Refusal::new(span, problem, help))
        }
    }
}
