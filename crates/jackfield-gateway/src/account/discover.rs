//! Finds the authorization server of an MCP server through its 401 response and its protected resource metadata (RFC 9728).

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use jackfield_recipe::origin_of;
use jackfield_runtime::{Challenge, Environment, RemoteHttp};
use serde_json::{Value, json};

use super::authorization::Authorization;

/// The maximum number of bytes of metadata.
const MOST_BYTES: usize = 64 * 1024;
/// The time limit of one request.
const PATIENCE: Duration = Duration::from_secs(30);
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// Finds the authorization server of an MCP server.
///
/// # Errors
/// Returns an error if the server does not ask for a login, or does not name an authorization server.
pub(crate) async fn discover(
    name: &str,
    url: &str,
    environment: &Environment,
) -> Result<Authorization, String> {
    let challenge = challenge(name, url, environment).await?;
    let own = origin_of(url).ok_or_else(|| format!("{url} has no origin"))?;
    let parameter = |name: &str| challenge.as_ref().and_then(|it| it.parameter(name).map(str::to_owned));
    let candidates = match parameter("resource_metadata") {
        // A URL of another origin could lead to any server in the private network.
        Some(address) if origin_of(&address).as_deref() == Some(&own) => vec![address],
        Some(address) => return Err(format!("it names its metadata at {address:?}, which is not at {own}")),
        None => {
            let path = url.parse::<http::Uri>().map(|url| url.path().trim_end_matches('/').to_owned());
            let mut candidates = vec![format!("{own}{WELL_KNOWN}{}", path.unwrap_or_default())];
            candidates.push(format!("{own}{WELL_KNOWN}"));
            candidates.dedup();
            candidates
        }
    };
    let mut problems = Vec::new();
    for address in candidates {
        match metadata(name, &address, environment).await {
            Ok(found) => return authorization(&found, url, parameter("scope").as_deref()),
            Err(why) => problems.push(format!("{address} {why}")),
        }
    }
    Err(format!("it does not say where to log in: {}", problems.join("; ")))
}

/// Returns the challenge with which the server refuses a request without a token.
async fn challenge(name: &str, url: &str, environment: &Environment) -> Result<Option<Challenge>, String> {
    let remote = RemoteHttp::new(name, url, environment).map_err(|error| error.to_string())?;
    let client = json!({ "name": "jackfield-gateway", "version": env!("CARGO_PKG_VERSION") });
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
    let hello = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params });
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let sent = remote.send(Method::POST, headers, Bytes::from(hello.to_string()));
    let answer =
        tokio::time::timeout(PATIENCE, sent).await.map_err(|_| late())?.map_err(|error| error.to_string())?;
    match answer.status() {
        StatusCode::UNAUTHORIZED => {
            let challenges = Challenge::all(answer.headers());
            Ok(challenges.into_iter().find(|it| it.is_for("Bearer")))
        }
        status if status.is_success() => Err("it answers without a login, so none is needed".to_owned()),
        status => Err(format!("it answers with status {} instead of asking for a login", status.as_u16())),
    }
}

fn late() -> String {
    format!("it has not answered within {} seconds", PATIENCE.as_secs())
}

/// Fetches the metadata at a URL.
pub(super) async fn metadata(name: &str, address: &str, environment: &Environment) -> Result<Value, String> {
    let remote = RemoteHttp::new(name, address, environment).map_err(|error| error.to_string())?;
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    let read = async {
        let answer =
            remote.send(Method::GET, headers, Bytes::new()).await.map_err(|error| error.to_string())?;
        if answer.status() != StatusCode::OK {
            return Err(format!("answers with status {}", answer.status().as_u16()));
        }
        let body = Limited::new(answer.into_body(), MOST_BYTES).collect().await;
        let body = body.map_err(|error| format!("cannot be read: {error}"))?.to_bytes();
        serde_json::from_slice(&body).map_err(|_| "is not JSON".to_owned())
    };
    tokio::time::timeout(PATIENCE, read).await.unwrap_or_else(|_| Err("does not answer".to_owned()))
}

/// Returns the authorization server that the metadata names.
pub(super) fn authorization(
    metadata: &Value,
    url: &str,
    scope: Option<&str>,
) -> Result<Authorization, String> {
    let resource = metadata["resource"].as_str().unwrap_or_default();
    // With the metadata of another resource, this server could obtain tokens for that resource.
    if !is_within(url, resource) {
        return Err(format!("its metadata names the resource {resource:?}, which does not include {url}"));
    }
    let servers = metadata["authorization_servers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let Some(issuer) = servers.iter().find_map(Value::as_str) else {
        return Err("its metadata names no authorization server".to_owned());
    };
    if !issuer.starts_with("https://") && !crate::config::is_loopback(issuer) {
        return Err(format!("its authorization server {issuer:?} is not protected by TLS"));
    }
    let scopes: Vec<String> = match scope {
        Some(scope) => scope.split_whitespace().map(str::to_owned).collect(),
        None => {
            let scopes = metadata["scopes_supported"].as_array().into_iter().flatten();
            scopes.filter_map(|scope| scope.as_str().map(str::to_owned)).collect()
        }
    };
    Ok(Authorization { issuer: issuer.to_owned(), resource: resource.to_owned(), scopes })
}

/// Whether a URL is the URL of the resource, or is below it.
fn is_within(url: &str, resource: &str) -> bool {
    let resource = resource.trim_end_matches('/');
    let rest = url.strip_prefix(resource);
    origin_of(resource) == origin_of(url)
        && origin_of(url).is_some()
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_of_another_protected_resource_is_refused() {
        let url = "https://docs.example.com/mcp";
        for (resource, is_fit) in [
            ("https://docs.example.com/mcp", true),
            ("https://docs.example.com/", true),
            ("https://docs.example.com", true),
            ("https://docs.example.com/mc", false),
            ("https://docs.example.com.evil.example", false),
            ("https://docs.example.co", false),
            ("https://evil.example/mcp", false),
            ("http://docs.example.com/mcp", false),
            ("", false),
        ] {
            let metadata =
                json!({ "resource": resource, "authorization_servers": ["https://id.example.com"] });
            assert_eq!(authorization(&metadata, url, None).is_ok(), is_fit, "{resource}");
        }
    }

    #[test]
    fn authorization_server_without_tls_is_refused() {
        let of = |issuer: &str| {
            let metadata = json!({
                "resource": "https://docs.example.com/mcp", "authorization_servers": [issuer], "scopes_supported": ["a", "b"],
            });
            authorization(&metadata, "https://docs.example.com/mcp", Some("a c"))
        };
        assert!(of("http://id.example.com").is_err());
        let found = of("https://id.example.com").unwrap();
        assert_eq!(
            (found.issuer.as_str(), found.scopes),
            ("https://id.example.com", vec!["a".to_owned(), "c".to_owned()])
        );
        let none = json!({ "resource": "https://docs.example.com/mcp" });
        assert!(authorization(&none, "https://docs.example.com/mcp", None).is_err());
    }
}
