//! `jackfield serve`: serves a connector from its folder without compiling it. It has the same commands as the
//! compiled connector, and sends the same bytes.

mod command_line;
mod served_files;
mod watched_files;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jackfield_build::model::{SurfaceKind, shell_quoted};
use jackfield_runtime::rows::ConnectorRows;
use jackfield_runtime::{ConnectorFiles, Program, serve_options_help};

use crate::spec::Spec;
use crate::{Failure, folder, manifest_path, typed};
use command_line::CommandLine;
use served_files::ServedFiles;

/// Arguments of `jackfield serve`.
#[derive(clap::Args, Debug)]
#[command(
    override_usage = "jackfield serve [--locked] [PATH] [OPTIONS OF A SERVER]\n       jackfield serve [PATH] COMMAND …",
    after_help = after_help(),
    term_width = 130
)]
pub(crate) struct Arguments {
    /// Refuse to start if anything differs from jackfield.lock, instead of withholding the tools that differ
    #[arg(long)]
    locked: bool,
    /// A connector.toml or its folder [default: the connector.toml here]; then options of a server, or a command of the connector
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "PATH")]
    words: Vec<String>,
}

fn after_help() -> String {
    format!(
        "Examples:\n  jackfield serve bookshop\n  jackfield serve bookshop --http 127.0.0.1:8700\n\nOptions of a server:\n{}\nCommands, which every connector has; `jackfield serve PATH help` shows them with its variables:\n  \
         tools [NAME], call NAME [JSON], auth …, doctor, audit …, help [COMMAND]\n\n\
         The folder is trusted like a program: it decides which variables are read and where they are sent.",
        serve_options_help()
    )
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let mut line = CommandLine::parse(&arguments.words);
    line.locked |= arguments.locked;
    start(line)
}

/// Runs a command of the connector in a folder.
pub(crate) fn run_command(path: Option<PathBuf>, words: Vec<String>) -> Result<ExitCode, Failure> {
    start(CommandLine { path, locked: false, rest: words })
}

fn start(line: CommandLine) -> Result<ExitCode, Failure> {
    let manifest = find(line.path.as_deref())?;
    let mut files = ServedFiles::new(manifest, line.locked, line.surface());
    let rows = files.read(line.is_server())?;
    let named = line.path.unwrap_or_else(|| PathBuf::from("."));
    let called = format!("{} serve {}", typed::program(), shell_quoted(&named.display().to_string()));
    let program = Program::new(rows).called(called).served_from(files);
    Ok(program.started_by_clients_as(client_command(&named)).run(line.rest))
}

/// Returns the connector in a folder as this command serves it. The caller adds the connector to its own endpoint.
pub(crate) fn connector(path: &Path) -> Result<(ConnectorRows, Box<dyn ConnectorFiles>), Failure> {
    let mut files = ServedFiles::new(find(Some(path))?, false, Some(SurfaceKind::Each));
    Ok((files.read(true)?, Box::new(files)))
}

/// Returns the connector.toml that a path names, or the connector.toml in this folder.
fn find(path: Option<&Path>) -> Result<PathBuf, Failure> {
    let Some(path) = path else {
        let here = PathBuf::from("connector.toml");
        return if here.is_file() {
            Ok(here)
        } else {
            Err(without_manifest("there is no connector.toml here"))
        };
    };
    let shown = path.display();
    if path.is_dir() {
        let manifest = path.join("connector.toml");
        if manifest.is_file() {
            return Ok(manifest);
        }
        return Err(match folder::documents(path) {
            none if none.is_empty() => without_manifest(&format!("there is no connector.toml in {shown}")),
            documents => Failure::Other(format!(
                "there is no connector.toml in {shown}. Create a connector from a document:\n\n{}",
                folder::commands(&documents, "gen")
            )),
        });
    }
    if path == Path::new("-") || path.to_string_lossy().contains("://") {
        return Err(without_manifest(&format!("{shown} is not a connector.toml")));
    }
    match Spec::find(path, false, "serve")? {
        Spec::Manifest(manifest) => manifest_path::check(&manifest).map(|()| manifest),
        Spec::Document(_) | Spec::Given { .. } => {
            let document = shell_quoted(&path.display().to_string()).into_owned();
            Err(Failure::Other(format!(
                "{shown} is not a connector.toml. To try a document, or to make a connector of it, run\n\n  \
                 jackfield preview {document}\n  jackfield gen {document}\n"
            )))
        }
    }
}

fn without_manifest(problem: &str) -> Failure {
    let remedy = "name a connector.toml or its folder, as in\n\n  jackfield serve bookshop\n";
    Failure::Other(format!("{problem}: {remedy}"))
}

/// Returns the command with which a client can start the connector from any folder.
fn client_command(path: &Path) -> Vec<String> {
    let program =
        std::env::current_exe().map_or_else(|_| "jackfield".to_owned(), |path| path.display().to_string());
    let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    vec![program, "serve".to_owned(), path.display().to_string()]
}
