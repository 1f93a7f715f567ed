//! `serve`.

use std::process::ExitCode;

use jackfield_recipe::visible_line;

use super::block_on::block_on;
use super::list::count;
use crate::failure::{Failure, note};
use crate::gateway::OpenGateway;

pub(super) fn run(gateway: &OpenGateway, stdio: bool, options: Vec<String>) -> Result<ExitCode, Failure> {
    let config = gateway.config();
    gateway.claim_state()?;
    gateway.apply_agents()?;
    let agents = gateway.agents()?;
    if config.connectors.is_empty() {
        note(&format!(
            "there are no connectors yet: `{} add NAME` adds one, and this gateway follows",
            gateway.called()
        ));
    }
    for contact in block_on(gateway.attach_new())?.map_err(Failure::of)? {
        let name = contact.connector;
        match contact.server {
            Ok(server) if server.withheld().next().is_some() => {
                let called = gateway.called();
                note(&format!(
                    "`{name}` has another `command` or `url` than before, so its tools are withheld: look at them with `{called} accept {name}`"
                ));
            }
            Ok(server) => {
                let tools = count(server.tools.len(), "tool");
                note(&format!("`{name}` is attached and accepted as it is: {tools}"));
            }
            // The other connectors are served, and the gateway tries to connect to this connector again.
            Err(why) => {
                let why = visible_line(&why);
                note(&format!(
                    "`{name}` cannot be attached: {why}; the gateway tries again when a client lists tools"
                ));
            }
        }
    }
    gateway.pins().follow().map_err(Failure::of)?;
    let mut words = vec!["serve".to_owned()];
    let has = |flag: &str| options.iter().any(|word| word == flag || word.starts_with(&format!("{flag}=")));
    if let (Some(listen), false, false) = (&config.listen, stdio, has("--http")) {
        words.extend(["--http".to_owned(), listen.clone()]);
        // Each agent has a token of its own. Without agents, the server prints one for this machine.
        if config.issuer.is_none() && !has("--http-auth") && !has("--issuer") {
            let auth = if agents.entries.is_empty() { "own-and-named-tokens" } else { "named-tokens" };
            words.extend(["--http-auth", auth].map(str::to_owned));
        }
        if let Some(issuer) = config.issuer.as_ref().filter(|_| !has("--issuer")) {
            words.extend(["--issuer".to_owned(), issuer.clone()]);
            let audience = config.audience.iter().flat_map(|it| ["--audience".to_owned(), it.clone()]);
            words.extend(audience);
            words.extend(config.scopes.iter().flat_map(|it| ["--scope".to_owned(), it.clone()]));
        }
        if agents.entries.is_empty() && config.issuer.is_none() {
            let called = gateway.called();
            note(&format!(
                "there are no agents: only this account can call, with the token below; `{called} agent add NAME` adds one, and this gateway follows"
            ));
        }
        if let Some(url) = config.public_url.as_ref().filter(|_| !has("--public-url")) {
            words.extend(["--public-url".to_owned(), url.clone()]);
        }
    }
    if let Some(audit) = config.audit.as_ref().filter(|_| !has("--audit")) {
        words.extend(["--audit".to_owned(), audit.clone()]);
    }
    words.extend(options);
    Ok(gateway.server()?.run(words))
}
