//! `update NAME[@VERSION]`: replaces a published server by another version after a person has seen the differences.
#![allow(clippy::print_stdout, reason = "this command prints differences")]

use std::process::ExitCode;

use jackfield_recipe::visible_line;
use jackfield_registry::{ExactVersion, Status};

use super::add::{adopted, shown};
use super::answers::confirmed;
use super::exposure::Exposure;
use super::judgement::{Candidate, differences};
use super::local_copy::{Registry, RegistryOptions};
use super::release::{Release, line, way_of};
use super::renewed::examined_as;
use super::secrets::Secrets;
use super::table::{digest_of, write};
use crate::builder::Gateway;
use crate::commands::edited::EditedConfig;
use crate::commands::test::find;
use crate::failure::{Failure, note};

/// Arguments of `update`.
#[derive(clap::Args, Debug)]
pub(crate) struct Update {
    /// The name of the connector, with or without the @VERSION to use
    #[arg(value_name = "NAME[@VERSION]")]
    pub(crate) name: String,
    /// A value that the new version asks for and that is not a secret; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub(crate) values: Vec<String>,
    /// Update without asking
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) registry: RegistryOptions,
}

pub(crate) fn run(gateway: &Gateway, update: &Update) -> Result<ExitCode, Failure> {
    let (name, wanted) = match update.name.split_once('@') {
        Some((name, version)) => (name, Some(ExactVersion::parse(version).map_err(Failure::of)?)),
        None => (update.name.as_str(), None),
    };
    let mut edited = EditedConfig::open(gateway)?;
    let before = edited.before()?;
    let connector = find(&before, name)?;
    let Some(pinned) = &connector.published else {
        return Err(Failure(format!(
            "`{name}` is not a published server: only those with `registry` have versions"
        )));
    };
    let registry = Registry::open(&before, &update.registry)?;
    let release = Release::of(&registry, pinned, wanted.as_ref())?;
    let Some(newer) = release.newer() else {
        note(&format!("`{name}` has the version {} already", pinned.version));
        return Ok(ExitCode::SUCCESS);
    };
    if newer.official.status == Status::Deleted {
        return Err(Failure(format!("{}@{} was withdrawn from the registry", newer.name, newer.version)));
    }
    println!("{name}: {pinned} → {}", newer.version);
    for difference in release.differences() {
        println!("{}", line(difference.class, &difference.to_string()));
    }
    if !confirmed("fetch this version and compare its tools?", update.yes)? {
        note("nothing was fetched and nothing was changed");
        return Ok(ExitCode::from(1));
    }
    let (examined, mut settings) = examined_as(&before, connector, &release, &update.values, !update.yes)?;
    let found = shown(&before, name, &examined)?;
    let report = differences(&before, connector, &examined)?;
    for change in &report.changes {
        println!("{}", line(change.class, &visible_line(&change.line().to_string())));
    }
    if report.changes.is_empty() {
        note("its tools are the same");
    }
    let former = release.current.as_ref().and_then(|current| way_of(current, connector, None));
    if let Some(way) = way_of(newer, connector, former.as_ref().map(|checked| &checked.way)) {
        let candidate = Candidate {
            connector: name,
            entry: newer,
            way: &way,
            settings: &settings,
            examined: &examined,
            exposure: &Exposure::of_connector(connector),
            findings: found,
            changes: Some((report, pinned.version.clone())),
        };
        note(&format!("everything about it is on the page {}", candidate.write_page(&before)?.display()));
    }
    if !confirmed(&format!("use {newer} instead, with these tools?", newer = newer.version), update.yes)? {
        note("nothing was changed");
        return Ok(ExitCode::from(1));
    }
    // Values that the vault has already are not asked for again.
    let known = connector.kind.secrets();
    let mut added = settings.clone();
    added.secrets.retain(|secret| !known.contains(&secret.name));
    let secrets = Secrets::ask(&mut added)?;
    settings.secrets.retain(|secret| known.contains(&secret.name) || added.secrets.contains(secret));
    let Some(table) = edited.table(name) else {
        return Err(Failure(format!("[connectors.{name}] is not a table that this command can change")));
    };
    let digest = digest_of(&examined).map(str::to_owned);
    write(table, newer, &settings, digest.as_deref());
    edited.parsed()?;
    let gateway = adopted(&edited, &before, name, examined)?;
    secrets.store(&gateway, find(&gateway, name)?, known)?;
    note(&format!("`{name}` is {} now; a running gateway follows within seconds", newer.version));
    Ok(ExitCode::SUCCESS)
}
