//! `add NAME@VERSION`: adds a published server after a person has seen what it is, what it lists, and what it may do.
#![allow(clippy::print_stdout, reason = "this command prints a description")]

use std::process::ExitCode;
use std::time::Duration;

use jackfield_cli::published::{Gravity, ListFinding};
use jackfield_registry::{Entry, ServerReference, Status};
use toml_edit::Table;

use super::answers::{Answers, confirmed};
use super::connector_name::connector_name;
use super::examined::{Examined, checked_url, examined_package, examined_remote, package_of, unknown_lists};
use super::exposure::{Exposure, listed};
use super::judgement::{Candidate, findings};
use super::local_copy::{Registry, RegistryOptions};
use super::secrets::Secrets;
use super::settings::Settings;
use super::show::described;
use super::table::{digest_of, write};
use super::trial::trial_of;
use super::way::choose;
use crate::builder::Gateway;
use crate::commands::edited::EditedConfig;
use crate::commands::list::count;
use crate::commands::test::find;
use crate::failure::{Failure, note};
use crate::gateway::OpenGateway;
use crate::package::store::PackageStore;
use crate::remote::pinned::FetchedLists;

/// The time limit for the lists of a server at a URL.
const PATIENCE: Duration = Duration::from_secs(30);

/// Arguments of `add` for a published server.
#[derive(clap::Args, Debug)]
pub(crate) struct PublishedOptions {
    /// The name of the connector for a published server [default: from the name of the server]
    #[arg(long = "as", value_name = "CONNECTOR")]
    pub(crate) connector: Option<String>,
    /// The package or address of a published server: npm, pypi, cargo, mcpb, remote, or its number in `show`
    #[arg(long, value_name = "WAY")]
    pub(crate) way: Option<String>,
    /// The program to start, if the package of a published server has several
    #[arg(long, value_name = "NAME")]
    pub(crate) program: Option<String>,
    /// A value that a published server asks for and that is not a secret; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub(crate) values: Vec<String>,
    /// Add a published server without asking
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) registry: RegistryOptions,
}

pub(crate) fn run(
    gateway: &Gateway,
    server: &str,
    options: &PublishedOptions,
    effects: &[String],
) -> Result<ExitCode, Failure> {
    let mut edited = EditedConfig::open(gateway)?;
    let before = edited.before()?;
    let registry = Registry::open(&before, &options.registry)?;
    let reference = ServerReference::parse(server).map_err(Failure::of)?;
    let entry = registry.entry(&reference)?;
    if reference.version.is_none() {
        return Err(Failure(format!(
            "write the version that you have looked at: `{called} show {name}`, then `{called} add {name}@{version}`",
            called = before.called(),
            name = entry.name,
            version = entry.version
        )));
    }
    if entry.official.status == Status::Deleted {
        return Err(Failure(format!("{}@{} was withdrawn from the registry", entry.name, entry.version)));
    }
    let name = named(&entry, options)?;
    edited.check_name(&name)?;
    print!("{}", described(&before, &registry, &entry, false)?);
    let checked = choose(&entry, options.way.as_deref())?;
    let way = checked.way;
    let mut answers = Answers::parse(&options.values, !options.yes)?;
    let mut settings = Settings::of(&way, &mut answers, &name)?;
    answers.finish()?;
    let question = match package_of(&way) {
        Some(package) => format!(
            "fetch the {} package {} and start it in quarantine, without network, secrets and your files?",
            way.word(),
            package.identifier
        ),
        None => {
            checked_url(&settings)?;
            format!("connect to {}?", settings.url)
        }
    };
    if !confirmed(&question, options.yes)? {
        note("nothing was fetched and nothing was added");
        return Ok(ExitCode::from(1));
    }
    let secrets = Secrets::ask(&mut settings)?;
    let examined = match package_of(&way) {
        Some(package) => examined_package(&before, package, options.program.as_deref(), &settings)?,
        None if !secrets.has_all(&settings) => unknown_lists(&before, &name),
        None => {
            let tried = trial_of(&settings, &name, PATIENCE)?;
            secrets.with_stored(&before, &tried, || examined_remote(&before, &tried))?
        }
    };
    let found = shown(&before, &name, &examined)?;
    let exposure = Exposure::of(effects, examined.tools(), options.yes)?;
    let candidate = Candidate {
        connector: &name,
        entry: &entry,
        way: &checked,
        settings: &settings,
        examined: &examined,
        exposure: &exposure,
        findings: found,
        changes: None,
    };
    note(&format!("everything about it is on the page {}", candidate.write_page(&before)?.display()));
    let tools = count(examined.tools().len(), "tool");
    if !confirmed(&format!("add it as the connector `{name}` with {tools}?"), options.yes)? {
        note("nothing was added");
        return Ok(ExitCode::from(1));
    }
    let mut table = Table::new();
    write(&mut table, &entry, &settings, digest_of(&examined));
    exposure.write(&mut table);
    edited.add(&name, table)?;
    let gateway = adopted(&edited, &before, &name, examined)?;
    secrets.store(&gateway, find(&gateway, &name)?, &[])?;
    note(&format!("added `{name}`; a running gateway follows within seconds"));
    note(&format!("to let an agent use it: `{} attach AGENT {name}`", gateway.called()));
    Ok(ExitCode::SUCCESS)
}

/// Returns the name of the connector.
fn named(entry: &Entry, options: &PublishedOptions) -> Result<String, Failure> {
    let given = options.connector.clone().or_else(|| connector_name(&entry.name));
    given.ok_or_else(|| {
        Failure(format!("`{}` cannot be the name of a connector: add --as NAME", entry.name.short()))
    })
}

/// Prints the tools of a server that nobody has accepted yet, what was observed, and what the checks found.
///
/// # Errors
/// Returns an error if the store cannot be read.
pub(super) fn shown(
    gateway: &OpenGateway,
    name: &str,
    examined: &Examined,
) -> Result<Vec<ListFinding>, Failure> {
    print!("\n{}", listed(examined.tools()));
    for observation in &examined.observations {
        note(observation);
    }
    let found = findings(gateway, name, examined)?;
    for finding in found.iter().filter(|finding| finding.gravity != Gravity::Note) {
        note(&finding.to_string());
    }
    Ok(found)
}

/// Keeps the package, writes gateway.toml, and accepts the tools that a person has seen.
///
/// # Errors
/// Returns an error if gateway.toml or the store cannot be written.
pub(super) fn adopted(
    edited: &EditedConfig<'_>,
    before: &OpenGateway,
    name: &str,
    examined: Examined,
) -> Result<OpenGateway, Failure> {
    let Examined { lists, package, .. } = examined;
    // A running gateway may start the connector as soon as gateway.toml names it.
    let digest = package.as_ref().map(|package| package.record.digest.clone());
    if let Some(package) = package {
        package.keep(before, name)?;
    }
    let gateway = edited.save()?;
    let entry = find(&gateway, name)?;
    gateway.claim_state()?;
    let lists = FetchedLists { source: entry.kind.digest(), ..lists };
    gateway.pins().record(name, "", lists).map_err(Failure::of)?;
    let seen = gateway.all_pinned(entry).map_err(Failure::of)?;
    gateway.pins().accept(name, None, &seen).map_err(Failure::of)?;
    // Packages of earlier versions are not used any more.
    PackageStore::of(gateway.state()).remove(name, digest.as_deref()).map_err(Failure::of)?;
    Ok(gateway)
}
