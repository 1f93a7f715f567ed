//! The commands.

mod accept;
mod block_on;
mod check;
mod list;
mod login;
mod serve;
mod test;

use std::process::ExitCode;

use jackfield_runtime::Environment;
use login::LoginOptions;

use crate::command_line::{Arguments, Command};
use crate::config::GatewayConfig;
use crate::confinement::protected::of_options;
use crate::failure::{Failure, note};
use crate::gateway::Gateway;

/// Runs a command.
///
/// # Errors
/// Returns an error if gateway.toml is invalid, or if something that it names cannot be used.
pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let mut config = GatewayConfig::read(&arguments.config).map_err(Failure::of)?;
    if let Command::Serve { options, .. } = &arguments.command {
        config.protect(&of_options(options));
    }
    let gateway = Gateway::open(config, Environment::of_process()).map_err(Failure::of)?;
    let control = |name: &str, words: Vec<String>| -> Result<ExitCode, Failure> {
        let words = std::iter::once(name.to_owned()).chain(words);
        Ok(gateway.program()?.run(words))
    };
    match arguments.command {
        Command::Serve { stdio, options } => serve::run(&gateway, stdio, options),
        Command::List => list::run(&gateway),
        Command::Check => check::run(&gateway),
        Command::Test { name } => test::run(&gateway, &name),
        Command::Accept { name, tool, yes } => accept::run(&gateway, &name, tool.as_deref(), yes),
        Command::Login { name, token, device, browser } => {
            login::login(&gateway, &name, LoginOptions { token, device, browser })
        }
        Command::Logout { name } => login::logout(&gateway, &name),
        Command::Auth { words } => login::auth(&gateway, &words),
        Command::Apply => {
            gateway.claim_state()?;
            match gateway.apply_agents().map_err(Failure::of)? {
                true => note("applied the agents of gateway.toml; running gateways follow within a second"),
                false => note("the agents of gateway.toml are in force already"),
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Token { words } => control("token", words),
        Command::Approvals { words } => control("approvals", words),
        Command::Audit { words } => control("audit", words),
        Command::Usage { options } => {
            control("audit", std::iter::once("usage".to_owned()).chain(options).collect())
        }
        Command::Rights { words } => control("rights", words),
    }
}
