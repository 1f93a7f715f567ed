//! The command line of `jackfield new`.

use std::fmt;
use std::path::PathBuf;

use jackfield_build::model::{ConnectorName, NameError};

/// The end of `jackfield new --help`.
const MORE: &str = "\
At a terminal, the command asks a question for each missing option; Enter accepts the default. Elsewhere, it uses the defaults.

Examples:
  jackfield new openapi.yaml
  jackfield new stripe --effects read
  jackfield new https://api.example.com/openapi.json --include orders --effects read
  jackfield new openapi.yaml --include 'GET /books*' --ask writes --out shop --yes
  jackfield new shop --base-url https://api.example.com/v1 --auth bearer --operation 'GET /books q! limit:integer -- Finds books'";

/// Arguments of `jackfield new`.
#[derive(clap::Args, Debug)]
#[command(after_help = MORE)]
pub(crate) struct Arguments {
    /// The OpenAPI document: a file, a URL, `-` for stdin, or a service of `jackfield catalogue`, whose document is
    /// fetched. For a service without a document: a name, with --base-url
    pub(super) spec: Option<PathBuf>,
    /// Use this local copy of the document of a service of the catalogue, instead of fetching the document
    #[arg(long, value_name = "FILE", requires = "spec", conflicts_with = "operation")]
    pub(super) document: Option<PathBuf>,
    /// Operations that become tools: a tag or resource, or a selector as in connector.toml; may be repeated [default: the
    /// selection of the catalogue, or all]
    #[arg(long, value_name = "SELECTOR")]
    pub(super) include: Vec<String>,
    /// Operations that do not become tools; may be repeated
    #[arg(long, value_name = "SELECTOR")]
    pub(super) exclude: Vec<String>,
    /// The strongest effect that a tool may have; operations with a stronger effect do not become tools [default: destroy]
    #[arg(long, value_enum)]
    pub(super) effects: Option<Effects>,
    /// The calls that wait until a person approves them: destroy, writes, auto, never, or a selector; may be repeated [default: destroy]
    #[arg(long, value_name = "WHICH")]
    pub(super) ask: Vec<String>,
    /// How requests authenticate, if the document does not declare it: none, bearer, basic, header:NAME, query:NAME, or a
    /// scheme of the document
    #[arg(long, value_name = "HOW")]
    pub(super) auth: Option<String>,
    /// The name of the connector [default: from the document]
    #[arg(long, value_parser = name)]
    pub(super) name: Option<ConnectorName>,
    /// The new folder [default: the name]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// The base URL of requests, instead of the document's servers, or for a service without a document
    #[arg(long, value_name = "URL", value_parser = crate::preview::base_url)]
    pub(super) base_url: Option<String>,
    /// An operation of a service without a document: METHOD PATH [NAME[!][:TYPE]…] -- WHAT IT DOES; may be repeated
    #[arg(long, value_name = "OPERATION", requires = "base_url")]
    pub(super) operation: Vec<String>,
    /// Do not ask questions; use the defaults
    #[arg(short, long)]
    pub(super) yes: bool,
    /// Show each finding instead of grouping them
    #[arg(long)]
    pub(super) all: bool,
    /// Let the document refer to files outside its folder
    #[arg(long)]
    pub(super) outside: bool,
}

/// The strongest effect that a tool may have.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effects {
    /// Tools that change nothing
    Read,
    /// Also tools that change something
    Write,
    /// Also tools that destroy something
    Destroy,
}

impl fmt::Display for Effects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Destroy => "destroy",
        })
    }
}

fn name(text: &str) -> Result<ConnectorName, NameError> {
    ConnectorName::new(text)
}
