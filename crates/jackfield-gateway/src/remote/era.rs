//! The two kinds of MCP revisions (with and without `initialize`), and the metadata of their requests.

use jackfield_runtime::{ActiveCall, Capabilities};
use serde_json::{Map, Value, json};

pub(super) use crate::wire::headers::MODERN;

/// The revision that the gateway offers in `initialize`. A server that does not support it answers with another revision.
pub(super) const OFFERED: &str = "2025-11-25";
/// The supported revisions with `initialize`.
pub(super) const WITH_HANDSHAKE: [&str; 4] = [OFFERED, "2025-06-18", "2025-03-26", "2024-11-05"];

/// The kind of revision that a server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Era {
    /// With `initialize`, up to 2025-11-25.
    Legacy,
    /// Without sessions, since 2026-07-28.
    Modern,
}

/// The name of the gateway as a client of other servers.
pub(super) const CLIENT: &str = "jackfield-gateway";

/// Returns the `clientInfo` of a client with this name.
pub(super) fn client_info(name: &str) -> Value {
    json!({ "name": name, "version": env!("CARGO_PKG_VERSION") })
}

/// Returns the capabilities for `initialize`. Questions of the server are refused if the client of the call has not declared the
/// capability.
pub(super) fn session_capabilities() -> Value {
    json!({
        "elicitation": { "form": {}, "url": {} },
        "sampling": { "tools": {} },
        "roots": { "listChanged": true },
    })
}

/// Returns the capabilities of one client as JSON.
fn capabilities_of(client: Capabilities) -> Value {
    let mut known = Map::new();
    let mut add = |name: &str, has: bool, modes: &[(&str, bool)]| {
        let modes = modes.iter().filter(|(_, has)| *has).map(|(mode, _)| ((*mode).to_owned(), json!({})));
        if has {
            known.insert(name.to_owned(), Value::Object(modes.collect()));
        }
    };
    let forms_or_addresses = [("form", client.elicitation), ("url", client.addresses)];
    add("elicitation", client.elicitation || client.addresses, &forms_or_addresses);
    add("sampling", client.sampling, &[("tools", client.sampling_tools)]);
    add("roots", client.roots, &[]);
    add("extensions", client.tasks, &[("io.modelcontextprotocol/tasks", client.tasks)]);
    Value::Object(known)
}

impl Era {
    /// Returns the `_meta` members of a request of the gateway itself.
    pub(super) fn own_meta(self) -> Map<String, Value> {
        self.meta_as(CLIENT)
    }

    /// Returns the `_meta` members of a request of a client with this name.
    pub(super) fn meta_as(self, client: &str) -> Map<String, Value> {
        self.meta(client, json!({}))
    }

    /// Returns the `_meta` members of a request for a call. In newer revisions, they contain the capabilities of the call's client.
    pub(super) fn call_meta(self, call: &ActiveCall) -> Map<String, Value> {
        let context = call.context();
        let mut meta = self.meta(CLIENT, capabilities_of(context.caller().capabilities()));
        if let (Self::Modern, Some(level)) = (self, context.log_level()) {
            meta.insert("io.modelcontextprotocol/logLevel".to_owned(), level.as_str().into());
        }
        meta.extend(context.trace_members());
        meta
    }

    fn meta(self, client: &str, capabilities: Value) -> Map<String, Value> {
        if self == Self::Legacy {
            return Map::new();
        }
        Map::from_iter([
            ("io.modelcontextprotocol/protocolVersion".to_owned(), json!(MODERN)),
            ("io.modelcontextprotocol/clientInfo".to_owned(), client_info(client)),
            ("io.modelcontextprotocol/clientCapabilities".to_owned(), capabilities),
        ])
    }

    /// Adds `_meta` to the parameters of a request.
    pub(super) fn with_meta(mut params: Map<String, Value>, meta: Map<String, Value>) -> Map<String, Value> {
        if !meta.is_empty() {
            params.insert("_meta".to_owned(), Value::Object(meta));
        }
        params
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gateway_declares_the_capabilities_of_its_client_to_the_server() {
        let all = Capabilities::default().elicitation(true).addresses(true).sampling(true).roots(true);
        for (client, expected) in [
            (Capabilities::default(), json!({})),
            (Capabilities::default().elicitation(true), json!({ "elicitation": { "form": {} } })),
            (
                all.sampling_tools(true),
                json!({ "elicitation": { "form": {}, "url": {} }, "sampling": { "tools": {} }, "roots": {} }),
            ),
        ] {
            assert_eq!(capabilities_of(client), expected);
        }
    }
}
