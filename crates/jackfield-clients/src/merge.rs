//! Adds an entry to the text of a file, and removes an entry. Each result is parsed. A JSON result is also compared
//! with the intended change, so that a file with unusual formatting is refused instead of damaged.

use std::path::Path;

use serde_json::Value;

use crate::client::{Client, Format};
use crate::entry::Entry;
use crate::error::{ClientError, Position};
use crate::json::{self, Node};
use crate::scanner::Fault;
use crate::toml;

/// The result of [`add`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Added {
    /// The text already contains the entry.
    Unchanged,
    /// The new text, and whether it replaces another entry.
    Text { text: String, replaces: bool },
}

/// The result of [`remove`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Removed {
    /// The text does not contain the entry.
    Absent,
    /// The new text.
    Text(String),
}

/// Adds the entry. Another entry with the same name is replaced only if `may_replace` is set.
pub(crate) fn add(file: &Path, text: &str, entry: &Entry, may_replace: bool) -> Result<Added, ClientError> {
    let taken = || ClientError::Taken { file: file.to_owned(), name: entry.name.clone() };
    match entry.client.format() {
        Format::Json { servers } => {
            let file = JsonFile { file, servers };
            let before = file.value(text)?;
            let found = before.get(servers).and_then(|servers| servers.get(&entry.name));
            let replaces = found.is_some_and(|found| *found != entry.value);
            let is_there = found.is_some() && !replaces;
            if replaces && !may_replace {
                return Err(taken());
            }
            let out = if is_there { text.to_owned() } else { file.set(text, &entry.name, &entry.value)? };
            let out = file.add_inputs(&out, &entry.inputs)?;
            let mut expected = before.clone();
            let members = expected.as_object_mut().ok_or_else(|| file.unusual())?;
            let all = members.entry(servers).or_insert_with(|| Value::Object(serde_json::Map::new()));
            all.as_object_mut()
                .ok_or_else(|| file.unusual())?
                .insert(entry.name.clone(), entry.value.clone());
            file.check(&out, &expected)?;
            Ok(if out == text { Added::Unchanged } else { Added::Text { text: out, replaces } })
        }
        Format::Toml { servers } => {
            let fault = |fault: Fault| invalid(file, text, fault);
            let statements = toml::parse(text).map_err(fault)?;
            let own = toml::block(servers, &entry.name, &entry.value, "\n");
            let table =
                toml::table(text, &statements, servers, &entry.name).map_err(|it| refused(file, text, it))?;
            match table {
                toml::Table::Absent => {
                    let out = toml::insert(text, servers, &entry.name, &entry.value);
                    toml::parse(&out).map_err(|it| refused(file, &out, it))?;
                    Ok(Added::Text { text: out, replaces: false })
                }
                toml::Table::Lines(lines) => {
                    let there: String = lines.iter().map(|range| &text[range.clone()]).collect();
                    if same_lines(&there, &own) {
                        return Ok(Added::Unchanged);
                    }
                    if !may_replace {
                        return Err(taken());
                    }
                    let newline = if there.contains("\r\n") { "\r\n" } else { "\n" };
                    let block = toml::block(servers, &entry.name, &entry.value, newline);
                    let out = toml::replace(text, &lines, &block);
                    toml::parse(&out).map_err(|it| refused(file, &out, it))?;
                    Ok(Added::Text { text: out, replaces: true })
                }
            }
        }
    }
}

fn same_lines(a: &str, b: &str) -> bool {
    a.lines().map(str::trim_end).filter(|line| !line.is_empty()).eq(b.lines().filter(|line| !line.is_empty()))
}

/// Removes the entry, or replaces it by the entry of the same name in `before`. `before` is the text of the file
/// before the entry was written, if the file existed; `inputs` are the inputs that were added with the entry.
pub(crate) fn remove(
    file: &Path,
    text: &str,
    client: Client,
    name: &str,
    before: Option<&str>,
    inputs: &[String],
) -> Result<Removed, ClientError> {
    match client.format() {
        Format::Json { servers } => JsonFile { file, servers }.remove(text, name, before, inputs),
        Format::Toml { servers } => {
            let table = |text: &str| {
                let statements = toml::parse(text).map_err(|fault| invalid(file, text, fault))?;
                toml::table(text, &statements, servers, name).map_err(|fault| refused(file, text, fault))
            };
            let toml::Table::Lines(lines) = table(text)? else { return Ok(Removed::Absent) };
            let out = match before.map(|before| Ok((before, table(before)?))).transpose()? {
                Some((before, toml::Table::Lines(earlier))) => {
                    let block: String = earlier.into_iter().map(|range| &before[range]).collect();
                    toml::replace(text, &lines, &block)
                }
                _ => toml::remove(text, &lines),
            };
            toml::parse(&out).map_err(|fault| refused(file, &out, fault))?;
            Ok(Removed::Text(out))
        }
    }
}

/// A JSON file, with the facts that error messages need.
struct JsonFile<'f> {
    file: &'f Path,
    servers: &'static str,
}

impl JsonFile<'_> {
    fn parse(&self, text: &str) -> Result<Option<Node>, ClientError> {
        json::parse(text).map_err(|fault| invalid(self.file, text, fault))
    }

    /// Parses the file. An empty file counts as an empty object.
    fn value(&self, text: &str) -> Result<Value, ClientError> {
        let Some(root) = self.parse(text)? else { return Ok(Value::Object(serde_json::Map::new())) };
        self.check_form(text, &root)?;
        Ok(root.value())
    }

    /// Returns an error if it is unclear which entry the client reads.
    fn check_form(&self, text: &str, root: &Node) -> Result<(), ClientError> {
        let fault = |at: usize, problem: String| invalid(self.file, text, Fault { at, text: problem });
        let Some(members) = root.members() else {
            return Err(fault(root.span.start, "expected an object".to_owned()));
        };
        let servers: Vec<_> = members.iter().filter(|member| member.name == self.servers).collect();
        if let [_, second, ..] = servers[..] {
            return Err(fault(second.start, format!("a second `{}`", self.servers)));
        }
        let Some(servers) = servers.first() else { return Ok(()) };
        let Some(entries) = servers.value.members() else {
            return Err(fault(servers.value.span.start, format!("`{}` is not an object", self.servers)));
        };
        let mut names = std::collections::BTreeSet::new();
        match entries.iter().find(|entry| !names.insert(&entry.name)) {
            Some(twice) => Err(fault(twice.start, format!("a second entry `{}`", twice.name))),
            None => Ok(()),
        }
    }

    fn unusual(&self) -> ClientError {
        ClientError::refused(
            self.file,
            "the entry cannot be placed here without changing something else: add it by hand (without --write, this command prints it)",
        )
    }

    /// Sets an entry, and creates the objects that contain it.
    fn set(&self, text: &str, name: &str, value: &Value) -> Result<String, ClientError> {
        let Some(root) = self.parse(text)? else {
            let document = serde_json::json!({ self.servers: { name: value } });
            let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
            let end = if text.trim_start_matches('\u{feff}').is_empty() || text.ends_with('\n') {
                ""
            } else {
                newline
            };
            return Ok(format!("{text}{end}{}{newline}", json::pretty(&document, "  ", "", newline)));
        };
        Ok(match root.member(self.servers) {
            None => json::insert(text, &root, &root, self.servers, &serde_json::json!({ name: value })),
            Some(servers) => match servers.value.member(name) {
                None => json::insert(text, &root, &servers.value, name, value),
                Some(entry) => json::replace(text, &root, &entry.value, value),
            },
        })
    }

    fn add_inputs(&self, text: &str, inputs: &[Value]) -> Result<String, ClientError> {
        let mut text = text.to_owned();
        for input in inputs {
            let Some(root) = self.parse(&text)? else { return Err(self.unusual()) };
            text = match root.member(INPUTS) {
                None => json::insert(&text, &root, &root, INPUTS, &serde_json::json!([input])),
                Some(member) => {
                    let Some(elements) = member.value.elements() else { return Err(self.unusual()) };
                    if elements.iter().any(|element| id(element) == id_of(input)) {
                        continue;
                    }
                    json::append(&text, &root, &member.value, input)
                }
            };
        }
        Ok(text)
    }

    /// Compares the result with the intended change. The result may have further inputs after the expected inputs.
    fn check(&self, text: &str, expected: &Value) -> Result<(), ClientError> {
        let mut found = self.value(text)?;
        let mut expected = expected.clone();
        let inputs =
            |value: &mut Value| value.as_object_mut().and_then(|members| members.shift_remove(INPUTS));
        let (new, old) = (inputs(&mut found), inputs(&mut expected));
        let elements =
            |value: &Option<Value>| value.as_ref().and_then(Value::as_array).cloned().unwrap_or_default();
        match found == expected && elements(&new).starts_with(&elements(&old)) {
            true => Ok(()),
            false => Err(self.unusual()),
        }
    }

    fn remove(
        &self,
        text: &str,
        name: &str,
        before: Option<&str>,
        inputs: &[String],
    ) -> Result<Removed, ClientError> {
        let value = self.value(text)?;
        if value.get(self.servers).and_then(|servers| servers.get(name)).is_none() {
            return Ok(Removed::Absent);
        }
        let before = before.map(|before| self.value(before)).transpose()?.unwrap_or_default();
        let mut expected = value;
        let Some(root) = self.parse(text)? else { return Ok(Removed::Absent) };
        let Some(servers) = root.member(self.servers) else { return Ok(Removed::Absent) };
        let entries =
            expected.get_mut(self.servers).and_then(Value::as_object_mut).ok_or_else(|| self.unusual())?;
        let earlier = before.get(self.servers).and_then(|servers| servers.get(name));
        let mut out = match earlier {
            Some(earlier) => {
                entries.insert(name.to_owned(), earlier.clone());
                let entry = servers.value.member(name).ok_or_else(|| self.unusual())?;
                json::replace(text, &root, &entry.value, earlier)
            }
            None => {
                entries.shift_remove(name);
                let members = servers.value.members().unwrap_or_default();
                let index =
                    members.iter().position(|entry| entry.name == name).ok_or_else(|| self.unusual())?;
                json::remove_member(text, &servers.value, index)
            }
        };
        // An input is kept if another server refers to it.
        for id in inputs {
            let reference = format!("${{input:{id}}}");
            if !expected.get(self.servers).is_some_and(|servers| mentions(servers, &reference)) {
                out = self.remove_input(&out, id)?;
            }
        }
        for key in [self.servers, INPUTS] {
            if before.get(key).is_none() {
                out = self.remove_empty(&out, key)?;
            }
        }
        if before.get(self.servers).is_none() && expected.get(self.servers).is_some_and(is_empty) {
            expected.as_object_mut().ok_or_else(|| self.unusual())?.shift_remove(self.servers);
        }
        let mut found = self.value(&out)?;
        for value in [&mut found, &mut expected] {
            value.as_object_mut().and_then(|members| members.shift_remove(INPUTS));
        }
        if let (Some(all), None) = (found.get(self.servers), expected.get(self.servers))
            && is_empty(all)
        {
            found.as_object_mut().and_then(|members| members.shift_remove(self.servers));
        }
        if found == expected { Ok(Removed::Text(out)) } else { Err(self.unusual()) }
    }

    fn remove_input(&self, text: &str, wanted: &str) -> Result<String, ClientError> {
        let Some(root) = self.parse(text)? else { return Ok(text.to_owned()) };
        let Some(inputs) = root.member(INPUTS) else { return Ok(text.to_owned()) };
        let elements = inputs.value.elements().unwrap_or_default();
        Ok(match elements.iter().position(|element| id(element).as_deref() == Some(wanted)) {
            Some(index) => json::remove_element(text, &inputs.value, index),
            None => text.to_owned(),
        })
    }

    /// Removes a member that was added with the entry, if it is empty.
    fn remove_empty(&self, text: &str, key: &str) -> Result<String, ClientError> {
        let Some(root) = self.parse(text)? else { return Ok(text.to_owned()) };
        let members = root.members().unwrap_or_default();
        let Some(index) = members.iter().position(|member| member.name == key) else {
            return Ok(text.to_owned());
        };
        let Node { span, .. } = &members[index].value;
        // An object with a comment is kept, because somebody wrote the comment.
        let has_nothing =
            is_empty(&members[index].value.value()) && text[span.start + 1..span.end - 1].trim().is_empty();
        match has_nothing {
            true => Ok(json::remove_member(text, &root, index)),
            false => Ok(text.to_owned()),
        }
    }
}

/// Returns the ids of the inputs in a file.
pub(crate) fn inputs(file: &Path, text: &str, client: Client) -> Result<Vec<String>, ClientError> {
    let Format::Json { servers } = client.format() else { return Ok(Vec::new()) };
    let root = JsonFile { file, servers }.parse(text)?;
    let elements = root.as_ref().and_then(|root| root.member(INPUTS)?.value.elements());
    Ok(elements.unwrap_or_default().iter().filter_map(id).collect())
}

/// The key below which VS Code describes the values for which it asks.
const INPUTS: &str = "inputs";

fn id(element: &Node) -> Option<String> {
    id_of(&element.value())
}

pub(crate) fn id_of(input: &Value) -> Option<String> {
    input.get("id").and_then(Value::as_str).map(str::to_owned)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        _ => false,
    }
}

fn mentions(value: &Value, text: &str) -> bool {
    match value {
        Value::String(it) => it.contains(text),
        Value::Array(elements) => elements.iter().any(|element| mentions(element, text)),
        Value::Object(members) => members.values().any(|member| mentions(member, text)),
        _ => false,
    }
}

fn invalid(file: &Path, text: &str, fault: Fault) -> ClientError {
    ClientError::Invalid { file: file.to_owned(), position: Position::of(text, fault.at), text: fault.text }
}

fn refused(file: &Path, text: &str, fault: Fault) -> ClientError {
    let Position { line, column } = Position::of(text, fault.at);
    ClientError::refused(file, format!("line {line}, column {column}: {}", fault.text))
}
