//! Logins at independent authorization servers: `tests/oauth`. The tests are skipped, with a report, if a server is not installed, unless
//! JACKFIELD_REQUIRE_OAUTH is set.

mod browser;
mod provider;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jackfield_runtime::v1::{Client, Connector, Flow, FlowKind, Group, Need, Scheme, Server, Tool};
use jackfield_runtime::{
    Api, Caller, Channel, Environment, LocalSource, LoggedOut, Reply, Teller, TokenStatus, Way,
};
use jackfield_testkit::{Answer, Upstream, expire_tokens};
use serde_json::{Map, json};

use crate::inbound::TokenServer;
use browser::Browser;
use provider::Provider;

const RESOURCE: &str = "https://books.example.com";

static LIST: Tool = Tool::interpreted("list_books", "GET", "/books", &[])
    .security(&[&[Need::scheme("oauth").scopes(&["books.read"])]]);
static GROUPS: [Group; 1] = [Group::new("books", &[&LIST])];

/// A person who follows the instructions of the connector in a browser.
#[derive(Default)]
struct Reader(Arc<Mutex<String>>);

impl Teller for Reader {
    fn open(&self, address: &str) {
        let (address, seen) = (address.to_owned(), Arc::clone(&self.0));
        tokio::spawn(async move {
            let page = Browser::default().open(&address).await;
            *seen.lock().unwrap() = page;
        });
    }

    fn enter(&self, code: &str, address: &str, complete: Option<&str>) {
        let (code, complete) = (code.to_owned(), complete.unwrap().to_owned());
        assert!(complete.starts_with(address) && complete.contains(&code), "{complete}");
        self.open(&complete);
    }
}

/// An API, and its connector with tokens from an authorization server.
struct Shop {
    tool: &'static Tool,
    upstream: Upstream,
    /// Access tokens that the API refuses.
    refused: Arc<Mutex<Vec<String>>>,
    source: LocalSource,
    api: Api,
    folder: tempfile::TempDir,
}

impl Shop {
    async fn start(provider: &Provider, scheme: Scheme, variables: &[(&str, &str)]) -> Self {
        Self::of(provider, &LIST, &GROUPS, scheme, variables).await
    }

    async fn of(
        provider: &Provider,
        tool: &'static Tool,
        groups: &'static [Group],
        scheme: Scheme,
        variables: &[(&str, &str)],
    ) -> Self {
        let refused = Arc::new(Mutex::new(Vec::<String>::new()));
        let list = Arc::clone(&refused);
        let upstream = Upstream::start(move |request| {
            let token = request.header("authorization").unwrap_or_default().to_owned();
            let is_refused = list.lock().unwrap().contains(&token);
            Answer::json(if is_refused { 401 } else { 200 }, &json!({ "books": [] }))
        })
        .await
        .unwrap();
        let servers: &[Server] = leak([Server::new(leak(upstream.base_url()))]);
        let connector: &'static Connector =
            leak(Connector::new("shop").servers(servers).schemes(leak([scheme])).groups(groups));
        let folder = tempfile::tempdir().unwrap();
        let vault = vault_below(&folder).display().to_string();
        // The API and the server are on this machine. Only the user can name private addresses; a document cannot.
        let origins = format!("{} {}", upstream.base_url(), provider.url());
        let usual =
            [("DISPLAY", ":0"), ("JACKFIELD_VAULT", vault.as_str()), ("SHOP_ORIGINS", origins.as_str())];
        let environment = Environment::of(usual.iter().chain(variables).copied());
        let source = LocalSource::new(connector, environment.clone());
        let api = Api::with_credentials(connector, environment, Arc::new(source.clone()));
        Self { tool, upstream, refused, source, api, folder }
    }

    fn vault(&self) -> PathBuf {
        vault_below(&self.folder)
    }

    /// Logs in, and returns the status of the token and the last page of the browser.
    async fn log_in(&self, way: Way) -> (TokenStatus, String) {
        let reader = Reader::default();
        let login =
            tokio::time::timeout(Duration::from_secs(60), self.source.login("oauth", way, &reader)).await;
        let page = reader.0.lock().unwrap().clone();
        let status =
            login.unwrap_or_else(|_| panic!("the browser was not redirected to the connector:\n{page}"));
        (status.unwrap(), page)
    }

    async fn call(&self) -> Reply {
        self.api.call(self.tool, Map::new(), &Caller::local(Channel::CommandLine)).await.unwrap()
    }

    /// Calls the API, and returns the tokens of its requests.
    async fn seen(&self) -> Vec<String> {
        self.upstream.take();
        assert_eq!(self.call().await.status(), 200);
        let seen = self.upstream.take();
        for request in &seen {
            assert_eq!(request.headers_named("authorization").len(), 1);
        }
        seen.iter().map(|request| request.header("authorization").unwrap().to_owned()).collect()
    }
}

fn vault_below(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("vault")
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// Returns the token in a header value `Bearer TOKEN`.
fn token(header: &str) -> &str {
    header.strip_prefix("Bearer ").unwrap()
}

fn discovered(provider: &Provider) -> Scheme {
    let client = Client::new().id("native").scopes(&["offline_access"]).resource(RESOURCE);
    Scheme::openid_connect("oauth").metadata(provider.at("/.well-known/openid-configuration")).client(client)
}

#[tokio::test]
async fn tokens_of_a_login_at_oidc_provider_are_renewed_and_revoked() {
    let Some(provider) = Provider::start(60) else { return };
    let shop = Shop::start(&provider, discovered(&provider), &[]).await;
    assert_eq!(shop.source.wanted("oauth").unwrap(), ["books.read", "offline_access"]);
    let refused =
        shop.api.call(&LIST, Map::new(), &Caller::local(Channel::CommandLine)).await.unwrap_err().to_string();
    assert!(refused.contains("run `shop-mcp auth login oauth`"), "{refused}");

    let (status, page) = shop.log_in(Way::Fitting).await;
    assert_eq!(page, "You can close this window.");
    assert!(status.renewable && status.scopes.contains(&"books.read".to_owned()), "{status:?}");
    assert_eq!(status.issuer.as_deref(), Some(provider.url()));
    let [first] = &shop.seen().await[..] else { panic!("one call") };
    let is = provider.introspect(token(first)).await;
    assert_eq!(
        (&is["active"], &is["client_id"], &is["aud"], &is["scope"]),
        (&json!(true), &json!("native"), &json!(RESOURCE), &json!("books.read"))
    );
    assert_eq!(
        shop.seen().await,
        std::slice::from_ref(first),
        "another token was sent although the first is still valid"
    );

    // After the API refuses the token, the token is refreshed once and the call is repeated.
    shop.refused.lock().unwrap().push(first.clone());
    let [again, second] = &shop.seen().await[..] else { panic!("two calls") };
    assert!(again == first && second != first);
    assert_eq!(provider.introspect(token(second)).await["active"], json!(true));

    assert_eq!(shop.source.logout("oauth").await, Ok(LoggedOut::Revoked));
    for header in [first, second] {
        assert_eq!(provider.introspect(token(header)).await["active"], json!(false));
    }
    assert_eq!(shop.source.status("oauth").await, Ok(None));
    assert!(shop.api.call(&LIST, Map::new(), &Caller::local(Channel::CommandLine)).await.is_err());
}

#[tokio::test]
async fn expired_token_is_refreshed_with_the_latest_refresh_token() {
    let Some(provider) = Provider::start(60) else { return };
    let shop = Shop::start(&provider, discovered(&provider), &[]).await;
    shop.log_in(Way::Browser).await;
    let mut tokens = Vec::new();
    for _ in 0..3 {
        // The server accepts each refresh token once.
        tokens.extend(shop.seen().await);
        assert_eq!(expire_tokens(&shop.vault()).unwrap(), 1);
    }
    assert!(tokens.len() == 3 && tokens[0] != tokens[1] && tokens[1] != tokens[2], "{}", tokens.len());
}

#[tokio::test]
async fn device_flow_without_a_browser_logs_in() {
    let Some(provider) = Provider::start(60) else { return };
    let shop =
        Shop::start(&provider, discovered(&provider), &[("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22")])
            .await;
    let (status, _) = shop.log_in(Way::Fitting).await;
    assert!(status.renewable, "{status:?}");
    let [header] = &shop.seen().await[..] else { panic!("one call") };
    assert_eq!(provider.introspect(token(header)).await["active"], json!(true));
}

#[tokio::test]
async fn connector_without_client_id_registers_a_client_once() {
    let Some(provider) = Provider::start(60) else { return };
    let client = Client::new().scopes(&["offline_access"]).resource(RESOURCE);
    let shop = Shop::start(&provider, discovered(&provider).client(client), &[]).await;
    let mut clients = Vec::new();
    for _ in 0..2 {
        shop.log_in(Way::Fitting).await;
        let header = shop.seen().await.remove(0);
        clients.push(provider.introspect(token(&header)).await["client_id"].clone());
    }
    assert!(clients[0].is_string() && clients[0] == clients[1], "{clients:?}");
    assert_eq!(shop.source.logout("oauth").await, Ok(LoggedOut::Revoked));
}

#[tokio::test]
async fn client_credentials_flow_needs_no_login() {
    let Some(provider) = Provider::start(60) else { return };
    let flows = leak([Flow::new(FlowKind::ClientCredentials).token(provider.at("/token"))]);
    let scheme = Scheme::oauth2("oauth").flows(flows).client(Client::new().resource(RESOURCE));
    let variables = [("SHOP_CLIENT_ID", "a robot"), ("SHOP_CLIENT_SECRET", "canary s3cret:%+/=")];
    let shop = Shop::start(&provider, scheme, &variables).await;
    let [first] = &shop.seen().await[..] else { panic!("one call") };
    assert_eq!(provider.introspect(token(first)).await["client_id"], json!("a robot"));
    shop.refused.lock().unwrap().push(first.clone());
    assert_eq!(shop.seen().await.len(), 2);

    let wrong =
        Shop::start(&provider, scheme, &[variables[0], ("SHOP_CLIENT_SECRET", "canary of another")]).await;
    let error = wrong
        .api
        .call(&LIST, Map::new(), &Caller::local(Channel::CommandLine))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("check SHOP_CLIENT_ID and SHOP_CLIENT_SECRET") && error.contains("invalid_client"),
        "{error}"
    );
    assert!(!error.contains("canary") && wrong.upstream.take().is_empty());
}

/// Tools that need a scope of Canaille.
static PROFILE: Tool = Tool::interpreted("show_profile", "GET", "/profile", &[])
    .security(&[&[Need::scheme("oauth").scopes(&["openid", "profile"])]]);
static PROFILES: [Group; 1] = [Group::new("profiles", &[&PROFILE])];

#[tokio::test]
async fn tokens_of_a_login_at_canaille_are_renewed_and_revoked() {
    let Some(provider) = Provider::canaille() else { return };
    let scheme = Scheme::openid_connect("oauth").metadata(provider.at("/.well-known/openid-configuration"));
    let shop = Shop::of(&provider, &PROFILE, &PROFILES, scheme, &[]).await;
    for _ in 0..2 {
        let (status, page) = shop.log_in(Way::Fitting).await;
        assert_eq!(page, "You can close this window.");
        assert_eq!(
            (status.renewable, status.scopes),
            (true, vec!["openid".to_owned(), "profile".to_owned()])
        );
    }
    let [first] = &shop.seen().await[..] else { panic!("one call") };
    assert!(provider.knows(token(first)).await);
    shop.refused.lock().unwrap().push(first.clone());
    let [_, second] = &shop.seen().await[..] else { panic!("two calls") };
    assert!(second != first && provider.knows(token(second)).await);
    assert_eq!(shop.source.logout("oauth").await, Ok(LoggedOut::Revoked));
    assert!(!provider.knows(token(second)).await);
}

/// Returns the claims of a JWT, unverified.
fn claims(token: &str) -> serde_json::Value {
    use base64::Engine as _;
    let claims = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn server_accepts_access_tokens_of_oidc_provider() {
    let Some(provider) = Provider::start(60) else { return };
    for algorithm in ["RS256", "PS256", "ES256", "ES384", "EdDSA"] {
        let audience = format!("https://shop.example.com/{algorithm}");
        let form = format!(
            "grant_type=client_credentials&client_id=a+robot&client_secret=canary+s3cret%3A%25%2B%2F%3D&\
             scope=books.read&resource={audience}"
        );
        let answer = Browser::default().post(&format!("{}/token", provider.url()), &form).await;
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        let token = answer["access_token"].as_str().unwrap_or_else(|| panic!("{algorithm}: {answer}"));
        let options = ["--issuer", provider.url(), "--audience", &audience, "--scope", "books.read"];
        let server = TokenServer::start(&options, &[]);
        let (head, body) = server.list(Some(token)).await;
        assert!(
            head.starts_with("HTTP/1.1 200 ") && body.contains("\"tools\""),
            "{algorithm}: {head}\n{body}"
        );

        let other = TokenServer::start(&["--issuer", provider.url()], &[]);
        let (head, _) = other.list(Some(token)).await;
        assert!(
            head.starts_with("HTTP/1.1 401 ") && head.contains("another audience"),
            "{algorithm}: {head}"
        );
        let options = ["--issuer", provider.url(), "--audience", &audience, "--scope", "books.write"];
        let (head, _) = TokenServer::start(&options, &[]).list(Some(token)).await;
        assert!(
            head.starts_with("HTTP/1.1 403 ") && head.contains("scope=\"books.write\""),
            "{algorithm}: {head}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn server_accepts_the_access_token_of_a_login_at_oidc_provider() {
    const AUDIENCE: &str = "https://shop.example.com/ES256";
    let Some(provider) = Provider::start(60) else { return };
    let client = Client::new().id("native").scopes(&["offline_access"]).resource(AUDIENCE);
    let shop = Shop::start(&provider, discovered(&provider).client(client), &[]).await;
    shop.log_in(Way::Fitting).await;
    let header = shop.seen().await.remove(0);
    assert_eq!(claims(token(&header))["sub"], "reader");
    let server = TokenServer::start(&["--issuer", provider.url(), "--audience", AUDIENCE], &[]);
    let (head, body) = server.list(Some(token(&header))).await;
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}\n{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn server_accepts_the_access_token_of_canaille() {
    let Some(provider) = Provider::canaille() else { return };
    let scheme = Scheme::openid_connect("oauth").metadata(provider.at("/.well-known/openid-configuration"));
    let shop = Shop::of(&provider, &PROFILE, &PROFILES, scheme, &[]).await;
    shop.log_in(Way::Fitting).await;
    let header = shop.seen().await.remove(0);
    // Canaille puts the client into the audience.
    let claims = claims(token(&header));
    let (issuer, audience) = (claims["iss"].as_str().unwrap(), claims["aud"][0].as_str().unwrap());
    let server = TokenServer::start(&["--issuer", issuer, "--audience", audience], &[]);
    let (head, body) = server.list(Some(token(&header))).await;
    assert!(head.starts_with("HTTP/1.1 200 "), "{claims}: {head}\n{body}");
    let other = TokenServer::start(&["--issuer", issuer, "--audience", "another client"], &[]);
    let (head, _) = other.list(Some(token(&header))).await;
    assert!(head.starts_with("HTTP/1.1 401 "), "{head}");
}
