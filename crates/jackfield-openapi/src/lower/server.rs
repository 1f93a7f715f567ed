//! The servers of a document.

use jackfield_model::{Code, Diagnostic, Server, ServerVariable, stays_in_place};
use serde_json::Value;

use super::private::Private;
use super::text;
use crate::dialect::{Dialect, swagger2};
use crate::document::Node;

/// Returns the servers in the order of the document. Relative URLs are resolved against `origin`, the URL at which
/// the document is published, if known.
pub(crate) fn servers(
    root: &Node<'_>,
    dialect: Dialect,
    origin: Option<&str>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Server> {
    let servers = match dialect {
        Dialect::Swagger2 => {
            let servers = swagger2::servers(root).into_iter();
            servers.map(|server| absolute(server.clone(), origin).unwrap_or(server)).collect()
        }
        Dialect::V30 | Dialect::V31 | Dialect::V32 => {
            let cost = "users of the connector have to choose another server, or set the base URL";
            listed(root, origin, cost, diagnostics)
        }
    };
    let (whole, relative): (Vec<_>, Vec<_>) = servers.into_iter().partition(is_whole);
    if whole.is_empty() {
        let place = root.get("servers").map_or_else(|| root.place(), |node| node.place());
        diagnostics.push(
            Diagnostic::warning(Code::NoServer, place, "the document declares no usable server")
                .so("users of the connector have to set the base URL")
                .help("put `document_url = \"https://…\"` or `servers = [\"https://…\"]` into connector.toml, or set the connector's _BASE_URL variable"),
        );
        return relative;
    }
    whole
}

/// Returns the server of one operation, if the operation or its path item declares one.
pub(crate) fn own(
    item: &Node<'_>,
    operation: &Node<'_>,
    origin: Option<&str>,
    private: &Private,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Server> {
    let owner = [operation, item]
        .into_iter()
        .find(|node| node.get("servers").is_some_and(|list| list.items().next().is_some()))?;
    let cost = "requests of this operation go to another server of the document";
    let server = listed(owner, origin, cost, diagnostics).into_iter().find(is_whole)?;
    private.check_own(&server, owner, diagnostics);
    Some(server)
}

/// The maximum length of a server URL, and the maximum number of its variables. A host has at most 253
/// characters.
const LONGEST: usize = 2048;
const MOST_VARIABLES: usize = 16;

/// Whether the URL is absolute.
fn is_whole(server: &Server) -> bool {
    server.url.contains("://") || server.url.starts_with('{')
}

/// Parses a list of servers, and reports servers that cannot be used unchanged.
fn listed(
    owner: &Node<'_>,
    origin: Option<&str>,
    cost: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Server> {
    let mut servers = Vec::new();
    for node in owner.get("servers").iter().flat_map(Node::items) {
        let mut find = |code, problem: String, cost: &str, help: &str| {
            diagnostics.push(Diagnostic::warning(code, node.place(), problem).so(cost).help(help));
        };
        let mut server = match openapiv3_server(&node) {
            Ok(server) => server,
            Err(problem) => {
                let help = "write it as in `- url: https://api.example.com`";
                find(Code::MalformedServer, problem, "this server is left out", help);
                continue;
            }
        };
        if server.url.len() > LONGEST || server.url.matches('{').count() > MOST_VARIABLES {
            let problem = format!(
                "the server URL has {} bytes and {} variables, but the limits are {LONGEST} bytes and {MOST_VARIABLES} variables",
                server.url.len(),
                server.url.matches('{').count()
            );
            find(
                Code::MalformedServer,
                problem,
                "this server is left out",
                "set the absolute URL with `servers` in connector.toml",
            );
            continue;
        }
        let missing: Vec<bool> = server.variables.iter().map(|variable| variable.default.is_none()).collect();
        for problem in keep_in_place(&mut server) {
            find(
                Code::MalformedServer,
                problem,
                "the value is left out; if the variable then has no default, users of the connector have to set the variable",
                "give the variable a value of letters, digits, `-`, `.`, `_` and `~`, or set the absolute URL in connector.toml",
            );
        }
        let mut variables = server.variables.iter().zip(missing);
        if let Some((variable, _)) = variables.find(|(_, is_missing)| *is_missing) {
            find(
                Code::MalformedServer,
                format!("the variable `{}` of `{}` has no default", variable.name, server.url),
                "users of the connector have to set the variable",
                "give the variable a `default` below `variables`, or set the absolute URL in connector.toml",
            );
        }
        servers.push(absolute(server.clone(), origin).unwrap_or_else(|| {
            find(
                Code::NoServer,
                format!("`{}` is relative, and its base URL is unknown", server.url),
                cost,
                "in connector.toml, set `document_url` to the URL at which the document is published, or `servers` to the absolute URL of the server",
            );
            server
        }));
    }
    servers
}

/// Removes defaults and listed values that would change more of the URL than their own variable, and returns the problems.
fn keep_in_place(server: &mut Server) -> Vec<String> {
    let mut problems = Vec::new();
    let (url, mut before) = (server.url.clone(), String::new());
    let mut rest = url.as_str();
    while let Some((text, (name, after))) =
        rest.split_once('{').and_then(|(text, rest)| Some((text, rest.split_once('}')?)))
    {
        before.push_str(text);
        rest = after;
        let Some(variable) = server.variables.iter_mut().find(|variable| variable.name == name) else {
            continue;
        };
        let mut refuse = |value: &str, what: &str| {
            let stays = stays_in_place(value, &before, after);
            if !stays {
                problems
                    .push(format!("the {what} `{value}` of `{name}` would change other parts of `{url}`"));
            }
            stays
        };
        let is_listed = variable.default.as_ref().is_some_and(|default| variable.allowed.contains(default));
        variable.allowed.retain(|value| refuse(value, "value"));
        variable.default = variable.default.take().filter(|default| match is_listed {
            true => variable.allowed.contains(default),
            false => refuse(default, "default"),
        });
        let usual = match (before.is_empty(), after.starts_with("://")) {
            (true, true) => "https",
            (true, false) => "https://x",
            (false, _) => "x",
        };
        before.push_str(variable.default.as_deref().unwrap_or(usual));
    }
    problems
}

/// Returns the server with its URL resolved, or `None` if the URL is relative and `origin` is unknown.
fn absolute(server: Server, origin: Option<&str>) -> Option<Server> {
    if is_whole(&server) {
        return Some(server);
    }
    let url = resolve(origin?, &server.url)?;
    Some(Server { url, ..server })
}

/// Resolves a relative URL against `origin`, as RFC 3986 defines.
pub(super) fn resolve(origin: &str, relative: &str) -> Option<String> {
    let (scheme, rest) = origin.split_once("://")?;
    if let Some(elsewhere) = relative.strip_prefix("//") {
        return Some(format!("{scheme}://{elsewhere}"));
    }
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let folder =
        if relative.starts_with('/') { "" } else { path.rsplit_once('/').map_or("", |(folder, _)| folder) };
    let mut segments: Vec<&str> = Vec::new();
    for segment in folder.split('/').chain(relative.split('/')) {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    let path: String = segments.iter().map(|segment| format!("/{segment}")).collect();
    Some(format!("{scheme}://{authority}{path}"))
}

fn openapiv3_server(node: &Node<'_>) -> Result<Server, String> {
    let Some(map) = node.as_object() else {
        return Err(format!("a server must be a mapping, not {}", node.kind()));
    };
    let skeleton = map.iter().filter(|(key, _)| matches!(key.as_str(), "url" | "description"));
    let skeleton: Value =
        skeleton.map(|(key, value)| (key.clone(), value.clone())).collect::<serde_json::Map<_, _>>().into();
    let server: openapiv3::Server =
        serde_json::from_value(skeleton).map_err(|error| format!("malformed server: {error}"))?;
    let url = server.url.trim().to_owned();
    let declared = node.get("variables");
    let variables = names_in(&url).into_iter().map(|name| {
        let node = declared.as_ref().and_then(|declared| declared.get(name));
        variable(name, node.as_ref())
    });
    let one_line = |written: Option<&str>| text::one_line(&text::clean(written.unwrap_or_default()));
    Ok(Server {
        variables: variables.collect(),
        name: one_line(node.text("name")),
        description: one_line(server.description.as_deref()),
        url,
    })
}

/// Returns the names between braces, without duplicates.
fn names_in(url: &str) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for piece in url.split('{').skip(1) {
        if let Some((name, _)) = piece.split_once('}')
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

fn variable(name: &str, node: Option<&Node<'_>>) -> ServerVariable {
    let plain = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    };
    let map = node.and_then(Node::as_object);
    let said = |key: &str| map.and_then(|map| map.get(key));
    let allowed = said("enum").and_then(Value::as_array).into_iter().flatten().filter_map(plain);
    let allowed: Vec<String> = allowed.collect();
    let default = said("default").and_then(plain).or_else(|| allowed.first().cloned());
    ServerVariable { name: name.to_owned(), default, allowed }
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn relative_url_is_resolved_against_the_origin() {
        let origin = "https://example.com:8443/docs/v1/openapi.json?raw=1";
        for (relative, whole) in [
            ("/v1", "https://example.com:8443/v1"),
            ("/v1/", "https://example.com:8443/v1"),
            ("./api", "https://example.com:8443/docs/v1/api"),
            ("api", "https://example.com:8443/docs/v1/api"),
            ("../../../up", "https://example.com:8443/up"),
            ("..", "https://example.com:8443/docs"),
            (".", "https://example.com:8443/docs/v1"),
            ("/", "https://example.com:8443"),
            ("//api.example.org/v2", "https://api.example.org/v2"),
        ] {
            assert_eq!(resolve(origin, relative).as_deref(), Some(whole), "{relative}");
        }
        assert_eq!(resolve("https://example.com", "v1").as_deref(), Some("https://example.com/v1"));
    }
}
