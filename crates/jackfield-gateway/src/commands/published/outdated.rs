//! `outdated`: shows the newer versions of published servers. It changes nothing.
#![allow(clippy::print_stdout, reason = "this command prints differences")]

use std::process::ExitCode;

use jackfield_recipe::visible_line;

use super::judgement::differences;
use super::local_copy::{Registry, RegistryOptions};
use super::release::{Release, line};
use super::renewed::examined_as;
use crate::commands::test::find;
use crate::config::ConnectorEntry;
use crate::failure::{Failure, note};
use crate::gateway::OpenGateway;

/// Arguments of `outdated`.
#[derive(clap::Args, Debug)]
pub(crate) struct Outdated {
    /// The name of a connector [default: all]
    pub(crate) name: Option<String>,
    /// Also fetch the newer packages and start them in quarantine, to compare their tools
    #[arg(long)]
    pub(crate) tools: bool,
    #[command(flatten)]
    pub(crate) registry: RegistryOptions,
}

pub(crate) fn run(gateway: &OpenGateway, outdated: &Outdated) -> Result<ExitCode, Failure> {
    let entries: Vec<&ConnectorEntry> = match &outdated.name {
        Some(name) => vec![find(gateway, name)?],
        None => gateway.config().connectors.iter().collect(),
    };
    let published: Vec<_> = entries.iter().filter_map(|it| Some((*it, it.published.as_ref()?))).collect();
    if published.is_empty() {
        note("there is no published server in gateway.toml");
        return Ok(ExitCode::SUCCESS);
    }
    let registry = Registry::open(gateway, &outdated.registry)?;
    let mut has_found = false;
    for (entry, pinned) in published {
        let release = Release::of(&registry, pinned, None)?;
        let name = entry.name.as_str();
        let warning = release.warning();
        let newer = release.newer();
        has_found |= warning.is_some() || newer.is_some();
        if let Some(warning) = warning {
            println!("{name}: {pinned}: {}", visible_line(&warning));
        }
        let Some(newer) = newer else { continue };
        println!("{name}: {pinned} → {}", newer.version);
        for difference in release.differences() {
            println!("{}", line(difference.class, &difference.to_string()));
        }
        if outdated.tools {
            match examined_as(gateway, entry, &release, &[], false) {
                Ok((examined, _)) => {
                    for change in &differences(gateway, entry, &examined)?.changes {
                        println!("{}", line(change.class, &visible_line(&change.line().to_string())));
                    }
                }
                Err(failure) => println!("  its tools are not known: {}", visible_line(&failure.0)),
            }
        }
        note(&format!("to see its tools and use it: `{} update {name}`", gateway.called()));
    }
    Ok(if has_found { ExitCode::from(1) } else { ExitCode::SUCCESS })
}
