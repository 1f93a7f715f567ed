//! `jackfield gen`: generates a connector, or checks that the generated files are up to date.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use jackfield_build::model::{ConnectorName, Destinations, NameError, shell_quoted};
use jackfield_build::{CrateFolder, Drift, Job, LOCK_FILE, Manifest, NewConnector, model_of};

use crate::diff::since_lock;
use crate::fetch::HttpFetch;
use crate::progress::Progress;
use crate::spec::Spec;
use crate::{Failure, accept, manifest_path, message, paint, runtime_place};

#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  jackfield gen openapi.yaml --out bookshop\n  jackfield gen --check\n  jackfield gen --lock-only --out bookshop\n  jackfield gen --lock-only --tool get_book"
)]
pub(crate) struct Arguments {
    /// The OpenAPI document (a file, `-` for stdin, or a URL with --fetch), or a connector.toml [default: the connector.toml here]
    spec: Option<PathBuf>,
    /// The connector's folder [default: here, or a new folder named after the connector]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The name of a new connector [default: from the document's file name]
    #[arg(long, value_parser = name)]
    name: Option<ConnectorName>,
    /// Refer to the document where it is, instead of keeping a copy beside a new connector.toml
    #[arg(long)]
    link: bool,
    /// The source of the runtime for a new connector: a folder, a git URL or a version
    #[arg(long, value_name = "PATH|GIT|VERSION")]
    runtime: Option<String>,
    /// Change nothing; print what would change, and exit with 1 if anything would change
    #[arg(long)]
    check: bool,
    /// With --check: print each difference since jackfield.lock was written, with its class
    #[arg(long, value_enum, value_name = "FORMAT", num_args = 0..=1, default_missing_value = "text", require_equals = true, requires = "check")]
    report: Option<since_lock::Format>,
    /// Show each finding instead of grouping them
    #[arg(long)]
    all: bool,
    /// Let a new connector's document refer to files outside its folder
    #[arg(long)]
    outside: bool,
    /// Fetch the document from its URL, and the remote files to which it refers, which must be pinned in
    /// connector.toml; never from a private address
    #[arg(long)]
    fetch: bool,
    /// Accept an origin that jackfield.lock does not list, or a private origin; may be repeated
    #[arg(long, value_name = "URL")]
    accept_origin: Vec<String>,
    /// Choose new names for all tools, instead of keeping the names in jackfield.lock
    #[arg(long)]
    new_names: bool,
    /// Write only jackfield.lock, for a served folder or a crate that generates its code in build.rs; at a terminal,
    /// show the accepted differences and ask first
    #[arg(long, conflicts_with = "spec")]
    lock_only: bool,
    /// With --lock-only: accept only the withheld tools of a selector, such as `get_book` or `tag:books`; may be repeated
    #[arg(long, value_name = "SELECTOR", requires = "lock_only", conflicts_with_all = ["check", "new_names"])]
    tool: Vec<String>,
    /// With --lock-only: accept all differences without showing them and without asking
    #[arg(long, requires = "lock_only")]
    yes: bool,
    /// How much text tools have; a new connector.toml stores it [default: from connector.toml, else lean]
    #[arg(long, value_enum)]
    wording: Option<crate::wording::Wording>,
    /// The format of findings: text on stderr, or JSON with one finding per line on stdout
    #[arg(long, value_enum, default_value_t = Format::Human)]
    message_format: Format,
    /// Fail if there are findings of this kind; `warnings` are findings about parts that are left out
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
    let (folder, connector) = arguments.connector()?;
    let connector = connector.worded(arguments.wording.map(Into::into))?;
    let connector = connector.accepting(arguments.accept_origin.iter().cloned());
    let connector = connector.renewing_names(arguments.new_names);
    let command = arguments.command(&folder, &connector);
    let connector = connector.generated_by(command.as_str());
    let connector = if arguments.lock_only { connector.lock_only() } else { connector };
    let connector = if arguments.fetch { connector.fetching(Arc::new(HttpFetch::new())) } else { connector };
    if let Some(format) = arguments.report {
        since_lock::print(&folder, &connector, format)?;
    }
    if !arguments.tool.is_empty() {
        return accept::tools(&folder, &connector, &arguments.tool, arguments.yes);
    }
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
            "nothing was written: {warnings} warnings, and `--deny warnings` turns warnings into errors"
        )));
    }
    if arguments.check {
        return check(&connector, &generated, &command, arguments.report.is_some());
    }
    let is_review = arguments.lock_only && arguments.message_format == Format::Human;
    if is_review && !arguments.yes && !accept::is_accepted(&folder, &connector, &generated)? {
        paint::note("nothing was written");
        return Ok(ExitCode::FAILURE);
    }
    let outcome = connector.write(&generated)?;
    if arguments.message_format == Format::Json {
        return Ok(ExitCode::SUCCESS);
    }
    paint::count(&generated.report.count, &generated.connector);
    if !is_review || arguments.yes {
        paint::changes(generated.changes.as_ref());
    }
    paint::outcome(&outcome);
    if connector.is_new() {
        introduce(&connector, &folder, generated.connector.name.as_str());
    }
    Ok(ExitCode::SUCCESS)
}

impl Arguments {
    /// Returns the command that generates into `folder`, without `--accept-origin`.
    fn command(&self, folder: &Path, connector: &CrateFolder) -> String {
        let mut command = "jackfield gen".to_owned();
        if self.lock_only {
            command.push_str(" --lock-only");
        }
        // These options apply only to a new connector. An existing connector has them in connector.toml.
        if let Some(spec) = self.spec.as_ref().filter(|_| connector.is_new() || connector.copies()) {
            let flags = [("--fetch", self.fetch), ("--link", self.link), ("--outside", self.outside)];
            let flags = flags.iter().filter(|(_, set)| *set).map(|(flag, _)| format!(" {flag}"));
            command.extend(flags);
            let name = self.name.as_ref().map(|name| format!(" --name {name}"));
            let runtime =
                self.runtime.as_ref().map(|runtime| format!(" --runtime {}", shell_quoted(runtime)));
            command.extend([name, runtime].into_iter().flatten());
            command.push_str(&format!(" {}", shell_quoted(&spec.display().to_string())));
        }
        if folder != Path::new(".") {
            command.push_str(&format!(" --out {}", shell_quoted(&folder.display().to_string())));
        }
        command
    }

    /// Returns the connector and its folder.
    fn connector(&self) -> Result<(PathBuf, CrateFolder), Failure> {
        let runtime = self.runtime.as_deref().map_or_else(runtime_place::default, runtime_place::parse);
        let Some(named) = &self.spec else {
            let folder = self.out.clone().unwrap_or_else(|| PathBuf::from("."));
            if !folder.join("connector.toml").is_file() {
                let here = crate::folder::documents(&folder);
                return Err(match (CrateFolder::open(&folder), here.is_empty()) {
                    (Err(error), true) => error.into(),
                    _ => Failure::Other(format!(
                        "there is no connector.toml here. Create a connector from a document:\n\n{}",
                        crate::folder::commands(&here, "gen")
                    )),
                });
            }
            let connector = CrateFolder::open(&folder)?;
            let connector = if self.lock_only { connector } else { connector.completed(&runtime)? };
            return Ok((folder, connector));
        };
        let (document, given, url) = match Spec::find(named, self.fetch, "gen")? {
            Spec::Manifest(path) => return self.beside(&path, &runtime),
            Spec::Document(path) => (path, None, None),
            Spec::Given { document, name, url } => (PathBuf::from(name), Some(document), url),
        };
        let mut new = NewConnector {
            name: self.name.clone(),
            outside: self.outside,
            link: self.link,
            given,
            url,
            ..NewConnector::of(document, runtime)
        };
        if new.given.is_some() && new.link {
            return Err(Failure::Other("--link needs a local file".to_owned()));
        }
        let folder = match &self.out {
            Some(out) => out.clone(),
            None => {
                if Path::new("connector.toml").is_file() {
                    return Err(Failure::Other(format!(
                        "this folder has a connector. To generate it from another document, run\n\n  \
                         jackfield gen {} --out .\n",
                        shell_quoted(&named.display().to_string())
                    )));
                }
                let name = name_of(&new)?;
                let folder = PathBuf::from(format!("{name}-mcp"));
                new.name = Some(name);
                folder
            }
        };
        let connector = CrateFolder::open_or_create(&folder, &new)?;
        Ok((folder, connector))
    }

    /// Returns the connector of the named connector.toml.
    fn beside(
        &self,
        manifest: &Path,
        runtime: &jackfield_build::Runtime,
    ) -> Result<(PathBuf, CrateFolder), Failure> {
        let folder = manifest_path::folder_of(manifest);
        let shown = shell_quoted(&manifest.display().to_string()).into_owned();
        manifest_path::check(manifest)?;
        let same = |out: &PathBuf| std::fs::canonicalize(out).ok() == std::fs::canonicalize(folder).ok();
        if self.out.as_ref().is_some_and(|out| !same(out)) {
            return Err(Failure::Other(format!(
                "the connector is created beside its connector.toml: omit --out, as in\n\n  jackfield gen {shown}\n"
            )));
        }
        let connector = CrateFolder::open(folder)?;
        if let (Some(wanted), Some(name)) = (&self.name, connector.name())
            && wanted != name
        {
            return Err(Failure::Other(format!(
                "{} already names the connector {name}: omit --name, or change `name` there",
                manifest.display()
            )));
        }
        Ok((folder.to_path_buf(), connector.completed(runtime)?))
    }
}

/// Returns the name of a new connector. It comes from the user, the document's file name, or the document's title.
fn name_of(new: &NewConnector) -> Result<ConnectorName, Failure> {
    let stem = || ConnectorName::from_text(&new.document.file_stem()?.to_string_lossy());
    match new.name.clone().or_else(|| stem().filter(|_| new.given.is_none())) {
        Some(name) => Ok(name),
        None => {
            let mut job = Job::new(Manifest::for_document(&new.document, None).published_at(new.url.clone()));
            job.given.clone_from(&new.given);
            Ok(model_of(&job)?.connector.name)
        }
    }
}

/// Checks a connector. If a report was printed, prints nothing else to stdout.
fn check(
    connector: &CrateFolder,
    generated: &jackfield_build::Generated,
    command: &str,
    is_reported: bool,
) -> Result<ExitCode, Failure> {
    let drifts = connector.check(generated)?;
    if drifts.is_empty() {
        paint::note("up to date");
        return Ok(ExitCode::SUCCESS);
    }
    if is_reported {
        paint::note(&outdated(&drifts, command));
        return Ok(ExitCode::FAILURE);
    }
    let changes = generated.changes.as_ref().filter(|changes| !changes.is_empty());
    paint::changes(changes);
    for drift in &drifts {
        let text = drift.to_string();
        match changes {
            // If the lock changed, the report already describes the difference, so changes of other files are not printed.
            Some(_) if drift.path == LOCK_FILE => {}
            Some(_) => paint::say(text.lines().next().unwrap_or_default()),
            None => paint::say(&text),
        }
    }
    paint::say(&format!("\n{}", outdated(&drifts, command)));
    Ok(ExitCode::FAILURE)
}

/// Returns the number of files that differ, and the command that updates them.
fn outdated(drifts: &[Drift], command: &str) -> String {
    let files = if drifts.len() == 1 { "file" } else { "files" };
    format!("{} generated {files} would change: run `{command}`", drifts.len())
}

/// Prints the next steps for a new connector.
fn introduce(connector: &CrateFolder, folder: &Path, name: &str) {
    if let Some(runtime) = connector.runtime_folder() {
        paint::warn(&format!(
            "the connector uses the runtime at {runtime}, so it builds only on this machine\n  \
             = help: to build it elsewhere, name a git address of Jackfield, or a released version, with --runtime, or in its \
             Cargo.toml"
        ));
    }
    let is_here = folder == Path::new(".");
    let place = if is_here { "this folder".to_owned() } else { folder.display().to_string() };
    paint::say(&format!("\n{name} is in {place}. Next:"));
    if !is_here {
        paint::say(&format!("  cd {}", shell_quoted(&folder.display().to_string())));
    }
    paint::say("  cargo run -- tools");
    paint::say("  cargo run -- help");
}
