//! A connector as a program.

use std::io::IsTerminal as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use jackfield_mock::Replies;
use jackfield_recipe::{SurfaceKind, shell_quoted};

use super::attached::{Attached, attach};
use super::callers::{self, Callers};
use super::greeting::greet_at_terminal;
use super::output::{Failure, print, print_data, tell};
#[cfg(feature = "serve")]
use super::reload::{AttachedFiles, ConnectorFiles, Followed, follow_files};
use super::serve_options::ServeOptions;
#[cfg(feature = "serve")]
use super::serve_policies::Surroundings;
use super::serve_policies::policies;
use super::start_runtime::start_runtime;
use super::words::Command;
use super::{arguments, auth, base_url, call, config, control, doctor, encoder, help, log, mock, tools};
use crate::auth::of_principals::CallerCredentials;
use crate::auth::{CredentialSource, LocalSource, Signer};
use crate::call::held_rows::ConnectorRows;
use crate::call::rows::Connector;
use crate::common::caller::Principal;
use crate::common::environment::{Environment, Setting};
use crate::engine::api::Api;
use crate::engine::current_service::CurrentService;
use crate::engine::custom::CustomTool;
use crate::engine::custom_set::Custom;
use crate::engine::service::Service;
use crate::engine::source::Source;
#[cfg(feature = "serve")]
use crate::mcp::http::pages::Pages;
use crate::mcp::options::HttpOptions;
use crate::mcp::serve::serve_stdio;

/// Runs a connector. It is the whole `main` of a generated connector.
pub fn main(connector: &'static Connector<'static>, custom: impl Into<Custom>) -> ExitCode {
    Program::new(connector).custom(custom).run(std::env::args().skip(1))
}

const CUSTOM_SOURCE: &str = "this connector gets its credentials from a custom source: ask its author";

/// A connector as a program, for a `main` that sets options.
pub struct Program {
    rows: ConnectorRows,
    custom: Custom,
    sources: Vec<Arc<dyn Source>>,
    pub(super) attached: Vec<Attached>,
    /// The program's name in messages.
    name: String,
    /// The command that starts the program, for remedies that the user pastes into a shell.
    called: String,
    /// The program and its arguments with which clients start the connector, if the path of this process is not
    /// enough.
    client_command: Option<Vec<String>>,
    /// The command that gives the connector a name. It is set if the connector has no name of its own and therefore ignores its variables.
    unnamed: Option<String>,
    environment: Environment,
    credentials: Option<Arc<dyn CredentialSource>>,
    /// The principal whose account the `auth` commands manage, and the command with which this principal logs in.
    pub(super) account: Option<(Principal, String)>,
    signers: Vec<(String, Arc<dyn Signer>)>,
    replies: Replies,
    #[cfg(feature = "serve")]
    files: Option<Followed>,
    #[cfg(feature = "serve")]
    pub(super) pages: Option<Arc<dyn Pages>>,
}

impl Program {
    /// Creates the program of a connector. The program reads the variables of this process.
    pub fn new(rows: impl Into<ConnectorRows>) -> Self {
        let rows = rows.into();
        Self {
            custom: Custom::new(),
            sources: Vec::new(),
            attached: Vec::new(),
            name: format!("{}-mcp", rows.get().name),
            called: called(rows.get(), std::env::args().next()),
            rows,
            client_command: None,
            unnamed: None,
            environment: Environment::of_process(),
            credentials: None,
            account: None,
            signers: Vec::new(),
            replies: Replies::default(),
            #[cfg(feature = "serve")]
            files: None,
            #[cfg(feature = "serve")]
            pages: None,
        }
    }

    /// Serves changed files without a restart. This is not possible for a program with hand-written code, signers, or other sources of
    /// tools or credentials, because all of them belong to one version of the connector's files.
    #[cfg(feature = "serve")]
    #[must_use]
    pub fn served_from(mut self, files: impl ConnectorFiles) -> Self {
        self.files = Some(Followed::Connector(Box::new(files)));
        self
    }

    /// Adds hand-written tools.
    #[must_use]
    pub fn tools(self, tools: Vec<CustomTool>) -> Self {
        self.custom(tools)
    }

    /// Adds hand-written tools, resources and prompts.
    #[must_use]
    pub fn custom(mut self, custom: impl Into<Custom>) -> Self {
        self.custom.extend(custom.into());
        self
    }

    /// Adds a source of tools, resources and prompts.
    #[must_use]
    pub fn source(mut self, source: Arc<dyn Source>) -> Self {
        self.sources.push(source);
        self
    }

    /// Replaces the attached connectors and sources without a restart when files change. A program with hand-written code or other sources
    /// cannot do this.
    #[cfg(feature = "serve")]
    #[must_use]
    pub fn attachments_from(mut self, files: impl AttachedFiles) -> Self {
        self.files = Some(Followed::Attached(Box::new(files)));
        self
    }

    /// Sets an environment variable of the connector. It takes precedence over the variable of this process.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment = self.environment.with(name, value);
        self
    }

    /// Sets the command that starts the program, for remedies that the user pastes into a shell.
    #[must_use]
    pub fn called(mut self, called: impl Into<String>) -> Self {
        self.called = called.into();
        self.name.clone_from(&self.called);
        self
    }

    /// Sets the program and the arguments with which a client starts the connector from any folder. They are printed
    /// in the configuration for clients.
    #[must_use]
    pub fn started_by_clients_as(mut self, command: Vec<String>) -> Self {
        self.client_command = Some(command);
        self
    }

    /// Ignores credentials in variables. Messages tell the user to run `command`, which gives the connector a name. With a name, the
    /// connector uses its variables.
    #[must_use]
    pub fn without_variables(mut self, command: impl Into<String>) -> Self {
        self.unnamed = Some(command.into());
        self
    }

    /// Sets a credential source that replaces the variables, files, commands and vault of this user.
    #[must_use]
    pub fn credentials(mut self, credentials: Arc<dyn CredentialSource>) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Adds a signer for the security scheme `scheme`.
    #[must_use]
    pub fn signed_by(mut self, scheme: impl Into<String>, signer: Arc<dyn Signer>) -> Self {
        self.signers.push((scheme.into(), signer));
        self
    }

    /// Sets the replies of the command `mock`. A file in the arguments of `mock` takes precedence.
    #[must_use]
    pub fn mock_replies(mut self, replies: Replies) -> Self {
        self.replies = replies;
        self
    }

    /// Runs the program with the arguments `words`.
    pub fn run(self, words: impl IntoIterator<Item = String>) -> ExitCode {
        let chosen = Setting::Log.variable(self.rows.get().name);
        let level = self.environment.get(&chosen);
        if let Err(problem) = log::start(level.as_deref(), shows_colours(&self.environment)) {
            tell(&format!("{chosen}: {problem}; using `warn`"));
        }
        let name = self.name.clone();
        match self.perform(words) {
            Ok(code) => code,
            Err(failure) => {
                // The exit code already reports the failure, so a closed stderr is ignored.
                tell(&format!("{name}: {}", failure.text));
                ExitCode::from(failure.code)
            }
        }
    }

    fn perform(self, words: impl IntoIterator<Item = String>) -> Result<ExitCode, Failure> {
        let (base_url, words) = base_url::take(words)?;
        let mut command = Command::parse(words)?;
        let Self {
            rows,
            custom,
            sources,
            attached,
            name,
            called,
            client_command,
            unnamed,
            mut environment,
            credentials,
            account,
            signers,
            replies,
            #[cfg(feature = "serve")]
            files,
            #[cfg(feature = "serve")]
            pages,
        } = self;
        #[cfg(feature = "serve")]
        let has_code = !custom.is_empty()
            || !sources.is_empty()
            || (!attached.is_empty() && matches!(files, Some(Followed::Connector(_))))
            || credentials.is_some()
            || !signers.is_empty();
        #[cfg(feature = "serve")]
        if files.is_some() && (has_code || unnamed.is_some()) {
            return Err(Failure::usage("a program with hand-written code cannot reload changed files"));
        }
        if let Some(base_url) = base_url {
            let words = ["--base-url".to_owned(), base_url.clone()];
            match &mut command {
                Command::Serve(options) => options.words.extend(words),
                Command::Config(config) => config.options.extend(words),
                _ => {}
            }
            environment = environment.with(Setting::BaseUrl.variable(rows.get().name), base_url);
        }
        let local = LocalSource::started_by(&rows, environment.clone(), &called);
        let local = match unnamed {
            Some(command) => local.without_variables(&command),
            None => local,
        };
        let is_local = credentials.is_none();
        let callers = match &command {
            Command::Serve(options) if options.credentials.is_some() && !is_local => {
                return Err(Failure::usage(CUSTOM_SOURCE));
            }
            Command::Serve(options) => options.credentials.unwrap_or_default(),
            _ => CallerCredentials::default(),
        };
        let local = local.for_callers(callers);
        let mut api = match credentials {
            Some(credentials) => Api::with_credentials(rows, environment.clone(), credentials),
            None => Api::with_local_source(local.clone()),
        };
        for (scheme, signer) in signers {
            api = api.signed_by(&scheme, signer).map_err(|error| Failure::usage(error.to_string()))?;
        }
        if let Command::Serve(options) = &command {
            #[cfg(feature = "serve")]
            let surroundings =
                Surroundings { files: files.as_ref().and_then(Followed::digest), earlier: None };
            #[cfg(feature = "serve")]
            let policies = policies(options, &local, &called, surroundings)?;
            #[cfg(not(feature = "serve"))]
            let policies = policies(options, &local, &called)?;
            api = api.with_policies(policies);
        }
        let service = Service::new(api, custom).map_err(|taken| Failure::usage(taken.to_string()))?;
        let service = sources.into_iter().fold(service, Service::with_source);
        let service = attach(service, attached, &environment, &called, callers)?;
        match command {
            Command::Serve(options) => {
                let surface = options.surface;
                let folder = options.encoder.clone();
                let service = encoder::with_encoder(with_surface(service, surface), folder, &environment)?;
                let options: Arc<ServeOptions> = Arc::from(options);
                let http =
                    options.http().map(|http| Ok((http, callers::of(&options, &local)?))).transpose()?;
                #[cfg(feature = "serve")]
                let http = http.map(|(http, callers)| (http, Callers { pages, ..callers }));
                if http.is_none() {
                    let command = client_command.unwrap_or_else(|| vec![program(&called)]);
                    greet_at_terminal(&service, &command, &options.words);
                }
                drop(local);
                #[cfg(feature = "serve")]
                let (current, begin) = follow_files(files, service, &environment, called, options);
                #[cfg(not(feature = "serve"))]
                let (current, begin) = (CurrentService::from(service), || ());
                if let Some((http, callers)) = http {
                    return serve_at(http, callers, current, begin, &environment);
                }
                let served = start_runtime()?.block_on(async {
                    begin();
                    serve_stdio(current).await
                });
                served.map_err(|error| Failure::failed(error.to_string()))?;
                Ok(ExitCode::SUCCESS)
            }
            Command::Tools { name: None, json } => {
                if let Some(note) = tools::note_on_withheld(&service) {
                    tell(&note);
                }
                let list = tools::list(&service, json);
                if json { print_data(&list) } else { print(&list) }
            }
            Command::Tools { name: Some(name), json } => {
                let tool =
                    service.get(&name).ok_or_else(|| Failure::usage(service.unknown(&name).to_string()))?;
                match json {
                    true => print_data(&tools::one_as_json(&tool)),
                    false => print(&tools::one(&service, &local, &tool, &called)),
                }
            }
            Command::Call { tool, arguments, dry_run } => {
                if service.get(&tool).is_none() {
                    return Err(Failure::usage(service.unknown(&tool).to_string()));
                }
                let arguments = arguments::read(arguments)?;
                start_runtime()?.block_on(call::call(&service, &tool, arguments, dry_run))
            }
            Command::Auth(_) if !is_local => Err(Failure::usage(CUSTOM_SOURCE)),
            Command::Auth(command) => {
                let local = match account {
                    Some((principal, command)) => local.account_of(&principal, &command),
                    None => local,
                };
                start_runtime()?.block_on(auth::run(command, &local))
            }
            Command::Config(command) => {
                let start = client_command.unwrap_or_else(|| vec![program(&called)]);
                config::run(&command, &start, &called, &local, &environment)
            }
            Command::Mock(command) => mock::run(&command, replies, &local, &called),
            Command::Control(command, words) => control::run(&command, &words, &local, &service),
            Command::Doctor { tool } => {
                start_runtime()?.block_on(doctor::run(&service, &environment, tool.as_deref()))
            }
            Command::Help(topic) => print(&help::of(topic, &local, &called, &environment)),
            Command::Version => print(&format!("{name}, runtime {}\n", env!("CARGO_PKG_VERSION"))),
        }
    }
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Program({})", self.called)
    }
}

/// Sets the surface of a service, from the `--surface` option or else from connector.toml, and prints which
/// surface was chosen.
fn with_surface(service: Service, flag: Option<SurfaceKind>) -> Service {
    let kind = flag.unwrap_or(service.connector().surface);
    let service = service.with_surface(kind, None);
    service.surface_notes().iter().for_each(|note| tell(note));
    service
}

/// Returns the command that starts a connector, to paste into a shell. It is a path if the program was started by
/// a path, or else the name of the program.
fn called(connector: &Connector<'_>, started_as: Option<String>) -> String {
    let name = format!("{}-mcp", connector.name);
    match started_as {
        Some(path)
            if path.contains('/') && Path::new(&path).file_stem().is_some_and(|stem| *stem == *name) =>
        {
            shell_quoted(&path).into_owned()
        }
        _ => name,
    }
}

/// Returns the path of the program as a client starts it.
fn program(called: &str) -> String {
    std::env::current_exe().map_or_else(|_| called.to_owned(), |path| path.display().to_string())
}

/// Whether stderr is a terminal and the user has not disabled colours.
fn shows_colours(environment: &Environment) -> bool {
    std::io::stderr().is_terminal() && environment.get("NO_COLOR").is_none()
}

#[cfg(feature = "http")]
fn serve_at(
    options: HttpOptions,
    callers: Callers,
    current: CurrentService,
    begin: impl FnOnce(),
    environment: &Environment,
) -> Result<ExitCode, Failure> {
    let served = start_runtime()?.block_on(async {
        begin();
        crate::mcp::http::serve_callers(current, options, callers, environment, tell).await
    });
    served.map_err(|error| Failure::failed(error.to_string()))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(not(feature = "http"))]
fn serve_at(
    _: HttpOptions,
    _: Callers,
    _: CurrentService,
    _: impl FnOnce(),
    _: &Environment,
) -> Result<ExitCode, Failure> {
    Err(Failure::usage(
        "this connector was built without HTTP: add `features = [\"http\"]` to jackfield-runtime in its Cargo.toml",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1::Connector;

    static CONNECTOR: Connector = Connector::new("shop");

    #[test]
    fn printed_command_begins_with_the_path_that_started_the_program() {
        for (started_as, expected) in [
            (Some("target/debug/shop-mcp"), "target/debug/shop-mcp"),
            (Some("/opt/my api/shop-mcp"), "'/opt/my api/shop-mcp'"),
            (Some("shop-mcp"), "shop-mcp"),
            (Some("target/debug/deps/tests-0123"), "shop-mcp"),
            (None, "shop-mcp"),
        ] {
            assert_eq!(called(&CONNECTOR, started_as.map(str::to_owned)), expected);
        }
    }
}
