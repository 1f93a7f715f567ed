//! The references in a client's file: `${VAR}`, `${VAR:-default}`, `${env:VAR}`, `${input:ID}`, `${workspaceFolder}` and others.

use std::path::Path;

use jackfield_clients::Client;

use crate::config::is_variable;

/// Literal text or a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    /// An environment variable, and its default value.
    Variable(String, Option<String>),
    /// The id of an input for which VS Code asks its user.
    Input(String),
    /// A reference that this client does not support, as it is written.
    Unknown(String),
}

/// The values of references to folders.
pub(super) struct Folders<'f> {
    pub(super) workspace: &'f Path,
    pub(super) home: Option<&'f str>,
}

/// Splits a text by the rules of a client.
pub(super) fn parts(client: Client, text: &str, folders: &Folders<'_>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut add = |part: Part| match (parts.last_mut(), part) {
        (Some(Part::Text(last)), Part::Text(text)) => last.push_str(&text),
        (_, Part::Text(text)) if text.is_empty() => {}
        (_, part) => parts.push(part),
    };
    let mut rest = text;
    // Claude Desktop takes every value literally.
    while client != Client::ClaudeDesktop
        && let Some((before, after)) = rest.split_once("${")
        && let Some((name, after)) = after.split_once('}')
    {
        add(Part::Text(before.to_owned()));
        add(reference(client, name, folders));
        rest = after;
    }
    add(Part::Text(rest.to_owned()));
    parts
}

fn reference(client: Client, name: &str, folders: &Folders<'_>) -> Part {
    let written = || format!("${{{name}}}");
    if client == Client::ClaudeCode {
        let (variable, default) = match name.split_once(":-") {
            Some((variable, default)) => (variable, Some(default.to_owned())),
            None => (name, None),
        };
        return match is_variable(variable) {
            true => Part::Variable(variable.to_owned(), default),
            false => Part::Unknown(written()),
        };
    }
    let workspace = || folders.workspace.display().to_string();
    match name.split_once(':') {
        Some(("env", variable)) if is_variable(variable) => Part::Variable(variable.to_owned(), None),
        Some(("input", id)) if client == Client::VsCode => Part::Input(id.to_owned()),
        Some(_) => Part::Unknown(written()),
        None => match (name, folders.home) {
            ("workspaceFolder" | "workspaceRoot", _) => Part::Text(workspace()),
            ("workspaceFolderBasename", _) => {
                Part::Text(folders.workspace.file_name().unwrap_or_default().to_string_lossy().into_owned())
            }
            ("userHome", Some(home)) => Part::Text(home.to_owned()),
            ("pathSeparator" | "/", _) => Part::Text(std::path::MAIN_SEPARATOR.to_string()),
            _ => Part::Unknown(written()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variable_references_are_parsed_in_the_syntax_of_each_client() {
        let folders = Folders { workspace: Path::new("/srv/shop"), home: Some("/home-of-ada") };
        let text = |text: &str| Part::Text(text.to_owned());
        let variable =
            |name: &str, default: Option<&str>| Part::Variable(name.to_owned(), default.map(str::to_owned));
        let unknown = |text: &str| Part::Unknown(text.to_owned());
        for (client, written, expected) in [
            (Client::ClaudeCode, "a${B}c", vec![text("a"), variable("B", None), text("c")]),
            (Client::ClaudeCode, "${B:-d:e}", vec![variable("B", Some("d:e"))]),
            (Client::ClaudeCode, "${B:-}", vec![variable("B", Some(""))]),
            (Client::ClaudeCode, "${env:B}", vec![unknown("${env:B}")]),
            (Client::ClaudeCode, "${B", vec![text("${B")]),
            (Client::ClaudeCode, "$B", vec![text("$B")]),
            (Client::ClaudeDesktop, "${B}", vec![text("${B}")]),
            (Client::Cursor, "${env:B}/x", vec![variable("B", None), text("/x")]),
            (
                Client::Cursor,
                "${workspaceFolder}${/}x",
                vec![text(&format!("/srv/shop{}x", std::path::MAIN_SEPARATOR))],
            ),
            (Client::Cursor, "${userHome}", vec![text("/home-of-ada")]),
            (Client::Cursor, "${input:key}", vec![unknown("${input:key}")]),
            (Client::Cursor, "${B}", vec![unknown("${B}")]),
            (Client::VsCode, "Bearer ${input:key}", vec![text("Bearer "), Part::Input("key".to_owned())]),
            (Client::VsCode, "${workspaceFolderBasename}", vec![text("shop")]),
            (Client::VsCode, "${command:x}", vec![unknown("${command:x}")]),
            (Client::VsCode, "", vec![]),
        ] {
            assert_eq!(parts(client, written, &folders), expected, "{client} {written}");
        }
    }
}
