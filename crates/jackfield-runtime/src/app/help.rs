//! The texts of `--help` and `help COMMAND`.

use std::fmt::Write as _;

use jackfield_recipe::BYTES;

use super::{config_command, control, mock_command, serve_options, tools};
use crate::auth::LocalSource;
use crate::call::{servers, settings};
use crate::common::environment::{Environment, Setting};

/// The topic of the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Topic {
    All,
    Serve,
    Tools,
    Call,
    Auth,
    Config,
    Doctor,
    Mock,
    /// A command for servers with several users.
    Control(&'static str),
}

impl Topic {
    /// Returns the topic of a command.
    pub(super) fn of(command: &str) -> Option<Self> {
        Some(match command {
            "serve" => Self::Serve,
            "tools" => Self::Tools,
            "call" => Self::Call,
            "auth" => Self::Auth,
            "config" => Self::Config,
            "doctor" => Self::Doctor,
            "mock" => Self::Mock,
            other => Self::Control(control::find(other)?.name),
        })
    }
}

/// The meaning of the exit codes of every command.
const EXIT_CODES: &str = "\nExit codes: 0 done, 1 a call or a check failed, 2 the command line is invalid\n";

/// Returns the help text of a topic.
pub(super) fn of(topic: Topic, local: &LocalSource, called: &str, environment: &Environment) -> String {
    let (usage, about) = match topic {
        Topic::All => return help(local, called, environment),
        Topic::Serve => (
            "[serve] [OPTIONS]",
            format!(
                "Serves MCP over stdin and stdout until the client closes the input, or Ctrl-C. MCP clients start it in this way.\n\n{}",
                server_options()
            ),
        ),
        Topic::Tools => (
            "tools [NAME] [--json]",
            "Lists the tools, or shows one: what it does, its arguments, and its credentials.\n\n  \
             --json   print JSON, with the schemas that clients see\n"
                .to_owned(),
        ),
        Topic::Call => ("call NAME [JSON | - | @FILE] [--dry-run]", calling(local, called)),
        Topic::Auth => ("auth [COMMAND]", authenticating()),
        Topic::Config => (config_command::USAGE, config_command::about(called)),
        Topic::Doctor => (
            "doctor [TOOL]",
            "Checks DNS, the connection, TLS, the base URL and credentials, and reports the first that fails and how to \
             fix it.\nThe last check calls a tool that only reads: TOOL, or one that needs no arguments.\n"
                .to_owned(),
        ),
        Topic::Mock => (
            mock_command::USAGE,
            "Serves a mock of the API on this machine until Ctrl-C, and prints the lines that point the connector at it.\n\n  \
             --port N        the port (a free one)\n  \
             --check         call every tool once against the mock, and exit with 1 if a call fails\n  \
             --replies FILE  reply as this file says, such as tests/replies.json of the connector's folder\n"
                .to_owned(),
        ),
        Topic::Control(command) => {
            let command = control::find(command);
            command.map_or(("", String::new()), |command| (command.usage, command.about.to_owned()))
        }
    };
    format!("Usage: {called} {usage}\n\n{about}{EXIT_CODES}")
}

/// Returns the help text of the options of `serve`.
pub(super) fn server_options() -> String {
    let mut text = "  \
        --surface KIND           which tools clients see: each (every tool), search (four tools that find and call the\n  \
        \u{20}                        other tools), promoted (search and a few of the tools), auto (each if the list has\n  \
        \u{20}                        up to 10,000 tokens, or else search)\n  \
        --read-only              serve only the tools that change nothing\n  \
        --rate RATE              how often a caller may call each tool, as in 60/min, unless connector.toml sets a rate (any)\n  \
        --concurrent N           how many calls of one caller may be in flight, unless connector.toml sets a number (any)\n  \
        --encoder FOLDER         rank the search by meaning too, with the sentence encoder in this folder\n  \
        --ask MODE               which calls wait for the approval of a person: destroy (calls that destroy something;\n  \
        \u{20}                        the default with --http), writes (also calls that change something), never, auto (as\n  \
        \u{20}                        destroy if the client supports elicitation; the default without --http)\n  \
        --approval-minutes N     how many minutes an approval lasts (15)\n  \
        --http ADDR              serve over HTTP, at the path /mcp of an address such as 127.0.0.1:8700, or at a Unix socket\n  \
        \u{20}                        such as unix:///run/user/1000/mcp.sock; clients send the bearer token. An address\n  \
        \u{20}                        that other machines can reach requires individual tokens of callers, and TLS or a proxy\n  \
        --http-token-file PATH   read the token from this file; if it does not exist, create it with a new token\n  \
        --http-auth none         require no token; only for tests, at a loopback address\n  \
        --tls-cert, --tls-key F  serve over TLS with the certificate and the key in these PEM files\n  \
        --trusted-proxy ADDR,..  accept only connections from these proxies, which use TLS with their clients\n  \
        --drain SECONDS          how long calls in flight may still run after SIGTERM (30)\n  \
        --max-connections, --max-new-connections, --max-requests, --max-sessions, --max-body, --max-headers,\n  \
        --read-timeout, --idle-timeout N  other limits, described in docs/serving.md\n"
        .to_owned();
    text.push_str(serve_options::HELP_OF_SERVE);
    text
}

fn calling(local: &LocalSource, called: &str) -> String {
    let mut text = "Calls one tool and prints its result.\n\n  \
                    JSON        the arguments, one JSON object in single quotes\n  \
                    -           read them from stdin\n  \
                    @FILE       read them from a file\n  \
                    --dry-run   print the request, with credentials masked, and send nothing\n"
        .to_owned();
    let connector = local.connector();
    let needs_some = |tool: &&&crate::call::rows::Tool<'_>| tool.input.contains("\"required\"");
    let tools: Vec<_> = connector.called_tools().collect();
    if let Some(tool) = tools.iter().find(needs_some).or(tools.first()) {
        let _ = writeln!(text, "\n  {}", tools::example(connector, tool, called));
    }
    text
}

fn authenticating() -> String {
    let mut text = "Shows which credentials are set, and stores credentials in the vault.\n\n".to_owned();
    let column = AUTH.iter().map(|(words, _)| words.len()).max().unwrap_or(0);
    for (words, meaning) in AUTH {
        let _ = writeln!(text, "  {words:column$}   {meaning}");
    }
    text
}

/// The `auth` commands.
const AUTH: [(&str, &str); 5] = [
    ("auth status [--json]", "show the credentials of each scheme, and which are set"),
    (
        "auth set [SCHEME [CREDENTIAL]] [--origin URL]",
        "store a credential in the vault; it is prompted for, or read from stdin",
    ),
    (
        "auth login [SCHEME] [--device] [--origin URL]",
        "log in with a browser, or with a code on another device",
    ),
    ("auth logout [SCHEME]", "revoke tokens, and remove the stored credentials"),
    ("auth rotate-key [--to KIND]", "encrypt the vault with a new key: keyring, passphrase or file"),
];

fn help(local: &LocalSource, called: &str, environment: &Environment) -> String {
    let connector = local.connector();
    let name = connector.name;
    let base = Setting::BaseUrl.variable(name);
    let log = Setting::Log.variable(name);
    let server = connector.servers.first().map_or_else(
        || "required: the document names no server".to_owned(),
        |server| match server.description {
            "" => server.url.to_owned(),
            description => format!("{}, {description}", server.url),
        },
    );
    let mut variables = vec![
        (base, format!("base URL of requests ({server})")),
        (
            log,
            "log level on stderr: off, error, warn, info, debug, trace; `,json` after it writes JSON (warn)"
                .to_owned(),
        ),
    ];
    variables.splice(1..1, servers::variables(connector).into_iter().chain(settings::variables(connector)));
    if connector.tools().any(|tool| tool.input.contains(BYTES)) {
        let meaning = "folders whose files tools may send, separated as in PATH (none)";
        variables.push((Setting::Files.variable(name), meaning.to_owned()));
        let meaning = "maximum size of a file that a tool sends, in bytes (2147483648)";
        variables.push((Setting::FilesLimit.variable(name), meaning.to_owned()));
    }
    let meaning = "folders in which tools may store replies, separated as in PATH (none)";
    variables.push((Setting::Downloads.variable(name), meaning.to_owned()));
    variables.extend(local.variables());
    if !connector.schemes.is_empty() {
        let origins = "other origins that may receive credentials, separated by spaces (none)";
        variables.push((Setting::Origins.variable(name), origins.to_owned()));
    }
    variables.push((Setting::MaxCalls.variable(name), "maximum number of concurrent calls (64)".to_owned()));
    let meaning = "maximum number of bytes that these calls hold together (268435456)";
    variables.push((Setting::MaxBytes.variable(name), meaning.to_owned()));
    variables.push((Setting::Timeout.variable(name), "seconds that a whole call may take (50)".to_owned()));
    let meaning = "maximum number of attempts of a call, or `off`: see docs/upstream.md (3)";
    variables.push((Setting::Retry.variable(name), meaning.to_owned()));
    if connector.tools().any(|tool| tool.caching.is_on()) {
        let meaning = "maximum size of all cached replies in bytes, or `off` (16777216)";
        variables.push((Setting::Cache.variable(name), meaning.to_owned()));
    }
    let authorities = "a PEM file of certificates to trust besides the machine's (none)";
    variables.push((Setting::CaFile.variable(name), authorities.to_owned()));
    if cfg!(feature = "encoder") {
        let meaning = "a folder with a sentence encoder that ranks the search by meaning too (none)";
        variables.push((Setting::Encoder.variable(name), meaning.to_owned()));
    }
    let width = variables.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let title = if connector.title.is_empty() { name } else { connector.title };
    let mut usages = vec![
        ("", "serve until the client closes the input"),
        (
            "serve --http ADDR",
            "serve at /mcp of a loopback address or of unix:///PATH, to clients with a token",
        ),
        (
            "serve --http ADDR --http-token-file PATH",
            "serve with the token in this file, which is created if it does not exist",
        ),
        ("serve --http ADDR --http-auth none", "require no token; only for tests, at a loopback address"),
        ("--ask destroy|writes|never|auto", "serve, and ask a person to approve calls (see `help serve`)"),
        ("--surface each|promoted|search|auto", "serve every tool, or a search over them (see `help serve`)"),
        ("tools [--json]", "list the tools"),
        ("tools NAME [--json]", "show one tool: what it does, its arguments, its credentials"),
        (
            "call NAME [JSON | - | @FILE]",
            "call a tool, with arguments from the command line, stdin or a file; --dry-run sends nothing",
        ),
    ];
    if !connector.schemes.is_empty() {
        usages.extend(AUTH);
    }
    usages.push((
        "config CLIENT [--write | --undo]",
        "print the entry for a client such as claude-code, cursor or vscode; write it to the client's file, or undo the change",
    ));
    usages.push((
        "doctor [TOOL]",
        "check DNS, TLS, base URL and credentials; report the first that fails and how to fix it",
    ));
    usages.push((mock_command::USAGE, "serve a mock of the API, or call every tool against it"));
    usages.extend(control::usages());
    usages.push((
        "COMMAND --base-url URL",
        "run any command with requests to this URL; same as the variable _BASE_URL",
    ));
    usages.push(("help [COMMAND]", "this help, or the help of one command"));
    usages.push(("version", "its version"));
    let column = usages.iter().map(|(words, _)| words.len()).max().unwrap_or(0);
    let mut text = format!("{title}, served to MCP clients\n\nUsage:\n");
    for (words, meaning) in usages {
        let _ = writeln!(text, "  {called} {words:column$}   {meaning}");
    }
    text.push_str("\nVariables:\n");
    for (name, meaning) in variables {
        let set = if environment.get(&name).is_some() { ", set" } else { "" };
        let _ = writeln!(text, "  {name:width$}  {meaning}{set}");
    }
    if !connector.schemes.is_empty() {
        text.push_str(
            "\nA credential may also be in a file, named by its variable with _FILE appended, or in the vault, which\n\
             JACKFIELD_VAULT, JACKFIELD_VAULT_PASSPHRASE and JACKFIELD_VAULT_KEY_FILE configure.\n",
        );
    }
    text.push_str(EXIT_CODES);
    text
}
