//! The command line.

use std::path::PathBuf;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::commands::published::add::PublishedOptions;
use crate::commands::published::find::Find;
use crate::commands::published::local_copy::RegistryOptions;
use crate::commands::published::outdated::Outdated;
use crate::commands::published::show::Show;
use crate::commands::published::update::Update;

const AFTER_HELP: &str = "\
Examples:
  jackfield-gateway add time -- uvx mcp-server-time
  jackfield-gateway agent add reader --connectors time --effects read
  jackfield-gateway config claude-code --agent reader --write
  jackfield-gateway serve

Exit codes:
  0  the command succeeded, and no check failed
  1  a check found something
  2  the command line or gateway.toml is invalid, or a file cannot be used";

/// Puts many connectors and other MCP servers behind one endpoint.
#[derive(Parser, Debug)]
#[command(name = "jackfield-gateway", version, about, max_term_width = 100, after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The file with connectors and agents
    #[arg(long, short, global = true, default_value = "gateway.toml", value_name = "FILE")]
    pub(crate) config: PathBuf,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Serve the connectors: over HTTP if gateway.toml has `listen`, else over stdio
    Serve {
        /// Serve standard input and output, although gateway.toml has `listen`
        #[arg(long)]
        stdio: bool,
        /// Options of a server, as `jackfield serve --help` shows them
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTIONS OF A SERVER")]
        options: Vec<String>,
    },
    /// Add a connector to gateway.toml, and list its tools
    Add(Box<Add>),
    /// Find MCP servers that are published in a registry
    Find(Box<Find>),
    /// Tell what a published server is, before anything of it is fetched or started
    Show(Box<Show>),
    /// Show the newer versions of published servers, with their differences
    Outdated(Box<Outdated>),
    /// Replace a published server by another version, after showing the differences
    Update(Box<Update>),
    /// Write the servers of a registry into a file, for machines without network (`--mirror FILE`)
    Mirror {
        /// The file
        file: PathBuf,
        #[command(flatten)]
        registry: RegistryOptions,
    },
    /// Remove a connector from gateway.toml
    Remove {
        /// The name of the connector
        name: String,
        /// Detach it from the agents that have it
        #[arg(long)]
        detach: bool,
    },
    /// Add the servers of an MCP client to gateway.toml, without their secrets
    Import {
        /// A file such as .mcp.json, or a client: claude-code, claude-desktop, cursor, vscode
        #[arg(value_name = "FILE|CLIENT")]
        from: String,
        /// The client that the file belongs to [default: by its name and content]
        #[arg(long = "as", value_name = "CLIENT")]
        client: Option<String>,
        /// Only the server of that name; may be repeated
        #[arg(long, value_name = "NAME")]
        only: Vec<String>,
    },
    /// List the connectors and their tools, without starting anything
    List,
    /// Check gateway.toml and its connectors, without starting anything
    Check,
    /// Start one connector, and list its tools
    Test {
        /// The name of the connector
        name: String,
    },
    /// Accept tools that are new or have changed since they were attached
    Accept {
        /// The name of the connector
        name: String,
        /// One tool or prompt [default: all]
        tool: Option<String>,
        /// Accept without asking
        #[arg(long)]
        yes: bool,
    },
    /// Log in at another server, whose tokens the gateway keeps in the vault
    Login {
        /// The name of the connector
        #[arg(required_unless_present = "status")]
        name: Option<String>,
        /// List the accounts, with the dates of their tokens
        #[arg(long, conflicts_with_all = ["agent", "token", "device", "browser"])]
        status: bool,
        /// The agent whose account it is, or the principal itself; needs `credential = "agent"`
        #[arg(long, value_name = "WHO")]
        agent: Option<String>,
        /// Store a token that you have, instead of a login
        #[arg(long, conflicts_with = "device")]
        token: bool,
        /// Log in with a code, in a browser on any machine
        #[arg(long, conflicts_with = "browser")]
        device: bool,
        /// Log in with a browser on this machine
        #[arg(long, conflicts_with = "token")]
        browser: bool,
    },
    /// Forget the login at another server
    Logout {
        /// The name of the connector
        name: String,
        /// The agent whose account it is, or the principal itself
        #[arg(long, value_name = "WHO")]
        agent: Option<String>,
    },
    /// Manage the credentials of a login: `status NAME`, `set NAME client_id`
    #[command(disable_help_flag = true)]
    Auth {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "WORDS")]
        words: Vec<String>,
    },
    /// Add, list or remove the agents in the store
    Agent {
        #[command(subcommand)]
        command: AgentCommand,
    },
    /// Let an agent of the store use a connector
    Attach {
        /// The name of the agent
        agent: String,
        /// The name of the connector
        connector: String,
    },
    /// Take a connector from an agent of the store; its running calls end too
    Detach {
        /// The name of the agent
        agent: String,
        /// The name of the connector
        connector: String,
    },
    /// Put the agents of gateway.toml in force, or replace the agents of the store by the agents of a file
    Apply {
        /// A file with [agents.NAME], as `export` prints it
        file: Option<PathBuf>,
    },
    /// Print the agents in the form that `apply FILE` reads
    Export,
    /// Print the entry with which an MCP client uses this gateway, or write it to the client's file
    Config(Box<ClientEntry>),
    /// Manage the tokens of agents: `add NAME`, `list`, `revoke NAME`
    #[command(disable_help_flag = true)]
    Token {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "WORDS")]
        words: Vec<String>,
    },
    /// Decide about calls that wait for a person: `list`, `show ID`, `approve ID`, `deny ID`
    #[command(disable_help_flag = true)]
    Approvals {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "WORDS")]
        words: Vec<String>,
    },
    /// Read the records of calls: `verify`, `tail`, `query`, `export`
    #[command(disable_help_flag = true)]
    Audit {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "WORDS")]
        words: Vec<String>,
    },
    /// Sum the calls and tokens of each agent and connector, from the audit: `--since TIME`, `--agent NAME`, `--json`
    #[command(disable_help_flag = true)]
    Usage {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTIONS")]
        options: Vec<String>,
    },
    /// Show the rights in force: `show`, `check token:AGENT [TOOL]`
    #[command(disable_help_flag = true)]
    Rights {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "WORDS")]
        words: Vec<String>,
    },
}

/// Arguments of `add`.
#[derive(clap::Args, Debug)]
#[command(
    override_usage = "jackfield-gateway add NAME (--spec PATH | --url URL | --catalogue SERVICE) [OPTIONS]\n       jackfield-gateway add NAME [OPTIONS] -- COMMAND [ARGUMENTS]\n       jackfield-gateway add SERVER@VERSION [OPTIONS]",
    after_help = EXAMPLES_OF_ADD, group(clap::ArgGroup::new("source").args(["spec", "url", "catalogue", "command"])))]
pub(crate) struct Add {
    /// The name of the connector, which is the prefix of the names of its tools; or a published server with its version
    pub(crate) name: String,
    /// A connector.toml or its folder
    #[arg(long, value_name = "PATH")]
    pub(crate) spec: Option<PathBuf>,
    /// The URL of an MCP server (streamable HTTP)
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// A service of `jackfield catalogue`
    #[arg(long, value_name = "SERVICE")]
    pub(crate) catalogue: Option<String>,
    /// The variable that holds the bearer token of the server
    #[arg(long, value_name = "VARIABLE", conflicts_with_all = ["spec", "command"])]
    pub(crate) token: Option<String>,
    /// A header, and the variable that holds its value; may be repeated
    #[arg(long = "header", value_name = "NAME=VARIABLE", conflicts_with_all = ["spec", "command"])]
    pub(crate) headers: Vec<String>,
    /// A variable that the program gets from the gateway; may be repeated
    #[arg(long, value_name = "VARIABLE", conflicts_with_all = ["spec", "url", "catalogue"])]
    pub(crate) pass: Vec<String>,
    /// A variable whose value is not a secret; may be repeated
    #[arg(long, value_name = "NAME=VALUE", conflicts_with_all = ["spec", "url", "catalogue"])]
    pub(crate) env: Vec<String>,
    /// A variable of the program, of --token or of --header whose value is in the vault; may be repeated
    #[arg(long = "secret", value_name = "VARIABLE", conflicts_with = "spec")]
    pub(crate) secrets: Vec<String>,
    /// Whose account calls are made with: `service` for that of the gateway, `agent` for that of each agent
    #[arg(long, value_name = "OWNER", value_parser = ["service", "agent"])]
    pub(crate) credential: Option<String>,
    /// The effect of tools of another server, by name or pattern, such as 'get_*=read'; may be repeated [default: destroy]
    #[arg(long = "effect", value_name = "TOOLS=EFFECT", conflicts_with = "spec")]
    pub(crate) effects: Vec<String>,
    /// An MCP server that the gateway starts: its program and arguments
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
    #[command(flatten)]
    pub(crate) published: PublishedOptions,
}

const EXAMPLES_OF_ADD: &str = "\
Examples:
  jackfield-gateway add shop --spec bookshop
  jackfield-gateway add docs --url https://docs.example.com/mcp --token DOCS_TOKEN
  jackfield-gateway add linear --catalogue linear
  jackfield-gateway add time --effect 'get_*=read' -- uvx mcp-server-time
  jackfield-gateway add io.github.user/weather@1.0.2 --effect 'get_*=read'";

/// The commands about agents.
#[derive(Subcommand, Debug)]
pub(crate) enum AgentCommand {
    /// Add an agent, and print its token, once
    Add(Box<AddAgent>),
    /// List the agents
    List,
    /// Remove an agent and its token; its running calls end
    Remove {
        /// The name of the agent
        name: String,
    },
}

/// Arguments of `agent add`.
#[derive(clap::Args, Debug)]
pub(crate) struct AddAgent {
    /// The name of the agent
    pub(crate) name: String,
    /// The connectors that it may use, separated by commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) connectors: Vec<String>,
    /// The strongest effect of their tools that it may call: read, write or destroy [default: read, unless there are rules]
    #[arg(long, value_name = "EFFECT")]
    pub(crate) effects: Option<String>,
    /// A file with further rules, each a [[rule]] as in gateway.toml
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Option<PathBuf>,
    /// The subject of its access tokens, instead of a token of its own; needs `issuer` in gateway.toml
    #[arg(long, value_name = "SUBJECT")]
    pub(crate) subject: Option<String>,
    /// A claim that its access tokens have; may be repeated
    #[arg(long = "claim", value_name = "NAME=VALUE")]
    pub(crate) claims: Vec<String>,
    /// The days for which its token is accepted [default: 90]
    #[arg(long, value_name = "DAYS", conflicts_with_all = ["subject", "claims"])]
    pub(crate) expires: Option<u32>,
}

/// Arguments of `config`.
#[derive(clap::Args, Debug)]
pub(crate) struct ClientEntry {
    /// The client: claude-code, claude-desktop, cursor, vscode, zed, windsurf, codex or gemini
    pub(crate) client: String,
    /// The agent whose name and rights the client uses; needs `listen` in gateway.toml
    #[arg(long, value_name = "NAME")]
    pub(crate) agent: Option<String>,
    /// Add the entry to the file of the client; the earlier file is kept
    #[arg(long, conflicts_with = "undo")]
    pub(crate) write: bool,
    /// Restore the file; if it has changed since, remove only the entry
    #[arg(long)]
    pub(crate) undo: bool,
    /// Use the file of this folder instead of the user's
    #[arg(long, conflicts_with = "file")]
    pub(crate) project: bool,
    /// Use this file
    #[arg(long, value_name = "PATH")]
    pub(crate) file: Option<PathBuf>,
    /// The name of the entry
    #[arg(long, default_value = "gateway")]
    pub(crate) name: String,
    /// Replace another entry with that name
    #[arg(long)]
    pub(crate) replace: bool,
}

/// The help of each command by its name, and of the program under an empty name.
pub fn helps() -> Vec<(String, String)> {
    jackfield_cli::helps_of(Arguments::command())
}
