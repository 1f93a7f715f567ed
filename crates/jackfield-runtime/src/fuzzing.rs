//! The entry point of the fuzz target `arguments`.

use std::fmt;

use jackfield_recipe::{Encoding, Input, Payload, Step};
use serde_json::{Map, Value};

use crate::call::args::{ArgError, Args};
use crate::call::base_url::BaseUrl;
use crate::call::files::Files;
use crate::call::interpret;
use crate::call::request::Request;
use crate::call::schema::{ArgumentsError, InputSchema};
use crate::common::environment::Environment;

/// Validates arguments against a schema, coerces them, and then builds a request from them in every encoding.
///
/// # Errors
/// Returns an error if the arguments were refused.
pub fn try_arguments(
    schema: Map<String, Value>,
    arguments: Map<String, Value>,
) -> Result<(), RefusedArguments> {
    let mut arguments = Value::Object(arguments);
    let schema = InputSchema::compile(schema);
    if let Err(error) = schema.fit("fuzz", &mut arguments) {
        // The message has at most ten problems and one further line, each of limited length.
        let said = error.to_string();
        assert!(said.lines().count() <= 12 && said.len() < 20_000, "{said}");
        return Err(RefusedArguments::Schema(error));
    }
    // Coerced arguments must fit the schema.
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

/// The reason why arguments were refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefusedArguments {
    /// The arguments do not fit the schema.
    Schema(ArgumentsError),
    /// An argument cannot be put into the request.
    Bind(ArgError),
}

impl fmt::Display for RefusedArguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Schema(error) => error.fmt(f),
            Self::Bind(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for RefusedArguments {}

impl From<ArgError> for RefusedArguments {
    fn from(error: ArgError) -> Self {
        Self::Bind(error)
    }
}

fn bind(args: &Args, recipe: &[Step]) -> Result<(), ArgError> {
    let files = Files::of("fuzz", &Environment::of::<&str, &str>([]));
    let mut request = Request::new("POST", "/fuzz", files);
    interpret::run(recipe, args, &mut request)?;
    let Ok(base) = BaseUrl::parse("https://api.example.com") else { return Ok(()) };
    request.finish(&base).map(drop)
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
