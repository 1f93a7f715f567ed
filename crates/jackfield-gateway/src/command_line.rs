//! The command line.

use std::path::PathBuf;

use clap::{CommandFactory as _, Parser, Subcommand};

const AFTER_HELP: &str = "\
Examples:
  jackfield-gateway check
  jackfield-gateway test time
  jackfield-gateway token add ci
  jackfield-gateway serve

Exit codes:
  0  the command is done, and found nothing
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
        name: String,
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
    },
    /// Manage the credentials of a login: `status NAME`, `set NAME client_id`
    #[command(disable_help_flag = true)]
    Auth {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "WORDS")]
        words: Vec<String>,
    },
    /// Apply the agents of gateway.toml; running gateways follow within a second
    Apply,
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
    /// Sum what each agent has used of each connector, from the audit: `--since TIME`, `--agent NAME`, `--json`
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

/// The help of each command by its name, and of the program under an empty name.
pub fn helps() -> Vec<(String, String)> {
    let mut program = Arguments::command();
    program.build();
    let whole = (String::new(), program.render_long_help().to_string());
    let commands = program.get_subcommands_mut().filter(|it| it.get_name() != "help");
    let helps = commands.map(|it| (it.get_name().to_owned(), it.render_long_help().to_string()));
    std::iter::once(whole).chain(helps).collect()
}
