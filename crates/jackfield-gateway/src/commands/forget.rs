//! Deletes accounts at other servers: their tokens are revoked, and their records in the vault and in the store are deleted.

use std::process::ExitCode;

use jackfield_recipe::{shell_quoted, visible_line};
use jackfield_runtime::{AccountAction, Principal, Program, forget_records};

use super::account_log::AccountLog;
use super::account_owner::principal_of;
use super::block_on::block_on;
use crate::account::{LoginDocument, StoredLogin, login_command, tables, vault_name};
use crate::config::{ConnectorEntry, ConnectorKind, UpstreamClient};
use crate::failure::{Failure, note};
use crate::gateway::OpenGateway;
use crate::remote::program_variables::program_secrets;

/// Deletes the account of an owner at a connector. The owner `None` is the gateway. Returns false if there is none.
///
/// # Errors
/// Returns an error if the account cannot be deleted.
pub(super) fn forget(
    gateway: &OpenGateway,
    log: &AccountLog<'_>,
    name: &str,
    entry: Option<&ConnectorEntry>,
    owner: Option<&Principal>,
) -> Result<bool, Failure> {
    let (mut was_there, whose) = (false, owner_named(owner));
    // The login may be from a time when the connector had a URL.
    if let Some(login) = StoredLogin::load(gateway.store(), name, owner).map_err(Failure::of)? {
        log.open()?;
        let client = entry.and_then(client_of);
        let words = ["auth", "logout", name].map(str::to_owned);
        if program(gateway, name, client, &login.document, owner).run(words) != ExitCode::SUCCESS {
            return Err(Failure(format!(
                "the account of {whose} at `{name}` is not forgotten, for the reason above"
            )));
        }
        StoredLogin::remove(gateway.store(), name, owner).map_err(Failure::of)?;
        note(&format!("forgot the account of {whose} at `{name}`"));
        log.record(AccountAction::Forgotten, owner, name, Some(&login.document.url))?;
        was_there = true;
    }
    if let Some(ConnectorEntry { kind, .. }) = entry
        && let secrets @ [_, ..] = kind.secrets()
    {
        let stored = program_secrets(name, kind, owner, gateway.environment());
        let mut is_forgotten = false;
        log.open()?;
        for variable in secrets {
            is_forgotten |= block_on(stored.remove(variable))?.map_err(Failure::of)?;
        }
        if is_forgotten {
            note(&format!("forgot {} of {whose} at `{name}`", secrets.join(" and ")));
            log.record(AccountAction::Forgotten, owner, name, None)?;
        }
        was_there |= is_forgotten;
    }
    Ok(was_there)
}

/// Deletes every account at a connector, so that a later connector of the same name does not get one. Deletes the accounts of the gateway
/// and of all callers, the variables of the connector's program, and the separate lists of agents. Returns the number of accounts.
///
/// # Errors
/// Returns an error, which says what to do, if not everything can be deleted.
pub(super) fn forget_all(
    gateway: &OpenGateway,
    log: &AccountLog<'_>,
    name: &str,
    entry: Option<&ConnectorEntry>,
) -> Result<usize, Failure> {
    let mut failures = Vec::new();
    let mut owners: Vec<Option<Principal>> = StoredLogin::all(gateway.store(), name)
        .map_err(Failure::of)?
        .into_iter()
        .map(|(owner, _)| owner)
        .collect();
    let count = owners.len();
    if count > 0 || gateway.pins().has_own_lists(name).map_err(Failure::of)? {
        // If the state belongs to another gateway.toml, the accounts belong to the connectors of that file.
        gateway.claim_state()?;
    }
    let is_program = entry.is_some_and(|entry| matches!(entry.kind, ConnectorKind::Child(_)));
    let has_secrets = entry.is_some_and(|entry| !entry.kind.secrets().is_empty());
    if has_secrets {
        // The store does not say who has stored variables of a program.
        let agents = gateway.agents()?.entries;
        let known = agents.iter().filter_map(|agent| principal_of(&agent.principal)).map(Some);
        let others: Vec<_> = std::iter::once(None).chain(known).filter(|it| !owners.contains(it)).collect();
        owners.extend(others);
    }
    for owner in &owners {
        failures.extend(forget(gateway, log, name, entry, owner.as_ref()).err().map(|failure| failure.0));
    }
    // The vault can still contain variables of programs, and clients that the gateway registered.
    if failures.is_empty() && (count > 0 || is_program || has_secrets) {
        match forget_records(&vault_name(name), gateway.environment()) {
            Ok(0) => {}
            Ok(records) => note(&format!("removed what the vault still had of `{name}` ({records} records)")),
            // If the program never had variables in the vault, it does not matter that the vault cannot be opened.
            Err(_) if count == 0 && !has_secrets => {}
            Err(error) => failures.push(format!("what the vault has of `{name}` cannot be removed: {error}")),
        }
    }
    if !failures.is_empty() {
        let called = gateway.called();
        return Err(Failure(format!(
            "{}\n`{name}` is not removed, because a later connector of this name would get what is left: repair it, and run `{called} remove {name}` again",
            failures.join("\n")
        )));
    }
    gateway.pins().forget_own_lists(name).map_err(Failure::of)?;
    Ok(count)
}

/// Returns the command that runs `auth` for the account of an owner.
pub(super) fn program(
    gateway: &OpenGateway,
    name: &str,
    client: Option<&UpstreamClient>,
    document: &LoginDocument,
    owner: Option<&Principal>,
) -> Program {
    let program = Program::new(tables(name, client, document)).called(gateway.called());
    match owner {
        Some(owner) => program.account_of(owner.clone(), login_command(name, Some(owner))),
        None => program,
    }
}

/// Returns the client that a person has registered at the authorization server of a connector.
pub(super) fn client_of(entry: &ConnectorEntry) -> Option<&UpstreamClient> {
    match &entry.kind {
        ConnectorKind::Http(upstream) => upstream.client.as_ref(),
        _ => None,
    }
}

/// Returns the command that forgets one account.
pub(super) fn logout_command(gateway: &OpenGateway, name: &str, owner: &Principal) -> String {
    format!("{} logout {name} --agent {}", gateway.called(), shell_quoted(&visible_line(&owner.to_string())))
}

fn owner_named(owner: Option<&Principal>) -> String {
    let owner = owner.map_or_else(|| "the gateway".to_owned(), ToString::to_string);
    visible_line(&owner).into_owned()
}
