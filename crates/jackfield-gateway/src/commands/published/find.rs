//! `find WORDS` and `mirror FILE`.
#![allow(clippy::print_stdout, reason = "these commands print what they find")]

use std::path::Path;
use std::process::ExitCode;

use jackfield_recipe::visible_line;
use jackfield_registry::{Hit, Scope, Status};
use serde_json::json;

use super::local_copy::{Registry, RegistryOptions};
use super::mirror_file;
use crate::failure::{Failure, note};
use crate::gateway::OpenGateway;

/// The maximum width of a name in the list.
const WIDEST: usize = 46;

/// Arguments of `find`.
#[derive(clap::Args, Debug)]
pub(crate) struct Find {
    /// What the server should do, in words
    #[arg(required = true, value_name = "WORDS")]
    pub(crate) words: Vec<String>,
    /// Also find deprecated and deleted servers
    #[arg(long)]
    pub(crate) all: bool,
    /// The maximum number of servers, at most 50
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    pub(crate) limit: usize,
    /// Print JSON, one server per line
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) registry: RegistryOptions,
}

pub(crate) fn run(gateway: &OpenGateway, find: &Find) -> Result<ExitCode, Failure> {
    let registry = Registry::open(gateway, &find.registry)?;
    let scope = if find.all { Scope::All } else { Scope::Active };
    let hits = registry.copy.find(&find.words.join(" "), find.limit, scope).map_err(Failure::of)?;
    if find.json {
        hits.iter().for_each(|hit| println!("{}", as_json(hit)));
    } else {
        let width = hits.iter().map(|hit| hit.name.len()).max().unwrap_or(0).min(WIDEST);
        hits.iter().for_each(|hit| println!("{}", line(hit, width)));
        let state = registry.copy.state().map_err(Failure::of)?;
        note(&format!("{} of {} servers of {}", hits.len(), state.servers, registry.source));
        if let Some(first) = hits.first() {
            note(&format!("look at one with `{} show {}`", gateway.called(), first.name));
        }
    }
    Ok(if hits.is_empty() { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// Returns the lines of a server.
fn line(hit: &Hit, width: usize) -> String {
    let status = match hit.status {
        Status::Active => String::new(),
        status => format!(" ({status})"),
    };
    let text = format!(
        "{:width$}  {}{status}  {}\n    {}",
        hit.name,
        hit.version,
        hit.kinds.join(", "),
        hit.description
    );
    text.lines().map(|line| visible_line(line).into_owned()).collect::<Vec<_>>().join("\n")
}

fn as_json(hit: &Hit) -> serde_json::Value {
    json!({
        "name": hit.name, "version": hit.version, "title": hit.title, "description": hit.description,
        "kinds": hit.kinds, "status": hit.status.as_str(), "reason": hit.reason,
    })
}

/// Writes all entries into a file, for machines without network.
pub(crate) fn mirror(
    gateway: &OpenGateway,
    file: &Path,
    options: &RegistryOptions,
) -> Result<ExitCode, Failure> {
    let registry = Registry::open(gateway, options)?;
    let entries = mirror_file::write(file, |to| registry.copy.export(to).map_err(Failure::of))?;
    note(&format!("wrote {entries} entries of {} into {}", registry.source, file.display()));
    Ok(ExitCode::SUCCESS)
}
