//! Checks the entries of a catalogue without the network.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jackfield_build::Selector;
use jackfield_build::model::{ConnectorName, is_invisible};
use toml::value::Date;

use super::entry::{Catalogue, Checked, DocumentSource, RemoteServer, Service};

/// The maximum number of characters of a text.
const LONGEST: usize = 200;
/// The name of a subcommand, which a service must not have.
const RESERVED: &str = "check";

/// Returns the problems of a catalogue, each with the name of its entry. A date of a check that is after `today` is a problem.
pub(super) fn problems(catalogue: &Catalogue, today: Date) -> Vec<String> {
    let mut problems = Vec::new();
    let mut names = BTreeSet::new();
    for category in &catalogue.categories {
        if !names.insert(category.to_lowercase()) {
            problems.push(format!("categories: `{category}` is listed twice"));
        }
        if !catalogue.services.iter().any(|service| service.category == *category) {
            problems.push(format!("categories: no service has `{category}`"));
        }
    }
    let mut names = BTreeSet::new();
    for service in &catalogue.services {
        let mut found = Vec::new();
        if !names.insert(service.name.as_str()) {
            found.push("the name is listed twice".to_owned());
        }
        of_service(service, &catalogue.categories, today, &mut found);
        problems.extend(found.into_iter().map(|problem| format!("{}: {problem}", service.name)));
    }
    problems
}

fn of_service(service: &Service, categories: &[String], today: Date, found: &mut Vec<String>) {
    if let Err(error) = ConnectorName::new(service.name.as_str()) {
        found.push(error.to_string());
    }
    if service.name == RESERVED {
        found.push("the name is a subcommand of `jackfield catalogue`".to_owned());
    }
    if !categories.contains(&service.category) {
        found.push(format!("`{}` is not one of the categories", service.category));
    }
    text("title", &service.title, found);
    service.note.iter().for_each(|note| text("note", note, found));
    if let Some(document) = &service.document {
        of_document(document, today, found);
    }
    if let Some(server) = &service.mcp {
        of_server(server, today, found);
    }
}

fn of_document(document: &DocumentSource, today: Date, found: &mut Vec<String>) {
    match (&document.address, &document.repository) {
        (Some(one), None) | (None, Some(one)) => address("document", one, found),
        _ => found.push("the document needs an `address` or a `repository`, but not both".to_owned()),
    }
    let is_package = document.address.as_ref().is_some_and(|address| address.ends_with(".tgz"));
    if document.file.is_some() != is_package {
        found.push(
            "`file` needs an `address` that ends in .tgz, and an `address` that ends in .tgz needs `file`"
                .to_owned(),
        );
    }
    if document.file.iter().flat_map(|file| file.split('/')).any(|part| matches!(part, "" | "." | "..")) {
        found.push("`file` is not a relative path without empty parts, `.` and `..`".to_owned());
    }
    document.file.iter().for_each(|file| text("file", file, found));
    for (key, value) in
        [("source", &document.source), ("licence", &document.licence), ("auth", &document.auth)]
    {
        text(key, value, found);
    }
    if let Some(auth) = &document.default_auth
        && !matches!(auth.split_once(':'), Some(("header" | "query", name)) if !name.is_empty())
        && !matches!(auth.as_str(), "bearer" | "basic")
    {
        found.push(format!("`default_auth` is not bearer, basic, header:NAME or query:NAME: {auth}"));
    }
    let mut known = BTreeSet::new();
    for selector in &document.include {
        if let Err(problem) = of_selector(selector) {
            found.push(problem);
        }
        if !known.insert(selector) {
            found.push(format!("the selector `{selector}` is listed twice"));
        }
    }
    if let Checked::On { sha256, .. } = &document.checked {
        let is_digest = |text: &String| {
            text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        if !sha256.as_ref().is_some_and(is_digest) {
            found.push("`checked` needs a `sha256` of 64 lower-case hexadecimal digits".to_owned());
        }
    }
    checked(&document.checked, today, found);
}

/// Checks a selector. Names of tools are refused, because tools get their names only after operations are selected.
fn of_selector(selector: &str) -> Result<(), String> {
    Selector::parse(selector)?;
    // `jackfield new` shows the selectors on one line, separated by commas.
    if selector.contains(',') || selector.trim() != selector {
        return Err(format!("`{selector}` contains a comma, or begins or ends with a space"));
    }
    let is_route = selector.contains(" /") && !selector.starts_with('!');
    match is_route || selector.starts_with('/') || selector.starts_with("tag:") {
        true => Ok(()),
        false => Err(format!("`{selector}` is not a route, a path or a `tag:`")),
    }
}

fn of_server(server: &RemoteServer, today: Date, found: &mut Vec<String>) {
    address("MCP server", &server.address, found);
    text("auth", &server.auth, found);
    text("source", &server.source, found);
    checked(&server.checked, today, found);
}

fn checked(checked: &Checked, today: Date, found: &mut Vec<String>) {
    let Checked::On { date, by, .. } = checked else { return };
    text("by", by, found);
    if *date > today {
        found.push(format!("the date of the check, {date}, is in the future"));
    }
}

/// Checks that a URL is public, uses HTTPS, and contains nothing that could be a secret.
fn address(what: &str, address: &str, found: &mut Vec<String>) {
    let problem = match address.parse::<http::Uri>() {
        _ if !address.starts_with("https://") => "does not begin with https://",
        Err(_) => "is not an address",
        Ok(uri) if uri.authority().is_none_or(|it| it.as_str().contains('@')) => "has a user name",
        Ok(uri) if uri.port().is_some() => "has a port",
        Ok(uri) if uri.query().is_some() || address.contains('#') => "has a query or a fragment",
        Ok(uri) if !uri.host().is_some_and(is_public_name) => "has no public host",
        Ok(_) => return,
    };
    found.push(format!("the address of the {what} {problem}: {address}"));
}

fn is_public_name(host: &str) -> bool {
    let is_address = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    let last = host.rsplit('.').next().unwrap_or_default();
    host.contains('.')
        && !is_address
        && !last.is_empty()
        && !matches!(last, "local" | "localhost" | "internal")
}

fn text(key: &str, value: &str, found: &mut Vec<String>) {
    let is_plain = |text: &str| !text.chars().any(|c| c.is_control() || is_invisible(c));
    if value.trim().is_empty() || value.chars().count() > LONGEST || !is_plain(value) {
        found.push(format!("`{key}` is not one line with 1 to {LONGEST} visible characters"));
    }
}
