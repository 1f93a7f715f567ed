//! The accounts at a server, and the state of their tokens.

use jackfield_recipe::visible_line;
use jackfield_runtime::{OAuthError, Principal, TokenStatus, utc_time};

use super::account_owner::principal_of;
use super::block_on::block_on;
use super::forget::logout_command;
use crate::account::{Account, StoredLogin, login_command, now};
use crate::config::{ConnectorEntry, ConnectorKind};
use crate::failure::Failure;
use crate::gateway::OpenGateway;

/// An account, and the state of its tokens.
pub(super) struct AccountState {
    owner: Option<Principal>,
    connected_at: Option<u64>,
    /// The state of the tokens. `Ok(None)` for a token that a person has stored.
    tokens: Result<Option<TokenStatus>, OAuthError>,
    has_login: bool,
}

/// Returns the accounts at a server. The gateway's account comes first.
pub(super) fn accounts(gateway: &OpenGateway, entry: &ConnectorEntry) -> Result<Vec<AccountState>, Failure> {
    let ConnectorKind::Http(upstream) = &entry.kind else { return Ok(Vec::new()) };
    let name = entry.name.as_str();
    let mut found = Vec::new();
    for (owner, login) in StoredLogin::all(gateway.store(), name).map_err(Failure::of)? {
        let (connected_at, has_login) = (login.connected_at, login.document.authorization.is_some());
        let environment = gateway.environment();
        let account = Account::of_login(login, gateway.store(), name, upstream, environment, owner.as_ref());
        let Some(account) = account else { continue };
        let tokens = block_on(account.status())?;
        found.push(AccountState { owner, connected_at, tokens, has_login });
    }
    Ok(found)
}

impl AccountState {
    pub(super) fn shown_owner(&self) -> String {
        let owner = self.owner.as_ref().map_or_else(|| "gateway".to_owned(), ToString::to_string);
        visible_line(&owner).into_owned()
    }

    /// Describes when the account was connected and when its tokens end. `None` if neither is known.
    pub(super) fn dates(&self) -> Option<String> {
        let connected = self.connected_at.map(|at| format!("connected {}", utc_time(at)));
        let ends = match &self.tokens {
            Ok(Some(TokenStatus { expires_at: Some(end), renewable: true, .. })) => {
                Some(format!("its tokens are renewed before {}", utc_time(*end)))
            }
            Ok(Some(TokenStatus { expires_at: Some(end), .. })) => Some(format!("ends {}", utc_time(*end))),
            _ => None,
        };
        let dates: Vec<String> = connected.into_iter().chain(ends).collect();
        (!dates.is_empty()).then(|| format!("account of {}: {}", self.shown_owner(), dates.join(", ")))
    }

    pub(super) fn line(&self, name: &str) -> String {
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
                    "the account of {owner} belongs to no agent: `{}` forgets it",
                    logout_command(gateway, name, principal)
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
