//! `cargo xtask try`: runs the whole workflow. It generates a connector, builds it, starts a mock of the API, and calls a tool.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anstream::println;
use jackfield_build::model::{
    Connector, ConnectorName, CredentialField, Effect, Operation, Setting, Step, shell_quoted,
};
use jackfield_build::{Job, Manifest, Modelled, model_of};
use jackfield_testkit::{CallToolResult, Client, Fill, Mock, Upstream, arguments};
use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::krate;
use crate::paint::{self, BOLD, CYAN, DIM, GREEN, YELLOW};
use crate::place;
use crate::workspace_build::AS_TESTS;

/// The document whose committed connector is built in the workspace, so that dependencies are not compiled twice.
const SAMPLE: &str = "bookshop";
/// The maximum numbers of tools and lines that are shown.
const TOOLS: usize = 8;
const LINES: usize = 14;

pub(crate) fn run(spec: &Path) -> Result<ExitCode, Failure> {
    let document = place::spec(spec)?;
    let (name, folder) = generate(&document)?;
    let program = build(&name, &folder)?;
    let modelled = model_of(&Job::new(Manifest::for_document(&document, Some(name.clone()))))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(Failure::while_("starting"))?.block_on(drive(&program, &modelled))?;
    paint::heading("next", "");
    let steps = next_steps(&document, &name, &folder);
    let width = steps.iter().map(|(command, _)| command.len()).max().unwrap_or(0);
    for (command, meaning) in steps {
        println!("  {command:width$}  {}", dim(meaning));
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the next commands to paste. After the sample, they try the user's own API; after the user's own
/// API, they generate a connector to keep.
fn next_steps(document: &Path, name: &ConnectorName, folder: &Path) -> Vec<(String, &'static str)> {
    let is_sample = is_in_workspace(folder);
    let run = |words: &str| {
        if is_sample {
            format!("cargo run -q -p {name}-mcp -- {words}")
        } else {
            format!("(cd {} && cargo run -q -- {words})", shell_quoted(&place::shown(folder)))
        }
    };
    let mut steps = vec![(run("help"), "show its tools and the variables that it reads")];
    if is_sample {
        steps.push(("cargo xtask try path/to/your-openapi.yaml".to_owned(), "try your own API"));
    } else {
        let document = document.display().to_string();
        let command = format!("cargo run -q -p jackfield-cli -- gen {}", shell_quoted(&document));
        steps.push((command, "create a connector to keep, in a new folder"));
    }
    steps
}

fn dim(text: &str) -> String {
    format!("{DIM}{text}{DIM:#}")
}

/// Generates the connector. The sample is generated in its committed folder, and any other connector below the target folder.
fn generate(document: &Path) -> Result<(ConnectorName, PathBuf), Failure> {
    let name = krate::name_of(document)?;
    let in_specs = document.parent() == Some(&place::root().join("specs"));
    let folder = if in_specs && name.as_str() == SAMPLE {
        place::root().join("crates/connectors").join(SAMPLE)
    } else {
        place::target().join("try").join(name.as_str())
    };
    let write = if is_in_workspace(&folder) { krate::write } else { krate::write_alone };
    let generated = write(document.to_path_buf(), &name, &folder)?;
    let count = &generated.report.count;
    paint::heading("generated", format!("{} from {}", place::shown(&folder), place::shown(document)));
    let left_out = if count.skipped == 0 {
        String::new()
    } else {
        format!(", {} left out with a reason", count.skipped)
    };
    println!("  {} of {} operations became tools{left_out}", count.emitted, count.operations);
    Ok((name, folder))
}

/// Whether the connector belongs to the workspace, so that it is built without compiling dependencies twice.
fn is_in_workspace(folder: &Path) -> bool {
    folder.starts_with(place::root().join("crates"))
}

/// Builds the connector, and returns the path of the program.
fn build(name: &ConnectorName, folder: &Path) -> Result<PathBuf, Failure> {
    let binary = format!("{name}-mcp");
    let mut cargo = jackfield_testkit::cargo();
    let in_workspace = is_in_workspace(folder);
    let target = if in_workspace { place::target() } else { place::target().join("try/target") };
    if in_workspace {
        cargo.args(["build", "--bin", &binary]).args(AS_TESTS).current_dir(place::root());
    } else {
        cargo.arg("build").current_dir(folder);
    }
    paint::heading("building", format!("{binary} {DIM}(the first time takes a few minutes){DIM:#}"));
    // Cargo prints its progress to stderr.
    let status =
        cargo.env("CARGO_TARGET_DIR", &target).status().map_err(Failure::while_("starting cargo"))?;
    if !status.success() {
        return Err(Failure::new(format!(
            "{binary} does not compile: this is a bug in Jackfield; please report it with the document"
        )));
    }
    let program = target.join("debug").join(format!("{binary}{}", std::env::consts::EXE_SUFFIX));
    Ok(program)
}

/// Starts the mock and the connector, and makes one call.
async fn drive(program: &Path, modelled: &Modelled) -> Result<(), Failure> {
    let connector = &modelled.connector;
    let upstream = Upstream::start(Mock::of(connector).responder())
        .await
        .map_err(Failure::while_("starting the mock"))?;
    let environment = environment(connector, &upstream.base_url());
    let variables: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut client =
        Client::spawn(program, &[], &variables).await.map_err(Failure::while_("starting the connector"))?;
    let listed = client.tools().await.map_err(Failure::while_("tools/list"))?;
    let surface = modelled.surface();
    paint::heading("tools/list", format!("over stdio: {} tools", listed.len()));
    let width = surface.tools().take(TOOLS).map(|tool| tool.name.as_str().len()).max().unwrap_or(0);
    for tool in surface.tools().take(TOOLS) {
        let name = tool.name.as_str();
        let (effect, title) = (paint::effect(tool.operation.effect), dim(&tool.operation.title));
        println!("  {effect} {BOLD}{name:width$}{BOLD:#}  {title}");
    }
    if listed.len() > TOOLS {
        println!("  {}", dim(&format!("… and {} more", listed.len() - TOOLS)));
    }
    let Some(tool) = surface.tools().max_by_key(|tool| charm(tool.operation)) else { return Ok(()) };
    let arguments = telling(tool.operation, arguments(tool.operation, &connector.pool.send, Fill::Full));
    paint::heading("tools/call", format!("{BOLD}{}{BOLD:#} {}", tool.name, shorten(&arguments.to_string())));
    let real = as_it_leaves(program, tool.name.as_str(), &arguments, &environment);
    let result = client.call(tool.name.as_str(), arguments).await.map_err(Failure::while_("tools/call"))?;
    match (real, upstream.last()) {
        (_, None) => paint::line(YELLOW, "  nothing was sent"),
        (Some(request), Some(_)) => show_request("to the API (answered here by a mock)", &request),
        (None, Some(request)) => show_request("to a mock of the API", &request.to_text()),
    }
    show_result(&result);
    client.close().await.map_err(Failure::while_("closing the connector"))
}

/// Returns the required arguments, and the optional arguments for which the document has a value or an example.
fn telling(operation: &Operation, arguments: Map<String, Value>) -> Value {
    let tells = |name: &String| {
        operation.args.iter().filter(|arg| arg.name.as_str() == name).any(|arg| {
            let schema = arg.schema.as_value();
            arg.required
                || ["examples", "default", "enum", "items"].iter().any(|key| schema.get(key).is_some())
        })
    };
    Value::Object(arguments.into_iter().filter(|(name, _)| tells(name)).collect())
}

/// Ranks operations by how much a call demonstrates: an array in the query, a credential, a body, or any arguments.
fn charm(operation: &Operation) -> (usize, bool, usize, std::cmp::Reverse<usize>) {
    let lists = operation
        .args
        .iter()
        .filter(|arg| arg.schema.as_value().get("type") == Some(&"array".into()))
        .count();
    let queries = operation.recipe.iter().any(|step| matches!(step, Step::Query { .. }));
    let score = match operation.effect {
        Effect::Read if lists > 0 && queries => 3,
        Effect::Write if operation.body.is_some() => 2,
        Effect::Read => 1,
        _ => 0,
    };
    (
        score,
        !operation.security.is_empty(),
        operation.args.len().min(8),
        std::cmp::Reverse(operation.path.len()),
    )
}

/// Returns the variables with a credential for every scheme, and with the base URL of the mock.
fn environment(connector: &Connector, base: &str) -> Vec<(String, String)> {
    let mut variables = vec![(Setting::BaseUrl.variable(connector.name.as_str()), base.to_owned())];
    for scheme in &connector.schemes {
        let fields = scheme.kind.fields().iter().copied();
        let settable = fields.filter(|field| {
            use CredentialField as Field;
            matches!(field, Field::Token | Field::ApiKey | Field::Username | Field::Password)
        });
        variables.extend(
            settable
                .map(|field| (connector.long_variable(&scheme.name, field), "demo-credential".to_owned())),
        );
    }
    variables
}

/// Returns the request that a dry run of the connector would send to the document's own server. Returns None if the
/// document has no server that can be called.
fn as_it_leaves(
    program: &Path,
    tool: &str,
    arguments: &Value,
    environment: &[(String, String)],
) -> Option<String> {
    let credentials = environment.iter().filter(|(name, _)| !name.ends_with("_BASE_URL"));
    let output = Command::new(program)
        .args(["call", tool, &arguments.to_string(), "--dry-run"])
        .envs(credentials.map(|(name, value)| (name, value)))
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then_some(text)
}

fn show_request(about: &str, text: &str) {
    paint::heading("HTTP", about);
    for (at, line) in text.trim_end().lines().take(LINES).enumerate() {
        if at == 0 {
            println!("  {GREEN}{line}{GREEN:#}");
        } else {
            println!("  {}", shorten(line));
        }
    }
}

fn show_result(result: &CallToolResult) {
    let failed = result.is_error == Some(true);
    paint::heading("result", if failed { "isError" } else { "" });
    let text = match &result.structured_content {
        Some(value) => serde_json::to_string_pretty(value).unwrap_or_default(),
        None => {
            result.content.iter().filter_map(|block| block.as_text()).map(|text| text.text.clone()).collect()
        }
    };
    for line in text.lines().take(LINES) {
        println!("  {CYAN}{}{CYAN:#}", shorten(line));
    }
    if text.lines().count() > LINES {
        println!("  {}", dim(&format!("… {} lines in all", text.lines().count())));
    }
}

/// Truncates a text to the width of a terminal.
fn shorten(text: &str) -> String {
    if text.chars().count() <= 110 {
        text.to_owned()
    } else {
        format!("{}…", text.chars().take(109).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_steps_omit_completed_steps() {
        let name = ConnectorName::new("shop").unwrap();
        let own = place::target().join("try/shop");
        let steps = next_steps(Path::new("my api/shop.yaml"), &name, &own);
        assert!(steps.iter().all(|(command, _)| !command.contains("xtask try")), "{steps:?}");
        assert!(steps[1].0.ends_with("gen 'my api/shop.yaml'"), "{steps:?}");
        let sample = place::root().join("crates/connectors/bookshop");
        let steps = next_steps(Path::new("specs/bookshop.yaml"), &name, &sample);
        assert!(steps[1].0.contains("xtask try path/to/your"), "{steps:?}");
    }
}
