//! The command `config CLIENT`, which manages the entry for this connector in the configuration file of a client.

use std::process::ExitCode;

use jackfield_clients::{
    Client, ClientError, ClientFile, Entry, Place, Server, Start, Surroundings, System, Undone, Variable,
    Written, entry, state_folder,
};
use jackfield_recipe::shell_quoted;

use super::config_command::{Action, ConfigCommand};
use super::config_variables::{self, MissingVariables};
use super::output::{Failure, print, print_data, tell};
use crate::auth::LocalSource;
use crate::call::base_url::shown_address;
use crate::common::environment::{Environment, Setting};

/// Prints, writes or removes the entry. Clients start the server with the command in `start`.
pub(super) fn run(
    command: &ConfigCommand,
    start: &[String],
    called: &str,
    local: &LocalSource,
    environment: &Environment,
) -> Result<ExitCode, Failure> {
    let name = command.name.clone().unwrap_or_else(|| local.connector().name.to_owned());
    let client = command.client;
    let folder = std::env::current_dir()
        .map_err(|error| Failure::failed(format!("cannot find the current folder: {error}")))?;
    let surroundings = Surroundings {
        system: System::of_process(),
        variable: &|name| environment.get(name),
        project: &folder.to_string_lossy(),
    };
    let place = match &command.file {
        Some(file) => Place::named(file),
        None => Place::of(client, command.scope, &surroundings).map_err(|error| failure(&error))?,
    };
    let open = || {
        let state = state_folder(&surroundings).map_err(|error| failure(&error))?;
        ClientFile::find(&place, state).map_err(|error| failure(&error))
    };
    let again = again(command, called);
    if command.action == Action::Undo {
        let file = open()?;
        tell_of_link(&file, &place);
        let undone = file.undo(client, &name).map_err(|error| failure(&error))?;
        return print(&undone_text(undone, &name, &file));
    }
    let variables = config_variables::of(local, environment);
    let start = match &command.http {
        None => stdio(start, &command.options, variables.referred)?,
        Some(url) => http(url, local, environment)?,
    };
    let built = entry(client, &Server { name: name.clone(), start }).map_err(|error| failure(&error))?;
    match command.action {
        Action::Print => {
            tell(&format!("{client} reads this entry from {}:", place.file.display()));
            print_data(&built.text())?;
            hints(&built, command, called, &variables.missing);
            tell(&format!("to write it there: {again} --write{}", rest(command)));
        }
        Action::Write | Action::Undo => {
            let file = open()?;
            tell_of_link(&file, &place);
            if !file.has_folder() {
                let folder = file.path().parent().unwrap_or(file.path());
                tell(&format!("{} did not exist: is {client} installed?", folder.display()));
            }
            let written = file.write(&built, command.may_replace).map_err(|error| failure(&error))?;
            print(&written_text(&written, &name, client, &file, &again))?;
            hints(&built, command, called, &variables.missing);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the end of the command that writes the entry: `--replace` if given, and the options of the server.
fn rest(command: &ConfigCommand) -> String {
    let replace = if command.may_replace { " --replace" } else { "" };
    let options: String = command.options.iter().map(|word| format!(" {}", shell_quoted(word))).collect();
    if options.is_empty() { replace.to_owned() } else { format!("{replace} --{options}") }
}

/// Returns the command for this entry, for remedies. It contains the options that choose the file and the name, but neither
/// `--write` nor `--undo`.
fn again(command: &ConfigCommand, called: &str) -> String {
    let mut text = format!("{called} config {}", command.client.word());
    for (flag, value) in [("--file", &command.file), ("--name", &command.name), ("--http", &command.http)] {
        if let Some(value) = value {
            text.push_str(&format!(" {flag} {}", shell_quoted(value)));
        }
    }
    if command.scope == jackfield_clients::Scope::Project {
        text.push_str(" --project");
    }
    text
}

fn stdio(start: &[String], options: &[String], variables: Vec<Variable>) -> Result<Start, Failure> {
    let [command, args @ ..] = start else {
        return Err(Failure::failed("the path of this program is unknown"));
    };
    let args = args.iter().chain(options).cloned().collect();
    Ok(Start::Stdio { command: command.clone(), args, variables })
}

/// Returns an entry for a running server. The client and `serve --http` read the token from the same variable.
fn http(url: &str, local: &LocalSource, environment: &Environment) -> Result<Start, Failure> {
    let parsed: http::Uri = url
        .parse()
        .map_err(|_| Failure::usage(format!("--http {}: this is not a URL", shown_address(url))))?;
    let is_http = matches!(parsed.scheme_str(), Some("http" | "https"));
    let has_secret = parsed.authority().is_some_and(|authority| authority.as_str().contains('@'));
    if !is_http || has_secret || parsed.query().is_some() {
        let problem = "give the URL that `serve --http` prints, such as http://127.0.0.1:8700/mcp, without a password or query";
        return Err(Failure::usage(format!("--http {}: {problem}", shown_address(url))));
    }
    let name = Setting::HttpToken.variable(local.connector().name);
    if environment.get(&name).is_none() {
        tell(&format!(
            "{name} is not set here: set it to the token of the server, for the server and for the client"
        ));
    }
    let meaning = format!("token of the {} server", local.connector().name);
    Ok(Start::Http { url: url.to_owned(), token: Some(Variable { name, meaning, is_secret: true }) })
}

fn tell_of_link(file: &ClientFile, place: &Place) {
    if file.is_linked() {
        tell(&format!(
            "{} is a link, or in a linked folder: the file is {}",
            place.file.display(),
            file.path().display()
        ));
    }
}

/// Tells the user which variables or credentials the client still needs.
fn hints(built: &Entry, command: &ConfigCommand, called: &str, missing: &MissingVariables) {
    let (client, is_http) = (command.client, command.http.is_some());
    if is_http && !built.left_out().is_empty() {
        tell(&format!(
            "{client} takes every value of its file literally, so the entry has no token: start the server with `--issuer URL`, \
             for which {client} logs in, or leave out --http"
        ));
    } else if !built.left_out().is_empty() {
        tell(&format!(
            "{client} takes every value of its file literally, so the entry does not mention {}: store credentials once with \
             `{called} auth set`",
            built.left_out().join(", ")
        ));
    } else if !is_http && !missing.referred.is_empty() {
        let verb = if client == Client::VsCode {
            "VS Code asks for"
        } else {
            "set for the client before it starts:"
        };
        let password = match missing.passwords.is_empty() {
            true => String::new(),
            false => format!(
                "; if the service wants a password too, set {} here and write the entry again",
                missing.passwords.join(", ")
            ),
        };
        tell(&format!(
            "{verb} {}{password}; or store credentials once with `{called} auth set`, and write the entry again",
            missing.referred.join(", ")
        ));
    }
}

fn written_text(written: &Written, name: &str, client: Client, file: &ClientFile, again: &str) -> String {
    let path = file.path().display();
    let undo = format!("to undo it: {again} --undo\n");
    match written {
        Written::Created => format!("created {path} with the entry `{name}` for {client}\n{undo}"),
        Written::Added { backup } => {
            format!("added `{name}` to {path}; the previous file is saved as {}\n{undo}", backup.display())
        }
        Written::Replaced { backup } => {
            format!("replaced `{name}` in {path}; the previous file is saved as {}\n{undo}", backup.display())
        }
        Written::Updated => format!("updated `{name}` in {path}\n{undo}"),
        _ => format!("{path} has this entry already; nothing was changed\n"),
    }
}

fn undone_text(undone: Undone, name: &str, file: &ClientFile) -> String {
    let path = file.path().display();
    match undone {
        Undone::Restored => format!("restored {path} as it was before\n"),
        Undone::Removed => format!("removed {path}, which did not exist before\n"),
        Undone::OnlyEntry => {
            format!("{path} has changed since: removed only the entry `{name}`, and kept everything else\n")
        }
        _ => format!("{path} has no entry `{name}` any more; nothing was changed\n"),
    }
}

/// Converts an error to a failure: a usage error if the file cannot be used, or a failed command if the entry is
/// missing.
fn failure(error: &ClientError) -> Failure {
    match error {
        ClientError::NothingToUndo { .. } => Failure::failed(error.to_string()),
        _ => Failure::usage(error.to_string()),
    }
}
