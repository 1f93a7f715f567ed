//! `jackfield preview`: the model's recipes, run by the runtime. Nothing is generated and nothing compiled.

mod auth;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use jackfield_build::model::{self, ConnectorName, NameError, shell_quoted};
use jackfield_build::{Job, Manifest, Modelled, model_of};
use jackfield_runtime::v1::{Connector, Group, Schema, Server, ServerVariable, Tool};
use jackfield_runtime::{
    Api, Environment, HttpAddress, HttpAuth, HttpOptions, LocalSource, Program, Service, serve_http,
    serve_stdio,
};

use crate::{Failure, paint};

/// What to preview.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// The OpenAPI document, or a connector.toml with choices
    spec: PathBuf,
    /// What the connector is called, and so its variables [default: after the document's file]
    #[arg(long, value_parser = name)]
    name: Option<ConnectorName>,
    /// Let the document refer to files outside its folder
    #[arg(long)]
    outside: bool,
    /// How much tools say [default: what connector.toml says, else lean]
    #[arg(long, value_enum)]
    wording: Option<crate::wording::Wording>,
    /// Serve over HTTP at /mcp of this loopback address or Unix socket (unix:///PATH), instead of over stdio
    #[arg(long, value_name = "ADDR")]
    http: Option<HttpAddress>,
    /// How HTTP clients prove who they are: by a bearer token, or, for tests, not at all [default: token]
    #[arg(long, value_name = "token|none", requires = "http")]
    http_auth: Option<HttpAuth>,
    /// The file that holds the bearer token; if it is not there, it is made [default: a new token at each start]
    #[arg(long, value_name = "PATH", requires = "http")]
    http_token_file: Option<PathBuf>,
    /// What clients are offered
    #[arg(long, value_enum, default_value_t)]
    surface: Surface,
    /// When a person is asked before a call is sent
    #[arg(long, value_enum, default_value_t)]
    ask: Ask,
    /// A command of the connector instead of serving: `tools`, `call NAME JSON`, `auth status`, `doctor`, `help`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// What clients are offered.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Default)]
enum Surface {
    /// Each operation as a tool of its own
    #[default]
    Each,
}

/// When a person is asked before a call is sent.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Default)]
enum Ask {
    /// Never by the connector: clients ask, by each tool's annotations
    #[default]
    Never,
}

fn name(text: &str) -> Result<ConnectorName, NameError> {
    ConnectorName::new(text)
}

/// The choices of a connector.toml, or none for a document.
pub(crate) fn manifest(spec: &Path, name: Option<&ConnectorName>) -> Result<Manifest, Failure> {
    if is_manifest(spec) {
        Ok(Manifest::read(spec)?)
    } else {
        Ok(Manifest::for_document(spec, name.cloned()))
    }
}

fn is_manifest(spec: &Path) -> bool {
    spec.extension().is_some_and(|extension| extension == "toml")
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let manifest = manifest(&arguments.spec, arguments.name.as_ref())?;
    let manifest = manifest.allowing_outside(arguments.outside).worded(arguments.wording.map(Into::into));
    let modelled = model_of(&Job::new(manifest))?;
    if arguments.command.is_empty() {
        paint::findings(&modelled.report, false);
        paint::count(&modelled.report.count);
    }
    let connector = connector(modelled);
    let mut called = format!("jackfield preview {}", shell_quoted(&arguments.spec.display().to_string()));
    if let Some(name) = &arguments.name {
        called.push_str(&format!(" --name {name}"));
    }
    // Any other document of that file name would give the connector the same name, and with it the same variables.
    let is_named_by_file = arguments.name.is_none() && !is_manifest(&arguments.spec);
    let unnamed = is_named_by_file.then(|| format!("{called} --name {}", connector.name()));
    if !arguments.command.is_empty() {
        let program = Program::new(connector).called(called);
        let program = match unnamed {
            Some(command) => program.without_variables(command),
            None => program,
        };
        return Ok(program.run(arguments.command.iter().cloned()));
    }
    let environment = Environment::of_process();
    let credentials = LocalSource::started_by(connector, environment.clone(), &called);
    let credentials = Arc::new(match unnamed {
        Some(command) => credentials.without_variables(&command),
        None => credentials,
    });
    let service =
        Service::new(Api::with_credentials(connector, environment.clone(), credentials), Vec::new());
    let service = service.map_err(|taken| Failure::Other(taken.to_string()))?;
    // One way so far to offer the tools, and one to ask: said by name, so that a script that says it keeps its meaning.
    let (Surface::Each, Ask::Never) = (arguments.surface, arguments.ask);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::Other(format!("cannot start: {error}")))?;
    let served = match &arguments.http {
        None => runtime.block_on(serve_stdio(service)),
        Some(address) => {
            let mut options = HttpOptions::new(address.clone());
            options.auth = arguments.http_auth.unwrap_or_default();
            options.token_file.clone_from(&arguments.http_token_file);
            let tell = |line: &str| anstream::eprintln!("{line}");
            runtime.block_on(serve_http(service, options, &environment, tell))
        }
    };
    served.map_err(|error| Failure::Other(error.to_string()))?;
    Ok(ExitCode::SUCCESS)
}

/// The rows that generated code would declare, made from the model instead.
///
/// Rows borrow for as long as the program runs, because generated ones are constants. A preview lives as long as its
/// process and holds one document, so what is leaked here is what it would hold anyway.
pub fn connector(modelled: Modelled) -> &'static Connector {
    let modelled: &'static Modelled = leak(modelled);
    let surface = modelled.surface();
    let model = &modelled.connector;
    let groups = surface.groups.iter().map(|group| {
        let tools: Vec<&'static Tool> = group
            .tools
            .iter()
            .map(|tool| leak(self::tool(text(tool.name.as_str()), tool.operation)))
            .collect();
        Group::new(text(group.group.tag.as_str()), leak(tools)).description(text(&group.group.description))
    });
    leak(
        Connector::new(text(model.name.as_str()))
            .title(&model.title)
            .description(&model.description)
            .servers(leak(model.servers.iter().map(server).collect::<Vec<_>>()))
            .schemes(leak(model.schemes.iter().map(auth::scheme).collect::<Vec<_>>()))
            .headers(auth::headers(&model.headers))
            .origins(auth::texts(&model.origins))
            .authorities(auth::texts(&model.authorities))
            .groups(leak(groups.collect::<Vec<_>>()))
            .schemas(pool(&model.pool.send))
            .received(pool(&model.pool.output)),
    )
}

fn pool(defs: &'static model::Defs) -> &'static [Schema] {
    let schemas = defs.iter().map(|(name, schema)| Schema::new(name, text(&schema.as_value().to_string())));
    leak(schemas.collect::<Vec<_>>())
}

fn tool(name: &'static str, operation: &'static model::Operation) -> Tool {
    let mut tool = Tool::interpreted(name, operation.method.as_str(), &operation.path, &operation.recipe)
        .title(if operation.title_is_said { "" } else { &operation.title })
        .description(&operation.description)
        .input(text(&jackfield_build::input_text(operation)))
        .effect(operation.effect)
        .security(auth::security(&operation.security));
    if let Some(own) = &operation.server {
        tool = tool.served_by(server(own));
    }
    if let Some(output) = &operation.output {
        tool = tool.output(text(&output.as_value().to_string()));
    }
    if operation.idempotent {
        tool = tool.idempotent();
    }
    match jackfield_build::accept(operation) {
        Some(accept) => tool.accept(text(&accept)),
        None => tool,
    }
}

fn server(server: &'static model::Server) -> Server {
    let variables = server.variables.iter().map(|variable| {
        let allowed: Vec<&'static str> = variable.allowed.iter().map(String::as_str).collect();
        let row = ServerVariable::new(&variable.name).allowed(leak(allowed));
        variable.default.as_deref().map_or(row, |default| row.default(default))
    });
    Server::new(&server.url)
        .name(&server.name)
        .description(&server.description)
        .variables(leak(variables.collect::<Vec<_>>()))
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn text(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}
