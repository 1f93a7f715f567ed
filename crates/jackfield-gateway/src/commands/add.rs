//! `add NAME`.

use std::path::Path;
use std::process::ExitCode;

use jackfield_recipe::{names_secret, shell_quoted};
use toml_edit::{Array, InlineTable, Item, Table, value};

use super::edited::EditedConfig;
use super::test::{find, show};
use crate::builder::Gateway;
use crate::command_line::Add;
use crate::config::file::folder;
use crate::failure::{Failure, note};

pub(super) fn run(gateway: &Gateway, add: &Add) -> Result<ExitCode, Failure> {
    if add.spec.is_none() && add.url.is_none() && add.catalogue.is_none() && add.command.is_empty() {
        return Err(Failure(format!(
            "`{name}` has no source: add --spec PATH, --url URL, --catalogue SERVICE or -- COMMAND, or find a published server with `jackfield-gateway find {name}`",
            name = add.name
        )));
    }
    let mut edited = EditedConfig::open(gateway)?;
    let name = add.name.as_str();
    let table = table(add, edited.file())?;
    let config = edited.add(name, table)?;
    let preview = edited.preview(config)?;
    let entry = find(&preview, name)?;
    // A folder that cannot be served is an error before anything is written.
    let is_own = !entry.kind.is_remote();
    let works = if is_own { show(&preview, entry)? } else { true };
    let gateway = edited.save()?;
    let entry = find(&gateway, name)?;
    let works = if is_own { works } else { show(&gateway, entry)? };
    let (called, file) = (gateway.called(), edited.file().display());
    note(&format!("added `{name}` to {file}; a running gateway follows within seconds"));
    if !works {
        note(&format!(
            "the connector was added anyway: once its server answers, look at its tools with `{called} test {name}`"
        ));
        return Ok(ExitCode::from(1));
    }
    let next = match gateway.config().agents {
        Some(_) => format!(
            "to let an agent use it, add `{name}` to its `connectors` in {file}, and run `{called} apply`"
        ),
        None => {
            format!(
                "to let an agent use it: `{called} agent add AGENT --connectors {name}`, or `{called} attach AGENT {name}`"
            )
        }
    };
    note(&next);
    if entry.has_own_accounts() {
        note(&format!(
            "each agent connects an account of its own: with `{called} login {name} --agent AGENT`, or with the link that its first call gets"
        ));
    }
    if entry.kind.is_remote() && add.effects.is_empty() {
        note(&format!(
            "its tools count as destructive until [connectors.{name}.effects] in {file} says which only read"
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds the table of the connector.
fn table(add: &Add, file: &Path) -> Result<Table, Failure> {
    let mut table = Table::new();
    if let Some(path) = &add.spec {
        table.insert("spec", value(seen_from(path, file)));
    }
    if let Some(url) = &add.url {
        check_address(url)?;
        table.insert("url", value(url));
    }
    if let Some(service) = &add.catalogue {
        table.insert("catalogue", value(service));
    }
    if !add.command.is_empty() {
        let words: Array = add.command.iter().map(|word| program(word, file)).collect();
        table.insert("command", value(words));
    }
    if let Some(variable) = &add.token {
        table.insert("token", value(variable));
    }
    if !add.headers.is_empty() {
        table.insert("headers", value(pairs(&add.headers, "--header X-Api-Key=DOCS_KEY")?));
    }
    if !add.pass.is_empty() {
        table.insert("pass", value(add.pass.iter().collect::<Array>()));
    }
    if !add.env.is_empty() {
        let variables = pairs(&add.env, "--env TZ=UTC")?;
        if let Some((name, _)) = variables.iter().find(|(name, _)| names_secret(name)) {
            return Err(Failure(format!(
                "`{name}` looks like a secret, which does not belong in gateway.toml: set the variable where the gateway runs, and write --pass {}",
                shell_quoted(name)
            )));
        }
        table.insert("env", value(variables));
    }
    if !add.secrets.is_empty() {
        table.insert("secrets", value(add.secrets.iter().collect::<Array>()));
    }
    if let Some(owner) = &add.credential {
        table.insert("credential", value(owner));
    }
    if !add.effects.is_empty() {
        let pairs = pairs(&add.effects, "--effect 'get_*=read'")?;
        table.insert("effects", Item::Table(pairs.into_table()));
    }
    Ok(table)
}

/// Parses arguments of the form `NAME=VALUE`.
pub(super) fn pairs(words: &[String], example: &str) -> Result<InlineTable, Failure> {
    let mut table = InlineTable::new();
    for word in words {
        let Some((name, text)) = word.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            return Err(Failure(format!("`{word}` has no `=`: write it as in `{example}`")));
        };
        table.insert(name, text.into());
    }
    Ok(table)
}

/// Refuses a URL that contains a secret.
fn check_address(url: &str) -> Result<(), Failure> {
    let authority =
        url.split("://").nth(1).and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    if authority.contains('@') {
        return Err(Failure(
            "the URL contains a user name or password, which does not belong in gateway.toml: leave it out, and write --token VARIABLE or --header Authorization=VARIABLE".to_owned(),
        ));
    }
    Ok(())
}

/// Returns a path as it is written in gateway.toml: relative to the folder of gateway.toml if the path is below that folder.
fn seen_from(path: &Path, file: &Path) -> String {
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    match full.strip_prefix(folder(file)) {
        Ok(below) if below.as_os_str().is_empty() => ".".to_owned(),
        Ok(below) => below.display().to_string(),
        Err(_) => full.display().to_string(),
    }
}

/// A word of a command. A program or file here is found from the folder of gateway.toml, in which the gateway starts it.
fn program(word: &str, file: &Path) -> String {
    let is_here = word.starts_with("./") || word.starts_with("../");
    let starts_elsewhere = || std::env::current_dir().ok() != Some(folder(file));
    match std::path::absolute(word) {
        Ok(path) if is_here && path.exists() && starts_elsewhere() => path.display().to_string(),
        _ => word.to_owned(),
    }
}
