//! The hook of the fuzz target `arguments`.

use jackfield_recipe::{Encoding, Input, Payload, Step};
use serde_json::{Map, Value};

use crate::call::args::Args;
use crate::call::base_url::BaseUrl;
use crate::call::files::Files;
use crate::call::interpret;
use crate::call::request::Request;
use crate::call::schema::InputSchema;
use crate::common::environment::Environment;

/// Holds arguments against a schema, coerces them, and binds what fits to a request that sends them in every way.
///
/// # Errors
/// Why they were refused.
pub fn try_arguments(schema: Map<String, Value>, arguments: Map<String, Value>) -> Result<(), String> {
    let mut arguments = Value::Object(arguments);
    let schema = InputSchema::compile(schema);
    if let Err(said) = schema.fit("fuzz", &mut arguments) {
        // Ten problems and one line more, each of bounded length.
        assert!(said.lines().count() <= 12 && said.len() < 20_000, "{said}");
        return Err(said);
    }
    // Coerced arguments fit as they are.
    let coerced = arguments.clone();
    assert_eq!(schema.fit("fuzz", &mut arguments), Ok(None));
    assert_eq!(arguments, coerced);
    let Value::Object(arguments) = arguments else { return Ok(()) };
    let names: Vec<String> = arguments.keys().take(8).cloned().collect();
    let args = Args::new(arguments);
    for body in [json_steps(&names), form_steps(&names), multipart_steps(&names)] {
        bind(&args, &[parameter_steps(&names), body].concat())?;
    }
    Ok(())
}

fn bind(args: &Args, recipe: &[Step]) -> Result<(), String> {
    let files = Files::of("fuzz", &Environment::of::<&str, &str>([]));
    let mut request = Request::new("POST", "/fuzz", files);
    interpret::run(recipe, args, &mut request).map_err(|error| error.to_string())?;
    let base = BaseUrl::parse("https://api.example.com").map_err(|error| error.to_string())?;
    request.finish(&base).map_err(|error| error.to_string())?;
    Ok(())
}

fn parameter_steps(names: &[String]) -> Vec<Step> {
    let steps = names.iter().enumerate().map(|(at, name)| {
        let (wire, input) = (format!("p{at}"), Input::arg(name, false));
        match at % 5 {
            0 => Step::Query { wire, input, encoding: Encoding::FORM },
            1 => Step::Query { wire, input, encoding: Encoding::DEEP },
            2 => Step::Header { wire, input, encoding: Encoding::SIMPLE },
            3 => Step::Cookie { wire, input, encoding: Encoding::FORM },
            _ => Step::Query { wire, input, encoding: Encoding::JSON },
        }
    });
    steps.collect()
}

fn json_steps(names: &[String]) -> Vec<Step> {
    let field = |name: &String| Step::JsonField { wire: name.clone(), input: Input::arg(name, false) };
    std::iter::once(Step::JsonObject).chain(names.iter().map(field)).collect()
}

fn form_steps(names: &[String]) -> Vec<Step> {
    let field = |name: &String| Step::FormField {
        wire: name.clone(),
        input: Input::arg(name, false),
        encoding: None,
    };
    std::iter::once(Step::Form).chain(names.iter().map(field)).collect()
}

fn multipart_steps(names: &[String]) -> Vec<Step> {
    let part = |name: &String| Step::Part {
        wire: name.clone(),
        input: Input::arg(name, false),
        payload: Payload::Bytes,
        media_type: String::new(),
    };
    std::iter::once(Step::Multipart).chain(names.iter().map(part)).collect()
}
