//! Interprets a recipe: the list of steps of a mapping function. Each step calls the method of [`Request`] that generated code would call.

use jackfield_recipe::{Input, Step};

use crate::call::args::{self, ArgError, Args};
use crate::call::request::Request;
#[cfg(feature = "serve")]
use crate::call::rows::{Mapping, Tool};

/// Builds the request that the recipe describes.
pub(crate) fn run(recipe: &[Step], args: &Args, request: &mut Request) -> Result<(), ArgError> {
    recipe.iter().try_for_each(|step| take(step, args, request))
}

/// Returns the steps of an interpreted tool. Empty for a compiled tool, which has a function instead.
#[cfg(feature = "serve")]
pub(crate) const fn steps_of<'t>(tool: &Tool<'t>) -> &'t [Step] {
    match tool.mapping {
        Mapping::Function(_) => &[],
        Mapping::Recipe(recipe) => recipe,
    }
}

/// Executes one step.
pub(crate) fn take(step: &Step, args: &Args, request: &mut Request) -> Result<(), ArgError> {
    match step {
        Step::Path { wire, input, encoding } => request.path_as(wire, ask(args, input), *encoding),
        Step::Query { wire, input, encoding } => request.query_as(wire, ask(args, input), *encoding),
        Step::Header { wire, input, encoding } => request.header_as(wire, ask(args, input), *encoding),
        Step::Cookie { wire, input, encoding } => request.cookie_as(wire, ask(args, input), *encoding),
        Step::ContentType { media_type } => {
            request.content_type(media_type);
            Ok(())
        }
        Step::Xml { shape } => {
            request.xml(shape);
            Ok(())
        }
        Step::JsonLines => {
            request.json_lines();
            Ok(())
        }
        Step::JsonObject => {
            request.json_object();
            Ok(())
        }
        Step::JsonField { wire, input } => request.json_field(wire, ask(args, input)),
        Step::JsonBody { input } => request.json_body(ask(args, input)),
        Step::QueryString { input, encoding, fields } => {
            let fields: Vec<_> = fields.iter().map(|(name, encoding)| (name.as_str(), *encoding)).collect();
            request.query_string_as(ask(args, input), *encoding, &fields)
        }
        Step::Form => {
            request.form();
            Ok(())
        }
        Step::FormJson => {
            request.form_json();
            Ok(())
        }
        Step::FormField { wire, input, encoding: None } => request.form_field(wire, ask(args, input)),
        Step::FormField { wire, input, encoding: Some(encoding) } => {
            request.form_field_as(wire, ask(args, input), *encoding)
        }
        Step::FormBody { input, fields } => {
            let fields: Vec<_> = fields.iter().map(|(name, encoding)| (name.as_str(), *encoding)).collect();
            request.form_body_as(ask(args, input), &fields)
        }
        Step::MultipartBody { input, parts } => {
            let parts: Vec<_> = parts
                .iter()
                .map(|(name, payload, media_type)| (name.as_str(), *payload, media_type.as_str()))
                .collect();
            request.multipart_body_as(ask(args, input), &parts)
        }
        Step::Multipart => {
            request.multipart();
            Ok(())
        }
        Step::Part { wire, input, payload, media_type } => {
            request.part(wire, ask(args, input), *payload, media_type)
        }
        Step::PartFields { wire, input, encoding } => request.part_fields(wire, ask(args, input), *encoding),
        Step::XmlPart { wire, input, media_type, shape } => {
            request.xml_part(wire, ask(args, input), media_type, shape)
        }
        Step::PartHeader { part, wire, input, encoding } => {
            request.part_header(part, wire, ask(args, input), *encoding)
        }
        Step::RawBody { input, payload } => request.raw_body(ask(args, input), *payload),
    }
}

fn ask<'a>(args: &'a Args, input: &'a Input) -> args::Input<'a> {
    match input {
        Input::Arg { arg, required: true } => args.required(arg),
        Input::Arg { arg, required: false } => args.optional(arg),
        Input::Fixed { json } => args::Input::json(json),
    }
}
