//! `jackfield preview`: serves a document, or runs a command. The runtime interprets the model, so no code is generated or compiled.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use jackfield_build::model::{ConnectorName, NameError, Setting, nearest, shell_quoted};
use jackfield_build::{Error, Job, ServedModel, Withheld, model_of, served_model_of};
use jackfield_runtime::{
    Api, AskFirst, AskMode, Encoder, Environment, HttpAddress, HttpAuth, HttpOptions, LocalSource, Policies,
    Program, Service, SurfaceKind, greet_at_terminal, serve_http, serve_stdio,
};

use crate::document_options::DocumentOptions;
use crate::progress::Progress;
use crate::rows::of_served;
pub use crate::rows::{connector, connector_with};
use crate::{Failure, paint, withheld};

/// Arguments of `jackfield preview`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  jackfield preview openapi.yaml\n  jackfield preview openapi.yaml call list_books '{\"limit\": 5}' --dry-run"
)]
pub struct Arguments {
    /// The OpenAPI document (a file, `-` for stdin, or a URL with --fetch), or a connector.toml
    spec: PathBuf,
    /// The name of the connector and the prefix of its variables [default: from the document's file name]
    #[arg(long, value_parser = name)]
    name: Option<ConnectorName>,
    #[command(flatten)]
    document: DocumentOptions,
    /// Send requests to this base URL instead of the document's; same as the connector's _BASE_URL variable
    #[arg(long, value_name = "URL", value_parser = base_url)]
    base_url: Option<String>,
    /// Serve over HTTP at /mcp of this loopback address or Unix socket (unix:///PATH), instead of over stdio
    #[arg(long, value_name = "ADDR")]
    http: Option<HttpAddress>,
    /// How HTTP clients authenticate: `token` requires a bearer token; `none`, for tests, requires nothing [default: token]
    #[arg(long, value_name = "token|none", requires = "http", value_parser = http_auth)]
    http_auth: Option<HttpAuth>,
    /// The file with the bearer token, which is created if it does not exist [default: a new token at each start]
    #[arg(long, value_name = "PATH", requires = "http")]
    http_token_file: Option<PathBuf>,
    /// The tools that clients get [default: from connector.toml, else each]
    #[arg(long, value_enum)]
    surface: Option<Surface>,
    /// Also rank the search by meaning, with the sentence encoder in this folder; same as the connector's _ENCODER variable
    #[arg(long, value_name = "FOLDER")]
    encoder: Option<PathBuf>,
    /// Which calls wait for the approval of a person [default: auto, with --http destroy]
    #[arg(long, value_enum)]
    ask: Option<Ask>,
    /// A command of the connector to run instead of serving: `tools [NAME]`, `call NAME JSON`, `auth status`, `doctor`, `help`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// The tools that clients get.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum Surface {
    /// One tool per operation
    Each,
    /// A search over all tools, and a few tools by name
    Promoted,
    /// A search over all tools
    Search,
    /// One tool per operation up to 10,000 tokens, else a search
    Auto,
}

impl Surface {
    const fn kind(self) -> SurfaceKind {
        match self {
            Self::Each => SurfaceKind::Each,
            Self::Promoted => SurfaceKind::Promoted,
            Self::Search => SurfaceKind::Search,
            Self::Auto => SurfaceKind::Auto,
        }
    }
}

/// The calls that wait for the approval of a person.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum Ask {
    /// Calls that destroy something
    Destroy,
    /// Calls that change or destroy something
    Writes,
    /// No calls: clients ask, based on the annotations of each tool
    Never,
    /// Calls that destroy something, if the client supports elicitation
    Auto,
}

impl Ask {
    const fn mode(self) -> AskMode {
        match self {
            Self::Destroy => AskMode::Destroy,
            Self::Writes => AskMode::Writes,
            Self::Never => AskMode::Never,
            Self::Auto => AskMode::Auto,
        }
    }
}

pub(crate) fn base_url(text: &str) -> Result<String, String> {
    jackfield_runtime::check_base_url(text).map(|()| text.to_owned()).map_err(|error| error.to_string())
}

/// Parses `--http-auth`. Named tokens are refused, because they are stored in a state folder, which a previewed document does not have.
fn http_auth(text: &str) -> Result<HttpAuth, String> {
    match text.parse() {
        Ok(HttpAuth::NamedTokens) => {
            Err("`preview` has no stored tokens: use `jackfield serve PATH --http-auth named-tokens`"
                .to_owned())
        }
        parsed => parsed.map_err(|error| error.to_string()),
    }
}

fn name(text: &str) -> Result<ConnectorName, NameError> {
    ConnectorName::new(text)
}

impl Arguments {
    /// Returns the command line that starts this preview again from any folder.
    fn words(&self, spec: String, name: Option<&str>) -> Vec<String> {
        let mut words = vec!["jackfield".to_owned(), "preview".to_owned()];
        if let Some(name) = name {
            words.extend(["--name".to_owned(), name.to_owned()]);
        }
        let flags = [("--outside", self.document.reading.outside), ("--fetch", self.document.reading.fetch)];
        words.extend(flags.iter().filter(|(_, set)| *set).map(|(flag, _)| (*flag).to_owned()));
        if let Some(wording) = self.document.reading.wording {
            words.extend(["--wording".to_owned(), wording.as_str().to_owned()]);
        }
        if let Some(address) = &self.base_url {
            words.extend(["--base-url".to_owned(), address.clone()]);
        }
        if let Some(ask) = self.ask {
            words.extend(["--ask".to_owned(), ask.mode().to_string()]);
        }
        if let Some(surface) = self.surface {
            words.extend(["--surface".to_owned(), surface.kind().to_string()]);
        }
        if let Some(folder) = &self.encoder {
            let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
            words.extend(["--encoder".to_owned(), folder.display().to_string()]);
        }
        words.push(spec);
        words
    }

    /// Returns the command that starts this preview with the connector name `name`, for messages.
    fn called(&self, name: Option<&str>) -> String {
        let words = self.words(self.spec.display().to_string(), name);
        words.iter().map(|word| shell_quoted(word)).collect::<Vec<_>>().join(" ")
    }

    /// Returns the command with which a client starts the preview from another folder.
    /// The command contains the name of the connector, so that the preview reads the variables of that connector.
    fn command_of_client(&self, connector: &str) -> Vec<String> {
        let whole = std::path::absolute(&self.spec).ok().filter(|_| self.spec.exists());
        let is_manifest = self.spec.extension().is_some_and(|extension| extension == "toml");
        let name = self.name.as_ref().map(ConnectorName::as_str).or((!is_manifest).then_some(connector));
        self.words(whole.as_ref().unwrap_or(&self.spec).display().to_string(), name)
    }

    /// Returns the model without the parts that differ from the lock beside connector.toml. If `--wording` is given,
    /// nothing is withheld, because every text differs on purpose.
    fn model(&self, job: &Job) -> Result<ServedModel, Error> {
        match self.document.reading.wording {
            Some(_) => {
                let modelled = model_of(job)?;
                if modelled.existing_lock().is_some() {
                    paint::note(
                        "because of --wording, the tools are not compared with jackfield.lock: nothing is withheld",
                    );
                }
                Ok(ServedModel { modelled, withheld: Withheld::default() })
            }
            None => served_model_of(job),
        }
    }

    /// Returns an error if an option after the document belongs neither to `preview` nor to a connector.
    fn check_command(&self) -> Result<(), Failure> {
        use clap::Args as _;
        let Some(word) = self.command.first().filter(|word| word.starts_with("--")) else { return Ok(()) };
        let own = Self::augment_args(clap::Command::new("preview"));
        let flags: Vec<String> =
            own.get_arguments().filter_map(|own| Some(format!("--{}", own.get_long()?))).collect();
        let known = flags.iter().map(String::as_str).chain(["--help", "--version"]);
        match nearest(word, known).filter(|near| *near != word) {
            Some(near) => Err(Failure::Other(format!("there is no option `{word}`; did you mean `{near}`?"))),
            None => Ok(()),
        }
    }
}

/// Adds an encoder to the service. Its folder comes from the flag `--encoder`, or else from the environment variable.
fn with_encoder(
    service: Service,
    flag: Option<&Path>,
    environment: &Environment,
) -> Result<Service, Failure> {
    let variable = Setting::Encoder.variable(service.connector().name());
    let Some(folder) = flag.map(Path::to_path_buf).or_else(|| environment.get(&variable).map(PathBuf::from))
    else {
        return Ok(service);
    };
    if !service.has_search() {
        anstream::eprintln!(
            "the encoder is not used, because clients see every tool: to let them search instead, add `--surface search`"
        );
        return Ok(service);
    }
    let encoder = Encoder::open(&folder, environment).map_err(|error| Failure::Other(error.to_string()))?;
    Ok(service.with_encoder(Arc::new(encoder)))
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    arguments.check_command()?;
    if arguments.spec == Path::new("-") && arguments.command.is_empty() && arguments.http.is_none() {
        return Err(Failure::Other(
            "the document cannot come from stdin, because a preview reads the messages of its client there: save the document in a file, and name that file"
                .to_owned(),
        ));
    }
    let job = arguments.document.job("preview", &arguments.spec, arguments.name.as_ref())?;
    let is_manifest = job.manifest.is_file();
    let served = Progress::during(job, |job| arguments.model(job))?;
    if arguments.command.is_empty() {
        let report = &served.modelled.report;
        paint::findings(report, arguments.document.all);
        paint::count(&report.count, &served.modelled.connector);
        withheld::tell(&served);
    }
    let name = served.modelled.connector.name.clone();
    let surface = arguments.surface.map_or(served.modelled.connector.surface, Surface::kind);
    let counted = if arguments.command.is_empty() { surface } else { SurfaceKind::Each };
    let rows = of_served(counted, served);
    let connector = rows.get();
    // Another document with the same file name would get the same connector name, and so would read the same variables.
    let is_named_by_file = arguments.name.is_none() && !is_manifest;
    let unnamed = is_named_by_file.then(|| arguments.called(Some(connector.name())));
    let called = arguments.called(arguments.name.as_ref().map(ConnectorName::as_str));
    if !arguments.command.is_empty() {
        let program = Program::new(&rows).called(called);
        let program = match unnamed {
            Some(command) => program.without_variables(command),
            None => program,
        };
        let base_url = arguments.base_url.iter().map(|address| format!("--base-url={address}"));
        return Ok(program.run(base_url.chain(arguments.command.iter().cloned())));
    }
    let mut environment = Environment::of_process();
    if let Some(address) = &arguments.base_url {
        environment = environment.with(Setting::BaseUrl.variable(name.as_str()), address);
    }
    let credentials = LocalSource::started_by(&rows, environment.clone(), &called);
    let credentials = match unnamed {
        Some(command) => credentials.without_variables(&command),
        None => credentials,
    };
    let usual = if arguments.http.is_some() { AskMode::Destroy } else { AskMode::Auto };
    let mode = arguments.ask.map_or(usual, Ask::mode);
    if let Some(note) = mode.note(connector) {
        anstream::eprintln!("{note}");
    }
    let ask = AskFirst::new(mode, connector.name(), &arguments.called(Some(connector.name())));
    let api = Api::with_local_source(credentials).with_policies(Policies::none().approval(Arc::new(ask)));
    let service = Service::new(api, Vec::new());
    let service = service.map_err(|taken| Failure::Other(taken.to_string()))?;
    let service = service.with_surface(surface, None);
    service.surface_notes().iter().for_each(|note| anstream::eprintln!("{note}"));
    let service = with_encoder(service, arguments.encoder.as_deref(), &environment)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::Other(format!("cannot start the async runtime: {error}")))?;
    if arguments.http.is_none() {
        greet_at_terminal(&service, &arguments.command_of_client(connector.name()), &[]);
    }
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
