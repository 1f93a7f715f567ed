//! `login --status`: the accounts at other servers, and when their tokens expire.
#![allow(clippy::print_stdout, reason = "this command prints a list")]

use std::process::ExitCode;

use jackfield_recipe::{shell_quoted, visible_line};
use jackfield_runtime::{OAuthError, Principal, TokenStatus, utc_time};

use super::account_owner::principal_of;
use super::block_on::block_on;
use super::test::find;
use crate::account::{Account, LoginDocument, login_command, now};
use crate::config::{ConnectorEntry, ConnectorKind};
use crate::failure::{Failure, note};
use crate::gateway::OpenGateway;

/// An account, and the state of its tokens.
pub(super) struct AccountState {
    owner: Option<Principal>,
    connected_at: Option<u64>,
    /// The state of the tokens. `Ok(None)` for a token that a person has stored.
    tokens: Result<Option<TokenStatus>, OAuthError>,
    has_login: bool,
}

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

/// Returns the accounts at a server. The gateway's account comes first.
pub(super) fn accounts(gateway: &OpenGateway, entry: &ConnectorEntry) -> Result<Vec<AccountState>, Failure> {
    let ConnectorKind::Http(upstream) = &entry.kind else { return Ok(Vec::new()) };
    let name = entry.name.as_str();
    let of_gateway = LoginDocument::load(gateway.store(), name, None).map_err(Failure::of)?;
    let owners = LoginDocument::owners(gateway.store(), name).map_err(Failure::of)?;
    let owners = owners.into_iter().map(|(owner, document, at)| (Some(owner), document, at));
    let stored = of_gateway.map(|document| (None, document, None)).into_iter().chain(owners);
    let mut found = Vec::new();
    for (owner, document, connected_at) in stored {
        let account = Account::of_document(document, name, upstream, gateway.environment(), owner.as_ref());
        let Some(account) = account.map_err(Failure)? else { continue };
        let has_login = account.document().authorization.is_some();
        let tokens = block_on(account.status())?;
        found.push(AccountState { owner, connected_at, tokens, has_login });
    }
    Ok(found)
}

impl AccountState {
    fn shown_owner(&self) -> String {
        let owner = self.owner.as_ref().map_or_else(|| "gateway".to_owned(), ToString::to_string);
        visible_line(&owner).into_owned()
    }

    fn line(&self, name: &str) -> String {
        let mut parts = Vec::new();
        match &self.tokens {
            Err(error) => parts.push(error.to_string()),
            Ok(None) if self.has_login => {
                parts.push(format!("ended: run `{}`", login_command(name, self.owner.as_ref())));
            }
            Ok(None) => parts.push("a stored token, without a known expiry".to_owned()),
            Ok(Some(status)) => {
                parts.push(format!("renewed {}", utc_time(status.granted_at)));
                parts.push(match status.expires_at {
                    Some(end) => format!("ends {}", utc_time(end)),
                    None => "without a known expiry".to_owned(),
                });
                parts.push(match (status.renewable, status.due_at) {
                    (true, Some(due)) => format!("next renewal {}", utc_time(due)),
                    (true, None) => "renewed when it is refused".to_owned(),
                    (false, _) => "cannot be renewed".to_owned(),
                });
                parts.extend(status.issuer.as_ref().map(|issuer| format!("by {issuer}")));
            }
        }
        parts.extend(self.connected_at.map(|at| format!("connected {}", utc_time(at))));
        visible_line(&parts.join(", ")).into_owned()
    }

    /// Returns what a person has to do about the account, if anything.
    pub(super) fn problem(&self, gateway: &OpenGateway, name: &str) -> Result<Option<String>, Failure> {
        let (owner, command) = (self.shown_owner(), login_command(name, self.owner.as_ref()));
        if let Some(principal) = &self.owner {
            let agents = gateway.agents()?.entries;
            let is_of_agent = |agent: &crate::config::AgentEntry| match principal_of(&agent.principal) {
                Some(known) => known == *principal,
                // An agent that is identified by claims alone stands for several subjects.
                None => matches!(principal, Principal::Subject { .. }),
            };
            if !agents.iter().any(is_of_agent) {
                return Ok(Some(format!(
                    "the account of {owner} belongs to no agent: `{} logout {name} --agent {}` forgets it",
                    gateway.called(),
                    shell_quoted(&visible_line(&principal.to_string()))
                )));
            }
        }
        Ok(match &self.tokens {
            Err(error) => Some(format!("the account of {owner} cannot be used: {error}")),
            Ok(None) if self.has_login => Some(format!("the login of {owner} has ended: run `{command}`")),
            Ok(Some(TokenStatus { expires_at: Some(end), renewable: false, .. })) if *end <= now() => {
                Some(format!("the login of {owner} has ended: run `{command}`"))
            }
            _ => None,
        })
    }
}
