//! Request bodies.

use jackfield_model::{Arg, Body, Code, Diagnostic, Encoding, Input, Payload, Schema, Step};
use openapiv3::RequestBody;
use serde_json::{Map, Value, json};

use super::media::{self, Kind};
use super::names::ArgNames;
use super::param::describe;
use super::schema::{Projection, Property};
use super::{Context, field, text};
use crate::dialect::{Dialect, swagger2};
use crate::document::Node;

/// A body as arguments and steps.
pub(crate) struct LoweredBody {
    pub(crate) body: Body,
    pub(crate) args: Vec<Arg>,
    pub(crate) steps: Vec<Step>,
}

/// A body as the document describes it, in whatever dialect.
pub(crate) struct Sketch<'d> {
    pub(crate) media_type: String,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    pub(crate) description: String,
    pub(crate) content: Content<'d>,
}

/// What a body is made of.
pub(crate) enum Content<'d> {
    /// What a schema says, and what is said of the encoding of its properties.
    Schema { schema: Option<Node<'d>>, encodings: Option<Node<'d>> },
    /// Fields that are listed one by one.
    Fields(Vec<Field<'d>>),
}

/// A field that is listed, not a property of a schema.
pub(crate) struct Field<'d> {
    pub(crate) node: Node<'d>,
    pub(crate) name: String,
    pub(crate) required: bool,
    pub(crate) encoding: Option<Encoding>,
}

/// The body of an operation, where it has one.
pub(crate) fn body<'d>(
    item: &Node<'d>,
    operation: &Node<'d>,
    names: &mut ArgNames,
    context: &mut Context<'d>,
) -> Result<Option<LoweredBody>, Box<Diagnostic>> {
    let sketch = match context.dialect {
        Dialect::Swagger2 => swagger2::body(&context.document.root(), item, operation)?,
        Dialect::V30 | Dialect::V31 | Dialect::V32 => sketch(operation, &mut context.diagnostics)?,
    };
    let Some(sketch) = sketch else { return Ok(None) };
    let body =
        Body { media_type: media::wire_type(&sketch.media_type, sketch.kind), required: sketch.required };
    let mut lowered = LoweredBody { body, args: Vec::new(), steps: Vec::new() };
    if Some(lowered.body.media_type.as_str()) != sketch.kind.implied() {
        lowered.steps.push(Step::ContentType { media_type: lowered.body.media_type.clone() });
    }
    match sketch.kind {
        Kind::Json | Kind::Form | Kind::Multipart => lowered.fill(sketch, names, context),
        Kind::Text => lowered.whole(Payload::Text, &sketch.description, names),
        Kind::Bytes => lowered.whole(Payload::Bytes, &sketch.description, names),
    }
    Ok(Some(lowered))
}

/// The body that OpenAPI 3 describes.
fn sketch<'d>(
    operation: &Node<'d>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Option<Sketch<'d>>, Box<Diagnostic>> {
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
            diagnostics.push(reason.so("the tool sends no body"));
            return Ok(None);
        }
    };
    let types: Vec<&str> = parsed.content.keys().map(String::as_str).collect();
    let Some((media_type, kind)) = media::choose(&types) else { return Ok(None) };
    let media = node.get("content").and_then(|content| content.get(media_type));
    let part = |key: &str| media.as_ref().and_then(|media| media.get(key));
    Ok(Some(Sketch {
        media_type: media_type.to_owned(),
        kind,
        required: parsed.required,
        description: text::clean(parsed.description.as_deref().unwrap_or_default()),
        content: Content::Schema { schema: part("schema"), encodings: part("encoding") },
    }))
}

impl LoweredBody {
    /// Flat arguments where the body is a plain object, else one argument that is the whole body.
    fn fill<'d>(&mut self, sketch: Sketch<'d>, names: &mut ArgNames, context: &mut Context<'d>) {
        let kind = sketch.kind;
        let fields = match sketch.content {
            Content::Fields(fields) => fields.into_iter().map(|field| listed(field, context)).collect(),
            Content::Schema { schema, encodings } => {
                let flat = schema.as_ref().and_then(|schema| context.lifter.plain_object(schema));
                // An optional body with a required property cannot be flat: no schema says "all of these, or none".
                let flat = flat.filter(|properties| {
                    self.body.required || !properties.iter().any(|property| property.required)
                });
                let Some(properties) = flat else {
                    self.one(kind, schema.as_ref(), &sketch.description, names, context);
                    return;
                };
                let said = |name: &str| encodings.as_ref().and_then(|encodings| encodings.get(name));
                properties
                    .into_iter()
                    .map(|property| (said(&property.name), None, property))
                    .collect::<Vec<_>>()
            }
        };
        if self.body.required {
            self.steps.push(match kind {
                Kind::Form => Step::Form,
                Kind::Multipart => Step::Multipart,
                Kind::Json | Kind::Text | Kind::Bytes => Step::JsonObject,
            });
        }
        for (said, encoding, property) in fields {
            let name = names.take(&property.name, "body");
            let required = property.required;
            let input = Input { arg: name.to_string(), required };
            let (step, schema) = match kind {
                Kind::Form => field::form(property, input, said.as_ref(), encoding),
                Kind::Multipart => field::part(property, input, said.as_ref()),
                Kind::Json | Kind::Text | Kind::Bytes => {
                    (Step::JsonField { wire: property.name, input }, property.schema)
                }
            };
            self.steps.push(step);
            self.args.push(Arg { name, required, schema });
        }
    }

    /// One argument that is the whole body, whatever its schema says.
    fn one<'d>(
        &mut self,
        kind: Kind,
        schema: Option<&Node<'d>>,
        description: &str,
        names: &mut ArgNames,
        context: &mut Context<'d>,
    ) {
        let name = names.take("body", "request");
        let input = Input { arg: name.to_string(), required: self.body.required };
        self.steps.push(match kind {
            Kind::Form => Step::FormBody { input },
            Kind::Multipart => Step::MultipartBody { input },
            Kind::Json | Kind::Text | Kind::Bytes => Step::JsonBody { input },
        });
        let lifted = match schema {
            Some(node) => context.lifter.lift(node, Projection::Send),
            None => Schema::any(),
        };
        self.args.push(Arg {
            name,
            required: self.body.required,
            schema: describe(lifted, description, false, None),
        });
    }

    /// One argument that is the body, as text or as bytes.
    fn whole(&mut self, payload: Payload, description: &str, names: &mut ArgNames) {
        let name = names.take("body", "request");
        let said = if description.is_empty() { String::new() } else { format!("{description} ") };
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
        self.args.push(Arg { name, required: self.body.required, schema: Schema::new(schema) });
    }
}

/// A field that is listed, as if it were a property.
fn listed<'d>(
    field: Field<'d>,
    context: &mut Context<'d>,
) -> (Option<Node<'d>>, Option<Encoding>, Property<'d>) {
    let schema = context.lifter.lift(&field.node, Projection::Send);
    (None, field.encoding, Property { node: field.node, name: field.name, required: field.required, schema })
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
