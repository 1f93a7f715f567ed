//! Determines the base URL of requests: the URL that the user has set, else the tool's own server, else one of the
//! document's servers.

use jackfield_recipe::stays_in_place;

use crate::call::base_url::{BaseUrl, shown_address};
use crate::call::rows::{Connector, Server, ServerVariable, Tool};
use crate::call::server_error::{ServerError, ServerFault};
use crate::common::environment::{Environment, Setting};

/// Returns the base URL of a tool's requests.
pub(crate) fn base(
    connector: &Connector<'_>,
    tool: &Tool<'_>,
    environment: &Environment,
) -> Result<BaseUrl, ServerError> {
    base_or_own(connector, tool.server.as_ref(), environment)
}

/// Returns the base URL of the tools that do not declare their own server.
pub(crate) fn root(connector: &Connector<'_>, environment: &Environment) -> Result<BaseUrl, ServerError> {
    base_or_own(connector, None, environment)
}

/// Returns the base URLs whose whole host comes from server variables that the user has set.
pub(crate) fn chosen_hosts(connector: &Connector<'_>, environment: &Environment) -> Vec<BaseUrl> {
    let chosen = connector.servers.iter().filter(|server| is_host_chosen(connector, server, environment));
    chosen.filter_map(|server| BaseUrl::parse(&fill(connector, server, environment).ok()?).ok()).collect()
}

/// Whether every character of the server's host comes from a variable that the user has set.
fn is_host_chosen(connector: &Connector<'_>, server: &Server<'_>, environment: &Environment) -> bool {
    let authority = server.url.split_once("://").map_or(server.url, |(_, rest)| rest);
    let mut rest = authority.split('/').next().unwrap_or_default();
    let mut is_any_set = false;
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        if before.contains(':') {
            break;
        }
        if before.contains(|c: char| c.is_alphanumeric())
            || environment.get(&setting(connector, name)).is_none()
        {
            return false;
        }
        is_any_set = true;
        rest = after;
    }
    let last = rest.split(':').next().unwrap_or_default();
    is_any_set && !last.contains(|c: char| c.is_alphanumeric())
}

/// Returns the URL that the user has set, else the tool's own server, else the selected server of the document.
fn base_or_own(
    connector: &Connector<'_>,
    own: Option<&Server<'_>>,
    environment: &Environment,
) -> Result<BaseUrl, ServerError> {
    let setting = Setting::BaseUrl.variable(connector.name);
    if let Some(chosen) = environment.get(&setting) {
        return BaseUrl::parse_chosen(&chosen).map_err(|error| ServerFault::Chosen { setting, error }.into());
    }
    let server = match own {
        Some(own) => own,
        None => match choose(connector, environment)? {
            Some(server) => server,
            None => return Err(ServerFault::NoServer { setting }.into()),
        },
    };
    if !server.url.contains("://") && !server.url.starts_with('{') {
        return Err(ServerFault::NoHost { setting, path: server.url.to_owned() }.into());
    }
    let url = fill(connector, server, environment)?;
    BaseUrl::parse(&url).map_err(|error| ServerFault::Declared { setting, error }.into())
}

/// Returns the server that `<CONNECTOR>_SERVER` selects by number, name or description, else the first server.
fn choose<'c>(
    connector: &'c Connector<'c>,
    environment: &Environment,
) -> Result<Option<&'c Server<'c>>, ServerError> {
    let name = Setting::Server.variable(connector.name);
    let Some(chosen) = environment.get(&name) else {
        // Without a selection, the first server whose variables all have a value is preferred.
        let set = |part: &ServerVariable<'_>| environment.get(&setting(connector, part.name)).is_some();
        let ready = |server: &&Server<'_>| server.variables.iter().all(|it| it.default.is_some() || set(it));
        return Ok(connector.servers.iter().find(ready).or(connector.servers.first()));
    };
    let numbered = chosen.trim().parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    if let Some(server) = numbered.and_then(|at| connector.servers.get(at)) {
        return Ok(Some(server));
    }
    let wanted = slug(&chosen);
    let called = |server: &&Server<'_>| [server.name, server.description].iter().any(|it| slug(it) == wanted);
    let begins = |server: &&Server<'_>| slug(server.description).starts_with(&format!("{wanted}-"));
    let mut beginning = connector.servers.iter().filter(begins);
    let found = match connector.servers.iter().find(called) {
        Some(server) => Some(server),
        None => beginning.next().filter(|_| beginning.next().is_none()),
    };
    match found.filter(|_| !wanted.is_empty()) {
        Some(server) => Ok(Some(server)),
        None => {
            let (shown, servers) = (shown_address(&chosen), listed(connector));
            Err(ServerFault::UnknownServer { setting: name, shown, servers }.into())
        }
    }
}

/// Converts a description such as `Production (EU)` to `production-eu`.
fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}

/// Lists the servers, as in `1 (https://a.example.com, Production), 2 (https://b.example.com)`.
fn listed(connector: &Connector<'_>) -> String {
    let servers = connector.servers.iter().zip(1..).map(|(server, number)| {
        let words = [server.url, server.name, server.description];
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        format!("{number} ({})", words.join(", "))
    });
    servers.collect::<Vec<_>>().join(", ")
}

/// Returns the URL with its variables filled in.
fn fill(
    connector: &Connector<'_>,
    server: &Server<'_>,
    environment: &Environment,
) -> Result<String, ServerError> {
    let mut url = String::new();
    let mut rest = server.url;
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        url.push_str(before);
        let declared = server.variables.iter().find(|variable| variable.name == name);
        url.push_str(&value(connector, server, name, declared, &url, after, environment)?);
        rest = after;
    }
    url.push_str(rest);
    Ok(url)
}

/// Returns the name of the environment variable that sets a server variable.
fn setting(connector: &Connector<'_>, part: &str) -> String {
    Setting::server_variable(connector.name, part)
}

/// Returns the value of a server variable, checked against the parts of the URL before and after it.
fn value(
    connector: &Connector<'_>,
    server: &Server<'_>,
    name: &str,
    declared: Option<&ServerVariable<'_>>,
    before: &str,
    after: &str,
    environment: &Environment,
) -> Result<String, ServerError> {
    let setting = setting(connector, name);
    let url = server.url.to_owned();
    let Some(chosen) = environment.get(&setting) else {
        return match declared.and_then(|variable| variable.default) {
            None => Err(ServerFault::NoValue { setting, url }.into()),
            // A default value in the document is checked like a value that the user has set.
            Some(default) if !stays_in_place(default, before, after) => {
                Err(ServerFault::DefaultOutOfPlace { setting, url, variable: name.to_owned() }.into())
            }
            Some(default) => Ok(default.to_owned()),
        };
    };
    let allowed = declared.map(|variable| variable.allowed).unwrap_or_default();
    if !allowed.is_empty() && !allowed.contains(&chosen.as_str()) {
        return Err(ServerFault::NotListed {
            setting,
            shown: shown_address(&chosen),
            allowed: owned(allowed),
        }
        .into());
    }
    match stays_in_place(&chosen, before, after) {
        true => Ok(chosen),
        false => Err(ServerFault::OutOfPlace { setting, url, shown: shown_address(&chosen) }.into()),
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

/// Returns the environment variables that choose a server and set its variables, each with a description for `--help`.
pub(crate) fn variables(connector: &Connector<'_>) -> Vec<(String, String)> {
    let mut variables = Vec::new();
    if connector.servers.len() > 1 {
        variables
            .push((Setting::Server.variable(connector.name), format!("which server: {}", listed(connector))));
    }
    let own = connector.tools().filter_map(|tool| tool.server.as_ref());
    for part in connector.servers.iter().chain(own).flat_map(|server| server.variables) {
        let name = setting(connector, part.name);
        if variables.iter().any(|(known, _)| *known == name) {
            continue;
        }
        let choices = if part.allowed.is_empty() { "any".to_owned() } else { part.allowed.join(", ") };
        let default = part.default.unwrap_or("required");
        variables.push((name, format!("`{}` in the URL: {choices} ({default})", part.name)));
    }
    variables
}

#[cfg(test)]
mod tests;
