//! Tests of callers with individual tokens, over real HTTP.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use jackfield_recipe::Effect;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::common::caller::Caller;
use crate::common::environment::Environment;
use crate::engine::api::Api;
use crate::engine::custom::{Call, CustomTool};
use crate::engine::policy::Policies;
use crate::engine::policy::permit::{Permission, Permit};
use crate::engine::request::Target;
use crate::engine::service::Service;
use crate::inbound::issuer_server::IssuerServer;
use crate::inbound::named_token::{Finding, FoundToken, NamedTokens, TokenName, new_token};
use crate::inbound::resource_server::Inbound;
use crate::inbound::tests::hostile;
use crate::inbound::tests::maker::{Maker, Signer};
use crate::inbound::token_digest::token_digest;
use crate::mcp::http::HttpServer;
use crate::reply::tool_result::ToolResult;
use crate::v1::Connector;

static SHOP: Connector = Connector::new("shop");

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A policy that lists all tools, and permits each tool to callers with the scope `TOOL.use`. One tool requires
/// two scopes.
struct ScopePerTool;

impl Permit for ScopePerTool {
    fn decide(&self, caller: &Caller, target: Target<'_>, _: Option<&Map<String, Value>>) -> Permission {
        let mut needed = vec![format!("{}.use", target.name)];
        if target.effect > Effect::Read {
            needed.push("shop.write".to_owned());
        }
        match needed.iter().all(|scope| caller.scopes().contains(scope)) {
            true => Permission::Allowed,
            false => Permission::NeedsScopes(needed),
        }
    }

    fn version(&self, _: &Caller) -> u64 {
        0
    }
}

fn service() -> Service {
    let whoami = CustomTool::new("whoami", |call: Call| async move {
        let caller = call.context.caller().clone();
        Ok(ToolResult::text(format!("{} {}", caller.principal(), caller.scopes().join("+"))))
    });
    let order = CustomTool::new("order", |_: Call| async { Ok(ToolResult::text("ordered")) });
    let api = Api::new(&SHOP, Environment::of([] as [(&str, &str); 0]));
    let api = api.with_policies(Policies::none().permit(Arc::new(ScopePerTool)));
    Service::new(api, vec![whoami.effect(Effect::Read), order]).unwrap()
}

/// A store of named tokens by their digests.
#[derive(Default)]
struct Named(Mutex<Vec<([u8; 32], FoundToken)>>);

impl NamedTokens for Named {
    fn find(&self, digest: [u8; 32]) -> Finding<'_> {
        let known = self.0.lock().unwrap();
        let found = known.iter().find(|(known, _)| *known == digest).map(|(_, token)| token.clone());
        Box::pin(async { Ok(found) })
    }
}

/// Starts an HTTP server that answers each path with the text that `texts` returns. Returns its URL.
async fn serve_texts(texts: impl Fn(&str) -> Option<String> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap_or(b'\n'));
            }
            let head = String::from_utf8(head).unwrap();
            let path = head.split(' ').nth(1).unwrap_or_default();
            let (status, text) = texts(path).map_or((404, String::new()), |text| (200, text));
            let length = text.len();
            let answer =
                format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    format!("http://{address}")
}

/// A server whose callers have tokens of an issuer on this machine.
struct World {
    address: String,
    maker: Maker,
    named: Arc<Named>,
}

impl World {
    async fn new(scopes: &[&str]) -> Self {
        let maker = Arc::new(std::sync::OnceLock::<(String, String)>::new());
        let answers = Arc::clone(&maker);
        let issuer = serve_texts(move |path| {
            let (metadata, keys) = answers.get()?;
            match path {
                "/.well-known/openid-configuration" => Some(metadata.clone()),
                "/keys" => Some(keys.clone()),
                _ => None,
            }
        })
        .await;
        let environment = Environment::of([] as [(&str, &str); 0]);
        let named = Arc::new(Named::default());
        let server = HttpServer::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let url = server.url();
        let keys = Maker::new(now()).named(&issuer, &url);
        let metadata = json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/keys") }).to_string();
        maker.set((metadata, keys.key_set())).unwrap();
        let inbound = Inbound {
            issuer: Some(IssuerServer::new(&issuer, &SHOP, &environment).unwrap()),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            named: Some(Arc::<Named>::clone(&named)),
            ..Inbound::default()
        };
        tokio::spawn(server.with_callers(inbound).serve(service()));
        let address = url.strip_prefix("http://").and_then(|rest| rest.strip_suffix("/mcp")).unwrap();
        Self { address: address.to_owned(), maker: keys, named }
    }

    fn token(&self, scopes: &str) -> String {
        self.maker.token(Signer::Es256, &json!({ "scope": scopes }))
    }

    /// Sends a request. Returns the head, in lower case, and the body of the response.
    async fn ask(&self, line: &str, token: Option<&str>, headers: &str, body: &str) -> (String, String) {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        let token = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
        let (address, length) = (&self.address, body.len());
        let request = format!(
            "{line} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             accept: application/json, text/event-stream\r\n{token}{headers}content-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // A server that does not read the body may reset the connection after its answer.
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_ascii_lowercase(), body.to_owned())
    }

    async fn call(&self, tool: &str, token: Option<&str>, headers: &str) -> (String, String) {
        let call = json!({
            "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": tool, "arguments": {} },
        });
        self.ask("POST /mcp", token, headers, &call.to_string()).await
    }
}

fn status(head: &str) -> &str {
    head.split(' ').nth(1).unwrap()
}

fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[tokio::test]
async fn request_with_a_hostile_token_is_refused_over_http() {
    let mut world = World::new(&[]).await;
    let count = hostile::tokens(&world.maker).len();
    assert!(count >= 60, "{count}");
    let mut asked = 0;
    for at in 0..count {
        // An address may make 50 attempts in a burst.
        if at % 40 == 39 {
            world = World::new(&[]).await;
        }
        let (name, token, refusal) = hostile::tokens(&world.maker).swap_remove(at);
        let (head, body) = world.call("whoami", Some(&token), "").await;
        assert_eq!((status(&head), body.as_str()), ("401", ""), "{name}: {head}");
        let challenge = field(&head, "www-authenticate").unwrap();
        let description = refusal.description().to_ascii_lowercase();
        assert!(challenge.contains("error=\"invalid_token\""), "{name}: {challenge}");
        assert!(challenge.contains(&description), "{name}: {challenge}");
        asked += 1;
    }
    assert_eq!(asked, count);
}

#[tokio::test]
async fn caller_is_the_subject_of_the_access_token_that_it_sends() {
    let world = World::new(&[]).await;
    for signer in Signer::ALL {
        let token = world.maker.token(signer, &json!({ "scope": "whoami.use x" }));
        let (head, body) = world.call("whoami", Some(&token), "").await;
        assert_eq!(status(&head), "200", "{signer:?}: {head}\n{body}");
        assert!(body.contains(&format!("{}#reader whoami.use+x", world.maker.issuer())), "{body}");
        assert!(!body.contains(&token) && !head.contains(&token.to_ascii_lowercase()));
    }
}

#[tokio::test]
async fn response_to_a_missing_token_names_the_authorization_server() {
    let world = World::new(&["shop.use"]).await;
    let (head, body) = world.call("whoami", None, "").await;
    assert_eq!((status(&head), body.as_str()), ("401", ""));
    let metadata = format!("http://{}/.well-known/oauth-protected-resource/mcp", world.address);
    let expected = format!("bearer scope=\"shop.use\", resource_metadata=\"{metadata}\"");
    assert_eq!(field(&head, "www-authenticate"), Some(expected.as_str()));
    let path = metadata.strip_prefix(&format!("http://{}", world.address)).unwrap();
    for path in [path, "/.well-known/oauth-protected-resource"] {
        let (head, body) =
            world.ask(&format!("GET {path}"), None, "origin: https://app.example.com\r\n", "").await;
        assert_eq!(status(&head), "200");
        assert_eq!(field(&head, "access-control-allow-origin"), Some("*"));
        let document: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(document["resource"], format!("http://{}/mcp", world.address));
        assert_eq!(document["authorization_servers"], json!([world.maker.issuer()]));
        let (head, body) = world.ask(&format!("OPTIONS {path}"), None, "", "").await;
        assert_eq!((status(&head), body.as_str()), ("204", ""));
        assert_eq!(field(&head, "access-control-allow-headers"), Some("mcp-protocol-version"));
        let (head, _) = world.ask(&format!("POST {path}"), None, "", "{}").await;
        assert_eq!((status(&head), field(&head, "allow")), ("405", Some("get, head, options")));
    }
    let (head, _) = world.ask("GET /.well-known/other", None, "", "").await;
    assert_eq!(status(&head), "401");
}

#[tokio::test]
async fn token_without_a_scope_of_the_server_gets_403() {
    let world = World::new(&["shop.use"]).await;
    let (head, body) = world.call("whoami", Some(&world.token("whoami.use")), "").await;
    assert_eq!(status(&head), "403", "{body}");
    let challenge = field(&head, "www-authenticate").unwrap();
    assert!(challenge.contains("error=\"insufficient_scope\""), "{challenge}");
    assert!(challenge.contains("scope=\"shop.use\""), "{challenge}");
    let (head, _) = world.call("whoami", Some(&world.token("whoami.use shop.use")), "").await;
    assert_eq!(status(&head), "200");
}

#[tokio::test]
async fn call_without_a_scope_of_its_tool_gets_403_with_all_needed_scopes() {
    let world = World::new(&["shop.use"]).await;
    let token = world.token("shop.use order.use");
    let (head, body) = world.call("order", Some(&token), "").await;
    assert_eq!(status(&head), "403", "{body}");
    let challenge = field(&head, "www-authenticate").unwrap();
    assert!(challenge.contains("scope=\"shop.use order.use shop.write\""), "{challenge}");
    assert!(challenge.contains("error=\"insufficient_scope\"") && !body.contains("ordered"), "{challenge}");
    // The tool is listed, so that a client can ask for the scope.
    let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let (head, body) = world.ask("POST /mcp", Some(&token), "", list).await;
    assert!(status(&head) == "200" && body.contains("\"order\""), "{body}");
    let (head, body) = world.call("order", Some(&world.token("shop.use order.use shop.write")), "").await;
    assert!(status(&head) == "200" && body.contains("ordered"), "{body}");
}

#[tokio::test]
async fn sessionless_call_has_the_caller_and_the_scopes_of_its_token() {
    let world = World::new(&[]).await;
    let call = async |tool: &str| {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": { "name": "t", "version": "1" },
        });
        let call = json!({
            "jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": { "name": tool, "arguments": {}, "_meta": meta },
        });
        let headers =
            format!("mcp-protocol-version: 2026-07-28\r\nmcp-method: tools/call\r\nmcp-name: {tool}\r\n");
        world.ask("POST /mcp", Some(&world.token("whoami.use")), &headers, &call.to_string()).await
    };
    let (head, body) = call("whoami").await;
    assert!(status(&head) == "200" && body.contains("#reader whoami.use"), "{head}\n{body}");
    let (head, body) = call("order").await;
    assert_eq!(status(&head), "403", "{body}");
    assert!(field(&head, "www-authenticate").unwrap().contains("scope=\"order.use shop.write\""), "{head}");
}

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"elicitation":{}},"clientInfo":{"name":"t","version":"1"}}}"#;

#[tokio::test]
async fn session_serves_only_its_caller_and_checks_the_scopes_of_each_token() {
    let world = World::new(&[]).await;
    let token = world.token("whoami.use");
    let (head, body) = world.ask("POST /mcp", Some(&token), "", INITIALIZE).await;
    assert_eq!(status(&head), "200", "{body}");
    let session = field(&head, "mcp-session-id").unwrap();
    let headers = format!("mcp-session-id: {session}\r\nmcp-protocol-version: 2025-11-25\r\n");
    let ready = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    assert_eq!(status(&world.ask("POST /mcp", Some(&token), &headers, ready).await.0), "202");
    let (head, body) = world.call("whoami", Some(&token), &headers).await;
    assert!(status(&head) == "200" && body.contains("#reader"), "{head}\n{body}");
    for method in ["tools/list", "ping", "prompts/list", "no/such"] {
        // No permission is needed for these requests, so their answers begin at once.
        let request = json!({ "jsonrpc": "2.0", "id": 2, "method": method }).to_string();
        let (head, body) = world.ask("POST /mcp", Some(&token), &headers, &request).await;
        assert!(status(&head) == "200" && body.contains("\"id\":2"), "{method}: {head}\n{body}");
    }
    let (head, body) = world.call("order", Some(&token), &headers).await;
    assert_eq!(status(&head), "403", "{body}");
    assert!(field(&head, "www-authenticate").unwrap().contains("scope=\"order.use shop.write\""), "{head}");
    // A later request may have a token with other scopes. The scopes are taken from the token of each request.
    let (head, body) = world.call("order", Some(&world.token("order.use shop.write")), &headers).await;
    assert!(status(&head) == "200" && body.contains("ordered"), "{body}");
    // A web page of another server cannot read the stream of a session.
    let foreign = format!("{headers}origin: https://shop.example.com\r\n");
    let (head, _) = world.ask("GET /mcp", Some(&token), &foreign, "").await;
    assert_eq!(status(&head), "403", "{head}");
    let changes = json!({ "scope": "whoami.use", "sub": "other" });
    let other = world.maker.token(Signer::Es256, &changes);
    for line in ["POST /mcp", "GET /mcp", "DELETE /mcp"] {
        let (head, _) = world.ask(line, Some(&other), &headers, ready).await;
        assert_eq!(status(&head), "404", "{line}");
    }
}

#[tokio::test]
async fn named_token_is_accepted_until_it_is_revoked() {
    let world = World::new(&[]).await;
    let secret = new_token().unwrap();
    let (name, scopes) = (TokenName::parse("ci").unwrap(), vec!["whoami.use".to_owned()]);
    let token = FoundToken { name, scopes, expires: now() + 60 };
    world.named.0.lock().unwrap().push((token_digest(secret.expose()), token));
    let (head, body) = world.call("whoami", Some(secret.expose()), "").await;
    assert!(status(&head) == "200" && body.contains("token:ci whoami.use"), "{body}");
    world.named.0.lock().unwrap().clear();
    let (head, _) = world.call("whoami", Some(secret.expose()), "").await;
    assert!(status(&head) == "401" && head.contains("revoked"), "{head}");
}

#[tokio::test]
async fn flood_of_unauthenticated_requests_gets_429() {
    let world = World::new(&[]).await;
    let good = world.token("whoami.use");
    assert_eq!(status(&world.call("whoami", Some(&good), "").await.0), "200");
    let mut limited = None;
    for _ in 0..300 {
        let (head, _) = world.call("whoami", Some("jft_wrong"), "").await;
        if status(&head) == "429" {
            limited = Some(head);
            break;
        }
    }
    assert!(field(&limited.unwrap(), "retry-after").is_some());
    // A verified caller is not locked out.
    assert_eq!(status(&world.call("whoami", Some(&good), "").await.0), "200");
}

#[tokio::test]
async fn request_with_several_authorization_headers_gets_400() {
    let world = World::new(&[]).await;
    let token = world.token("whoami.use");
    let (head, _) = world.call("whoami", Some(&token), &format!("authorization: Bearer {token}\r\n")).await;
    assert!(status(&head) == "400" && head.contains("error=\"invalid_request\""), "{head}");
}

#[tokio::test]
async fn request_gets_503_while_the_issuer_does_not_answer() {
    let environment = Environment::of([] as [(&str, &str); 0]);
    let server = HttpServer::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let issuer = serve_texts(|_| None).await;
    let inbound = Inbound {
        issuer: Some(IssuerServer::new(&issuer, &SHOP, &environment).unwrap()),
        ..Inbound::default()
    };
    let url = server.url();
    tokio::spawn(server.with_callers(inbound).serve(service()));
    let address = url.strip_prefix("http://").and_then(|rest| rest.strip_suffix("/mcp")).unwrap().to_owned();
    let maker = Maker::new(now()).named(&issuer, &url);
    let named = Arc::new(Named::default());
    let world = World { address, maker, named };
    let (head, _) = world.call("whoami", Some(&world.token("whoami.use")), "").await;
    assert_eq!((status(&head), field(&head, "retry-after")), ("503", Some("5")));
}
