//! `jackfield new`: creates the folder of a new connector from a document, or from operations that a person lists,
//! and makes the first decisions.
#![allow(clippy::print_stdout, reason = "this command prints what it created")]

mod arguments;
mod auth_choice;
mod catalogued;
mod decide;
mod draft;
mod facts;
mod groups;
mod manifest_text;
mod operation;
mod prompter;
mod source;
mod starter;

use std::io::{BufReader, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jackfield_build::model::{ConnectorName, shell_quoted};
use jackfield_build::{NewFolder, Outcome};

use crate::{Failure, paint, typed};
pub(crate) use arguments::Arguments;
use facts::{first_call, print_findings};
use prompter::Prompter;

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let is_asking = !arguments.yes && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let (mut input, mut output) = (BufReader::new(std::io::stdin()), anstream::stderr());
    let mut person = is_asking.then(|| Prompter::new(&mut input, &mut output));
    let source = source::find(arguments, &mut person)?;
    let (draft, facts) = decide::decide(arguments, &source, &mut person)?;
    let name = match (&arguments.name, &mut person) {
        (Some(name), _) => name.clone(),
        (None, Some(person)) => person.ask("The name of the connector", &facts.name, |answer| {
            ConnectorName::new(answer).map_err(|error| error.to_string())
        })?,
        (None, None) => {
            ConnectorName::new(facts.name.as_str()).map_err(|error| Failure::Other(error.to_string()))?
        }
    };
    let folder = folder(arguments, &name, &mut person)?;
    let new = NewFolder::plan(&folder, source.job, &facts.read)?;
    if let Some(existing) = new.existing()?.first() {
        return Err(Failure::Other(format!(
            "{} exists already, and is not replaced: choose another folder, as in\n\n  {}\n",
            existing.display(),
            with_folder(arguments, &free(&folder))
        )));
    }
    let text = manifest_text::text(&name, new.document(), &draft, &facts);
    let modelled = new.model(&text)?;
    print_findings(&modelled, arguments.all);
    paint::count(&modelled.report.count, &modelled.connector);
    let written = new.write(&text, &modelled.lock_text())?;
    let created = written.iter().map(|file| folder.join(file).display().to_string()).collect();
    paint::outcome(&Outcome { created, ..Outcome::default() });
    let (call, authentication) = first_call(modelled)?;
    let serve = format!("{} serve {}", typed::program(), shell_quoted(&folder.display().to_string()));
    // A scheme that needs a signer has no environment variables.
    for scheme in authentication.schemes.iter().filter(|scheme| !scheme.variables.is_empty()) {
        let variables = scheme.variables.join(", ");
        paint::note(&format!("credential {}: set {variables}, or run `{serve} auth set`", scheme.name));
    }
    paint::say(&format!("\n{name} is in {}. Try it:\n", folder.display()));
    paint::say(&format!("  {serve} tools"));
    match call {
        Some((tool, arguments)) if arguments.is_empty() => {
            paint::say(&format!("  {serve} call {tool} --dry-run"));
        }
        Some((tool, arguments)) => {
            let arguments = serde_json::Value::Object(arguments).to_string();
            paint::say(&format!("  {serve} call {tool} {} --dry-run", shell_quoted(&arguments)));
        }
        None => {
            let first = facts.inspection.tools.first().map_or("", |tool| tool.name.as_str());
            paint::say(&format!("  {serve} tools {first}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the new folder. It comes from the command line, from the answer of a person, or from the name of the connector.
fn folder(
    arguments: &Arguments,
    name: &ConnectorName,
    person: &mut Option<Prompter<'_>>,
) -> Result<PathBuf, Failure> {
    if let Some(out) = &arguments.out {
        return usable(out).map(|()| out.clone()).map_err(|problem| taken(arguments, out, &problem));
    }
    let default = PathBuf::from(name.as_str());
    let Some(person) = person else {
        // A folder with other files is used only if the command line names it.
        return usable(&default)
            .and_then(|()| unused(&default))
            .map(|()| default.clone())
            .map_err(|problem| taken(arguments, &default, &problem));
    };
    let default = if unused(&default).is_ok() { default } else { free(&default) };
    person.ask("The new folder", &default.display().to_string(), |answer| {
        if answer.starts_with('~') {
            return Err("`~` is expanded only by a shell: write the whole path".to_owned());
        }
        let folder = PathBuf::from(answer);
        usable(&folder).map(|()| folder)
    })
}

/// Checks that the folder does not contain a connector.
fn usable(folder: &Path) -> Result<(), String> {
    if folder.exists() && !folder.is_dir() {
        return Err(format!("{} is a file", folder.display()));
    }
    let manifest = folder.join("connector.toml");
    match std::fs::symlink_metadata(&manifest) {
        Ok(_) => Err(format!("{} exists already, and is not replaced", manifest.display())),
        Err(_) => Ok(()),
    }
}

/// Checks that the folder does not exist, or is empty.
fn unused(folder: &Path) -> Result<(), String> {
    match std::fs::read_dir(folder).map(|mut files| files.next().is_some()) {
        Ok(true) => Err(format!("the folder {} already contains other files", folder.display())),
        _ if folder.is_file() => Err(format!("{} is a file", folder.display())),
        _ => Ok(()),
    }
}

/// Appends a number to the folder's name. It is the first number with which no folder exists.
fn free(folder: &Path) -> PathBuf {
    let text = folder.display().to_string();
    let text = if text.trim_matches(['.', '/']).is_empty() { "connector".to_owned() } else { text };
    let numbered = (2..100).map(|number| PathBuf::from(format!("{}-{number}", text.trim_end_matches('/'))));
    numbered.into_iter().find(|one| !one.exists()).unwrap_or_else(|| folder.to_path_buf())
}

fn taken(arguments: &Arguments, folder: &Path, problem: &str) -> Failure {
    let shown = folder.display().to_string();
    let lock_only = if folder.join("Cargo.toml").is_file() { "" } else { " --lock-only" };
    let update = match folder.join("connector.toml").is_file() {
        true => format!(
            ". To update that connector, run\n\n  jackfield gen{lock_only} --out {}\n\nFor a new one, run",
            shell_quoted(&shown)
        ),
        false => ": choose another folder, as in".to_owned(),
    };
    Failure::Other(format!("{problem}{update}\n\n  {}\n", with_folder(arguments, &free(folder))))
}

/// Returns the command line of this process with another folder.
fn with_folder(arguments: &Arguments, folder: &Path) -> String {
    let mut words: Vec<String> =
        std::env::args_os().skip(1).map(|it| it.to_string_lossy().into_owned()).collect();
    if let Some(out) = &arguments.out {
        let out = out.display().to_string();
        let place = (0..words.len()).find(|at| words[*at] == "--out" || words[*at] == format!("--out={out}"));
        if let Some(at) = place {
            let length = if words[at] == "--out" { 2 } else { 1 };
            words.drain(at..(at + length).min(words.len()));
        }
    }
    words.extend(["--out".to_owned(), folder.display().to_string()]);
    let quoted: Vec<_> = words.iter().map(|word| shell_quoted(word)).collect();
    format!("{} {}", typed::program(), quoted.join(" "))
}
