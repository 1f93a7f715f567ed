//! Where requests go.

use jackfield_model::{Code, Diagnostic, Server};
use serde_json::Value;

use super::text;
use crate::document::Node;

/// The servers that requests can go to, in the order of the document, variables replaced by their defaults.
pub(crate) fn servers(root: &Node<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Server> {
    let mut servers = Vec::new();
    let list = root.get("servers");
    for node in list.iter().flat_map(Node::items) {
        match openapiv3_server(&node) {
            Err(problem) => diagnostics.push(
                Diagnostic::warning(Code::MalformedServer, node.place(), problem)
                    .so("this server is left out")
                    .help("write it as in `- url: https://api.example.com`"),
            ),
            Ok(server) if server.url.contains("://") => servers.push(server),
            Ok(server) => diagnostics.push(
                Diagnostic::warning(
                    Code::NoServer,
                    node.place(),
                    format!("`{}` is relative, and nothing says to what", server.url),
                )
                .so("this server is left out")
                .help("name the whole address in `servers` of connector.toml"),
            ),
        }
    }
    if servers.is_empty() {
        let place = list.map_or_else(|| root.place(), |node| node.place());
        diagnostics.push(
            Diagnostic::warning(Code::NoServer, place, "the document names no address that requests could go to")
                .so("whoever runs the connector has to name it")
                .help("put `servers = [\"https://…\"]` into connector.toml, or set the connector's _BASE_URL variable"),
        );
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
