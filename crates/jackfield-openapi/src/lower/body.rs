//! Request bodies.

use jackfield_model::{Arg, Body, Code, Diagnostic, Input, Step};
use openapiv3::RequestBody;
use serde_json::{Map, Value, json};

use super::names::ArgNames;
use super::param::describe;
use super::schema::Projection;
use super::{Context, text};
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
    let parsed: RequestBody = serde_json::from_value(skeleton(map))
        .map_err(|error| malformed(format!("this is no request body: {error}")))?;
    if parsed.content.is_empty() {
        return Ok(None);
    }
    let Some(media_type) = choose(&parsed.content) else {
        if !parsed.required {
            context.diagnostics.push(unsupported(&node, &parsed).so("the tool sends no body"));
            return Ok(None);
        }
        return Err(Box::new(unsupported(&node, &parsed).so("the operation is left out")));
    };
    let media = node.get("content").and_then(|content| content.get(media_type));
    let schema = media.as_ref().and_then(|media| media.get("schema"));
    let description = text::clean(parsed.description.as_deref().unwrap_or_default());
    let body = Body { media_type: wire_type(media_type), required: parsed.required };
    let mut lowered = LoweredBody { body, args: Vec::new(), steps: Vec::new() };
    if lowered.body.media_type != "application/json" {
        lowered.steps.push(Step::ContentType { media_type: lowered.body.media_type.clone() });
    }
    lowered.fill(schema.as_ref(), &description, names, context);
    Ok(Some(lowered))
}

impl LoweredBody {
    /// Flat arguments where the body is a plain object, else one argument that is the whole body.
    fn fill<'d>(
        &mut self,
        schema: Option<&Node<'d>>,
        description: &str,
        names: &mut ArgNames,
        context: &mut Context<'d>,
    ) {
        let flat = schema.and_then(|schema| context.lifter.plain_object(schema));
        // An optional body with a required property cannot be flat: no schema says "all of these, or none".
        let flat = flat
            .filter(|properties| self.body.required || !properties.iter().any(|property| property.required));
        let Some(properties) = flat else {
            let name = names.take("body", "request");
            let lifted = schema.map_or_else(jackfield_model::Schema::any, |node| {
                context.lifter.lift(node, Projection::Send)
            });
            self.steps.push(Step::JsonBody {
                input: Input { arg: name.to_string(), required: self.body.required },
            });
            let schema = describe(lifted, description, false, None);
            self.args.push(Arg { name, required: self.body.required, schema });
            return;
        };
        if self.body.required {
            self.steps.push(Step::JsonObject);
        }
        for property in properties {
            let name = names.take(&property.name, "body");
            let input = Input { arg: name.to_string(), required: property.required };
            self.steps.push(Step::JsonField { wire: property.name, input });
            self.args.push(Arg { name, required: property.required, schema: property.schema });
        }
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

/// The media type to send: JSON before its kin, in the order of the document.
fn choose(content: &openapiv3::Content) -> Option<&str> {
    let essence =
        |media_type: &str| media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let find = |wanted: fn(&str) -> bool| {
        content.keys().map(String::as_str).find(|media_type| wanted(&essence(media_type)))
    };
    find(|essence| essence == "application/json")
        .or_else(|| find(|essence| essence.ends_with("+json") || essence == "text/json"))
        .or_else(|| find(|essence| essence == "*/*" || essence == "application/*"))
}

/// What is written into `content-type`.
fn wire_type(media_type: &str) -> String {
    let plain = media_type.trim();
    let printable = plain.bytes().all(|b| (0x20..0x7F).contains(&b));
    if !printable || plain.contains('*') || plain.eq_ignore_ascii_case("application/json") {
        "application/json".to_owned()
    } else {
        plain.to_owned()
    }
}

fn unsupported(node: &Node<'_>, parsed: &RequestBody) -> Diagnostic {
    let types: Vec<String> = parsed.content.keys().map(|media_type| format!("`{media_type}`")).collect();
    Diagnostic::warning(
        Code::UnsupportedBody,
        node.place(),
        format!("the body comes only as {}, and only JSON is sent so far", types.join(", ")),
    )
    .help("add a JSON media type to the document if the service takes one")
}
