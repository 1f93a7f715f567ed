//! Reads the body of a request.

use jackfield_recipe::{Encoding, Input, Payload, Step, Style};
use serde_json::{Map, Value};

use super::{Decoder, below, joined};
use crate::shape::Shape;
use crate::tree::{Tree, with_empty};
use crate::wire::{Pair, Part, Request, decoded, essence, pairs, parts};

impl Decoder<'_> {
    /// Reads the body, if the operation has one.
    pub(super) fn body(&mut self, request: &Request) {
        let steps = &self.operation.steps;
        let has = |wanted: fn(&Step) -> bool| steps.iter().any(wanted);
        self.media_type(request);
        if has(|step| matches!(step, Step::Xml { .. })) {
            self.xml(request);
        } else if has(|step| matches!(step, Step::JsonObject | Step::JsonField { .. })) {
            self.json_object(request);
        } else if has(|step| matches!(step, Step::JsonBody { .. })) {
            self.json(request, has(|step| matches!(step, Step::JsonLines)));
        } else if has(|step| matches!(step, Step::Form | Step::FormField { .. } | Step::FormBody { .. })) {
            self.form(request);
        } else if has(is_multipart) {
            self.multipart(request);
        } else if has(|step| matches!(step, Step::RawBody { .. })) {
            self.raw(request);
        } else if !request.body.is_empty() {
            self.decoded.problems.push("the operation has no body".to_owned());
        }
    }

    /// Compares the media type of the body with the media type in the document.
    fn media_type(&mut self, request: &Request) {
        let declared = self.operation.steps.iter().find_map(|step| match step {
            Step::ContentType { media_type } => Some(media_type.as_str()),
            _ => None,
        });
        let Some(declared) = declared.filter(|_| !request.body.is_empty()) else { return };
        let sent = essence(request.header("content-type").unwrap_or_default());
        let fits = |one: &str| {
            let one = essence(one);
            // Bytes of an unknown type are sent as `application/octet-stream`, which is not within a range.
            let is_in_range = |kind| sent.starts_with(kind) || sent == "application/octet-stream";
            one.is_empty() || one == sent || one == "*/*" || one.strip_suffix('*').is_some_and(is_in_range)
        };
        if !declared.split(',').any(fits) {
            let problem = format!("the body has to be {declared}, but `content-type` is `{sent}`");
            self.decoded.problems.push(problem);
        }
    }

    fn parsed(&mut self, request: &Request) -> Option<Value> {
        match serde_json::from_slice(&request.body) {
            Ok(value) => Some(value),
            Err(_) if request.body.is_empty() => None,
            Err(error) => {
                self.decoded.problems.push(format!("the body is not JSON: {error}"));
                None
            }
        }
    }

    fn json_object(&mut self, request: &Request) {
        let mut fields = match self.parsed(request) {
            Some(Value::Object(fields)) => fields,
            Some(_) => {
                self.decoded.problems.push("the body has to be an object".to_owned());
                return;
            }
            None => Map::new(),
        };
        for step in &self.operation.steps {
            if let Step::JsonField { wire, input } = step {
                let value = fields.remove(wire);
                self.keep_json(input, "property", wire, value);
            }
        }
        for name in fields.keys() {
            self.decoded.problems.push(format!("the body has no property `{name}`"));
        }
    }

    /// Stores a value of a JSON body. JSON can express an empty array, so a missing value does not stand for an empty array.
    fn keep_json(&mut self, input: &Input, place: &str, wire: &str, value: Option<Value>) {
        match (input, value) {
            (Input::Arg { required: true, .. }, None) => {
                self.decoded.problems.push(format!("{place} `{wire}` of the body is required and missing"));
            }
            (Input::Arg { required: false, .. }, None) => {}
            (_, value) => self.keep(input, place, wire, value),
        }
    }

    fn json(&mut self, request: &Request, is_lines: bool) {
        let value = match is_lines {
            false => self.parsed(request),
            true => {
                let text = String::from_utf8_lossy(&request.body);
                let lines = text.lines().filter(|line| !line.trim().is_empty());
                match lines.map(serde_json::from_str).collect::<Result<Vec<Value>, _>>() {
                    Ok(items) => Some(Value::Array(items)),
                    Err(error) => {
                        self.decoded.problems.push(format!("the body is not JSON lines: {error}"));
                        None
                    }
                }
            }
        };
        let mut steps = self.operation.steps.iter();
        if let Some(Step::JsonBody { input }) = steps.find(|step| matches!(step, Step::JsonBody { .. })) {
            self.keep_json(input, "the body", "body", value);
        }
    }

    /// Checks that a required XML body is present. Its values are not read.
    fn xml(&mut self, request: &Request) {
        let is_sent = !request.body.is_empty();
        if is_sent && !request.body.trim_ascii_start().starts_with(b"<") {
            self.decoded.problems.push("the body is not XML".to_owned());
        }
        for step in &self.operation.steps {
            if let Step::JsonField { input, .. } | Step::JsonBody { input } = step {
                self.keep_unread(input, "the body", "body", is_sent);
            }
        }
    }

    fn keep_unread(&mut self, input: &Input, place: &str, wire: &str, is_sent: bool) {
        match input {
            Input::Arg { arg, .. } if is_sent => drop(self.decoded.unread.insert(arg.clone())),
            Input::Arg { required: true, .. } => self.keep(input, place, wire, None),
            _ => {}
        }
    }

    fn raw(&mut self, request: &Request) {
        let found = self.operation.steps.iter().find_map(|step| match step {
            Step::RawBody { input, payload } => Some((input, payload)),
            _ => None,
        });
        let Some((input, payload)) = found else { return };
        let is_sent = !request.body.is_empty();
        match (payload, is_sent) {
            (Payload::Bytes, _) => self.keep_unread(input, "the body", "body", is_sent),
            (_, false) => {
                // An empty string is sent as a body without bytes.
                let empty = Shape::of(self.schema(input), &self.defs).choose(vec!["".into()]);
                self.keep(input, "the body", "body", empty);
            }
            (_, true) => {
                let value = self.content(input, *payload, &request.body);
                self.keep(input, "the body", "body", Some(value));
            }
        }
    }

    /// Returns the value of a text or JSON body.
    fn content(&self, input: &Input, payload: Payload, bytes: &[u8]) -> Value {
        let text = String::from_utf8_lossy(bytes);
        let shape = Shape::of(self.schema(input), &self.defs);
        match payload {
            Payload::Json => serde_json::from_str(&text).unwrap_or_else(|_| text.into()),
            Payload::Text | Payload::Bytes => shape.scalar(&text),
        }
    }

    fn form(&mut self, request: &Request) {
        let text = String::from_utf8_lossy(&request.body);
        let mut found: Vec<Pair> = pairs(&text);
        for step in &self.operation.steps {
            match step {
                Step::FormField { wire, input, encoding } => {
                    let value = self.form_field(&mut found, wire, input, *encoding);
                    self.keep(input, "form field", wire, value);
                }
                Step::FormBody { input, .. } => {
                    let own = std::mem::take(&mut found);
                    let value = (!own.is_empty()).then(|| self.form_object(&own, self.schema(input)));
                    self.keep(input, "the form", "body", value);
                }
                _ => {}
            }
        }
        for pair in found {
            self.decoded.problems.push(format!("the form has no field `{}`", pair.name));
        }
    }

    /// Removes the pairs of a field, and returns their value.
    fn form_field(
        &self,
        found: &mut Vec<Pair>,
        wire: &str,
        input: &Input,
        encoding: Option<Encoding>,
    ) -> Option<Value> {
        let schema = self.schema(input);
        let shape = Shape::of(schema, &self.defs);
        let (own, mut others): (Vec<Pair>, Vec<Pair>) =
            std::mem::take(found).into_iter().partition(|pair| below(&pair.name, wire).is_some());
        let encoding = encoding.unwrap_or(Encoding::FORM);
        let value = match (own.as_slice(), encoding) {
            ([pair], Encoding { style: Style::Json, .. }) => {
                Some(serde_json::from_str(&pair.text()).unwrap_or_else(|_| pair.text().into()))
            }
            ([pair], Encoding { explode: false, .. }) => {
                Some(joined::value(&pair.raw, wire, encoding, &shape, decoded))
            }
            ([], Encoding { explode: true, .. }) if encoding.style != Style::DeepObject => {
                // The properties of an exploded object are separate fields.
                let (mut spread, rest): (Vec<Pair>, Vec<Pair>) =
                    others.into_iter().partition(|pair| shape.property(&pair.name).is_some());
                let named = |pair: &Pair| {
                    self.operation.steps.iter().any(
                        |step| matches!(step, Step::FormField { wire, .. } if below(&pair.name, wire).is_some()),
                    )
                };
                others = rest;
                others.extend(spread.extract_if(.., |pair| named(pair)));
                (!spread.is_empty()).then(|| self.form_object(&spread, schema))
            }
            (own, _) => {
                let mut tree = Tree::default();
                for pair in own {
                    tree.add(below(&pair.name, wire).unwrap_or_default(), pair.text());
                }
                if tree.is_empty() { None } else { tree.value(schema, &self.defs) }
            }
        };
        *found = others;
        value
    }

    fn multipart(&mut self, request: &Request) {
        let kind = request.header("content-type").unwrap_or_default();
        if request.body.is_empty() {
            let steps = self.operation.steps.iter();
            for step in steps.filter(|step| is_multipart(step)) {
                if let Some(input) = step.input() {
                    self.keep(input, "part", part_name(step), None);
                }
            }
            return;
        }
        let Some(mut found) = parts(kind, &request.body) else {
            self.decoded.problems.push("the body is not multipart, or ends too early".to_owned());
            return;
        };
        let headed = found.clone();
        for step in &self.operation.steps {
            match step {
                Step::Part { wire, input, payload, .. } => {
                    let own: Vec<Part> = found.extract_if(.., |part| part.name == *wire).collect();
                    self.keep_parts(&own, wire, input, *payload);
                }
                Step::XmlPart { wire, input, .. } => {
                    let own = found.extract_if(.., |part| part.name == *wire).count();
                    self.keep_unread(input, "part", wire, own > 0);
                }
                Step::PartFields { wire, input, encoding } => {
                    let field = |part: Part| Pair { raw: escaped(&part.body), name: part.name };
                    let mut own: Vec<Pair> = found.drain(..).map(field).collect();
                    let value = self.form_field(&mut own, wire, input, Some(*encoding));
                    let rest = own.into_iter();
                    let part = |pair: Pair| Part {
                        body: pair.text().into_bytes(),
                        name: pair.name,
                        headers: Vec::new(),
                    };
                    found = rest.map(part).collect();
                    self.keep(input, "part", wire, value);
                }
                Step::PartHeader { part, wire, input, encoding } => {
                    let shape = Shape::of(self.schema(input), &self.defs);
                    let text = headed.iter().find(|it| it.name == *part).and_then(|it| it.header(wire));
                    let value = text.map(|text| joined::value(text, wire, *encoding, &shape, str::to_owned));
                    self.keep(input, "header of a part", wire, value);
                }
                Step::MultipartBody { input, parts } => {
                    let value = self.multipart_object(&std::mem::take(&mut found), input, parts);
                    self.keep(input, "the body", "body", value);
                }
                _ => {}
            }
        }
        for part in found {
            self.decoded.problems.push(format!("the body has no part `{}`", part.name));
        }
    }

    fn keep_parts(&mut self, own: &[Part], wire: &str, input: &Input, payload: Payload) {
        if payload == Payload::Bytes {
            return self.keep_unread(input, "part", wire, !own.is_empty());
        }
        let values = own.iter().map(|part| self.part_value(part, self.schema(input), payload)).collect();
        let value = self.of_values(values, self.schema(input));
        self.keep(input, "part", wire, value);
    }

    /// Returns the value of a part. If several parts are the items of an array, it is the value of one item.
    fn part_value(&self, part: &Part, schema: &Value, payload: Payload) -> Value {
        let text = String::from_utf8_lossy(&part.body);
        let is_json = payload == Payload::Json
            || part.header("content-type").is_some_and(|kind| essence(kind) == "application/json");
        if is_json && let Ok(value) = serde_json::from_str(&text) {
            return value;
        }
        let shape = Shape::of(schema, &self.defs);
        match shape.allows_scalars() {
            true => shape.scalar(&text),
            false => Shape::of(shape.item(), &self.defs).scalar(&text),
        }
    }

    /// Returns the only value, or an array of several values.
    fn of_values(&self, values: Vec<Value>, schema: &Value) -> Option<Value> {
        let shape = Shape::of(schema, &self.defs);
        let mut candidates = Vec::new();
        if let [one] = values.as_slice() {
            candidates.push(one.clone());
        }
        if !values.is_empty() && shape.allows("array") {
            candidates.push(Value::Array(values));
        }
        shape.choose(candidates)
    }

    /// Returns an object whose properties are parts.
    fn multipart_object(
        &self,
        found: &[Part],
        input: &Input,
        known: &[(String, Payload, String)],
    ) -> Option<Value> {
        let schema = self.schema(input);
        let shape = Shape::of(schema, &self.defs);
        let mut object = Map::new();
        for part in found {
            let payload = known.iter().find(|(name, ..)| *name == part.name).map(|(_, payload, _)| *payload);
            let property = shape.any_property(&part.name);
            let same = found.iter().filter(|it| it.name == part.name);
            let values = same.map(|it| self.part_value(it, property, payload.unwrap_or(Payload::Text)));
            if let Some(value) = self.of_values(values.collect(), property) {
                object.insert(part.name.clone(), value);
            }
        }
        (!object.is_empty()).then_some(Value::Object(with_empty(object, &shape, &self.defs)))
    }
}

fn is_multipart(step: &Step) -> bool {
    matches!(
        step,
        Step::Multipart
            | Step::Part { .. }
            | Step::PartFields { .. }
            | Step::XmlPart { .. }
            | Step::PartHeader { .. }
            | Step::MultipartBody { .. }
    )
}

fn part_name(step: &Step) -> &str {
    match step {
        Step::Part { wire, .. } | Step::PartFields { wire, .. } | Step::XmlPart { wire, .. } => wire,
        _ => "body",
    }
}

/// Percent-encodes the bytes of a part, as the value of a pair is encoded.
fn escaped(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('%', "%25")
}
