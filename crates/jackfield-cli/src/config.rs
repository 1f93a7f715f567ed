//! `jackfield config`: prints or writes the entry with which an MCP client starts a connector from its folder. It
//! runs the `config` command of the served connector.

use std::path::PathBuf;
use std::process::ExitCode;

use jackfield_clients::Client;

use crate::{Failure, serve};

/// Arguments of `jackfield config`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  jackfield config cursor bookshop\n  jackfield config claude-code bookshop --write -- --read-only\n  \
                  jackfield config cursor bookshop --undo"
)]
pub(crate) struct Arguments {
    /// The client
    #[arg(value_parser = Client::ALL.map(Client::word))]
    client: String,
    /// A connector.toml or its folder [default: the connector.toml here]
    path: Option<PathBuf>,
    /// Add the entry to the client's file; a backup of the file is kept
    #[arg(long, conflicts_with = "undo")]
    write: bool,
    /// Restore the file from the backup; if the file has changed since, remove only the entry
    #[arg(long)]
    undo: bool,
    /// Use the client's file for this project folder instead of the file for the user
    #[arg(long)]
    project: bool,
    /// Use this file instead of the client's usual file
    #[arg(long, value_name = "PATH")]
    file: Option<String>,
    /// Make an entry for a running server at this URL, such as http://127.0.0.1:8700/mcp
    #[arg(long, value_name = "URL")]
    http: Option<String>,
    /// The name of the entry [default: the name of the connector]
    #[arg(long)]
    name: Option<String>,
    /// Replace another entry with the same name
    #[arg(long)]
    replace: bool,
    /// Options with which the client starts the server, such as --read-only
    #[arg(last = true, value_name = "OPTIONS OF A SERVER")]
    options: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let mut words = vec!["config".to_owned(), arguments.client.clone()];
    for (flag, is_set) in [
        ("--write", arguments.write),
        ("--undo", arguments.undo),
        ("--project", arguments.project),
        ("--replace", arguments.replace),
    ] {
        if is_set {
            words.push(flag.to_owned());
        }
    }
    for (flag, value) in
        [("--file", &arguments.file), ("--http", &arguments.http), ("--name", &arguments.name)]
    {
        words.extend(value.iter().flat_map(|value| [flag.to_owned(), value.clone()]));
    }
    if !arguments.options.is_empty() {
        words.push("--".to_owned());
        words.extend(arguments.options.iter().cloned());
    }
    serve::run_command(arguments.path.clone(), words)
}
