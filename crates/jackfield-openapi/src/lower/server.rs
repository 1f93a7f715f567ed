//! Where requests go.

use jackfield_model::{Code, Diagnostic, Server};
use serde_json::Value;

use super::text;
use crate::dialect::{Dialect, swagger2};
use crate::document::Node;

/// The servers that requests can go to, in the order of the document, variables replaced by their defaults.
pub(crate) fn servers(root: &Node<'_>, dialect: Dialect, diagnostics: &mut Vec<Diagnostic>) -> Vec<Server> {
    let servers = match dialect {
        Dialect::Swagger2 => {
            swagger2::servers(root).into_iter().filter(|server| server.url.contains("://")).collect()
        }
        Dialect::V30 | Dialect::V31 | Dialect::V32 => listed(root, "this server is left out", diagnostics),
    };
    if servers.is_empty() {
        let place = root.get("servers").map_or_else(|| root.place(), |node| node.place());
        diagnostics.push(
            Diagnostic::warning(Code::NoServer, place, "the document names no address that requests could go to")
                .so("whoever runs the connector has to name it")
                .help("put `servers = [\"https://…\"]` into connector.toml, or set the connector's _BASE_URL variable"),
        );
    }
    servers
}

/// The server of one operation, where it or its path has its own.
pub(crate) fn own(
    item: &Node<'_>,
    operation: &Node<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Server> {
    let owner = [operation, item]
        .into_iter()
        .find(|node| node.get("servers").is_some_and(|list| list.items().next().is_some()))?;
    listed(owner, "the operation goes to another server of the document", diagnostics).into_iter().next()
}

/// The usable ones of a list, and findings about the others.
fn listed(owner: &Node<'_>, cost: &str, diagnostics: &mut Vec<Diagnostic>) -> Vec<Server> {
    let mut servers = Vec::new();
    for node in owner.get("servers").iter().flat_map(Node::items) {
        let (code, problem, help) = match openapiv3_server(&node) {
            Err(problem) => {
                (Code::MalformedServer, problem, "write it as in `- url: https://api.example.com`")
            }
            Ok(server) if server.url.contains('{') => {
                let problem = format!("`{}` has a variable without a default", server.url);
                (
                    Code::MalformedServer,
                    problem,
                    "give it one below `variables`, or name the whole address in connector.toml",
                )
            }
            Ok(server) if !server.url.contains("://") => {
                let problem = format!("`{}` is relative, and nothing says to what", server.url);
                (Code::NoServer, problem, "name the whole address in `servers` of connector.toml")
            }
            Ok(server) => {
                servers.push(server);
                continue;
            }
        };
        diagnostics.push(Diagnostic::warning(code, node.place(), problem).so(cost).help(help));
    }
    servers
}

fn openapiv3_server(node: &Node<'_>) -> Result<Server, String> {
    let Some(map) = node.as_object() else {
        return Err(format!("a server is a mapping, and this is {}", node.kind()));
    };
    let skeleton = map.iter().filter(|(key, _)| matches!(key.as_str(), "url" | "description"));
    let skeleton: Value =
        skeleton.map(|(key, value)| (key.clone(), value.clone())).collect::<serde_json::Map<_, _>>().into();
    let server: openapiv3::Server =
        serde_json::from_value(skeleton).map_err(|error| format!("this is no server: {error}"))?;
    let mut url = server.url.trim().to_owned();
    for (name, variable) in node.get("variables").iter().flat_map(Node::entries) {
        let default = match variable.value().get("default") {
            Some(Value::String(text)) => text.clone(),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
            _ => continue,
        };
        url = url.replace(&format!("{{{name}}}"), &default);
    }
    let description = text::one_line(&text::clean(server.description.as_deref().unwrap_or_default()));
    Ok(Server { url, description })
}
