//! Checks a whole entry.

use super::finding::{Finding, FindingCode, quoted};
use super::{address, arguments, identifier, texts, values, variables};
use crate::entry::official::Status;
use crate::entry::package::Package;
use crate::entry::remote::Remote;
use crate::entry::server::Entry;
use crate::entry::transport::{Transport, TransportKind};

/// Checks an entry before anything of it is fetched or started. A refused package or remote server does not affect the others.
pub fn check(entry: &Entry) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(status(entry));
    findings.extend(texts::check(entry));
    if entry.packages.is_empty() && entry.remotes.is_empty() {
        findings.push(Finding::refused(
            FindingCode::NothingToUse,
            "server",
            "the entry has neither a package nor a remote server".to_owned(),
            "there is nothing to start and nothing to call; see its repository",
        ));
    }
    for (at, package) in entry.packages.iter().enumerate() {
        findings.extend(check_package(package, &format!("server/packages/{at}")));
    }
    for (at, remote) in entry.remotes.iter().enumerate() {
        findings.extend(check_remote(remote, &format!("server/remotes/{at}")));
    }
    findings
}

/// Checks a package. The place is that of the package within its entry.
pub fn check_package(package: &Package, place: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    identifier::check(package, place, &mut findings);
    let kind = &package.transport.kind;
    if *kind != TransportKind::Stdio {
        findings.push(Finding::refused(
            FindingCode::Transport,
            format!("{place}/transport"),
            format!("the package serves over {}, not over stdio", quoted(kind.as_str())),
            "a started package may not listen on the network; use a remote server of this entry",
        ));
    }
    if !package.runtime_arguments.is_empty() {
        let shown: Vec<String> = package
            .runtime_arguments
            .iter()
            .map(|argument| {
                let value = argument.input.value.as_deref().or(argument.input.default.as_deref());
                [Some(argument.label()), value].into_iter().flatten().collect::<Vec<_>>().join(" ")
            })
            .collect();
        let hint = package.runtime_hint.as_deref().unwrap_or("the program that starts it");
        findings.push(Finding::warning(
            FindingCode::RuntimeArguments,
            format!("{place}/runtimeArguments"),
            format!("the publisher wants options for {}: {}", quoted(hint), quoted(&shown.join(" "))),
            "they are never used, because they could change how the package is confined",
        ));
    }
    arguments::check(&package.arguments, &format!("{place}/packageArguments"), &mut findings);
    variables::check(&package.environment, &format!("{place}/environmentVariables"), &mut findings);
    findings
}

/// Checks a remote server. The place is that of the remote server within its entry.
pub fn check_remote(remote: &Remote, place: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Transport { kind, headers, .. } = &remote.transport;
    if *kind != TransportKind::StreamableHttp {
        findings.push(Finding::refused(
            FindingCode::Transport,
            format!("{place}/type"),
            format!("the transport {} is not supported", quoted(kind.as_str())),
            "only servers with the transport \"streamable-http\" are called",
        ));
    }
    address::check_url(remote.url(), &remote.variables, place, &mut findings);
    for (name, variable) in &remote.variables {
        values::check(variable, &format!("{place}/variables/{name}"), &mut findings);
    }
    address::check_headers(headers, place, &mut findings);
    findings
}

/// Checks the URL of a remote server after its variables were filled in.
pub fn check_url(url: &str) -> Vec<Finding> {
    address::check_complete_url(url, "url")
}

fn status(entry: &Entry) -> Option<Finding> {
    let place = "_meta/status";
    let reason = entry.official.status_message.as_deref();
    let reason = reason.map_or(String::new(), |reason| format!(": {}", quoted(reason)));
    match entry.official.status {
        Status::Active => None,
        Status::Deprecated => Some(Finding::warning(
            FindingCode::Deprecated,
            place,
            format!("its publisher advises against {} {}{reason}", entry.name, entry.version),
            "look for a newer version or another server",
        )),
        Status::Deleted => Some(Finding::refused(
            FindingCode::Deleted,
            place,
            format!("{} {} was withdrawn from the registry{reason}", entry.name, entry.version),
            "look for another version or another server",
        )),
    }
}
