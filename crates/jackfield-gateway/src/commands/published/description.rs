//! The text that tells what a published server is, before anything of it is fetched or started.

use std::fmt::Write as _;

use jackfield_recipe::visible_line;
use jackfield_registry::{Argument, Entry, Finding, Input, NamedInput, Package, Remote, Status};

use super::way::{CheckedWay, Way};

/// The width of the labels.
const LABEL: usize = 12;

/// The lines of a description.
#[derive(Debug, Default)]
pub(super) struct Description(String);

impl Description {
    /// Describes an entry, without its ways.
    pub(super) fn of_entry(entry: &Entry, versions: usize) -> Self {
        let mut text = Self::default();
        let title = entry.title.as_deref().map_or_else(String::new, |title| format!(" ({title})"));
        text.line(0, &format!("{} {}{title}", entry.name, entry.version));
        text.line(2, &entry.description);
        text.row("publisher", &publisher(entry.name.namespace()));
        if let Some(since) = &entry.official.published_at {
            let others = if versions > 1 { format!(", one of {versions} versions") } else { String::new() };
            text.row("published", &format!("{}{others}", day(since)));
        }
        if entry.official.status != Status::Active {
            let message = entry.official.status_message.as_deref();
            let message = message.map_or_else(String::new, |message| format!(": {message}"));
            text.row("status", &format!("{}{message}", entry.official.status));
        }
        if entry.official.is_latest == Some(false) {
            text.row("newer", "there is a newer version");
        }
        if let Some(repository) = &entry.repository {
            text.row("repository", &repository.url);
        }
        if let Some(website) = &entry.website {
            text.row("website", website);
        }
        text
    }

    /// Adds a way with its number, and the findings about it.
    pub(super) fn way(&mut self, number: usize, checked: &CheckedWay<'_>) {
        self.0.push('\n');
        self.line(0, &format!("{number}. {} {}", checked.way.word(), checked.way.target()));
        match checked.way {
            Way::Package(package) => self.package(package),
            Way::Remote(remote) => self.remote(remote),
        }
        self.findings(&checked.findings);
    }

    fn package(&mut self, package: &Package) {
        let command = match package.kind.is_supported() {
            true => "the program of the package, started by the gateway itself",
            false => "none: the gateway does not fetch packages of this kind",
        };
        self.row("command", command);
        for argument in &package.arguments {
            self.row("argument", &argument_text(argument));
        }
        for variable in &package.environment {
            self.row("variable", &named(variable));
        }
        if let Some(hint) = &package.runtime_hint {
            let arguments: Vec<&str> = package.runtime_arguments.iter().map(Argument::label).collect();
            let arguments =
                if arguments.is_empty() { String::new() } else { format!(" {}", arguments.join(" ")) };
            self.row("not used", &format!("{hint}{arguments}, with which its publisher starts it"));
        }
        if let Some(base) = &package.registry_base_url {
            self.row("from", base);
        }
        if let Some(digest) = &package.file_sha256 {
            self.row("file", &format!("sha256:{digest}"));
        }
        self.row("hosts", "any: an entry does not say which hosts its program calls");
    }

    fn remote(&mut self, remote: &Remote) {
        self.row("transport", remote.transport.kind.as_str());
        for (name, input) in &remote.variables {
            self.row("in the URL", &format!("{name}{}", facts(input)));
        }
        for header in &remote.transport.headers {
            self.row("header", &named(header));
        }
        if remote.transport.headers.is_empty() {
            self.row("headers", "none declared; it may ask for a login");
        }
    }

    /// Adds findings.
    pub(super) fn findings(&mut self, findings: &[Finding]) {
        for finding in findings {
            self.line(2, &format!("{finding}"));
        }
    }

    /// Adds a row with a label.
    pub(super) fn row(&mut self, label: &str, value: &str) {
        let _ = writeln!(self.0, "  {label:LABEL$} {}", visible_line(value));
    }

    fn line(&mut self, indent: usize, text: &str) {
        let _ = writeln!(self.0, "{:indent$}{}", "", visible_line(text));
    }

    /// Returns the text.
    pub(super) fn into_text(self) -> String {
        self.0
    }
}

/// Tells whom a namespace belongs to. The official registry checks that the publisher controls the account or the domain.
pub(super) fn publisher(namespace: &str) -> String {
    match namespace.strip_prefix("io.github.") {
        Some(account) if !account.contains('.') => format!("the GitHub account {account}"),
        _ => {
            let domain: Vec<&str> = namespace.split('.').rev().collect();
            format!("the owner of the domain {}", domain.join("."))
        }
    }
}

/// Returns the day of a time of RFC 3339.
pub(super) fn day(time: &str) -> &str {
    time.split_once('T').map_or(time, |(day, _)| day)
}

fn argument_text(argument: &Argument) -> String {
    let value = argument.input.value.as_ref().map_or_else(String::new, |value| format!(" {value}"));
    let again = if argument.is_repeated { ", may be repeated" } else { "" };
    format!("{}{value}{}{again}", argument.label(), facts(&argument.input))
}

fn named(input: &NamedInput) -> String {
    let value = input.input.value.as_ref().map_or_else(String::new, |value| format!(" = {value}"));
    format!("{}{value}{}", input.name, facts(&input.input))
}

/// Returns the facts about an input in parentheses: whether it is secret or required, its default, choices and description.
fn facts(input: &Input) -> String {
    let mut facts = Vec::new();
    if input.has_secret() {
        facts.push("secret, kept in the vault".to_owned());
    }
    if input.is_required {
        facts.push("required".to_owned());
    }
    if let Some(value) = &input.default {
        facts.push(format!("by default {value}"));
    }
    if !input.choices.is_empty() {
        facts.push(format!("one of {}", input.choices.join(", ")));
    }
    let facts = if facts.is_empty() { String::new() } else { format!(" ({})", facts.join("; ")) };
    match &input.description {
        Some(description) => format!("{facts}: {description}"),
        None => facts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn publisher_is_the_account_or_the_domain_of_the_namespace() {
        assert_eq!(publisher("io.github.ada"), "the GitHub account ada");
        assert_eq!(publisher("com.example.tools"), "the owner of the domain tools.example.com");
        assert_eq!(publisher("io.github.ada.more"), "the owner of the domain more.ada.github.io");
    }
}
