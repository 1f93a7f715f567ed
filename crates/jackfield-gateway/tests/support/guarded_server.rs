//! An MCP server over HTTP that requires tokens of an authorization server.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::fake_server::{hello, tool};
use super::tiny_http::{Message, serve};

/// The settings of the server, and the tokens that it has received.
pub(crate) struct Rules {
    /// The issuer that the metadata names.
    pub(crate) issuer: String,
    /// The resource that the metadata names, if it is not the server's own URL.
    pub(crate) resource: Option<String>,
    /// The tokens that are refused.
    pub(crate) refused: Vec<String>,
    /// The status of the response to a refused token.
    pub(crate) status: u16,
    /// The method and the token of each received message.
    pub(crate) seen: Vec<(String, String)>,
}

/// A server that requires tokens.
pub(crate) struct GuardedServer {
    pub(crate) url: String,
    pub(crate) rules: Arc<Mutex<Rules>>,
}

impl GuardedServer {
    /// Starts a server whose metadata names this issuer.
    pub(crate) fn start(issuer: &str) -> Self {
        let rules = Rules {
            issuer: issuer.to_owned(),
            resource: None,
            refused: Vec::new(),
            status: 401,
            seen: Vec::new(),
        };
        let rules = Arc::new(Mutex::new(rules));
        let state = Arc::clone(&rules);
        let origin = serve(move |request| {
            let origin = format!("http://{}", request.header("host").unwrap());
            answer(&origin, request, &mut state.lock().unwrap())
        });
        Self { url: format!("{origin}/mcp"), rules }
    }

    /// Returns the tokens of all tool calls so far.
    pub(crate) fn tokens_of_calls(&self) -> Vec<String> {
        self.tokens(|method| method == "tools/call")
    }

    /// Returns the tokens of all messages so far.
    pub(crate) fn all_tokens(&self) -> Vec<String> {
        self.tokens(|_| true)
    }

    fn tokens(&self, is_wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let rules = self.rules.lock().unwrap();
        rules.seen.iter().filter(|(method, _)| is_wanted(method)).map(|(_, token)| token.clone()).collect()
    }
}

fn answer(origin: &str, request: &Message, rules: &mut Rules) -> Message {
    if request.path().starts_with("/.well-known/") {
        let resource = rules.resource.clone().unwrap_or_else(|| format!("{origin}/mcp"));
        let scopes = ["books.read", "offline_access"];
        let metadata = json!({
            "resource": resource, "authorization_servers": [rules.issuer], "scopes_supported": scopes,
        });
        return Message::json(200, &metadata);
    }
    let challenge = format!("Bearer resource_metadata=\"{origin}/.well-known/oauth-protected-resource/mcp\"");
    let message: Value = serde_json::from_str(&request.body).unwrap_or_default();
    let method = message["method"].as_str().unwrap_or_default();
    let token = request.header("authorization").and_then(|it| it.strip_prefix("Bearer "));
    let Some(token) = token else { return Message::status(401).with("www-authenticate", &challenge) };
    rules.seen.push((method.to_owned(), token.to_owned()));
    if rules.refused.iter().any(|refused| refused == token) {
        return Message::status(rules.status).with("www-authenticate", &challenge);
    }
    let result = match method {
        "initialize" => hello(),
        "tools/list" => json!({ "tools": [tool("greet", "Greets.")] }),
        _ if message["id"].is_null() => return Message::status(202),
        _ => json!({ "content": [{ "type": "text", "text": format!("hello, {token}") }] }),
    };
    Message::json(200, &json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }))
}
