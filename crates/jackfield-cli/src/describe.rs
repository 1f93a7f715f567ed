//! `jackfield describe`: creates an overlay with texts for weakly described tools. A command of the user writes the
//! texts, and each text is checked before it is stored.
#![allow(clippy::print_stdout, reason = "`--dry-run` prints the requests")]

mod answer;
mod asking;
mod check;
mod digest;
mod given_command;
mod material;
mod overlay_file;
mod place;
mod plan;
mod process;
mod report;
mod request;
mod short_schema;
mod verify;
mod wanted;
mod weakness;
mod words;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anstream::println;
use jackfield_build::model::Place;
use jackfield_build::{Job, Modelled, NamedTool, model_of};

use crate::document_options::DocumentOptions;
use crate::lint::{ListEntry as _, Subject};
use crate::progress::Progress;
use crate::{Failure, manifest_path, paint};
use asking::{Answers, Asking, KnownTexts};
use check::Names;
use given_command::GivenCommand;
use material::{Collector, Material};
use overlay_file::{FILE, OverlayFile};
use place::{ArgumentNames, Uses};
use plan::Plan;
use request::Request;

/// Arguments of `jackfield describe`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  jackfield describe --with 'llm -m small'\n  jackfield describe bookshop --tool 'tag:books' --dry-run\n  \
                        jackfield describe bookshop --apply -- claude -p\n\n\
                        The command gets JSON on stdin and answers with JSON. docs/describe.md explains both.\n\
                        Exit codes: 0 done, 1 if the command failed or --check finds something, 2 if the connector cannot be read."
)]
pub(crate) struct Arguments {
    /// The connector.toml or its folder [default: the connector.toml here]
    spec: Option<PathBuf>,
    /// The command that writes the texts, split into words without a shell
    #[arg(long, value_name = "COMMAND", conflicts_with = "words")]
    with: Option<String>,
    /// Run the command of --with in a shell
    #[arg(long, requires = "with")]
    shell: bool,
    /// Describe the tools of a selector, such as `tag:books`, instead of weakly described tools; may be repeated
    #[arg(long, value_name = "SELECTOR")]
    tool: Vec<String>,
    /// The maximum number of tools
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
    /// The maximum number of tools in one request
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=100))]
    batch: u16,
    /// The number of seconds that the command has for each request
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
    /// Ask again, and replace edited texts
    #[arg(long)]
    again: bool,
    /// Add the overlay to connector.toml
    #[arg(long)]
    apply: bool,
    /// Only check; exit with 1 if texts are missing or out of date
    #[arg(long, conflicts_with_all = ["apply", "again", "dry_run"])]
    check: bool,
    /// Print the requests that the command would get, without starting the command
    #[arg(long, conflicts_with = "apply")]
    dry_run: bool,
    /// The command and its arguments, after `--`
    #[arg(last = true, value_name = "COMMAND")]
    words: Vec<OsString>,
    #[command(flatten)]
    document: DocumentOptions,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let command = GivenCommand::new(arguments.with.as_deref(), arguments.shell, &arguments.words)
        .map_err(Failure::Other)?;
    let spec = crate::spec::spec_or_here(arguments.spec.as_deref(), "describe")?;
    let mut job = arguments.document.job("describe", &spec, None)?;
    let Some(manifest) = job.manifest.path().map(Path::to_path_buf) else {
        return Err(Failure::Other(
            "a document without a connector.toml cannot be described: run `jackfield gen` first".to_owned(),
        ));
    };
    manifest_path::check(&manifest)?;
    let folder = manifest_path::folder_of(&manifest);
    let path = if folder == Path::new(".") { PathBuf::from(FILE) } else { folder.join(FILE) };
    // The material comes from the document without the texts of this overlay, so that applying the overlay does not change the material.
    let applied = job.manifest.overlays().iter().find(|overlay| is_same(overlay, &path)).cloned();
    if let Some(applied) = &applied {
        job.manifest = job.manifest.without_overlay(applied);
    }
    let existing = read(&path)?;
    let job = job.telling_added_origins();
    let before = Progress::during(job.clone(), model_of)?;
    let tools = before.matching(&arguments.tool).map_err(Failure::Other)?;
    let gathered = Gathered::of(&job, tools, !arguments.tool.is_empty(), arguments.limit, existing.as_ref())?;
    let plan = Plan::new(
        gathered.material,
        existing.unwrap_or_default(),
        command.as_ref(),
        arguments.again,
        &gathered.routes,
        &gathered.merged,
        !arguments.tool.is_empty(),
    );
    report::left_out(&gathered.left_out, gathered.beyond);
    if arguments.check {
        return Ok(report::check(&plan, &path));
    }
    if arguments.dry_run {
        for request in Request::all(&plan.asked(), arguments.batch.into()) {
            println!("{}", request.json());
        }
        return Ok(ExitCode::SUCCESS);
    }
    let asked = plan.asked();
    let mut answers = Answers::default();
    if !asked.is_empty() {
        let Some(command) = &command else {
            let count = asked.len();
            return Err(Failure::Other(format!(
                "there is no command to describe {count} tools: add --with 'llm -m small', or another command that \
                 reads stdin; --dry-run shows the input of the command"
            )));
        };
        let asking = Asking {
            command,
            time: Duration::from_secs(arguments.timeout),
            batch: arguments.batch.into(),
            names: &gathered.names,
        };
        answers = asking.all(&asked, gathered.texts);
    }
    let mut file = plan.file_with(&answers.tools);
    let refused = without_side_effects(&job, &before, &mut file)?;
    answers.refused.extend(refused);
    let is_written = write(&path, &file)?;
    report::done(&plan, &file, &answers, &path, is_written);
    if file.count() > 0 && applied.is_none() {
        report::apply(&manifest, &job, &file, arguments.apply)?;
    }
    Ok(match answers.failure {
        None => ExitCode::SUCCESS,
        Some(failure) => {
            paint::failure(&Failure::Other(failure));
            ExitCode::FAILURE
        }
    })
}

/// The tools of a run, and facts about them.
struct Gathered {
    material: Vec<Material>,
    /// Tools that no overlay can describe, each with the reason.
    left_out: Vec<(String, String)>,
    /// The number of tools beyond the limit.
    beyond: usize,
    /// The names of all tools and operations.
    names: Names,
    /// The routes of all tools.
    routes: BTreeSet<String>,
    /// The routes of the operations of merged tools.
    merged: BTreeSet<String>,
    texts: KnownTexts,
}

impl Gathered {
    fn of(
        job: &Job,
        chosen: Vec<usize>,
        is_named: bool,
        limit: usize,
        existing: Option<&OverlayFile>,
    ) -> Result<Self, Failure> {
        let modelled = model_of(job)?;
        let surface = modelled.surface();
        let operations: Vec<Described> = surface.tools().map(Described::of).collect();
        drop(surface);
        let (subject, report) = Subject::of(&job.manifest, modelled)?;
        let position: HashMap<&str, usize> =
            subject.tools.iter().enumerate().map(|(at, tool)| (tool.name.as_str(), at)).collect();
        let document = report.document();
        let mut uses = Uses::default();
        // A merged tool collects the argument names of several operations.
        let mut names: Vec<ArgumentNames> = subject.tools.iter().map(|_| ArgumentNames::default()).collect();
        let mut listed = Vec::with_capacity(operations.len());
        for operation in operations {
            uses.add(document, &operation.place, &operation.names, &operation.route);
            let at = position.get(operation.called.as_str()).copied();
            if let Some(at) = at.filter(|at| !subject.tools[*at].is_merged()) {
                names[at] = operation.names;
            }
            listed.push(at);
        }
        let mut known = BTreeSet::new();
        let chosen = chosen.iter().filter_map(|at| listed.get(*at).copied().flatten());
        let chosen: Vec<usize> = chosen.filter(|at| known.insert(*at)).collect();
        let (tools, beyond) = plan::selected(&subject, &chosen, is_named, limit, existing);
        let routes: BTreeSet<&str> = tools.iter().map(|(at, ..)| subject.tools[*at].route.as_str()).collect();
        let described = existing.into_iter().flat_map(OverlayFile::tools);
        let holders = described
            .filter(|tool| is_named || routes.contains(tool.route.as_str()))
            .flat_map(|tool| tool.shared.iter().map(|target| (target.clone(), tool.route.clone())))
            .collect();
        let claimed = RefCell::default();
        let collector =
            Collector { subject: &subject, document, names: &names, uses: &uses, holders, claimed };
        let (mut material, mut left_out) = (Vec::new(), Vec::new());
        for (at, weakness, alike) in tools {
            match collector.material(at, weakness, &alike) {
                Ok(one) => material.push(one),
                Err(reason) => left_out.push((subject.tools[at].name.clone(), reason)),
            }
        }
        let merged = subject.tools.iter().filter(|tool| tool.is_merged());
        let merged = merged.flat_map(|tool| tool.each().map(|operation| operation.route.clone()));
        let all = subject.tools.iter();
        let names = all.clone().flat_map(|tool| [Some(&tool.name), tool.operation_id.as_ref()]).flatten();
        let texts = all.map(|tool| (tool.text("description").to_lowercase(), tool.name.clone()));
        Ok(Self {
            material,
            left_out,
            beyond,
            names: names.map(String::as_str).collect(),
            routes: subject.tools.iter().map(|tool| tool.route.clone()).collect(),
            merged: merged.collect(),
            texts: texts.filter(|(text, _)| !text.is_empty()).collect(),
        })
    }
}

/// An operation that is not yet matched with a tool of the list.
struct Described {
    /// The name of the operation's tool.
    called: String,
    names: ArgumentNames,
    place: Place,
    route: String,
}

impl Described {
    fn of(tool: &NamedTool<'_>) -> Self {
        let operation = tool.operation;
        Self {
            called: tool.called().to_string(),
            names: ArgumentNames::of(operation),
            place: operation.place.clone(),
            route: operation.route(),
        }
    }
}

/// Removes the texts that would change more than wording, and returns each removed text with the reason. Texts that
/// the user edited are kept.
fn without_side_effects(
    job: &Job,
    before: &Modelled,
    file: &mut OverlayFile,
) -> Result<Vec<(String, String)>, Failure> {
    let mut refused = Vec::new();
    loop {
        if file.count() == 0 {
            return Ok(refused);
        }
        let found = verify::side_effects(job, before, file)?;
        let mut is_changed = false;
        for tool in file.tools_mut().filter(|tool| !tool.is_edited() && !tool.texts.is_empty()) {
            let Some(reason) = found.get(&tool.route) else { continue };
            refused.extend(tool.texts.iter().map(|text| (text.label.clone(), reason.clone())));
            tool.refuse_all();
            is_changed = true;
        }
        // Removing the texts of one tool can change the name of another tool, so the remaining texts are checked again.
        if !is_changed {
            return Ok(refused);
        }
    }
}

fn read(path: &Path) -> Result<Option<OverlayFile>, Failure> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::Other(format!("cannot read {}: {error}", path.display()))),
    };
    OverlayFile::parse(&path.display().to_string(), &text).map(Some).map_err(Failure::Other)
}

/// Writes the file if its text differs. Returns whether the file was written.
fn write(path: &Path, file: &OverlayFile) -> Result<bool, Failure> {
    let text = file.print();
    let is_new = std::fs::read_to_string(path).map_or(file.tools().next().is_some(), |old| old != text);
    if is_new {
        std::fs::write(path, text)
            .map_err(|error| Failure::Other(format!("cannot write {}: {error}", path.display())))?;
    }
    Ok(is_new)
}

/// Returns whether two paths are equal, ignoring `.` components.
fn is_same(one: &Path, other: &Path) -> bool {
    let plain = |path: &Path| -> PathBuf {
        path.components().filter(|part| !matches!(part, Component::CurDir)).collect()
    };
    plain(one) == plain(other)
}
