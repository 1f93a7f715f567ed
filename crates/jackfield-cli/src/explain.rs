//! `jackfield explain`: shows each part of a call's request, with the line that decided it. Nothing is sent.
#![allow(clippy::print_stdout, reason = "this command prints an explanation")]

mod facts;
mod print;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstream::println;
use jackfield_build::model::{ConnectorName, NameError, Setting, shell_quoted};
use jackfield_build::{NamedTool, model_of};
use jackfield_runtime::{Api, Environment, Service};
use serde_json::{Map, Value, json};

use crate::document_options::DocumentOptions;
use crate::progress::Progress;
use crate::{Failure, paint, rows};
use facts::Facts;
pub(crate) use facts::{rate_text, reply_text, shared_rate};

/// Arguments of `jackfield explain`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  jackfield explain find_books --args '{\"title\": \"Emma\"}'\n  \
                        jackfield explain find_books openapi.yaml --json")]
pub(crate) struct Arguments {
    /// The name of the tool, or the operationId or route (`GET /books`) of its operation
    tool: String,
    /// The connector.toml or its folder, or an OpenAPI document [default: the connector.toml here]
    spec: Option<PathBuf>,
    /// The arguments of the call: JSON, `-` for stdin, or @FILE
    #[arg(long, value_name = "JSON", default_value = "{}", allow_hyphen_values = true)]
    args: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// The name of the connector and the prefix of its variables [default: from the document's file name]
    #[arg(long, value_parser = name)]
    name: Option<ConnectorName>,
    /// Send requests to this base URL instead of the document's; same as the connector's _BASE_URL variable
    #[arg(long, value_name = "URL", value_parser = base_url)]
    base_url: Option<String>,
    #[command(flatten)]
    document: DocumentOptions,
}

fn name(text: &str) -> Result<ConnectorName, NameError> {
    ConnectorName::new(text)
}

fn base_url(text: &str) -> Result<String, String> {
    jackfield_runtime::check_base_url(text).map(|()| text.to_owned()).map_err(|error| error.to_string())
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let mut call = call_arguments(&arguments.args)?;
    let spec = crate::spec::spec_or_here(arguments.spec.as_deref(), "explain")?;
    let job = arguments.document.job("explain", &spec, arguments.name.as_ref())?;
    let modelled = Progress::during(job.clone().telling_added_origins(), model_of)?;
    let surface = modelled.surface();
    let is_part = |tool: &&NamedTool<'_>| {
        tool.operation.merged.as_ref().is_some_and(|merged| merged.tool.as_str() == arguments.tool)
    };
    let is_named = |tool: &&NamedTool<'_>| {
        let operation = tool.operation;
        let id = operation.id.as_ref().map(|id| id.as_str());
        [Some(tool.name.as_str()), id].contains(&Some(arguments.tool.as_str()))
            || operation.route() == arguments.tool
    };
    // If the tool is merged, the arguments of the call select one of its operations.
    let mut named: Vec<&NamedTool<'_>> = surface.tools().filter(is_part).collect();
    let is_merged = !named.is_empty();
    if !is_merged {
        named.extend(surface.tools().find(is_named));
    }
    let facts_of =
        |tool: &NamedTool<'_>| Facts::of(&job.manifest, &modelled, &tool.name, tool.operation, &call);
    let mut facts: Vec<Facts> = named.into_iter().map(facts_of).collect();
    let absent = if facts.is_empty() { modelled.why_absent(&arguments.tool) } else { None };
    let (named, _) = modelled.split();
    let rows = rows::of_named(named);
    let name = rows.get().name();
    let mut environment = Environment::of_process();
    if let Some(base_url) = &arguments.base_url {
        environment = environment.with(Setting::BaseUrl.variable(name), base_url);
    }
    let service = Service::new(Api::new(&rows, environment), Vec::new());
    let service = service.map_err(|taken| Failure::Other(taken.to_string()))?;
    if is_merged {
        match service.selected(&arguments.tool, &mut call) {
            Ok(selected) => {
                facts.retain(|facts| selected.as_ref().is_some_and(|tool| tool.get().name() == facts.tool));
            }
            Err(error) => return Ok(fails(arguments, &arguments.tool, &error.to_string())),
        }
    }
    let Some(facts) = facts.pop() else {
        return Err(Failure::Other(match absent {
            Some(absent) => absent,
            None => format!("{}{}", service.unknown(&arguments.tool), handwritten(&spec)),
        }));
    };
    let tool = rows.tools().find(|tool| tool.get().name() == facts.tool);
    let tool = tool.ok_or_else(|| Failure::Other(service.unknown(&facts.tool).to_string()))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Other(format!("cannot start the async runtime: {error}")))?;
    match runtime.block_on(service.api().explain(tool, call)) {
        Ok(explanation) if arguments.json => {
            println!("{}", print::json(&facts, &explanation));
            Ok(ExitCode::SUCCESS)
        }
        Ok(explanation) => {
            print::text(&facts, &explanation);
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => Ok(fails(arguments, &facts.tool, &error.to_string())),
    }
}

/// Prints why a call with these arguments fails before a request is sent.
fn fails(arguments: &Arguments, tool: &str, why: &str) -> ExitCode {
    if arguments.json {
        println!("{}", json!({ "tool": tool, "error": why }));
    } else {
        paint::failure(&Failure::Other(why.to_owned()));
    }
    ExitCode::FAILURE
}

/// Returns the arguments of the call: JSON, stdin or a file.
fn call_arguments(text: &str) -> Result<Map<String, Value>, Failure> {
    let unreadable =
        |place: &str, error: std::io::Error| Failure::Other(format!("cannot read {place}: {error}"));
    let text = match (text, text.strip_prefix('@')) {
        ("-", _) => {
            let mut read = String::new();
            let done = std::io::stdin().lock().take(MOST_BYTES).read_to_string(&mut read);
            done.map_err(|error| unreadable("stdin", error))?;
            read
        }
        (_, Some(path)) => std::fs::read_to_string(path).map_err(|error| unreadable(path, error))?,
        (text, None) => text.to_owned(),
    };
    match serde_json::from_str(&text) {
        Ok(Value::Object(arguments)) => Ok(arguments),
        Ok(_) => {
            Err(Failure::Other("--args has to be a JSON object, as in --args '{\"limit\": 5}'".to_owned()))
        }
        Err(error) => Err(Failure::Other(format!("--args is not JSON: {error}"))),
    }
}

/// The maximum number of bytes of arguments on stdin.
const MOST_BYTES: u64 = 16 << 20;

/// Returns a note about tools whose requests cannot be explained, because Rust code sends them.
fn handwritten(spec: &Path) -> String {
    let folder = if spec.is_dir() { spec } else { spec.parent().unwrap_or(Path::new("")) };
    let custom = folder.join("src/custom.rs");
    match custom.is_file() {
        true => format!(
            "; the requests of hand-written tools in {} cannot be explained",
            shell_quoted(&custom.display().to_string())
        ),
        false => String::new(),
    }
}
