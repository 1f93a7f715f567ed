//! Prints services of the catalogue.
#![allow(clippy::print_stdout, reason = "this module prints to the terminal")]

use anstream::println;
use serde_json::{Value, json};

use super::compare::Comparison;
use super::entry::{Checked, DocumentSource, RemoteServer, Service};
use crate::paint::{BOLD, DIM, GREEN, RED, YELLOW, note};

/// Prints a line for each service.
pub(super) fn table(services: &[&Service]) {
    let width = |text: fn(&Service) -> &str| {
        services.iter().map(|service| text(service).chars().count()).max().unwrap_or(0)
    };
    let (names, categories) = (width(|service| &service.name), width(|service| &service.category));
    for service in services {
        println!(
            "{BOLD}{:names$}{BOLD:#}  {DIM}{:categories$}{DIM:#}  {}",
            service.name,
            service.category,
            known(service)
        );
    }
    note(&format!(
        "\n{} services. `jackfield catalogue NAME` shows one; `jackfield new NAME` makes a connector from its document",
        services.len()
    ));
}

/// Returns a summary of the URLs that the catalogue knows for a service.
fn known(service: &Service) -> String {
    let document = service.document.as_ref().map(|document| match &document.address {
        Some(_) => format!("document ({})", document.checked),
        None => "repository of documents".to_owned(),
    });
    let server = service.mcp.as_ref().map(|_| "MCP server".to_owned());
    let known: Vec<String> = document.into_iter().chain(server).collect();
    if known.is_empty() { "no known document or MCP server".to_owned() } else { known.join(", ") }
}

/// Prints all facts about a service.
pub(super) fn whole(service: &Service) {
    println!("{BOLD}{}{BOLD:#} ({}), {}", service.title, service.name, service.category);
    if let Some(text) = &service.note {
        println!("{text}");
    }
    if let Some(document) = &service.document {
        println!("\nOpenAPI document");
        rows(&document_rows(document));
    }
    if let Some(server) = &service.mcp {
        println!("\nMCP server");
        rows(&[
            ("address", server.address.clone()),
            ("transport", server.transport.to_string()),
            ("auth", server.auth.clone()),
            ("source", server.source.clone()),
            ("state", state(&server.checked)),
        ]);
    }
    let command = match service.document.as_ref().is_some_and(|document| document.address.is_some()) {
        true => format!("jackfield new {}", service.name),
        false => format!("jackfield new {} --document openapi.yaml", service.name),
    };
    println!("\nA connector from its document:\n\n  {command}");
}

fn document_rows(document: &DocumentSource) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    let mut add = |key, value: Option<String>| rows.extend(value.map(|value| (key, value)));
    add("address", document.address.clone());
    add("file", document.file.clone());
    add("repository", document.repository.clone());
    add("source", Some(document.source.clone()));
    add("licence", Some(document.licence.clone()));
    add("auth", Some(document.auth.clone()));
    add("state", Some(state(&document.checked)));
    add("sha256", document.checked.sha256().map(str::to_owned));
    for (at, selector) in document.include.iter().enumerate() {
        rows.push((if at == 0 { "selection" } else { "" }, selector.clone()));
    }
    rows
}

fn state(checked: &Checked) -> String {
    match checked {
        Checked::Unchecked => checked.to_string(),
        Checked::On { by, .. } => format!("{checked}, by {by}"),
    }
}

fn rows(rows: &[(&'static str, String)]) {
    for (key, value) in rows {
        println!("  {DIM}{key:11}{DIM:#}  {value}");
    }
}

/// Prints a service as one line of JSON.
pub(super) fn json(service: &Service) {
    std::println!("{}", value(service));
}

fn value(service: &Service) -> Value {
    let checked = |checked: &Checked| match checked {
        Checked::Unchecked => json!("unchecked"),
        Checked::On { date, by, sha256 } => json!({ "on": date.to_string(), "by": by, "sha256": sha256 }),
    };
    let document = |document: &DocumentSource| {
        json!({
            "address": document.address,
            "file": document.file,
            "repository": document.repository,
            "source": document.source,
            "licence": document.licence,
            "auth": document.auth,
            "default_auth": document.default_auth,
            "include": document.include,
            "checked": checked(&document.checked),
        })
    };
    let server = |server: &RemoteServer| {
        json!({
            "address": server.address,
            "transport": server.transport.to_string(),
            "auth": server.auth,
            "source": server.source,
            "checked": checked(&server.checked),
        })
    };
    json!({
        "name": service.name,
        "title": service.title,
        "category": service.category,
        "note": service.note,
        "document": service.document.as_ref().map(document),
        "mcp": service.mcp.as_ref().map(server),
    })
}

/// Prints how a document compares with the checked version.
pub(super) fn comparison(name: &str, comparison: &Comparison) {
    match comparison {
        Comparison::Same => println!("{GREEN}same{GREEN:#}         {name}"),
        Comparison::Changed { sha256 } => println!("{YELLOW}changed{YELLOW:#}      {name}  sha256 {sha256}"),
        Comparison::Unchecked { sha256 } => println!("{DIM}unchecked{DIM:#}    {name}  sha256 {sha256}"),
        Comparison::Unreachable { why } => println!("{RED}unreachable{RED:#}  {name}  {why}"),
    }
}
