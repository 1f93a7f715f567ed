//! `login`, `logout` and `auth`: accounts at other servers.

use std::process::ExitCode;

use jackfield_recipe::visible_line;
use jackfield_runtime::{AccountAction, Principal, ask_secrets};

use super::account_log::AccountLog;
use super::account_owner::{owner_of, principal_named};
use super::block_on::block_on;
use super::forget::{forget, program};
use super::test::find;
use crate::account::{LoginDocument, StoredLogin, discover, login_command};
use crate::config::{ConnectorEntry, ConnectorKind, HttpUpstream};
use crate::failure::{Failure, note};
use crate::gateway::OpenGateway;
use crate::remote::program_variables::program_secrets;

/// Logs in at a server, or stores a token or variables for it.
pub(super) fn login(gateway: &OpenGateway, name: &str, options: &LoginOptions) -> Result<ExitCode, Failure> {
    let entry = find(gateway, name)?;
    let owner = owner_of(gateway, entry, options.agent.as_deref())?;
    if let ConnectorKind::Child(_) = &entry.kind
        && entry.kind.secrets().is_empty()
    {
        return Err(Failure(format!(
            "`{name}` is a program, which has its own credentials: give it variables with `pass` or `env`, or name them in `secrets`"
        )));
    }
    if !entry.kind.secrets().is_empty() {
        return store_variables(gateway, &AccountLog::of(gateway), entry, owner.as_ref());
    }
    let upstream = upstream(entry)?;
    if let Some(variable) = &upstream.token {
        return Err(Failure(format!(
            "`{name}` has its token from the variable {variable}: remove `token` from [connectors.{name}] first"
        )));
    }
    let authorization = match options.token {
        true => None,
        false => {
            let found = block_on(discover(name, &upstream.url, gateway.environment()))?;
            let found = found.map_err(|why| {
                let command = login_command(name, owner.as_ref());
                Failure(format!(
                    "`{name}` cannot be logged in at: {}; for a token that you have, run `{command} --token`",
                    visible_line(&why)
                ))
            })?;
            note(&format!("`{name}` asks for a login at {}, for {}", found.issuer, found.resource));
            Some(found)
        }
    };
    let document = LoginDocument { url: upstream.url.clone(), authorization };
    let mut words = match options.token {
        true => vec!["auth", "set", name, "token"],
        false => vec!["auth", "login", name],
    };
    words.extend(options.device.then_some("--device"));
    words.extend(options.browser.then_some("--browser"));
    let log = AccountLog::of(gateway);
    log.open()?;
    let program = program(gateway, name, upstream.client.as_ref(), &document, owner.as_ref());
    let code = program.run(words.into_iter().map(str::to_owned));
    if code == ExitCode::SUCCESS {
        StoredLogin::store(gateway.store(), name, owner.as_ref(), &document).map_err(Failure::of)?;
        log.record(AccountAction::Connected, owner.as_ref(), name, Some(&upstream.url))?;
    }
    Ok(code)
}

/// The options of `login`.
#[derive(Clone, Debug, Default)]
pub(super) struct LoginOptions {
    /// The agent that owns the account. `None` is the gateway.
    pub(super) agent: Option<String>,
    /// Whether to store a token instead of logging in.
    pub(super) token: bool,
    /// Whether to log in with a code, which a person enters in a browser on any machine.
    pub(super) device: bool,
    /// Whether to log in with a browser on this machine, even if none was detected.
    pub(super) browser: bool,
}

/// Stores the values of a connector's secret variables in the vault.
fn store_variables(
    gateway: &OpenGateway,
    log: &AccountLog<'_>,
    entry: &ConnectorEntry,
    owner: Option<&Principal>,
) -> Result<ExitCode, Failure> {
    let (name, variables) = (entry.name.as_str(), entry.kind.secrets());
    log.open()?;
    let answers = ask_secrets(variables).map_err(Failure::of)?;
    let stored = program_secrets(name, &entry.kind, owner, gateway.environment());
    for (variable, answer) in variables.iter().zip(answers) {
        let Some(value) = answer else {
            return Err(Failure(format!("nothing was entered for {variable}, so it was not stored")));
        };
        block_on(stored.put(variable, value))?
            .map_err(|error| Failure(format!("{variable} cannot be stored: {error}")))?;
    }
    log.record(AccountAction::Connected, owner, name, None)?;
    let receiver = if let ConnectorKind::Child(_) = entry.kind { "the command" } else { "the requests" };
    note(&format!("stored in the vault: {}, for {receiver} of `{name}`", variables.join(" and ")));
    Ok(ExitCode::SUCCESS)
}

/// Deletes an account at a server.
pub(super) fn logout(gateway: &OpenGateway, name: &str, agent: Option<&str>) -> Result<ExitCode, Failure> {
    let entry = find(gateway, name)?;
    if let ConnectorKind::Served(_) | ConnectorKind::Linked(_) = &entry.kind {
        upstream(entry)?;
    }
    // The account may have been connected before gateway.toml contained `credential = "service"`.
    let owner = agent.map(|agent| principal_named(gateway, agent)).transpose()?;
    let log = AccountLog::of(gateway);
    if !forget(gateway, &log, name, Some(entry), owner.as_ref())? {
        note(&format!("there is no login at `{name}`"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs `auth COMMAND NAME` for the account at one connector. The command is `login`, `logout`, `set` or `status`.
pub(super) fn auth(gateway: &OpenGateway, words: &[String]) -> Result<ExitCode, Failure> {
    let usage =
        || Failure(format!("write `{} auth status NAME`, or `set`, `login` or `logout`", gateway.called()));
    let [command, name, rest @ ..] = words else { return Err(usage()) };
    let (mut agent, mut rest) = (None, rest.to_vec());
    if let Some(at) = rest.iter().position(|word| word == "--agent") {
        let mut taken = rest.drain(at..(at + 2).min(rest.len())).skip(1);
        agent = Some(taken.next().ok_or_else(usage)?);
    }
    let has = |option: &str| rest.iter().any(|word| word == option);
    let (device, browser) = (has("--device"), has("--browser"));
    match command.as_str() {
        "login" => return login(gateway, name, &LoginOptions { agent, token: false, device, browser }),
        "logout" => return logout(gateway, name, agent.as_deref()),
        "set" | "status" => {}
        _ => return Err(usage()),
    }
    let entry = find(gateway, name)?;
    let upstream = upstream(entry)?;
    let owner = owner_of(gateway, entry, agent.as_deref())?;
    let login = StoredLogin::load(gateway.store(), name, owner.as_ref()).map_err(Failure::of)?;
    let Some(StoredLogin { document, .. }) = login else {
        return Err(Failure(format!(
            "there is no login at `{name}`: run `{}`",
            login_command(name, owner.as_ref())
        )));
    };
    let mut all = vec!["auth".to_owned(), command.clone()];
    // `status` shows a single account, so it does not take a name.
    all.extend((command == "set").then(|| name.clone()));
    all.extend(rest.iter().cloned());
    Ok(program(gateway, name, upstream.client.as_ref(), &document, owner.as_ref()).run(all))
}

/// Returns the URL and the authentication of a connector that is another server over HTTP.
fn upstream(entry: &ConnectorEntry) -> Result<&HttpUpstream, Failure> {
    let name = entry.name.as_str();
    match &entry.kind {
        ConnectorKind::Http(upstream) => Ok(upstream),
        ConnectorKind::Child(_) => Err(Failure(format!(
            "`{name}` is a program, which has its own credentials: give it variables with `pass` or `env`"
        ))),
        ConnectorKind::Served(path) => Err(Failure(format!(
            "`{name}` is a connector: run `jackfield serve {} auth login`",
            path.display()
        ))),
        ConnectorKind::Linked(_) => Err(Failure(format!(
            "`{name}` is part of this program, which reads its credentials from environment variables and the vault"
        ))),
    }
}
