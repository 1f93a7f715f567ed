//! `import FILE|CLIENT`.
#![allow(clippy::print_stdout, reason = "this command prints what it has imported")]

use std::process::ExitCode;

use jackfield_recipe::visible_line;
use jackfield_runtime::{AttachedName, Environment};

use super::client_entry;
use super::edited::EditedConfig;
use super::list::kind;
use crate::builder::Gateway;
use crate::client_servers::{ClientServers, convert};
use crate::failure::{Failure, did_you_mean, note};

pub(super) fn run(
    gateway: &Gateway,
    from: &str,
    client: Option<&str>,
    only: &[String],
) -> Result<ExitCode, Failure> {
    let client = client.map(client_entry::client).transpose()?;
    let environment = Environment::of_process();
    let found = ClientServers::read(from, client, &environment).map_err(Failure)?;
    for name in only {
        let known = || found.servers.iter().map(|server| server.name.as_str());
        if known().all(|other| other != name) {
            let near = did_you_mean(name, known());
            return Err(Failure(format!("{} has no server `{name}`{near}", found.file.display())));
        }
    }
    let mut edited = EditedConfig::open(gateway)?;
    let (mut names, mut left_out, mut variables, mut notes) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for server in found.servers.iter().filter(|it| only.is_empty() || only.contains(&it.name)) {
        let shown = visible_line(&server.name).into_owned();
        let added = name_of(&server.name).and_then(|name| {
            let converted = convert(server, &name, &found, &environment)?;
            edited.add(&name, converted.table.clone()).map_err(|failure| failure.0)?;
            Ok((name, converted))
        });
        match added {
            Ok((name, converted)) => {
                names.push((name, shown));
                variables.extend(converted.variables);
                notes.extend(converted.notes);
            }
            Err(why) => left_out.push((shown, why)),
        }
    }
    let (called, file) = (edited.called(), edited.file().display());
    if !names.is_empty() {
        let gateway = edited.save()?;
        println!("added from {} ({}):", found.file.display(), found.client);
        for (name, shown) in &names {
            let entry = gateway.config().connector(name);
            let was = if name == shown { String::new() } else { format!(" (`{shown}` there)") };
            println!("  {name}: {}{was}", entry.map(kind).unwrap_or_default());
        }
    }
    if !left_out.is_empty() {
        println!("not added:");
        left_out.iter().for_each(|(name, why)| println!("  {name}: {}", visible_line(why)));
    }
    variables.sort();
    variables.dedup_by(|one, other| one.0 == other.0);
    let is_set = |name: &str| environment.get(name).is_some();
    if !variables.is_empty() {
        println!("variables that the gateway needs, because {file} has no secrets:");
        for (name, holds) in &variables {
            let state = if is_set(name) { "set here" } else { "not set" };
            let holds = if holds.is_empty() { String::new() } else { format!(": {}", visible_line(holds)) };
            println!("  {name} ({state}){holds}");
        }
    }
    notes.iter().for_each(|text| note(text));
    match names.first() {
        Some((name, _)) => note(&format!(
            "look at the tools of each with `{called} test {name}`; a running gateway follows within seconds"
        )),
        None => note(&format!("{file} was not changed")),
    }
    Ok(if left_out.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Returns the name of the connector for a server of a client.
fn name_of(server: &str) -> Result<String, String> {
    let mut name = String::new();
    for char in server.chars() {
        match char.to_ascii_lowercase() {
            char if char.is_ascii_lowercase() || char.is_ascii_digit() => name.push(char),
            _ if name.is_empty() || name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    let start = name.find(|char: char| char.is_ascii_lowercase()).unwrap_or(name.len());
    let mut name = name.split_off(start);
    name.truncate(AttachedName::LONGEST);
    let name = name.trim_end_matches('-').to_owned();
    match AttachedName::parse(&name) {
        Ok(_) => Ok(name),
        Err(_) => {
            Err("its name contains none of the letters a to z, so no connector name can be made from it: choose a name with `add NAME`"
                .to_owned())
        }
    }
}
