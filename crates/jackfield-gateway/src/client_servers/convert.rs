//! Converts a server of an MCP client into a connector of gateway.toml.

use std::path::Path;

use jackfield_runtime::Environment;
use serde_json::{Map, Value};
use toml_edit::{Array, InlineTable, Table, value};

use super::expand::{Folders, Part, parts};
use super::secret::{address_has_secret, is_plain, is_secret_name, secret_argument};
use super::source::{ClientServers, ListedServer};
use crate::config::is_variable;

/// The keys that are imported, and the keys that have no meaning behind a gateway.
const KNOWN: [&str; 17] = [
    "alwaysAllow",
    "args",
    "autoApprove",
    "command",
    "cwd",
    "description",
    "disabled",
    "env",
    "envFile",
    "gallery",
    "headers",
    "serverUrl",
    "timeout",
    "tools",
    "type",
    "url",
    "version",
];

/// A converted connector, and the environment variables that its user has to set.
#[derive(Debug)]
pub(crate) struct Converted {
    pub(crate) table: Table,
    /// The environment variables that the gateway needs, each with a description of its value.
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) notes: Vec<String>,
}

/// Converts a server. `name` is the name of the new connector.
///
/// # Errors
/// Returns an error if the server cannot be converted without writing a secret into gateway.toml. The error says what to do.
pub(crate) fn convert(
    server: &ListedServer,
    name: &str,
    of: &ClientServers,
    environment: &Environment,
) -> Result<Converted, String> {
    let home = environment.get(if cfg!(windows) { "USERPROFILE" } else { "HOME" });
    let conversion = Conversion {
        of,
        environment,
        name,
        folders: Folders { workspace: &of.workspace, home: home.as_deref() },
    };
    let entry = &server.entry;
    if entry.get("disabled") == Some(&Value::Bool(true)) {
        return Err("it is disabled in the client's file".to_owned());
    }
    let kind = entry.get("type").and_then(Value::as_str).unwrap_or_default();
    let mut converted = Converted { table: Table::new(), variables: Vec::new(), notes: Vec::new() };
    let url = entry.get("url").or_else(|| entry.get("serverUrl")).and_then(Value::as_str);
    match (entry.get("command").and_then(Value::as_str), url) {
        _ if matches!(kind, "sse" | "ws") => {
            return Err(format!(
                "its transport is `{kind}`, which the gateway does not support: if the server also supports streamable HTTP, add that URL with `add NAME --url`"
            ));
        }
        (Some(command), _) => conversion.child(command, entry, &mut converted)?,
        (None, Some(url)) => conversion.http(url, entry, &mut converted)?,
        (None, None) => return Err("it has neither `command` nor `url`".to_owned()),
    }
    for key in entry.keys().filter(|key| !KNOWN.contains(&key.as_str())) {
        converted.notes.push(format!("`{key}` of `{}` is not imported", server.name));
    }
    Ok(converted)
}

struct Conversion<'c> {
    of: &'c ClientServers,
    environment: &'c Environment,
    name: &'c str,
    folders: Folders<'c>,
}

impl Conversion<'_> {
    /// Replaces the references in a text by their values. A reference to a secret is refused.
    fn plain(&self, text: &str, place: &str) -> Result<String, String> {
        let mut plain = String::new();
        for part in parts(self.of.client, text, &self.folders) {
            match part {
                Part::Text(text) => plain += &text,
                Part::Variable(name, _) if is_secret_name(&name) => {
                    return Err(format!(
                        "{place} contains the secret ${{{name}}}, and the import would have to write its value into gateway.toml: let the server read an environment variable instead, and add the server with `add NAME --pass {name} -- COMMAND`"
                    ));
                }
                Part::Variable(name, default) => match self.environment.get(&name).or(default) {
                    Some(value) => plain += &value,
                    None => {
                        return Err(format!(
                            "{place} contains ${{{name}}}, which is not set: set it and import again"
                        ));
                    }
                },
                Part::Input(id) => {
                    return Err(format!(
                        "{place} uses the VS Code input `{id}`, and the import would have to write its value into gateway.toml: let the server read an environment variable instead, and add the server with `add NAME --pass VARIABLE -- COMMAND`"
                    ));
                }
                Part::Unknown(written) => {
                    return Err(format!(
                        "{place} contains {written}, which {} cannot expand",
                        self.of.client
                    ));
                }
            }
        }
        Ok(plain)
    }

    /// Converts a server that is started as a program.
    fn child(
        &self,
        command: &str,
        entry: &Map<String, Value>,
        converted: &mut Converted,
    ) -> Result<(), String> {
        let mut words = vec![self.plain(command, "its command")?];
        for argument in entry.get("args").and_then(Value::as_array).into_iter().flatten() {
            let text = argument.as_str().map_or_else(|| argument.to_string(), str::to_owned);
            words.push(self.plain(&text, "an argument")?);
        }
        if let Some(place) = secret_argument(&words) {
            return Err(format!(
                "its arguments contain a secret ({place}), and the import would have to write it into gateway.toml: let the server read an environment variable instead, and add the server with `add NAME --pass VARIABLE -- COMMAND`"
            ));
        }
        converted.table.insert("command", value(words.iter().collect::<Array>()));
        if let Some(folder) = entry.get("cwd").and_then(Value::as_str) {
            converted.table.insert("directory", value(self.plain(folder, "its folder")?));
        }
        let (mut passed, mut plain) = (Vec::new(), InlineTable::new());
        for (name, text) in entry.get("env").and_then(Value::as_object).into_iter().flatten() {
            if !is_variable(name) {
                return Err(format!("`{name}` cannot be the name of a variable"));
            }
            let text = text.as_str().map_or_else(|| text.to_string(), str::to_owned);
            match self.variable(name, &text) {
                Ok(value) => {
                    plain.insert(name, value.into());
                }
                Err(holds) => {
                    passed.push(name.clone());
                    converted.variables.push((name.clone(), holds));
                }
            }
        }
        if let Some(file) = entry.get("envFile").and_then(Value::as_str) {
            let file = self.plain(file, "its envFile")?;
            for name in names_in(Path::new(&file))? {
                if !passed.contains(&name) && !plain.contains_key(&name) {
                    converted.variables.push((name.clone(), format!("its value is in {file}")));
                    passed.push(name);
                }
            }
        }
        if !passed.is_empty() {
            converted.table.insert("pass", value(passed.iter().collect::<Array>()));
        }
        if !plain.is_empty() {
            converted.table.insert("env", value(plain));
        }
        Ok(())
    }

    /// Returns the plain value of a variable. If the variable has to be set outside gateway.toml, the error describes its value.
    fn variable(&self, name: &str, text: &str) -> Result<String, String> {
        let in_file = || format!("its value is in {}", self.of.file.display());
        match &parts(self.of.client, text, &self.folders)[..] {
            [] => Ok(String::new()),
            [Part::Text(text)] if is_plain(name, text) => Ok(text.clone()),
            [Part::Text(_)] => Err(in_file()),
            [Part::Variable(other, default)] => match default {
                Some(default) if self.environment.get(other).is_none() && is_plain(name, default) => {
                    Ok(default.clone())
                }
                _ if other == name => Err(String::new()),
                _ => Err(format!("the value of {other}")),
            },
            [Part::Input(id)] => Err(self.described(id)),
            _ => Err(format!("the value of `{text}` in {}", self.of.file.display())),
        }
    }

    fn described(&self, id: &str) -> String {
        self.of.inputs.iter().find(|(known, _)| known == id).map_or(id, |(_, text)| text).to_owned()
    }

    /// Converts a server that has a URL.
    fn http(&self, url: &str, entry: &Map<String, Value>, converted: &mut Converted) -> Result<(), String> {
        let url = self.plain(url, "its address")?;
        if address_has_secret(&url) {
            return Err(
                "its URL may contain a secret, which does not belong in gateway.toml: use a token or a header of the server, or add the URL with `add NAME --url` if it contains no secret"
                    .to_owned(),
            );
        }
        converted.table.insert("url", value(url));
        let mut headers = InlineTable::new();
        for (header, text) in entry.get("headers").and_then(Value::as_object).into_iter().flatten() {
            let text = text.as_str().unwrap_or_default();
            let is_authorization = header.eq_ignore_ascii_case("authorization");
            let bearer =
                text.get(..7).filter(|scheme| is_authorization && scheme.eq_ignore_ascii_case("bearer "));
            let suffix = if bearer.is_some() { "TOKEN" } else { header };
            let text = bearer.map_or(text, |scheme| &text[scheme.len()..]);
            let (variable, holds) = self.holder(suffix, text);
            converted.variables.push((variable.clone(), holds));
            match bearer {
                Some(_) => {
                    converted.table.insert("token", value(variable));
                }
                None => {
                    headers.insert(header, variable.into());
                }
            }
        }
        if !headers.is_empty() {
            converted.table.insert("headers", value(headers));
        }
        Ok(())
    }

    /// Returns the environment variable for the value of a header, and what to set it to.
    fn holder(&self, suffix: &str, text: &str) -> (String, String) {
        let own = variable_of(&format!("{}_{suffix}", self.name));
        match &parts(self.of.client, text, &self.folders)[..] {
            [Part::Variable(name, _)] => (name.clone(), String::new()),
            [Part::Input(id)] => (own, self.described(id)),
            [Part::Text(_)] => (own, format!("its value is in {}", self.of.file.display())),
            _ => (own, format!("the value of `{text}` in {}", self.of.file.display())),
        }
    }
}

fn variable_of(text: &str) -> String {
    text.chars()
        .map(|char| if char.is_ascii_alphanumeric() { char.to_ascii_uppercase() } else { '_' })
        .collect()
}

/// Reads the names of the variables in a file with lines of the form `NAME=VALUE`.
fn names_in(file: &Path) -> Result<Vec<String>, String> {
    let text = crate::config::file::text(file)
        .map_err(|error| format!("its envFile {} cannot be read: {error}", file.display()))?;
    let names = text.lines().filter_map(|line| {
        let line = line.trim().strip_prefix("export ").unwrap_or(line.trim());
        let (name, _) = line.split_once('=')?;
        is_variable(name.trim()).then(|| name.trim().to_owned())
    });
    Ok(names.collect())
}
