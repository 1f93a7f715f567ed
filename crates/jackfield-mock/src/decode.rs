//! Reads the arguments of a tool from a request, by reversing the steps that build a request.

mod body;
mod joined;

use std::collections::BTreeSet;

use jackfield_recipe::{Encoding, Input, Step, Style};
use serde_json::{Map, Value};

use crate::definitions::OwnDefinitions;
use crate::operation::Operation;
use crate::shape::Shape;
use crate::tree::{Tree, with_empty};
use crate::wire::{Pair, Request, cookies, decoded, pairs};

/// The arguments that were read from a request, and the problems of the request.
#[derive(Debug, Default)]
pub(crate) struct Decoded {
    pub(crate) arguments: Map<String, Value>,
    /// Arguments that occur in the request with a value that cannot be read, such as bytes.
    pub(crate) unread: BTreeSet<String>,
    /// The reasons why the request does not match the operation.
    pub(crate) problems: Vec<String>,
}

/// Reads a request for an operation. `input` is the schema of the arguments, and `variables` are the encoded values of the path variables.
pub(crate) fn decode(
    operation: &Operation,
    input: &Value,
    request: &Request,
    variables: &[(String, String)],
) -> Decoded {
    let query = request.target.split_once('?').map_or("", |(_, query)| query);
    let mut decoder = Decoder {
        operation,
        input,
        defs: OwnDefinitions(input),
        query: pairs(query).into_iter().map(|pair| (pair, false)).collect(),
        cookies: request.header("cookie").map(cookies).unwrap_or_default(),
        decoded: Decoded::default(),
    };
    for step in &operation.steps {
        decoder.parameter(step, request, variables);
    }
    // The properties of an exploded object share no name. They are the pairs that the other steps have not read.
    for step in &operation.steps {
        decoder.remaining(step, query);
    }
    decoder.unknown();
    decoder.body(request);
    decoder.decoded
}

struct Decoder<'a> {
    operation: &'a Operation,
    input: &'a Value,
    defs: OwnDefinitions<'a>,
    /// The pairs of the query. Each has a flag that says whether a step has read the pair.
    query: Vec<(Pair, bool)>,
    cookies: Vec<(String, String)>,
    decoded: Decoded,
}

impl<'a> Decoder<'a> {
    /// Returns the schema of the value of a step.
    fn schema(&self, input: &Input) -> &'a Value {
        const ANY: &Value = &Value::Bool(true);
        match input {
            Input::Arg { arg, .. } => {
                self.input.get("properties").and_then(|properties| properties.get(arg)).unwrap_or(ANY)
            }
            Input::Fixed { .. } => ANY,
        }
    }

    /// Stores the value of a step as an argument, or reports that it is missing. `place` says in messages where the value is sent.
    fn keep(&mut self, input: &Input, place: &str, wire: &str, value: Option<Value>) {
        match (input, value) {
            (Input::Arg { arg, .. }, Some(value)) => {
                self.decoded.arguments.insert(arg.clone(), value);
            }
            (Input::Arg { arg, required }, None) => {
                // A request contains nothing for an empty array or object.
                let empty = || Shape::of(self.schema(input), &self.defs).empty();
                match required.then(empty) {
                    Some(Some(value)) => {
                        self.decoded.arguments.insert(arg.clone(), value);
                    }
                    Some(None) => {
                        self.decoded.problems.push(format!("{place} `{wire}` is required and missing"));
                    }
                    None => {}
                }
            }
            (Input::Fixed { json }, Some(value)) => {
                let fixed: Value = serde_json::from_str(json).unwrap_or_default();
                if value != fixed && as_text(&value) != as_text(&fixed) {
                    let problem = format!("{place} `{wire}` has to be {json}, but is {value}");
                    self.decoded.problems.push(problem);
                }
            }
            (Input::Fixed { .. }, None) => {
                self.decoded.problems.push(format!("{place} `{wire}` is required and missing"));
            }
        }
    }

    fn parameter(&mut self, step: &Step, request: &Request, variables: &[(String, String)]) {
        match step {
            Step::Path { wire, input, encoding } => {
                let raw = variables.iter().find(|(name, _)| name == wire).map(|(_, raw)| raw.as_str());
                let value = raw.map(|raw| {
                    joined::value(raw, wire, *encoding, &Shape::of(self.schema(input), &self.defs), decoded)
                });
                self.keep(input, "path parameter", wire, value);
            }
            Step::Query { wire, input, encoding } if !is_spread(*encoding) => {
                let value = self.query_value(wire, input, *encoding);
                self.keep(input, "query parameter", wire, value);
            }
            Step::Header { wire, input, encoding } => {
                let shape = Shape::of(self.schema(input), &self.defs);
                let value = request.header(wire).map(|text| match encoding.style {
                    Style::Json => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
                    _ => joined::value(text, wire, *encoding, &shape, str::to_owned),
                });
                self.keep(input, "header", wire, value);
            }
            Step::Cookie { wire, input, encoding } => {
                let value = self.cookie(wire, input, *encoding);
                self.keep(input, "cookie", wire, value);
            }
            _ => {}
        }
    }

    /// Reads a query parameter whose pairs all begin with its name.
    fn query_value(&mut self, wire: &str, input: &Input, encoding: Encoding) -> Option<Value> {
        let shape = Shape::of(self.schema(input), &self.defs);
        if encoding.style == Style::DeepObject {
            let mut tree = Tree::default();
            for (pair, is_known) in &mut self.query {
                if let Some(below) = below(&pair.name, wire) {
                    *is_known = true;
                    tree.add(below, pair.text());
                }
            }
            return if tree.is_empty() { None } else { tree.value(self.schema(input), &self.defs) };
        }
        let (pair, is_known) = self.query.iter_mut().find(|(pair, _)| pair.name == wire)?;
        *is_known = true;
        Some(match encoding.style {
            Style::Json => serde_json::from_str(&pair.text()).unwrap_or_else(|_| pair.text().into()),
            _ => joined::value(&pair.raw, wire, encoding, &shape, decoded),
        })
    }

    fn cookie(&self, wire: &str, input: &Input, encoding: Encoding) -> Option<Value> {
        let shape = Shape::of(self.schema(input), &self.defs);
        let found: Vec<&str> =
            self.cookies.iter().filter(|(name, _)| name == wire).map(|it| it.1.as_str()).collect();
        let first = *found.first()?;
        Some(match encoding {
            Encoding { style: Style::Json, .. } => {
                serde_json::from_str(&decoded(first)).unwrap_or_else(|_| first.into())
            }
            // The value of the cookie contains several pairs: `id=3&id=4`.
            Encoding { style: Style::Form, explode: true, .. } => {
                let mut tree = Tree::default();
                pairs(&format!("{wire}={first}")).iter().for_each(|pair| tree.add("", pair.text()));
                tree.value(self.schema(input), &self.defs)?
            }
            Encoding { style: Style::Cookie, explode: true, .. } => {
                let mut tree = Tree::default();
                found.iter().for_each(|text| tree.add("", (*text).to_owned()));
                tree.value(self.schema(input), &self.defs)?
            }
            Encoding { style: Style::Cookie, .. } => {
                joined::value(first, wire, encoding, &shape, str::to_owned)
            }
            _ => joined::value(first, wire, encoding, &shape, decoded),
        })
    }

    /// Reads a query parameter that consists of several pairs, with its name or with the names of its properties.
    fn remaining(&mut self, step: &Step, query: &str) {
        match step {
            Step::Query { wire, input, encoding } if is_spread(*encoding) => {
                let mut tree = Tree::default();
                for (pair, is_known) in self.query.iter_mut().filter(|(pair, _)| pair.name == *wire) {
                    *is_known = true;
                    tree.add("", pair.text());
                }
                let value = if tree.is_empty() {
                    self.spread(input)
                } else {
                    tree.value(self.schema(input), &self.defs)
                };
                self.keep(input, "query parameter", wire, value);
            }
            Step::QueryString { input, encoding: Encoding::JSON, .. } => {
                let text = decoded(&self.query_string(query, self.schema(input)));
                let value = (!text.is_empty()).then(|| serde_json::from_str(&text).unwrap_or(text.into()));
                self.query.clear();
                self.keep(input, "the query", "string", value);
            }
            Step::QueryString { input, .. } => {
                let schema = self.schema(input);
                let text = self.query_string(query, schema);
                let shape = Shape::of(schema, &self.defs);
                let value = (!text.is_empty()).then(|| match shape.allows("object") {
                    true => self.form_object(&pairs(&text), schema),
                    false => shape.scalar(&decoded(&text)),
                });
                self.query.clear();
                self.keep(input, "the query", "string", value);
            }
            _ => {}
        }
    }

    /// Returns the query string without credentials and settings, which are appended if an argument is the whole query string.
    fn query_string(&self, query: &str, schema: &Value) -> String {
        let shape = Shape::of(schema, &self.defs);
        let is_own = |pair: &&str| {
            let name = decoded(pair.split('=').next().unwrap_or_default());
            shape.property(&name).is_some() || !self.operation.ignored.contains(&name)
        };
        query.split('&').filter(is_own).collect::<Vec<_>>().join("&")
    }

    /// Reads an object whose properties are separate query parameters.
    fn spread(&mut self, input: &Input) -> Option<Value> {
        let schema = self.schema(input);
        let shape = Shape::of(schema, &self.defs);
        if !shape.allows("object") {
            return None;
        }
        let named = self.operation.steps.iter().filter_map(|step| match step {
            Step::Query { wire, .. } => Some(wire.as_str()),
            _ => None,
        });
        let named: BTreeSet<&str> = named.collect();
        let ignored = &self.operation.ignored;
        let mut object = Map::new();
        for (pair, is_known) in &mut self.query {
            let is_own = shape.property(&pair.name).is_some()
                || shape.is_open() && !named.contains(pair.name.as_str()) && !ignored.contains(&pair.name);
            if !*is_known && is_own {
                *is_known = true;
                let value = Shape::of(shape.any_property(&pair.name), &self.defs).scalar(&pair.text());
                object.insert(pair.name.clone(), value);
            }
        }
        let object = with_empty(object, &shape, &self.defs);
        (!object.is_empty()).then_some(Value::Object(object))
    }

    /// Reports query parameters that no step has read.
    fn unknown(&mut self) {
        let in_path = self.operation.path.split_once('?').map_or("", |(_, query)| query);
        let in_path = pairs(in_path);
        for (pair, is_known) in &self.query {
            let is_of_path = in_path.iter().any(|it| it.name == pair.name);
            if !is_known && !is_of_path && !self.operation.ignored.contains(&pair.name) {
                self.decoded.problems.push(format!("there is no query parameter `{}`", pair.name));
            }
        }
    }

    /// Converts the pairs of a form or a query to an object.
    fn form_object(&self, pairs: &[Pair], schema: &Value) -> Value {
        let shape = Shape::of(schema, &self.defs);
        let mut trees: Vec<(&str, Tree)> = Vec::new();
        for pair in pairs {
            let (name, rest) = match pair.name.find('[') {
                Some(at) if shape.property(&pair.name).is_none() && pair.name.ends_with(']') => {
                    pair.name.split_at(at)
                }
                _ => (pair.name.as_str(), ""),
            };
            let at = trees.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
                trees.push((name, Tree::default()));
                trees.len() - 1
            });
            trees[at].1.add(rest, pair.text());
        }
        let values = trees.iter().filter_map(|(name, tree)| {
            Some(((*name).to_owned(), tree.value(shape.any_property(name), &self.defs)?))
        });
        Value::Object(with_empty(values.collect(), &shape, &self.defs))
    }
}

/// Whether a value consists of several pairs, whose names may differ.
fn is_spread(encoding: Encoding) -> bool {
    encoding.explode && encoding.style != Style::DeepObject && encoding.style != Style::Json
}

/// Returns the brackets after `wire` in a name. Empty if the names are equal. `None` if it is another name.
fn below<'n>(name: &'n str, wire: &str) -> Option<&'n str> {
    name.strip_prefix(wire).filter(|rest| rest.is_empty() || rest.starts_with('['))
}

/// Returns the text of a scalar in a request.
fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
