//! `login --status`: the accounts at other servers, and when their tokens expire.
#![allow(clippy::print_stdout, reason = "this command prints a list")]

use std::process::ExitCode;

use super::account_state::accounts;
use super::test::find;
use crate::config::ConnectorEntry;
use crate::failure::{Failure, note};
use crate::gateway::OpenGateway;

/// Prints the accounts at one server, or at all servers.
pub(super) fn run(gateway: &OpenGateway, name: Option<&str>) -> Result<ExitCode, Failure> {
    let all: Vec<&ConnectorEntry> = match name {
        Some(name) => vec![find(gateway, name)?],
        None => gateway.config().connectors.iter().collect(),
    };
    let mut lines = Vec::new();
    for entry in all {
        for account in accounts(gateway, entry)? {
            lines.push((entry.name.as_str(), account.shown_owner(), account.line(entry.name.as_str())));
        }
    }
    let width = |of: fn(&(&str, String, String)) -> usize| lines.iter().map(of).max().unwrap_or(0);
    let (names, owners) = (width(|it| it.0.len()), width(|it| it.1.chars().count()));
    for (name, owner, line) in &lines {
        println!("{name:names$}  {owner:owners$}  {line}");
    }
    if lines.is_empty() {
        note("there are no accounts at other servers");
    }
    Ok(ExitCode::SUCCESS)
}
