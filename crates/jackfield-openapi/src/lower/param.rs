//! Parameters in the path, the query, headers and cookies.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use jackfield_model::text::json_length;
use jackfield_model::{
    Arg, Code, Diagnostic, Encoding, Input, Location, Severity, StatedHeader, Step, Style, WireSlot,
};
use openapiv3::{Parameter, ParameterSchemaOrContent, PathStyle, QueryStyle};
use serde_json::{Map, Value, json};

use super::carried::{Carrier, carried};
use super::context::Context;
use super::names::{ArgNames, place_word};
use super::schema::Projection;
use super::{field, fixed, part, shape, text};
use crate::budget::ARGUMENT;
use crate::dialect::{Dialect, swagger2};
use crate::document::Node;

/// A parameter that has no argument name yet.
pub(crate) struct Param<'d> {
    pub(crate) node: Node<'d>,
    pub(crate) location: Location,
    pub(crate) wire: String,
    required: bool,
    description: String,
    deprecated: bool,
    encoding: Encoding,
    /// Whether the path addresses the same resource if the value is empty.
    may_be_empty: bool,
    /// Whether the parameter is the whole query string.
    whole: bool,
    /// The fields of the whole query string that have an encoding of their own.
    fields: Vec<(String, Encoding)>,
    /// The media type in which the model writes the value, if no style can encode the value.
    language: Option<String>,
    /// The part of the body to which this header belongs.
    part: Option<String>,
    schema: Option<Node<'d>>,
}

/// Parses the parameters of an operation. They override the parameters of its path item.
pub(crate) fn params<'d>(
    item: &Node<'d>,
    operation: &Node<'d>,
    context: &mut Context<'d>,
) -> Result<Params<'d>, Box<Diagnostic>> {
    let mut found = Params { list: Vec::new(), broken: Vec::new(), authorization: None };
    let mut places = BTreeMap::new();
    for node in [item, operation]
        .into_iter()
        .filter_map(|node| node.get("parameters"))
        .flat_map(|list| list.items().collect::<Vec<_>>())
    {
        match param(&node, None, context.dialect) {
            Ok(None) => {}
            Ok(Some(param)) if is_owned_by_http(&param) => {
                let problem = format!(
                    "the header `{}` cannot be a parameter: HTTP or authentication sets it",
                    param.wire
                );
                context.diagnostics.push(ignored(&param.node, problem));
                if param.wire.eq_ignore_ascii_case(WireSlot::AUTHORIZATION) {
                    context.document.budget.copy(param.description.len());
                    let Param { description, required, .. } = param;
                    found.authorization = Some(StatedHeader { description, required });
                }
            }
            Ok(Some(param)) => {
                context.document.budget.take(ARGUMENT);
                if text::hides_something(&param.wire) {
                    let problem = text::invisible_name(&param.wire);
                    context.diagnostics.push(text::invisible(param.node.place(), problem));
                }
                context.document.budget.copy(param.description.len() + param.wire.len());
                match places.entry(param.key()) {
                    Entry::Occupied(place) => found.list[*place.get()] = param,
                    Entry::Vacant(place) => {
                        place.insert(found.list.len());
                        found.list.push(param);
                    }
                }
            }
            Err(Broken { reason, fatal: true }) => return Err(reason),
            Err(Broken { reason, fatal: false }) => {
                found.broken.push(*reason);
            }
        }
    }
    Ok(found)
}

fn ignored(node: &Node<'_>, problem: String) -> Diagnostic {
    let warning = Diagnostic::warning(Code::IgnoredParameter, node.place(), problem);
    Diagnostic { severity: Severity::Note, ..warning }
        .so("the parameter is not an argument of the tool")
        .help("no action is needed if the document declares its media types and security schemes")
}

/// Parses the headers that an Encoding Object declares for a part. They are parameters too.
pub(crate) fn of_part<'d>(
    part: &str,
    required: bool,
    encoding: &Node<'d>,
    context: &mut Context<'d>,
) -> Vec<Param<'d>> {
    let mut found = Vec::new();
    let headers = encoding.get("headers");
    for (name, node) in headers.iter().flat_map(Node::entries) {
        if OWNED_BY_PARTS.iter().any(|owned| name.eq_ignore_ascii_case(owned)) {
            let problem = format!(
                "the header `{name}` of a part cannot be a parameter: the part's type and name determine it"
            );
            context.diagnostics.push(ignored(&node, problem));
            continue;
        }
        match param(&node, Some(name), context.dialect) {
            Ok(None) => {}
            Ok(Some(param)) => {
                let required = required && param.required;
                found.push(Param { part: Some(part.to_owned()), required, ..param });
            }
            Err(broken) => context.diagnostics.push(broken.reason.so("the part is sent without this header")),
        }
    }
    found
}

/// The parameters that were parsed, and the findings about parameters that could not be parsed.
pub(crate) struct Params<'d> {
    pub(crate) list: Vec<Param<'d>>,
    pub(crate) broken: Vec<Diagnostic>,
    /// The header `Authorization`, which becomes a credential and not an argument.
    pub(crate) authorization: Option<StatedHeader>,
}

/// A parameter that cannot be parsed.
struct Broken {
    reason: Box<Diagnostic>,
    /// Whether a request without the parameter would be wrong.
    fatal: bool,
}

/// The headers that no argument may set: the three headers that OpenAPI excludes, headers that change the framing or the destination of a
/// request, and `cookie`, which may contain credentials.
const OWNED_BY_HTTP: [&str; 13] = [
    "accept",
    "content-type",
    "authorization",
    "content-length",
    "transfer-encoding",
    "host",
    "connection",
    "cookie",
    "keep-alive",
    "expect",
    "te",
    "trailer",
    "upgrade",
];

/// The headers that identify and describe a part.
const OWNED_BY_PARTS: [&str; 2] = ["content-type", "content-disposition"];

fn is_owned_by_http(param: &Param<'_>) -> bool {
    param.location == Location::Header
        && OWNED_BY_HTTP.iter().any(|name| param.wire.eq_ignore_ascii_case(name))
}

/// Parses a parameter, unless it belongs to the body. A Header Object is parsed as a parameter with the name
/// `header`.
fn param<'d>(node: &Node<'d>, header: Option<&str>, dialect: Dialect) -> Result<Option<Param<'d>>, Broken> {
    let node = node.resolve().map_err(|dangling| Broken {
        reason: Box::new(dangling.warn("the parameter is left out")),
        fatal: false,
    })?;
    let broken = |problem: String| {
        let fatal = node.value.get("required") == Some(&Value::Bool(true)) || node.text("in") == Some("path");
        let cost = if fatal {
            "the operation is left out: a request without the parameter would be wrong"
        } else {
            "the parameter is left out"
        };
        let reason = Diagnostic::warning(Code::MalformedParameter, node.place(), problem);
        Broken { reason: Box::new(reason.so(cost).help("write it as OpenAPI's Parameter Object")), fatal }
    };
    let Some(map) = node.as_object() else {
        return Err(broken(format!("a parameter must be a mapping, not {}", node.kind())));
    };
    if dialect == Dialect::Swagger2 && swagger2::is_of_body(&node) {
        return Ok(None);
    }
    let mut written = if dialect == Dialect::Swagger2 { swagger2::parameter(map) } else { skeleton(map) };
    if let Some(name) = header {
        written.shift_remove("style");
        written.extend([("name".to_owned(), name.into()), ("in".to_owned(), "header".into())]);
    }
    // In 3.2 a parameter can be the whole query string, a location that openapiv3 does not support.
    let whole = written.get("in").and_then(Value::as_str) == Some("querystring");
    if whole {
        written.insert("in".to_owned(), "query".into());
    }
    // 3.2 has a cookie style that openapiv3 does not support.
    let bare = written.get("in").and_then(Value::as_str) == Some("cookie")
        && written.get("style").and_then(Value::as_str) == Some("cookie");
    if bare {
        written.shift_remove("style");
    }
    let parsed: Parameter = serde_json::from_value(Value::Object(written))
        .map_err(|error| broken(format!("malformed parameter: {error}")))?;
    let (location, mut encoding) = place(&parsed);
    if bare {
        let explode = encoding.explode;
        encoding = if explode { Encoding::COOKIE.exploded() } else { Encoding::COOKIE };
    }
    // From 3.2 on, path parameters may keep reserved characters too.
    if dialect >= Dialect::V32
        && location == Location::Path
        && map.get("allowReserved") == Some(&Value::Bool(true))
    {
        encoding = encoding.reserved();
    }
    if dialect == Dialect::Swagger2 {
        encoding = swagger2::collection(map).unwrap_or(encoding);
    }
    let data = parsed.parameter_data_ref();
    if data.name.trim().is_empty() || (location == Location::Header && !text::is_token(&data.name)) {
        return Err(broken(format!("{:?} is not a valid name in this location", data.name)));
    }
    let (mut fields, mut language) = (Vec::new(), None);
    let (encoding, schema) = match &data.format {
        ParameterSchemaOrContent::Schema(_) if dialect == Dialect::Swagger2 => (encoding, Some(node.clone())),
        ParameterSchemaOrContent::Schema(_) => (encoding, node.get("schema")),
        ParameterSchemaOrContent::Content(_) => {
            let content = node.get("content");
            let first = content.as_ref().and_then(|content| content.entries().next());
            let schema = first.as_ref().and_then(|(_, media)| media.get("schema"));
            let structured = || schema.as_ref().is_some_and(|it| shape::is_object(it) || shape::is_list(it));
            // If the document declares only a media type range, objects and lists are sent as JSON.
            let json = first.as_ref().is_some_and(|(media_type, _)| {
                media_type.contains("json")
                    || matches!(media_type.trim(), "*/*" | "application/*") && structured()
            });
            if let (Some((media_type, media)), Some(schema)) = (&first, &schema) {
                let structured = shape::is_object(schema) || shape::is_list(schema);
                language = (!json && !whole && structured).then(|| (*media_type).to_owned());
                if whole && !json {
                    fields = field::said_fields(schema, media.get("encoding").as_ref());
                }
            }
            (if json { Encoding::JSON } else { encoding }, schema)
        }
    };
    Ok(Some(Param {
        location,
        whole,
        wire: data.name.clone(),
        required: data.required || location == Location::Path,
        description: text::clean(data.description.as_deref().unwrap_or_default()),
        deprecated: data.deprecated == Some(true),
        encoding,
        may_be_empty: false,
        schema,
        fields,
        language,
        part: None,
        node,
    }))
}

/// Returns the parameter without its schema, as input of openapiv3.
fn skeleton(map: &Map<String, Value>) -> Map<String, Value> {
    let mut out = Map::new();
    for key in ["name", "in", "description", "required", "deprecated", "style", "explode", "allowReserved"] {
        match map.get(key) {
            None | Some(Value::Null) => {}
            Some(value) => {
                out.insert(key.to_owned(), value.clone());
            }
        }
    }
    match map.get("content") {
        Some(Value::Object(content)) if !map.contains_key("schema") => {
            let content: Map<String, Value> = content.keys().map(|key| (key.clone(), json!({}))).collect();
            out.insert("content".to_owned(), content.into());
        }
        _ => {
            out.insert("schema".to_owned(), json!({}));
        }
    }
    out
}

fn place(parameter: &Parameter) -> (Location, Encoding) {
    let explode = parameter.parameter_data_ref().explode;
    let exploded = |encoding: Encoding| if explode == Some(true) { encoding.exploded() } else { encoding };
    match parameter {
        Parameter::Path { style, .. } => {
            let encoding = match style {
                PathStyle::Matrix => Encoding::MATRIX,
                PathStyle::Label => Encoding::LABEL,
                PathStyle::Simple => Encoding::SIMPLE,
            };
            (Location::Path, exploded(encoding))
        }
        Parameter::Query { style, allow_reserved, .. } => {
            let encoding = match style {
                QueryStyle::Form if explode == Some(false) => Encoding::JOINED,
                QueryStyle::Form => Encoding::FORM,
                QueryStyle::SpaceDelimited => exploded(Encoding::SPACES),
                QueryStyle::PipeDelimited => exploded(Encoding::PIPES),
                QueryStyle::DeepObject => Encoding::DEEP,
            };
            (Location::Query, if *allow_reserved { encoding.reserved() } else { encoding })
        }
        Parameter::Header { .. } => (Location::Header, exploded(Encoding::SIMPLE)),
        Parameter::Cookie { .. } if explode == Some(false) => (Location::Cookie, Encoding::JOINED),
        Parameter::Cookie { .. } => (Location::Cookie, Encoding::FORM),
    }
}

impl<'d> Param<'d> {
    /// Returns a finding about the parameter.
    pub(crate) fn warning(&self, code: Code, problem: String) -> Diagnostic {
        Diagnostic::warning(code, self.node.place(), problem)
    }

    /// Returns the key by which parameters override each other. Header names are case-insensitive.
    fn key(&self) -> (Location, String) {
        let wire = match self.location {
            Location::Header => self.wire.to_ascii_lowercase(),
            _ => self.wire.clone(),
        };
        (self.location, wire)
    }

    /// Returns the schema, or the parameter itself if it has none.
    pub(super) fn schema_or_self(&self) -> &Node<'d> {
        self.schema.as_ref().unwrap_or(&self.node)
    }

    /// Returns the only value that the parameter can have, which is sent without an argument.
    fn only(&self) -> Option<Value> {
        self.schema.as_ref().filter(|_| self.required).and_then(fixed::only_value)
    }

    /// Returns the name in the request and the location of the argument, if the parameter has one.
    pub(crate) fn called(&self) -> Option<(String, &'static str)> {
        self.only().is_none().then(|| (self.wire.clone(), place_word(self.location)))
    }

    /// Returns the argument and the step that adds it to the request.
    pub(crate) fn lower(self, names: &mut ArgNames, context: &mut Context<'d>) -> (Option<Arg>, Step) {
        let only = self.only();
        let called = match &self.part {
            Some(part) => Cow::Owned(format!("{part}_{}", self.wire)),
            None => Cow::Borrowed(&self.wire),
        };
        let name = only.is_none().then(|| names.take(&called, place_word(self.location)));
        let schema = match &self.schema {
            Some(node) => context.lifter.lift(node, Projection::Send),
            None => jackfield_model::Schema::any(),
        };
        let schema = match (&self.language, self.encoding) {
            (Some(language), _) => part::written(&schema, "value", language),
            (None, Encoding::JSON) => schema,
            (None, _) => carried(schema, self.schema.as_ref(), self.carrier(), self.required),
        };
        let written = self.language.as_ref().and_then(|_| schema.as_value().get("description")?.as_str());
        let description = match written {
            Some(written) if !self.description.is_empty() => format!("{} {written}", self.description),
            _ => self.description.clone(),
        };
        let example = self.example().filter(|example| context.document.budget.affords(json_length(example)));
        let schema = describe(schema, &description, self.deprecated, example.cloned());
        let input = match (only, &name) {
            (Some(value), _) => Input::Fixed { json: value.to_string() },
            (None, name) => {
                Input::arg(name.as_ref().map(ToString::to_string).unwrap_or_default(), self.required)
            }
        };
        let (wire, encoding) = (self.wire, self.encoding);
        let step = match self.location {
            Location::Path => Step::Path { wire, input, encoding },
            Location::Query if self.whole => Step::QueryString { input, encoding, fields: self.fields },
            Location::Query => Step::Query { wire, input, encoding },
            Location::Header => match self.part {
                Some(part) => Step::PartHeader { part, wire, input, encoding },
                None => Step::Header { wire, input, encoding },
            },
            Location::Cookie => Step::Cookie { wire, input, encoding },
        };
        (name.map(|name| Arg { name, required: self.required, schema }), step)
    }

    /// Whether an empty text can be sent in the path. It can if the segment contains other text, and in the matrix style, which keeps the
    /// name. In the label style only a dot is left, which servers may remove. So an empty label is allowed only for requests that read.
    pub(crate) fn may_be_empty(&mut self, shares_segment: bool, is_safe: bool) {
        self.may_be_empty = match self.encoding.style {
            Style::Matrix => true,
            Style::Label => shares_segment || is_safe,
            Style::Json => false,
            _ => shares_segment,
        };
    }

    fn carrier(&self) -> Carrier {
        let may_be_empty = || self.node.value().get("allowEmptyValue") == Some(&Value::Bool(true));
        match self.location {
            Location::Path => Carrier::Path { may_be_empty: self.may_be_empty },
            Location::Query => Carrier::Query { may_be_empty: may_be_empty() },
            Location::Header | Location::Cookie => Carrier::Other,
        }
    }

    fn example(&self) -> Option<&'d Value> {
        let map = self.node.as_object()?;
        let named = || map.get("examples")?.as_object()?.values().next()?.get("value");
        map.get("example").or_else(named)
    }
}

/// Adds the parameter's description to its schema, where it takes precedence.
pub(crate) fn describe(
    schema: jackfield_model::Schema,
    description: &str,
    deprecated: bool,
    example: Option<Value>,
) -> jackfield_model::Schema {
    let Value::Object(mut map) = schema.into_value() else { return jackfield_model::Schema::any() };
    if !description.is_empty() {
        map.insert("description".to_owned(), description.into());
    }
    if deprecated {
        map.insert("deprecated".to_owned(), true.into());
    }
    // The parameter's example replaces the example of its schema, as OpenAPI defines.
    if let Some(example) = example {
        map.insert("examples".to_owned(), json!([example]));
    }
    jackfield_model::Schema::new(Value::Object(map))
}
