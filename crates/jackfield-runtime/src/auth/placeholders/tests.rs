use std::future::Future as _;
use std::sync::Arc;

use jackfield_recipe::Location;
use serde_json::Map;
use tokio::net::TcpListener;

use crate::auth::{Signature, Signer, Signing, Unsigned};
use crate::call::rows::FlowKind;
use crate::common::caller::{Caller, Channel};
use crate::common::environment::Environment;
use crate::engine::api::Api;
use crate::engine::api::rehearse::Rehearsed;
use crate::v1::{Client, Command, Connector, Flow, Group, Need, Scheme, Server, Tool};

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// Creates a connector with `schemes`, one tool for each scheme, and the additional tools `more`.
fn shop(schemes: Vec<Scheme>, more: Vec<Tool>) -> &'static Connector {
    let mut tools: Vec<&'static Tool> = more.into_iter().map(|tool| leak(tool)).collect();
    for scheme in &schemes {
        let needs: &[Need] = leak([Need::scheme(scheme.name)]);
        tools.push(leak(Tool::interpreted(scheme.name, "GET", "/books", &[]).security(leak([needs]))));
    }
    let groups: &[Group] = leak([Group::new("books", Vec::leak(tools))]);
    let servers: &[Server] = leak([Server::new("https://shop.invalid")]);
    leak(Connector::new("shop").servers(servers).schemes(Vec::leak(schemes)).groups(groups))
}

fn api(connector: &'static Connector, variables: &[(&str, &str)]) -> Api {
    Api::new(connector, Environment::of(variables.iter().copied()))
}

async fn rehearsed(api: &Api, tool: &str) -> Rehearsed {
    let tool = api.rows().tools().find(|it| it.get().name == tool).unwrap();
    api.rehearse(tool, Map::new()).await.unwrap()
}

/// Returns the value of a header in the output of a dry run.
async fn line(api: &Api, tool: &str, header: &str) -> String {
    let shown = rehearsed(api, tool).await.outgoing.to_string();
    let found =
        shown.lines().find_map(|line| line.strip_prefix(header)?.strip_prefix(": ")).map(str::to_owned);
    found.unwrap_or_else(|| panic!("no {header}:\n{shown}"))
}

#[tokio::test]
async fn dry_run_shows_a_placeholder_for_each_kind_of_scheme() {
    let code = leak([Flow::new(FlowKind::AuthorizationCode).token("https://id.invalid/token")]);
    let own = leak([Flow::new(FlowKind::ClientCredentials).token("https://id.invalid/token")]);
    let connector = shop(
        vec![
            Scheme::bearer("token"),
            Scheme::bearer("bot").prefix("Bot "),
            Scheme::basic("login"),
            Scheme::digest("digest"),
            Scheme::api_key("head", Location::Header, "X-Key"),
            Scheme::api_key("token_is", Location::Header, "Authorization").prefix("Token token="),
            Scheme::api_key("query", Location::Query, "api key"),
            Scheme::api_key("cookie", Location::Cookie, "session"),
            Scheme::oauth2("account").flows(code),
            Scheme::oauth2("machine").flows(own),
            Scheme::mutual_tls("certificate"),
            Scheme::http("odd", "Odd"),
        ],
        Vec::new(),
    );
    let api = api(connector, &[]);
    for (tool, header, shown) in [
        ("token", "authorization", "Bearer <SHOP_TOKEN_TOKEN>"),
        ("bot", "authorization", "Bot <SHOP_TOKEN_BOT>"),
        ("login", "authorization", "Basic <base64 of SHOP_USERNAME_LOGIN:SHOP_PASSWORD_LOGIN>"),
        (
            "digest",
            "authorization",
            "Digest <made from SHOP_USERNAME_DIGEST and SHOP_PASSWORD_DIGEST when the request is sent>",
        ),
        ("head", "X-Key", "<SHOP_API_KEY_HEAD>"),
        ("token_is", "Authorization", "Token token=<SHOP_API_KEY_TOKEN_IS>"),
        ("query", "GET https", "never"),
        ("cookie", "cookie", "session=<SHOP_API_KEY_COOKIE>"),
        ("account", "authorization", "Bearer <token from auth login>"),
        ("machine", "authorization", "Bearer <token for SHOP_CLIENT_ID_MACHINE>"),
    ] {
        if tool == "query" {
            let shown = rehearsed(&api, tool).await.outgoing.to_string();
            assert!(
                shown.starts_with("GET https://shop.invalid/books?api%20key=<SHOP_API_KEY_QUERY>\n"),
                "{shown}"
            );
            continue;
        }
        assert_eq!(line(&api, tool, header).await, shown, "{tool}");
    }
    for (tool, note) in [
        ("certificate", "the client certificate of SHOP_CERTIFICATE is presented when connecting"),
        ("odd", "`odd` (Odd) needs a signer, but the connector has no signer for it"),
    ] {
        assert_eq!(rehearsed(&api, tool).await.notes, [note]);
    }
}

#[tokio::test]
async fn dry_run_shows_the_first_alternative_whose_credentials_are_set() {
    const NEEDS: &[&[Need]] =
        &[&[Need::scheme("token")], &[Need::scheme("head"), Need::scheme("login")], &[]];
    let connector = shop(
        vec![
            Scheme::bearer("token"),
            Scheme::basic("login"),
            Scheme::api_key("head", Location::Header, "X-Key"),
        ],
        vec![Tool::interpreted("any", "GET", "/any", &[]).security(NEEDS)],
    );
    let none = api(connector, &[]);
    assert_eq!(line(&none, "any", "authorization").await, "Bearer <SHOP_TOKEN>");
    let half = api(connector, &[("SHOP_API_KEY", "canary-key")]);
    assert_eq!(line(&half, "any", "authorization").await, "Bearer <SHOP_TOKEN>");
    let set = api(connector, &[("SHOP_API_KEY_FILE", "/nowhere/canary"), ("SHOP_USERNAME", "canary-ada")]);
    assert_eq!(line(&set, "any", "X-Key").await, "<SHOP_API_KEY_FILE>");
    assert_eq!(line(&set, "any", "authorization").await, "Basic <base64 of SHOP_USERNAME:SHOP_PASSWORD>");
    assert!(!rehearsed(&set, "any").await.outgoing.to_string().contains("canary"));
}

#[tokio::test]
async fn dry_run_has_no_side_effects() {
    let folder = tempfile::tempdir().unwrap();
    let ran = folder.path().join("ran").display().to_string();
    // The vault cannot be read, so any attempt to open it fails.
    let vault = folder.path().join("vault");
    let exactly = |name| tempfile::Builder::new().prefix(name).rand_bytes(0).to_owned();
    let _vault = exactly("vault").tempdir_in(folder.path()).unwrap();
    let _records = exactly("records").tempfile_in(&vault).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    let endpoint: &'static str = leak(format!("{server}/token"));
    let metadata: &'static str = leak(format!("{server}/.well-known/openid-configuration"));
    let command: &[&str] = leak([leak("touch".to_owned()).as_str(), leak(ran.clone()).as_str()]);
    let own = leak([Flow::new(FlowKind::ClientCredentials).token(endpoint)]);
    let connector = shop(
        vec![
            Scheme::bearer("token").commands(leak([Command::new("token", command)])),
            Scheme::oauth2("machine").flows(own),
            Scheme::openid_connect("person").metadata(metadata).client(Client::new().id("desk")),
            Scheme::api_key("kept", Location::Header, "X-Key"),
        ],
        Vec::new(),
    );
    let base: &str = &server;
    let api = api(
        connector,
        &[
            ("JACKFIELD_VAULT", vault.to_str().unwrap()),
            ("SHOP_BASE_URL", base),
            ("SHOP_CLIENT_ID_MACHINE", "me"),
            ("SHOP_CLIENT_SECRET_MACHINE", "canary"),
        ],
    );
    let call = api.rows().tools().find(|tool| tool.get().name == "kept").unwrap();
    let refused =
        api.call(call, Map::new(), &Caller::local(Channel::CommandLine)).await.unwrap_err().to_string();
    assert!(refused.contains("vault"), "a real call looks into the vault: {refused}");

    for (tool, header, shown) in [
        ("token", "authorization", "Bearer <output of touch>"),
        ("machine", "authorization", "Bearer <token for SHOP_CLIENT_ID_MACHINE>"),
        ("person", "authorization", "Bearer <token from auth login>"),
        ("kept", "X-Key", "<SHOP_API_KEY>"),
    ] {
        assert_eq!(line(&api, tool, header).await, shown);
    }
    assert!(!std::path::Path::new(&ran).exists(), "the command was run");
    let mut connection = std::pin::pin!(listener.accept());
    let waits = std::future::poll_fn(|context| {
        std::task::Poll::Ready(connection.as_mut().poll(context).is_pending())
    });
    assert!(waits.await, "a token request was sent");
}

/// A signer that must not be called.
struct Never;

impl Signer for Never {
    fn sign<'a>(&'a self, _: &'a Unsigned<'a>, _: &'a Caller) -> Signing<'a> {
        Box::pin(async { Err::<Signature, _>("asked".into()) })
    }
}

#[tokio::test]
async fn dry_run_does_not_sign_the_request() {
    let connector = shop(vec![Scheme::http("signed", "AWS4-HMAC-SHA256")], Vec::new());
    let api = api(connector, &[]).signed_by("signed", Arc::new(Never)).unwrap();
    assert_eq!(
        rehearsed(&api, "signed").await.notes,
        ["the signature of `signed` is added when the request is sent"]
    );
}
