//! Request bodies.

mod openapi3;
mod sketch;
mod swagger2;

use jackfield_model::{Arg, BYTES, Body, Diagnostic, Encoding, Input, Payload, Schema, Step};
use serde_json::{Value, json};

use super::choices::{BodyChoices, FormObjects};
use super::context::Context;
use super::media::Kind;
use super::names::ArgNames;
use super::param::{self, Param, describe};
use super::schema::{Projection, Property};
use super::{field, fixed, part, shape, xml};
use crate::dialect::Dialect;
use crate::document::Node;
use sketch::{Content, Field, Sketch};

/// A body as arguments and recipe steps.
pub(crate) struct LoweredBody {
    pub(crate) body: Body,
    pub(crate) args: Vec<Arg>,
    pub(crate) steps: Vec<Step>,
    /// Texts that describe the whole body, if the body is split into several arguments.
    pub(crate) said: Vec<String>,
    /// The minimum number of arguments of the body.
    pub(crate) fewest: usize,
    /// Whether all other arguments of the operation are required.
    others_are_required: bool,
    form_objects: FormObjects,
    /// Whether the user chose one argument for the whole body.
    is_whole: bool,
}

/// Lowers the body of an operation, if it has one.
pub(crate) fn body<'d>(
    item: &Node<'d>,
    operation: &Node<'d>,
    chosen: &BodyChoices<'_>,
    others: &[Arg],
    names: &mut ArgNames,
    context: &mut Context<'d>,
) -> Result<Option<LoweredBody>, Box<Diagnostic>> {
    let sketch = match context.dialect {
        Dialect::Swagger2 => swagger2::sketch(item, operation, chosen, &mut context.matched)?,
        Dialect::V30 | Dialect::V31 | Dialect::V32 => openapi3::sketch(operation, chosen, context)?,
    };
    let Some(mut sketch) = sketch else { return Ok(None) };
    if matches!(sketch.kind, Kind::Xml | Kind::Lines) && !sketch.content.is_structured() {
        sketch.kind = Kind::Text;
    }
    let body = Body { media_type: sketch.media_type.clone(), required: sketch.required };
    let others_are_required = others.iter().all(|arg| arg.required);
    let (args, steps, said) = (Vec::new(), Vec::new(), Vec::new());
    let form_objects = match sketch.kind {
        Kind::Form => chosen.form_objects(&mut context.matched),
        _ => FormObjects::Brackets,
    };
    // Fields that the document declares as parameters do not have a common schema, so they cannot be one
    // argument.
    let is_whole = !matches!(sketch.content, Content::Fields(_)) && chosen.is_whole(&mut context.matched);
    let fewest = 0;
    let mut lowered =
        LoweredBody { body, args, steps, said, fewest, others_are_required, form_objects, is_whole };
    if Some(sketch.media_type.as_str()) != sketch.kind.implied() {
        lowered.steps.push(Step::ContentType { media_type: sketch.media_type.clone() });
    }
    match sketch.kind {
        Kind::Json | Kind::Form | Kind::Multipart => lowered.fill(sketch, names, context),
        Kind::Xml => {
            if let Content::Schema { schema: Some(schema), .. } = &sketch.content {
                let shape = xml::shape(schema, None, &mut context.diagnostics).to_string();
                lowered.steps.push(Step::Xml { shape });
            }
            lowered.fill(sketch, names, context);
        }
        Kind::Lines => lowered.lines(&sketch, names, context),
        Kind::Text => lowered.whole(Payload::Text, &sketch, names, context),
        Kind::Bytes => lowered.whole(Payload::Bytes, &sketch, names, context),
    }
    // Some documents declare an optional body without fields for every GET. Such a body is ignored.
    let empty = lowered.args.is_empty() && !lowered.body.required;
    Ok((!empty).then_some(lowered))
}

impl LoweredBody {
    /// Adds one argument for each property if the body is a plain object, else one argument for the whole
    /// body.
    fn fill<'d>(&mut self, sketch: Sketch<'d>, names: &mut ArgNames, context: &mut Context<'d>) {
        let kind = sketch.kind;
        let fields = match &sketch.content {
            Content::Fields(fields) => fields.iter().map(|field| listed(field, context)).collect(),
            Content::Items(_) => return self.one(&sketch, names, context),
            Content::Schema { .. } if self.is_whole => return self.one(&sketch, names, context),
            Content::Schema { schema, encodings } => {
                let flat = schema.as_ref().and_then(|schema| context.lifter.plain_object(schema));
                // An optional body with a required property cannot be split, because a schema cannot say "all of these, or none".
                let flat = flat.filter(|(properties, fewest)| {
                    let demanded = properties.iter().filter(|property| property.required).count();
                    // The minimum number of properties can be expressed as a number of arguments only if all
                    // other arguments are required.
                    let countable = self.body.required && self.others_are_required;
                    (self.body.required || demanded == 0) && (demanded >= *fewest || countable)
                });
                let Some((properties, fewest)) = flat else { return self.one(&sketch, names, context) };
                self.fewest = fewest;
                self.said = vec![sketch.description.clone()];
                let resolved = schema.as_ref().and_then(|schema| schema.resolve().ok());
                self.said.extend(resolved.and_then(|schema| schema.text("description").map(str::to_owned)));
                let said = |name: &str| encodings.as_ref().and_then(|encodings| encodings.get(name));
                properties
                    .into_iter()
                    .map(|property| (said(&property.name), None, property))
                    .collect::<Vec<_>>()
            }
        };
        if self.form_objects == FormObjects::Json {
            self.steps.push(Step::FormJson);
        }
        let first = self.steps.len();
        if self.body.required {
            self.steps.push(match kind {
                Kind::Form => Step::Form,
                Kind::Multipart => Step::Multipart,
                _ => Step::JsonObject,
            });
        }
        let is_asked_for =
            |property: &Property<'d>| !property.required || fixed::only_value(&property.node).is_none();
        let asked_for =
            fields.iter().map(|(_, _, property)| property).filter(|property| is_asked_for(property));
        names.settle(asked_for.map(|property| (property.name.clone(), "body")));
        let has_styles = context.dialect >= Dialect::V31 && self.body.media_type == "multipart/form-data";
        let mut headers = Vec::new();
        for (said, encoding, property) in fields {
            let required = property.required;
            if let (Kind::Multipart, Some(said)) = (kind, &said) {
                headers.extend(param::of_part(&property.name, required, said, context));
            }
            let only = if required { fixed::only_value(&property.node) } else { None };
            self.fewest = self.fewest.saturating_sub(usize::from(only.is_some()));
            let name = only.is_none().then(|| names.take(&property.name, "body"));
            let input = match (&only, &name) {
                (Some(value), _) => Input::Fixed { json: value.to_string() },
                (None, name) => {
                    Input::arg(name.as_ref().map(ToString::to_string).unwrap_or_default(), required)
                }
            };
            let field =
                |property, input| field::Field { property, input, said: said.as_ref(), settled: encoding };
            let (step, schema) = match kind {
                Kind::Form => field::form(field(property, input), self.form_objects),
                Kind::Multipart => part::part(field(property, input), has_styles, &mut context.diagnostics),
                _ => (Step::JsonField { wire: property.name, input }, property.schema),
            };
            self.steps.push(step);
            self.args.extend(name.map(|name| Arg { name, required, schema }));
        }
        if kind == Kind::Json && !self.body.required {
            self.empty_object(first, names);
        }
        for header in headers {
            self.head(header, names, context);
        }
    }

    /// Adds an argument that sends an optional body as `{}`, because a body without fields is otherwise not
    /// sent. Its step precedes the steps of the fields, which add to the same object.
    fn empty_object(&mut self, at: usize, names: &mut ArgNames) {
        let name = names.take("body", "request");
        self.steps.insert(at, Step::JsonBody { input: Input::arg(name.to_string(), false) });
        let schema = Schema::new(json!({
            "type": "object",
            "maxProperties": 0,
            "description": "`{}` sends an empty body if none of its fields is given.",
        }));
        self.args.push(Arg { name, required: false, schema });
    }

    /// Adds a header of a part. The arguments of the parts are named first, because the name of the header's
    /// argument includes the name of its part.
    fn head<'d>(&mut self, header: Param<'d>, names: &mut ArgNames, context: &mut Context<'d>) {
        let (arg, step) = header.lower(names, context);
        self.steps.push(step);
        self.args.extend(arg);
    }

    /// Adds one argument for the whole body.
    fn one<'d>(&mut self, sketch: &Sketch<'d>, names: &mut ArgNames, context: &mut Context<'d>) {
        let (schema, encodings) = match &sketch.content {
            Content::Schema { schema, encodings } => (schema.as_ref(), encodings.as_ref()),
            Content::Items(_) | Content::Fields(_) => (None, None),
        };
        let name = names.take("body", "request");
        let input = Input::arg(name.to_string(), self.body.required);
        let mut description = sketch.description.clone();
        let mut headers = Vec::new();
        if self.form_objects == FormObjects::Json {
            self.steps.push(Step::FormJson);
        }
        self.steps.push(match sketch.kind {
            Kind::Form => {
                let fields = schema.map(|schema| field::said_fields(schema, encodings));
                Step::FormBody { input, fields: fields.unwrap_or_default() }
            }
            Kind::Multipart => {
                let parts = schema.map(|schema| part::unusual_parts(schema, encodings)).unwrap_or_default();
                part::tell_of_bytes(&parts, &mut description);
                headers = encodings
                    .iter()
                    .flat_map(|encodings| encodings.entries())
                    .flat_map(|(part, said)| param::of_part(part, false, &said, context))
                    .collect();
                Step::MultipartBody { input, parts }
            }
            _ => Step::JsonBody { input },
        });
        let lifted = match schema {
            Some(node) => context.lifter.lift(node, Projection::Send),
            None => Schema::any(),
        };
        let schema = describe(lifted, &description, false, None);
        self.args.push(Arg { name, required: self.body.required, schema });
        for header in headers {
            self.head(header, names, context);
        }
    }

    /// Adds one argument that is a list, with an item for each line.
    fn lines<'d>(&mut self, sketch: &Sketch<'d>, names: &mut ArgNames, context: &mut Context<'d>) {
        let (node, is_list) = match &sketch.content {
            Content::Items(item) => (Some(item), false),
            Content::Schema { schema, .. } => (schema.as_ref(), schema.as_ref().is_some_and(shape::is_list)),
            Content::Fields(_) => (None, false),
        };
        let name = names.take("body", "request");
        self.steps.push(Step::JsonLines);
        self.steps.push(Step::JsonBody { input: Input::arg(name.to_string(), self.body.required) });
        let lifted = node.map_or_else(Schema::any, |node| context.lifter.lift(node, Projection::Send));
        let list = match is_list {
            true => lifted,
            false => Schema::new(json!({ "type": "array", "items": lifted.into_value() })),
        };
        let schema = describe(list, &sketch.description, false, None);
        self.args.push(Arg { name, required: self.body.required, schema });
    }

    /// Adds one argument for the whole body, as text or as bytes.
    fn whole<'d>(
        &mut self,
        payload: Payload,
        sketch: &Sketch<'d>,
        names: &mut ArgNames,
        context: &mut Context<'d>,
    ) {
        let name = names.take("body", "request");
        let description = &sketch.description;
        let said = if description.is_empty() { String::new() } else { format!("{description} ") };
        let schema = match (payload, &sketch.content) {
            (Payload::Bytes, _) => Schema::new(
                json!({ "type": "string", "contentEncoding": "base64", "description": format!("{said}{}", BYTES) }),
            ),
            (_, Content::Schema { schema: Some(node), .. }) if shape::is_scalar(node) => {
                let lifted = context.lifter.lift(node, Projection::Send);
                let own =
                    lifted.as_value().get("description").and_then(Value::as_str).map(|it| format!("{it} "));
                let said = if description.is_empty() { own.unwrap_or_default() } else { said };
                describe(lifted, &format!("{said}The whole body, as {}.", self.body.media_type), false, None)
            }
            _ => Schema::new(
                json!({ "type": "string", "description": format!("{said}The whole body, as {}.", self.body.media_type) }),
            ),
        };
        let input = Input::arg(name.to_string(), self.body.required);
        self.steps.push(Step::RawBody { input, payload });
        self.args.push(Arg { name, required: self.body.required, schema });
    }
}

/// Converts a field that is declared separately to a property.
fn listed<'d>(
    field: &Field<'d>,
    context: &mut Context<'d>,
) -> (Option<Node<'d>>, Option<Encoding>, Property<'d>) {
    let schema = context.lifter.lift(&field.node, Projection::Send);
    let (node, name) = (field.node.clone(), field.name.clone());
    (None, field.encoding, Property { node, name, required: field.required, schema })
}
