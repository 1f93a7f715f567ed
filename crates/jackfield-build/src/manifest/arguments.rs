//! `[arguments."TOOL"]`: arguments that are hidden, fixed, given a default, renamed, narrowed or described.

use std::collections::BTreeMap;
use std::fmt;

use jackfield_model::ArgName;
use jackfield_model::text::toml_key;
use jackfield_surface::ArgumentRule;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use toml::Spanned;

use super::refusal::{Refusal, Span};
use super::rules::{self, RuleTable};
use super::written_text;

/// The tables of connector.toml, by selector and argument.
#[derive(Default)]
pub(super) struct WrittenArguments(BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, WrittenArgument>>);

/// The rule for one argument, as it is written in connector.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenArgument {
    hide: Option<Spanned<bool>>,
    fix: Option<Spanned<toml::Value>>,
    default: Option<Spanned<toml::Value>>,
    rename: Option<Spanned<String>>,
    describe: Option<Spanned<String>>,
    values: Option<Spanned<Vec<toml::Value>>>,
}

impl<'de> Deserialize<'de> for WrittenArguments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Tables;
        impl<'de> Visitor<'de> for Tables {
            type Value = WrittenArguments;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table with a tool as each key")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                Deserialize::deserialize(MapAccessDeserializer::new(map)).map(WrittenArguments)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
                Err(A::Error::custom(
                    "a list of parameters that models can set belongs in `ask_for`, not in `arguments`\nwrite `ask_for = [\"X-Version\"]`; \
                     `[arguments.\"TOOL\"]` is a table about the arguments of a tool",
                ))
            }
        }
        deserializer.deserialize_any(Tables)
    }
}

/// The rules, and the positions of the arguments of each table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arguments {
    pub(crate) tables: RuleTable<Vec<ArgumentRule>>,
    pub(crate) spans: Vec<Vec<Span>>,
}

pub(super) fn parse(written: WrittenArguments) -> Result<Arguments, Refusal> {
    let mut spans = Vec::new();
    let tables = rules::parse(written.0, |span, arguments| {
        if arguments.is_empty() {
            let help = "add a line such as `limit = { default = 20 }`, or remove the table";
            return Err(Refusal::new(
                span.clone(),
                "this table of [arguments] is empty and changes nothing",
                help,
            ));
        }
        let mut own = Vec::new();
        let rules = arguments
            .into_iter()
            .map(|(path, argument)| {
                let (span, path) = (path.span(), path.into_inner());
                let rule = rule(path, &span, argument)?;
                own.push(span);
                Ok(rule)
            })
            .collect();
        spans.push(own);
        rules
    })?;
    Ok(Arguments { tables, spans })
}

fn rule(path: String, span: &Span, written: WrittenArgument) -> Result<ArgumentRule, Refusal> {
    let WrittenArgument { hide, fix, default, rename, describe, values } = written;
    let key = toml_key(&path);
    let refuse = |span: &Span, problem: String, help: &str| Err(Refusal::new(span.clone(), problem, help));
    if let Some(hide) = hide.as_ref().filter(|hide| !*hide.get_ref()) {
        return refuse(&hide.span(), format!("`hide = false` of `{key}` changes nothing"), "remove it");
    }
    let is_gone = hide.is_some() || fix.is_some();
    let others = [
        ("default", default.as_ref().map(Spanned::span)),
        ("rename", rename.as_ref().map(Spanned::span)),
        ("describe", describe.as_ref().map(Spanned::span)),
        ("values", values.as_ref().map(Spanned::span)),
    ];
    for (word, other) in others {
        let Some(span) = other.filter(|_| is_gone) else { continue };
        let reason = if fix.is_some() { "`fix`" } else { "`hide`" };
        let help = match word {
            "default" => "write `fix` for a value that is always sent, or remove `hide`",
            _ => "remove one of the two keys: models do not see the argument",
        };
        return refuse(&span, format!("`{word}` of `{key}` has no effect together with {reason}"), help);
    }
    let rule = ArgumentRule {
        hide: hide.is_some(),
        fix: fix.map(|value| json(&key, value)).transpose()?,
        default: default.map(|value| json(&key, value)).transpose()?,
        rename: rename
            .map(|name| {
                ArgName::new(name.get_ref().as_str()).map_err(|error| {
                    Refusal::new(name.span(), error.to_string(), "choose a name such as `order_id`")
                })
            })
            .transpose()?,
        describe: describe
            .map(|text| {
                let span = text.span();
                written_text::text(&format!("`describe` of `{key}`"), text.into_inner(), &span)
            })
            .transpose()?,
        values: match values {
            None => None,
            Some(values) if values.get_ref().is_empty() => {
                let problem = format!("`values` of `{key}` is empty, so that no value is accepted");
                return refuse(&values.span(), problem, "add a value, or write `hide = true`");
            }
            Some(values) => {
                let span = values.span();
                let each = values.into_inner().into_iter();
                Some(
                    each.map(|value| json(&key, Spanned::new(span.clone(), value)))
                        .collect::<Result<_, _>>()?,
                )
            }
        },
        path,
    };
    if rule == (ArgumentRule { path: rule.path.clone(), ..ArgumentRule::default() }) {
        let help = "add `hide`, `fix`, `default`, `rename`, `describe` or `values`";
        return refuse(span, format!("the rule for `{key}` changes nothing"), help);
    }
    Ok(rule)
}

/// Converts a value to JSON.
fn json(key: &str, value: Spanned<toml::Value>) -> Result<Value, Refusal> {
    let span = value.span();
    converted(value.into_inner()).ok_or_else(|| {
        let problem = format!("the value for `{key}` contains infinity or NaN, which JSON cannot represent");
        Refusal::new(span, problem, "write another number")
    })
}

fn converted(value: toml::Value) -> Option<Value> {
    Some(match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => Value::Number(serde_json::Number::from_f64(number)?),
        toml::Value::Boolean(value) => value.into(),
        toml::Value::Datetime(time) => time.to_string().into(),
        toml::Value::Array(items) => Value::Array(items.into_iter().map(converted).collect::<Option<_>>()?),
        toml::Value::Table(table) => {
            let entries = table.into_iter().map(|(key, value)| Some((key, converted(value)?)));
            Value::Object(entries.collect::<Option<_>>()?)
        }
    })
}
