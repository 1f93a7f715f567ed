//! The command line of every connector: few words, parsed by hand, so that a connector links no parser.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::process::ExitCode;

use jackfield_recipe::{BYTES, Effect};
use serde_json::{Map, Value};

use crate::api::Api;
use crate::auth::LocalSource;
use crate::caller::Caller;
use crate::custom::CustomTool;
use crate::environment::{Environment, variable};
use crate::rows::Connector;
use crate::serve::serve_stdio;
use crate::server;
use crate::service::Service;

/// Runs a connector: the whole of its `main`.
pub fn main(connector: &'static Connector, custom: Vec<CustomTool>) -> ExitCode {
    let environment = Environment::of_process();
    start_log(connector, &environment);
    let api = Api::new(connector, environment.clone());
    let outcome = match Service::new(api, custom) {
        Ok(service) => {
            Command::parse(std::env::args().skip(1)).and_then(|command| run(command, service, &environment))
        }
        Err(taken) => Err(Failure::usage(taken.to_string())),
    };
    match outcome {
        Ok(code) => code,
        Err(failure) => {
            // A closed stderr leaves nobody to tell.
            let _ = writeln!(std::io::stderr(), "{}-mcp: {}", connector.name, failure.text);
            ExitCode::from(failure.code)
        }
    }
}

/// Logs go to stderr: stdout is the protocol's.
fn start_log(connector: &Connector, environment: &Environment) {
    let level = environment.get(&variable(connector.name, "LOG")).unwrap_or_else(|| "warn".to_owned());
    let filter = tracing_subscriber::EnvFilter::try_new(level).unwrap_or_else(|_| "warn".into());
    // A second connector in the process keeps the first one's log.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .try_init();
}

#[derive(Debug, PartialEq)]
enum Command {
    Serve { http: Option<SocketAddr> },
    Tools { json: bool },
    Call { tool: String, arguments: Map<String, Value>, dry_run: bool },
    Help,
    Version,
}

/// What ends the command, and how.
#[derive(Debug, PartialEq)]
struct Failure {
    code: u8,
    text: String,
}

impl Failure {
    fn usage(text: impl Into<String>) -> Self {
        Self { code: 2, text: text.into() }
    }

    fn failed(text: impl Into<String>) -> Self {
        Self { code: 1, text: text.into() }
    }
}

impl Command {
    fn parse(words: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let words: Vec<String> = words.collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            [] | ["serve"] => Ok(Self::Serve { http: None }),
            ["serve", "--http", address] => match address.parse() {
                Ok(address) => Ok(Self::Serve { http: Some(address) }),
                Err(_) => Err(Failure::usage(format!("`{address}` is no address such as 127.0.0.1:8700"))),
            },
            ["help" | "--help" | "-h"] => Ok(Self::Help),
            ["version" | "--version" | "-V"] => Ok(Self::Version),
            ["tools"] => Ok(Self::Tools { json: false }),
            ["tools", "--json"] => Ok(Self::Tools { json: true }),
            ["call", rest @ ..] => Self::parse_call(rest),
            [word, ..] => Err(Failure::usage(format!("`{word}` is no command: try --help"))),
        }
    }

    fn parse_call(words: &[&str]) -> Result<Self, Failure> {
        let dry_run = words.contains(&"--dry-run");
        let words: Vec<&str> = words.iter().copied().filter(|word| *word != "--dry-run").collect();
        let (tool, text) = match words.as_slice() {
            [tool] => (*tool, "{}"),
            [tool, text] => (*tool, *text),
            _ => return Err(Failure::usage("call NAME JSON [--dry-run]")),
        };
        match serde_json::from_str(text) {
            Ok(Value::Object(arguments)) => Ok(Self::Call { tool: tool.to_owned(), arguments, dry_run }),
            Ok(_) => Err(Failure::usage("the arguments have to be a JSON object, as in '{\"limit\": 3}'")),
            Err(error) => Err(Failure::usage(format!("the arguments are not JSON: {error}"))),
        }
    }
}

fn run(command: Command, service: Service, environment: &Environment) -> Result<ExitCode, Failure> {
    let connector = service.connector();
    match command {
        Command::Serve { http: None } => {
            start_runtime()?
                .block_on(serve_stdio(service))
                .map_err(|error| Failure::failed(error.to_string()))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Serve { http: Some(address) } => serve_at(address, service),
        Command::Tools { json } => print(&if json { list_json(&service) } else { list(&service) }),
        Command::Call { tool, arguments, dry_run } => {
            start_runtime()?.block_on(call(&service, &tool, arguments, dry_run))
        }
        Command::Help => print(&help(connector, environment)),
        Command::Version => {
            print(&format!("{}-mcp, runtime {}\n", connector.name, env!("CARGO_PKG_VERSION")))
        }
    }
}

#[cfg(feature = "http")]
fn serve_at(address: SocketAddr, service: Service) -> Result<ExitCode, Failure> {
    start_runtime()?.block_on(async {
        let server = crate::serve::HttpServer::bind(address).await;
        let server = server.map_err(|error| Failure::failed(error.to_string()))?;
        // To stderr, as all that is no protocol.
        let _ = writeln!(std::io::stderr(), "serving at {}", server.url());
        server.serve(service).await;
        Ok(ExitCode::SUCCESS)
    })
}

#[cfg(not(feature = "http"))]
fn serve_at(_: SocketAddr, _: Service) -> Result<ExitCode, Failure> {
    Err(Failure::usage(
        "this connector was built without HTTP: add `features = [\"http\"]` to jackfield-runtime in its Cargo.toml",
    ))
}

fn start_runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("cannot start: {error}")))
}

async fn call(
    service: &Service,
    name: &str,
    arguments: Map<String, Value>,
    dry_run: bool,
) -> Result<ExitCode, Failure> {
    if dry_run {
        let Some(tool) = service.tool(name) else {
            let custom = service.get(name).is_some();
            let text = if custom {
                format!("`{name}` is hand-written: it has no one request")
            } else {
                service.unknown(name).to_string()
            };
            return Err(Failure::usage(text));
        };
        let prepared = service.api().prepare(tool, arguments, &Caller::Local).await;
        let prepared = prepared.map_err(|error| Failure::failed(error.to_string()))?;
        if let Some(healed) = &prepared.healed {
            let _ = writeln!(std::io::stderr(), "{healed}");
        }
        return print(&prepared.outgoing().to_string());
    }
    let result = service
        .call(name, arguments, &Caller::Local)
        .await
        .map_err(|error| Failure::usage(error.to_string()))?;
    if result.is_error() {
        return Err(Failure::failed(result.as_text()));
    }
    for note in result.notes() {
        // A closed stderr leaves nobody to tell.
        let _ = writeln!(std::io::stderr(), "{note}");
    }
    print(&match result.structured() {
        Some(_) => pretty(result.as_text()),
        None => result.as_text().to_owned(),
    })
}

fn pretty(text: &str) -> String {
    serde_json::from_str::<Value>(text)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| text.to_owned())
}

/// Prints to stdout; a reader that went away, as in `| head`, is no failure.
fn print(text: &str) -> Result<ExitCode, Failure> {
    let mut out = std::io::stdout().lock();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    match write!(out, "{text}{end}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::failed(error.to_string()))
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// The tools by group, each with what it does to the service.
fn list(service: &Service) -> String {
    let tools: Vec<_> = service.list().collect();
    let width = tools.iter().map(|tool| tool.name.len()).max().unwrap_or(0);
    let mut rest = tools.as_slice();
    let mut text = String::new();
    let groups =
        service.connector().groups.iter().map(|group| (group.tag, group.description, group.tools.len()));
    let custom = service.connector().tools().count();
    for (tag, description, count) in groups.chain([("custom", "hand-written", tools.len() - custom)]) {
        let (these, others) = rest.split_at(count);
        rest = others;
        if these.is_empty() {
            continue;
        }
        let first_line = description.lines().next().unwrap_or_default();
        let _ = writeln!(text, "{tag}{}{first_line}", if first_line.is_empty() { "" } else { ": " });
        for tool in these {
            let effect = match tool.effect {
                Effect::Read => "read   ",
                Effect::Write => "write  ",
                Effect::Destroy => "destroy",
            };
            let said = if tool.title.is_empty() { &tool.description } else { &tool.title };
            let said = said.lines().next().unwrap_or_default();
            let _ = writeln!(text, "  {:width$}  {effect}  {said}", tool.name);
        }
    }
    text
}

fn list_json(service: &Service) -> String {
    let tools: Vec<Value> = service
        .list()
        .map(|tool| {
            serde_json::json!({
                "name": tool.name,
                "title": tool.title,
                "description": tool.description,
                "inputSchema": tool.input,
            })
        })
        .collect();
    serde_json::to_string_pretty(&tools).unwrap_or_default()
}

fn help(connector: &'static Connector, environment: &Environment) -> String {
    let name = connector.name;
    let base = variable(name, "BASE_URL");
    let log = variable(name, "LOG");
    let server = connector.servers.first().map_or_else(
        || "required: the document names no server".to_owned(),
        |server| match server.description {
            "" => server.url.to_owned(),
            description => format!("{}, {description}", server.url),
        },
    );
    let mut variables = vec![
        (base, format!("where requests go ({server})")),
        (log, "what is logged to stderr: error, warn, info, debug (warn)".to_owned()),
    ];
    variables.splice(1..1, server::variables(connector));
    if connector.tools().any(|tool| tool.input.contains(BYTES)) {
        let meaning = "folders whose files tools may send, written like a PATH (none)";
        variables.push((variable(name, "FILES"), meaning.to_owned()));
        let meaning = "how many bytes such a file may have (16777216)";
        variables.push((variable(name, "FILES_LIMIT"), meaning.to_owned()));
    }
    variables.extend(LocalSource::new(connector, environment.clone()).variables());
    let width = variables.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = format!(
        "{title}, served to MCP clients\n\n\
         Usage:\n  \
         {name}-mcp                              serve until the client closes the input\n  \
         {name}-mcp serve --http ADDR            serve at /mcp of that loopback address\n  \
         {name}-mcp tools [--json]               list the tools\n  \
         {name}-mcp call NAME JSON [--dry-run]   call one; --dry-run prints the request, and sends nothing\n\n\
         Variables:\n",
        title = if connector.title.is_empty() { name } else { connector.title },
    );
    for (name, meaning) in variables {
        let set = if environment.get(&name).is_some() { ", set" } else { "" };
        let _ = writeln!(text, "  {name:width$}  {meaning}{set}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Command, Failure> {
        Command::parse(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn words_become_commands() {
        assert_eq!(parse(&[]), Ok(Command::Serve { http: None }));
        let http = Some(SocketAddr::from(([127, 0, 0, 1], 8700)));
        assert_eq!(parse(&["serve", "--http", "127.0.0.1:8700"]), Ok(Command::Serve { http }));
        assert_eq!(parse(&["tools"]), Ok(Command::Tools { json: false }));
        let call = Command::Call { tool: "x".into(), arguments: Map::new(), dry_run: true };
        assert_eq!(parse(&["call", "x", "{}", "--dry-run"]), Ok(call));
        for wrong in [
            &["call"][..],
            &["call", "x", "[]"],
            &["call", "x", "{"],
            &["call", "x", "{}", "y"],
            &["nonsense"],
        ] {
            assert_eq!(parse(wrong).map_err(|failure| failure.code), Err(2), "{wrong:?}");
        }
    }
}
