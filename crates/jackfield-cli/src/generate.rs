//! `jackfield gen`

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use jackfield_build::model::{ConnectorName, Destinations, NameError, shell_quoted};
use jackfield_build::{CrateFolder, LOCK_FILE, NewConnector, Runtime};

use crate::fetch::HttpFetch;
use crate::progress::Progress;
use crate::{Failure, message, paint, runtime_place};

#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// The OpenAPI document, for a new connector; without it, the connector.toml here says which
    spec: Option<PathBuf>,
    /// The connector's folder [default: here, or a new folder that is called after the connector]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// What a new connector is called [default: after the document's file]
    #[arg(long, value_parser = name)]
    name: Option<ConnectorName>,
    /// Where a new connector takes its runtime from: a folder, a git address or a version
    #[arg(long, value_name = "PATH|GIT|VERSION")]
    runtime: Option<String>,
    /// Change nothing; say what would change, and exit with 1 if anything would
    #[arg(long)]
    check: bool,
    /// Show each finding, not one of each kind
    #[arg(long)]
    all: bool,
    /// Let a new connector's document refer to files outside its folder
    #[arg(long)]
    outside: bool,
    /// Fetch remote files that the document refers to; each has to be pinned in connector.toml before it counts
    #[arg(long)]
    fetch: bool,
    /// Accept an origin that jackfield.lock does not have, or a private one; may be repeated
    #[arg(long, value_name = "URL")]
    accept_origin: Vec<String>,
    /// Write jackfield.lock alone, for a crate that generates the rest in build.rs
    #[arg(long, conflicts_with = "spec")]
    lock_only: bool,
    /// How much tools say; a new connector.toml keeps it [default: what connector.toml says, else lean]
    #[arg(long, value_enum)]
    wording: Option<crate::wording::Wording>,
    /// How findings are printed: for people, to stderr; or as JSON, a line each, to stdout
    #[arg(long, value_enum, default_value_t = Format::Human)]
    message_format: Format,
    /// What ends the run: with `warnings`, any finding that leaves something out
    #[arg(long, value_enum)]
    deny: Option<Deny>,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Human,
    Json,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Deny {
    Warnings,
}

fn name(text: &str) -> Result<ConnectorName, NameError> {
    ConnectorName::new(text)
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let folder = arguments.folder()?;
    let connector = match &arguments.spec {
        None => CrateFolder::open(&folder)?,
        Some(spec) => {
            let runtime =
                arguments.runtime.as_deref().map_or_else(runtime_place::default, runtime_place::parse);
            let new = NewConnector {
                document: spec.clone(),
                name: arguments.name.clone(),
                runtime,
                outside: arguments.outside,
            };
            CrateFolder::open_or_create(&folder, &new)?
        }
    };
    let connector = connector.worded(arguments.wording.map(Into::into))?;
    let connector = connector.accepting(arguments.accept_origin.iter().cloned());
    let connector = connector.generated_by(arguments.command(&folder));
    let connector = if arguments.lock_only { connector.lock_only() } else { connector };
    let connector = if arguments.fetch { connector.fetching(Arc::new(HttpFetch::new())) } else { connector };
    let progress = Progress::start();
    let connector = connector.watched(progress.watcher());
    let outcome = connector.generate();
    progress.end();
    let generated = match (outcome, arguments.message_format) {
        (Err(error), Format::Json) => {
            error.findings().iter().for_each(message::finding);
            return Ok(ExitCode::from(2));
        }
        (outcome, _) => outcome?,
    };
    match arguments.message_format {
        Format::Human => {
            paint::findings(&generated.report, arguments.all);
            paint::origins(&Destinations::of(&generated.connector).reasons(), &[]);
        }
        Format::Json => message::report(&generated.report),
    }
    let warnings = generated.report.warnings();
    if arguments.deny == Some(Deny::Warnings) && warnings > 0 {
        return Err(Failure::Other(format!(
            "{warnings} warnings, and warnings are denied: nothing was written"
        )));
    }
    if arguments.check {
        return check(&connector, &generated, &arguments.command(&folder));
    }
    let outcome = connector.write(&generated)?;
    if arguments.message_format == Format::Json {
        return Ok(ExitCode::SUCCESS);
    }
    paint::count(&generated.report.count);
    paint::changes(generated.changes.as_ref());
    paint::outcome(&outcome);
    if connector.is_new() {
        introduce(arguments, &folder, generated.connector.name.as_str());
    }
    Ok(ExitCode::SUCCESS)
}

impl Arguments {
    /// The command that generates into that folder, without what is accepted.
    fn command(&self, folder: &Path) -> String {
        let mut command = "jackfield gen".to_owned();
        if self.lock_only {
            command.push_str(" --lock-only");
        }
        if folder != Path::new(".") {
            command.push_str(&format!(" --out {}", shell_quoted(&folder.display().to_string())));
        }
        command
    }

    fn folder(&self) -> Result<PathBuf, Failure> {
        match (&self.out, &self.spec) {
            (Some(out), _) => Ok(out.clone()),
            (None, None) => Ok(PathBuf::from(".")),
            (None, Some(spec)) => {
                let stem =
                    spec.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
                let name = self.name.clone().or_else(|| ConnectorName::from_text(&stem));
                let name = name.ok_or_else(|| Failure::Other("say where to with --out DIR".to_owned()))?;
                Ok(PathBuf::from(format!("{name}-mcp")))
            }
        }
    }
}

fn check(
    connector: &CrateFolder,
    generated: &jackfield_build::Generated,
    command: &str,
) -> Result<ExitCode, Failure> {
    let drifts = connector.check(generated)?;
    if drifts.is_empty() {
        paint::note("up to date");
        return Ok(ExitCode::SUCCESS);
    }
    let changes = generated.changes.as_ref().filter(|changes| !changes.is_empty());
    paint::changes(changes);
    for drift in &drifts {
        let text = drift.to_string();
        match changes {
            // The changes of the lock say what the first differing lines of files would.
            Some(_) if drift.path == LOCK_FILE => {}
            Some(_) => paint::say(text.lines().next().unwrap_or_default()),
            None => paint::say(&text),
        }
    }
    let files = if drifts.len() == 1 { "file" } else { "files" };
    paint::say(&format!("\n{} generated {files} would change: run `{command}`", drifts.len()));
    Ok(ExitCode::FAILURE)
}

/// What to do with a new connector.
fn introduce(arguments: &Arguments, folder: &Path, name: &str) {
    if arguments.runtime.is_none() && matches!(runtime_place::default(), Runtime::Path(_)) {
        paint::note("its runtime is the one beside this jackfield's sources; --runtime chooses another");
    }
    paint::say(&format!("\n{name} is in {}. Next:", folder.display()));
    paint::say(&format!("  cd {}", folder.display()));
    paint::say("  cargo run -- tools");
    paint::say("  cargo run -- --help");
}
