//! Request bodies.

use jackfield_model::{Arg, Body, Code, Diagnostic, Input, Payload, Step};
use openapiv3::RequestBody;
use serde_json::{Map, Value, json};

use super::names::ArgNames;
use super::param::describe;
use super::schema::Projection;
use super::{Context, field, text};
use crate::document::Node;

/// A body as arguments and steps.
pub(crate) struct LoweredBody {
    pub(crate) body: Body,
    pub(crate) args: Vec<Arg>,
    pub(crate) steps: Vec<Step>,
}

/// The body of an operation, where it has one that can be sent.
pub(crate) fn body<'d>(
    operation: &Node<'d>,
    names: &mut ArgNames,
    context: &mut Context<'d>,
) -> Result<Option<LoweredBody>, Box<Diagnostic>> {
    let Some(written) = operation.get("requestBody") else { return Ok(None) };
    let node = written.resolve().map_err(|dangling| {
        Box::new(dangling.warn("the operation is left out: what it sends is not known"))
    })?;
    let malformed = |problem: String| {
        Box::new(
            Diagnostic::warning(Code::MalformedBody, node.place(), problem)
                .so("the operation is left out: what it sends is not known")
                .help("write it as OpenAPI's Request Body Object"),
        )
    };
    let Some(map) = node.as_object() else {
        return Err(malformed(format!("a request body is a mapping, and this is {}", node.kind())));
    };
    let parsed: RequestBody = match serde_json::from_value(skeleton(map)) {
        Ok(parsed) => parsed,
        Err(error) => {
            let reason = malformed(format!("this is no request body: {error}"));
            if map.get("required") == Some(&Value::Bool(true)) {
                return Err(reason);
            }
            context.diagnostics.push(reason.so("the tool sends no body"));
            return Ok(None);
        }
    };
    if parsed.content.is_empty() {
        return Ok(None);
    }
    let Some((media_type, kind)) = choose(&parsed.content) else { return Ok(None) };
    let media = node.get("content").and_then(|content| content.get(media_type));
    let schema = media.as_ref().and_then(|media| media.get("schema"));
    let description = text::clean(parsed.description.as_deref().unwrap_or_default());
    let body = Body { media_type: wire_type(media_type, kind), required: parsed.required };
    let mut lowered = LoweredBody { body, args: Vec::new(), steps: Vec::new() };
    if Some(lowered.body.media_type.as_str()) != kind.implied() {
        lowered.steps.push(Step::ContentType { media_type: lowered.body.media_type.clone() });
    }
    let encodings = media.as_ref().and_then(|media| media.get("encoding"));
    let written = Written { schema, encodings, description };
    match kind {
        Kind::Json | Kind::Form | Kind::Multipart => lowered.fill(kind, &written, names, context),
        Kind::Text => lowered.whole(Payload::Text, &written, names),
        Kind::Bytes => lowered.whole(Payload::Bytes, &written, names),
    }
    Ok(Some(lowered))
}

/// What the document says about a body.
struct Written<'d> {
    schema: Option<Node<'d>>,
    encodings: Option<Node<'d>>,
    description: String,
}

impl LoweredBody {
    /// Flat arguments where the body is a plain object, else one argument that is the whole body.
    fn fill<'d>(
        &mut self,
        kind: Kind,
        written: &Written<'d>,
        names: &mut ArgNames,
        context: &mut Context<'d>,
    ) {
        let flat = written.schema.as_ref().and_then(|schema| context.lifter.plain_object(schema));
        // An optional body with a required property cannot be flat: no schema says "all of these, or none".
        let flat = flat
            .filter(|properties| self.body.required || !properties.iter().any(|property| property.required));
        let Some(properties) = flat else {
            let name = names.take("body", "request");
            let lifted = match &written.schema {
                Some(node) => context.lifter.lift(node, Projection::Send),
                None => jackfield_model::Schema::any(),
            };
            let input = Input { arg: name.to_string(), required: self.body.required };
            self.steps.push(match kind {
                Kind::Form => Step::FormBody { input },
                Kind::Multipart => Step::MultipartBody { input },
                Kind::Json | Kind::Text | Kind::Bytes => Step::JsonBody { input },
            });
            let schema = describe(lifted, &written.description, false, None);
            self.args.push(Arg { name, required: self.body.required, schema });
            return;
        };
        if self.body.required {
            self.steps.push(match kind {
                Kind::Form => Step::Form,
                Kind::Multipart => Step::Multipart,
                Kind::Json | Kind::Text | Kind::Bytes => Step::JsonObject,
            });
        }
        for property in properties {
            let name = names.take(&property.name, "body");
            let required = property.required;
            let input = Input { arg: name.to_string(), required };
            let encoding = written.encodings.as_ref().and_then(|encodings| encodings.get(&property.name));
            let (step, schema) = match kind {
                Kind::Form => field::form(property, input, encoding.as_ref()),
                Kind::Multipart => field::part(property, input, encoding.as_ref()),
                Kind::Json | Kind::Text | Kind::Bytes => {
                    (Step::JsonField { wire: property.name, input }, property.schema)
                }
            };
            self.steps.push(step);
            self.args.push(Arg { name, required, schema });
        }
    }

    /// One argument that is the body, as text or as bytes.
    fn whole(&mut self, payload: Payload, written: &Written<'_>, names: &mut ArgNames) {
        let name = names.take("body", "request");
        let said =
            if written.description.is_empty() { String::new() } else { format!("{} ", written.description) };
        let schema = match payload {
            Payload::Bytes => {
                json!({ "type": "string", "contentEncoding": "base64", "description": format!("{said}{}", field::BYTES) })
            }
            _ => {
                json!({ "type": "string", "description": format!("{said}The whole body, as {}.", self.body.media_type) })
            }
        };
        self.steps.push(Step::RawBody {
            input: Input { arg: name.to_string(), required: self.body.required },
            payload,
        });
        self.args.push(Arg {
            name,
            required: self.body.required,
            schema: jackfield_model::Schema::new(schema),
        });
    }
}

/// The body without its schemas, for openapiv3 to type.
fn skeleton(map: &Map<String, Value>) -> Value {
    let mut out = Map::new();
    for key in ["description", "required"] {
        if let Some(value) = map.get(key).filter(|value| !value.is_null()) {
            out.insert(key.to_owned(), value.clone());
        }
    }
    let content = match map.get("content") {
        Some(Value::Object(content)) => {
            content.keys().map(|key| (key.clone(), json!({}))).collect::<Map<_, _>>().into()
        }
        Some(other) => other.clone(),
        None => json!({}),
    };
    out.insert("content".to_owned(), content);
    Value::Object(out)
}

/// How a media type is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Json,
    Form,
    Multipart,
    Text,
    Bytes,
}

impl Kind {
    /// In the order of preference.
    const ALL: [Self; 5] = [Self::Json, Self::Form, Self::Multipart, Self::Text, Self::Bytes];

    fn of(media_type: &str) -> Self {
        let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/json" | "text/json" | "*/*" | "application/*" => Self::Json,
            other if other.ends_with("+json") => Self::Json,
            "application/x-www-form-urlencoded" => Self::Form,
            other if other.starts_with("multipart/") => Self::Multipart,
            "application/xml" | "application/yaml" | "application/x-yaml" | "application/graphql" => {
                Self::Text
            }
            "application/x-ndjson" | "application/jsonl" | "application/sql" | "application/javascript" => {
                Self::Text
            }
            other if other.starts_with("text/") || other.ends_with("+xml") || other.ends_with("+yaml") => {
                Self::Text
            }
            _ => Self::Bytes,
        }
    }

    /// The media type that the request names by itself.
    const fn implied(self) -> Option<&'static str> {
        match self {
            Self::Json => Some("application/json"),
            Self::Form => Some("application/x-www-form-urlencoded"),
            Self::Multipart => Some("multipart/form-data"),
            Self::Text | Self::Bytes => None,
        }
    }
}

/// The media type to send: plain JSON, then its kin, forms, parts, text, bytes; in the order of the document.
fn choose(content: &openapiv3::Content) -> Option<(&str, Kind)> {
    let exact = |media_type: &&str| {
        media_type.split(';').next().is_some_and(|essence| essence.trim() == "application/json")
    };
    if let Some(media_type) = content.keys().map(String::as_str).find(exact) {
        return Some((media_type, Kind::Json));
    }
    Kind::ALL.into_iter().find_map(|kind| {
        content
            .keys()
            .map(String::as_str)
            .find(|media_type| Kind::of(media_type) == kind)
            .map(|media_type| (media_type, kind))
    })
}

/// What is written into `content-type`.
fn wire_type(media_type: &str, kind: Kind) -> String {
    let plain = media_type.trim();
    let printable = plain.bytes().all(|b| (0x20..0x7F).contains(&b)) && plain.contains('/');
    let vague = !printable || plain.contains('*');
    match kind.implied() {
        Some(implied) if vague || plain.eq_ignore_ascii_case(implied) || kind == Kind::Multipart => {
            implied.to_owned()
        }
        None if vague => "application/octet-stream".to_owned(),
        _ => plain.to_owned(),
    }
}
