//! `show NAME[@VERSION]`: tells what a published server is. Nothing of it is fetched or started.
#![allow(clippy::print_stdout, reason = "this command prints a description")]

use std::process::ExitCode;

use jackfield_registry::{Entry, ServerReference, check, look_alike_finding};

use super::answering::answering;
use super::description::Description;
use super::local_copy::{Registry, RegistryOptions};
use super::way::{Way, ways};
use crate::failure::{Failure, note};
use crate::gateway::OpenGateway;

/// Arguments of `show`.
#[derive(clap::Args, Debug)]
pub(crate) struct Show {
    /// The name of the server, with or without @VERSION
    #[arg(value_name = "NAME[@VERSION]")]
    pub(crate) server: String,
    /// Do not ask the addresses of the server whether they answer
    #[arg(long)]
    pub(crate) offline: bool,
    #[command(flatten)]
    pub(crate) registry: RegistryOptions,
}

pub(crate) fn run(gateway: &OpenGateway, show: &Show) -> Result<ExitCode, Failure> {
    let registry = Registry::open(gateway, &show.registry)?;
    let reference = ServerReference::parse(&show.server).map_err(Failure::of)?;
    let entry = registry.entry(&reference)?;
    print!("{}", described(gateway, &registry, &entry, !show.offline)?);
    if ways(&entry).iter().any(|checked| !checked.is_refused()) {
        note(&format!("to add it: `{} add {}@{}`", gateway.called(), entry.name, entry.version));
    }
    Ok(ExitCode::SUCCESS)
}

/// Describes an entry and all its ways. If `asks`, each address without variables is asked whether it answers.
pub(super) fn described(
    gateway: &OpenGateway,
    registry: &Registry,
    entry: &Entry,
    asks: bool,
) -> Result<String, Failure> {
    let mut text = Description::of_entry(entry, registry.versions(&entry.name)?.len());
    let others = registry.copy.look_alikes(&entry.name).map_err(Failure::of)?;
    let alike = look_alike_finding(&entry.name, &others);
    text.findings(alike.as_slice());
    let general: Vec<_> = check(entry)
        .into_iter()
        .filter(|it| !it.place.starts_with("server/packages/") && !it.place.starts_with("server/remotes/"))
        .collect();
    text.findings(&general);
    for (at, checked) in ways(entry).iter().enumerate() {
        text.way(at + 1, checked);
        if let Way::Remote(remote) = checked.way
            && asks
            && !checked.is_refused()
            && !remote.url().contains('{')
        {
            text.row("answers", &answering(gateway, remote.url())?);
        }
    }
    Ok(text.into_text())
}
