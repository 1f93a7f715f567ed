//! `config CLIENT`: the entry for this gateway in the configuration file of a client.
#![allow(clippy::print_stdout, reason = "this command prints an entry")]

use std::process::ExitCode;

use jackfield_clients::{
    Client, ClientFile, Entry, Place, Scope, Server, Start, Surroundings, System, Undone, Variable, Written,
    entry, state_folder,
};
use jackfield_recipe::{shell_quoted, variable_prefix};

use super::stored::no_agent;
use crate::command_line::ClientEntry;
use crate::config::{AgentPrincipal, NAME};
use crate::failure::{Failure, did_you_mean, note};
use crate::gateway::OpenGateway;

pub(super) fn run(gateway: &OpenGateway, arguments: &ClientEntry) -> Result<ExitCode, Failure> {
    let client = client(&arguments.client)?;
    let folder = std::env::current_dir().map_err(|error| Failure(format!("this folder: {error}")))?;
    let surroundings = Surroundings {
        system: System::of_process(),
        variable: &|name| gateway.environment().get(name),
        project: &folder.to_string_lossy(),
    };
    let scope = if arguments.project { Scope::Project } else { Scope::User };
    let place = match &arguments.file {
        Some(file) => Place::named(file),
        None => Place::of(client, scope, &surroundings).map_err(Failure::of)?,
    };
    let state = state_folder(&surroundings).map_err(Failure::of)?;
    let again = again(gateway, arguments);
    if arguments.undo {
        let file = ClientFile::find(&place, state).map_err(Failure::of)?;
        let undone = file.undo(client, &arguments.name).map_err(Failure::of)?;
        note(&undone_text(undone, &arguments.name, &file));
        return Ok(ExitCode::SUCCESS);
    }
    let (start, token) = start(gateway, arguments)?;
    let server = Server { name: arguments.name.clone(), start };
    let built = entry(client, &server).map_err(Failure::of)?;
    if arguments.write {
        let file = ClientFile::find(&place, state).map_err(Failure::of)?;
        let written = file.write(&built, arguments.replace).map_err(Failure::of)?;
        note(&written_text(&written, &arguments.name, client, &file));
        hints(gateway, &built, client, token.as_deref());
        note(&format!("to undo it: {again} --undo"));
    } else {
        note(&format!("{client} reads this entry from {}:", place.file.display()));
        print!("{}", built.text());
        hints(gateway, &built, client, token.as_deref());
        note(&format!("to write it there: {again} --write"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the client with this name.
pub(super) fn client(word: &str) -> Result<Client, Failure> {
    word.parse().map_err(|_| {
        let known = Client::ALL.map(Client::word);
        let near = did_you_mean(word, known);
        Failure(format!("there is no client `{word}`: known are {}{near}", known.join(", ")))
    })
}

/// Returns how the client starts or reaches the gateway, and the environment variable that holds the client's token.
fn start(gateway: &OpenGateway, arguments: &ClientEntry) -> Result<(Start, Option<String>), Failure> {
    let config = gateway.config();
    let principal = match &arguments.agent {
        None => None,
        Some(name) => {
            let agents = gateway.agents()?.entries;
            let agent = agents.into_iter().find(|agent| agent.name == *name);
            Some(agent.ok_or_else(|| no_agent(gateway, name))?.principal)
        }
    };
    match (&config.listen, principal) {
        (None, None) => Ok((stdio(gateway)?, None)),
        (None, Some(_)) => Err(Failure(
            "agents connect over HTTP: add `listen = \"127.0.0.1:8800\"` to the top of gateway.toml, or leave out --agent for a client that starts the gateway as you".to_owned(),
        )),
        (Some(_), None) => Err(Failure(format!(
            "gateway.toml has `listen`, so clients need an agent: `{} agent list` shows all, and --agent NAME names one",
            gateway.called()
        ))),
        (Some(listen), Some(principal)) => {
            let url = match &config.public_url {
                Some(url) => url.clone(),
                None => address(listen)?,
            };
            let token = match principal {
                AgentPrincipal::Token(name) => Some(variable(&name)),
                // The client logs in at the issuer.
                AgentPrincipal::Subject { .. } => None,
            };
            let holder = token.clone().map(|name| {
                let meaning = format!("token of the agent {}", arguments.agent.as_deref().unwrap_or_default());
                Variable { name, meaning, is_secret: true }
            });
            Ok((Start::Http { url, token: holder }, token))
        }
    }
}

/// Returns the URL of the gateway for clients on this machine.
fn address(listen: &str) -> Result<String, Failure> {
    let address: std::net::SocketAddr = match listen.parse() {
        Ok(address) => address,
        // A host name with a port.
        Err(_) => return Ok(format!("http://{listen}/mcp")),
    };
    if address.port() == 0 || address.ip().is_unspecified() {
        return Err(Failure(format!(
            "`listen = \"{listen}\"` is not the address at which clients find the gateway: add `public_url = \"https://…/mcp\"` to gateway.toml"
        )));
    }
    Ok(format!("http://{address}/mcp"))
}

/// Returns the name of the environment variable for an agent's token.
fn variable(agent: &str) -> String {
    variable_prefix(&format!("{NAME}-{agent}")) + "TOKEN"
}

fn stdio(gateway: &OpenGateway) -> Result<Start, Failure> {
    let program = std::env::current_exe()
        .map_err(|error| Failure(format!("the path of this program is unknown: {error}")))?;
    let mut args = Vec::new();
    if gateway.config().text.is_some() {
        let file = gateway.config().place().map_err(Failure::of)?;
        args.extend(["--config".to_owned(), file.display().to_string()]);
    }
    args.push("serve".to_owned());
    // The entry names the variables that connectors need, because clients start programs with fewer variables than a shell has.
    let mut variables = Vec::new();
    for (connector, name) in gateway.config().variables() {
        if variables.iter().all(|it: &Variable| it.name != name) {
            let meaning = format!("variable of the connector {connector}");
            variables.push(Variable { name, meaning, is_secret: true });
        }
    }
    Ok(Start::Stdio { command: program.display().to_string(), args, variables })
}

/// Returns the command of this entry, without `--write` and `--undo`.
fn again(gateway: &OpenGateway, arguments: &ClientEntry) -> String {
    let mut text = format!("{} config {}", gateway.called(), arguments.client);
    for (flag, value) in [
        ("--agent", arguments.agent.clone()),
        ("--file", arguments.file.as_ref().map(|file| file.display().to_string())),
        ("--name", (arguments.name != "gateway").then(|| arguments.name.clone())),
    ] {
        if let Some(value) = value {
            text.push_str(&format!(" {flag} {}", shell_quoted(&value)));
        }
    }
    if arguments.project {
        text.push_str(" --project");
    }
    text
}

/// Tells the user what the client still needs.
fn hints(gateway: &OpenGateway, built: &Entry, client: Client, token: Option<&str>) {
    let left_out = built.left_out();
    match token {
        Some(token) if left_out.iter().any(|it| it == token) => note(&format!(
            "{client} takes every value of its file literally, so the entry has no token: use another client, or an agent with `subject`, for which {client} logs in"
        )),
        Some(token) => {
            let how = if client == Client::VsCode { "VS Code asks once for" } else { "set for the client:" };
            note(&format!(
                "{how} {token}, the token that `{} agent add` or `token add` printed",
                gateway.called()
            ));
        }
        None if !left_out.is_empty() => note(&format!(
            "{client} takes every value of its file literally, so the entry does not mention {}: set them for the client before it starts",
            left_out.join(", ")
        )),
        None => {}
    }
}

fn written_text(written: &Written, name: &str, client: Client, file: &ClientFile) -> String {
    let path = file.path().display();
    match written {
        Written::Created => format!("created {path} with the entry `{name}` for {client}"),
        Written::Added { backup } => {
            format!("added `{name}` to {path}; the previous file is saved as {}", backup.display())
        }
        Written::Replaced { backup } => {
            format!("replaced `{name}` in {path}; the previous file is saved as {}", backup.display())
        }
        Written::Updated => format!("updated `{name}` in {path}"),
        _ => format!("{path} has this entry already; nothing was changed"),
    }
}

fn undone_text(undone: Undone, name: &str, file: &ClientFile) -> String {
    let path = file.path().display();
    match undone {
        Undone::Restored => format!("restored {path} as it was before"),
        Undone::Removed => format!("removed {path}, which did not exist before"),
        Undone::OnlyEntry => {
            format!(
                "{path} has changed since: only the entry `{name}` was undone, and everything else was kept"
            )
        }
        _ => format!("{path} has no entry `{name}` any more; nothing was changed"),
    }
}
