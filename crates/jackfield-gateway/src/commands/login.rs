//! `login`, `logout` and `auth`: the gateway's accounts at other servers.

use std::process::ExitCode;

use jackfield_recipe::visible_line;
use jackfield_runtime::Program;

use super::block_on::block_on;
use super::test::find;
use crate::account::{LoginDocument, connector, discover};
use crate::config::{ConnectorKind, HttpUpstream};
use crate::failure::{Failure, note};
use crate::gateway::OpenGateway;

/// Logs in at a server, or stores a token for it.
pub(super) fn login(gateway: &OpenGateway, name: &str, options: LoginOptions) -> Result<ExitCode, Failure> {
    let upstream = upstream(gateway, name)?;
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
                Failure(format!(
                    "`{name}` cannot be logged in at: {}; for a token that you have, run `{} login {name} --token`",
                    visible_line(&why),
                    gateway.called()
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
    let code = program(gateway, name, &document).run(words.into_iter().map(str::to_owned));
    if code == ExitCode::SUCCESS {
        LoginDocument::store(gateway.store(), name, Some(&document)).map_err(Failure::of)?;
    }
    Ok(code)
}

/// The options of `login`.
#[derive(Clone, Copy)]
pub(super) struct LoginOptions {
    /// Whether a token is stored instead.
    pub(super) token: bool,
    /// Whether a person enters a code in a browser on any machine.
    pub(super) device: bool,
    /// Whether a browser on this machine is used, although it seems to have none.
    pub(super) browser: bool,
}

/// Forgets the account at a server.
pub(super) fn logout(gateway: &OpenGateway, name: &str) -> Result<ExitCode, Failure> {
    upstream(gateway, name)?;
    let Some(document) = LoginDocument::load(gateway.store(), name).map_err(Failure::of)? else {
        note(&format!("there is no login at `{name}`"));
        return Ok(ExitCode::SUCCESS);
    };
    let words = ["auth", "logout", name].map(str::to_owned);
    let code = program(gateway, name, &document).run(words);
    if code == ExitCode::SUCCESS {
        LoginDocument::store(gateway.store(), name, None).map_err(Failure::of)?;
    }
    Ok(code)
}

/// Runs a command about the credentials of one account: `login`, `logout`, `set` or `status`, and the name of its connector.
pub(super) fn auth(gateway: &OpenGateway, words: &[String]) -> Result<ExitCode, Failure> {
    let usage =
        || Failure(format!("write `{} auth status NAME`, or `set`, `login` or `logout`", gateway.called()));
    let [command, name, rest @ ..] = words else { return Err(usage()) };
    let has = |option: &str| rest.iter().any(|word| word == option);
    let options = LoginOptions { token: false, device: has("--device"), browser: has("--browser") };
    match command.as_str() {
        "login" => return login(gateway, name, options),
        "logout" => return logout(gateway, name),
        "set" | "status" => {}
        _ => return Err(usage()),
    }
    upstream(gateway, name)?;
    let document = LoginDocument::load(gateway.store(), name).map_err(Failure::of)?;
    let Some(document) = document else {
        return Err(Failure(format!(
            "there is no login at `{name}`: run `{} login {name}`",
            gateway.called()
        )));
    };
    let mut all = vec!["auth".to_owned(), command.clone()];
    // The only account is shown without its name.
    all.extend((command == "set").then(|| name.clone()));
    all.extend(rest.iter().cloned());
    Ok(program(gateway, name, &document).run(all))
}

fn program(gateway: &OpenGateway, name: &str, document: &LoginDocument) -> Program {
    Program::new(connector(name, document)).called(gateway.called())
}

/// The address of a connector that is another server over HTTP.
fn upstream<'g>(gateway: &'g OpenGateway, name: &str) -> Result<&'g HttpUpstream, Failure> {
    match &find(gateway, name)?.kind {
        ConnectorKind::Http(upstream) => Ok(upstream),
        ConnectorKind::Child(_) => Err(Failure(format!(
            "`{name}` is a program, which has its own credentials: give it variables with `pass` or `env`"
        ))),
        ConnectorKind::Served(path) => Err(Failure(format!(
            "`{name}` is a connector: run `jackfield serve {} auth login`",
            path.display()
        ))),
        ConnectorKind::Linked(_) => Err(Failure(format!(
            "`{name}` is a connector in this program, which has the credentials of its variables and of the vault"
        ))),
    }
}
