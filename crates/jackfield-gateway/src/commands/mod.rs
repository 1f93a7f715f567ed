//! The commands.

mod accept;
mod account_log;
mod account_owner;
mod account_state;
mod add;
mod agent;
mod agent_add;
mod apply;
mod attach;
mod block_on;
mod check;
mod client_entry;
mod edited;
mod forget;
mod import;
mod list;
mod login;
mod login_status;
pub(crate) mod published;
mod remove;
mod serve;
mod stored;
mod test;

use std::process::ExitCode;

use jackfield_runtime::Program;
use login::LoginOptions;

use edited::EditedConfig;

use crate::builder::Gateway;
use crate::command_line::{AgentCommand, Command};
use crate::confinement::protected::of_options;
use crate::failure::Failure;
use crate::gateway::OpenGateway;

/// Runs a command.
///
/// # Errors
/// Returns an error if gateway.toml is invalid, or if something that it names cannot be used.
pub(crate) fn run(command: Command, gateway: &Gateway) -> Result<ExitCode, Failure> {
    let control = |program: Program, name: &str, words: Vec<String>| {
        program.run(std::iter::once(name.to_owned()).chain(words))
    };
    match command {
        Command::Add(add) if add.name.contains('/') => {
            return published::add::run(gateway, &add.name, &add.published, &add.effects);
        }
        Command::Add(add) => return add::run(gateway, &add),
        Command::Update(update) => return published::update::run(gateway, &update),
        Command::Find(find) => return published::find::run(&before(gateway)?, &find),
        Command::Show(show) => return published::show::run(&before(gateway)?, &show),
        Command::Mirror { file, registry } => {
            return published::find::mirror(&before(gateway)?, &file, &registry);
        }
        Command::Remove { name, detach } => return remove::run(gateway, &name, detach),
        Command::Import { from, client, only } => {
            return import::run(gateway, &from, client.as_deref(), &only);
        }
        _ => {}
    }
    let mut gateway = gateway.opened()?;
    if let Command::Serve { options, .. } = &command {
        gateway.protect(&of_options(options));
    }
    let gateway = &gateway;
    match command {
        Command::Serve { stdio, options } => serve::run(gateway, stdio, options),
        Command::Outdated(outdated) => published::outdated::run(gateway, &outdated),
        Command::List => list::run(gateway),
        Command::Check => check::run(gateway),
        Command::Test { name } => test::run(gateway, &name),
        Command::Accept { name, tool, yes } => accept::run(gateway, &name, tool.as_deref(), yes),
        Command::Login { name, status: true, .. } => login_status::run(gateway, name.as_deref()),
        Command::Login { name, agent, token, device, browser, .. } => {
            let name = name.unwrap_or_default();
            login::login(gateway, &name, &LoginOptions { agent, token, device, browser })
        }
        Command::Logout { name, agent } => login::logout(gateway, &name, agent.as_deref()),
        Command::Auth { words } => login::auth(gateway, &words),
        Command::Agent { command: AgentCommand::Add(add) } => agent_add::run(gateway, &add),
        Command::Agent { command: AgentCommand::List } => agent::list(gateway),
        Command::Agent { command: AgentCommand::Remove { name } } => agent::remove(gateway, &name),
        Command::Attach { agent, connector } => attach::attach(gateway, &agent, &connector),
        Command::Detach { agent, connector } => attach::detach(gateway, &agent, &connector),
        Command::Apply { file } => apply::apply(gateway, file.as_deref()),
        Command::Export => apply::export(gateway),
        Command::Config(entry) => client_entry::run(gateway, &entry),
        Command::Token { words } => Ok(control(gateway.control(), "token", words)),
        Command::Approvals { words } => Ok(control(gateway.control(), "approvals", words)),
        Command::Audit { words } => Ok(control(gateway.control(), "audit", words)),
        Command::Usage { options } => {
            let words = std::iter::once("usage".to_owned()).chain(options).collect();
            Ok(control(gateway.control(), "audit", words))
        }
        Command::Rights { words } => Ok(control(gateway.program()?, "rights", words)),
        Command::Add(_)
        | Command::Remove { .. }
        | Command::Import { .. }
        | Command::Update(_)
        | Command::Find(_)
        | Command::Show(_)
        | Command::Mirror { .. } => Ok(ExitCode::SUCCESS),
    }
}

/// Opens a gateway that might not have a file yet.
fn before(gateway: &Gateway) -> Result<OpenGateway, Failure> {
    EditedConfig::open(gateway)?.before()
}
