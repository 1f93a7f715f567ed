//! Tests of valid, expired and refused tokens.

use std::sync::Arc;

use serde_json::json;
use tokio::task::JoinSet;

use super::script::{Asked, Script, gives, nowhere, refuses};
use super::{CLIENT, Shop, engine};
use crate::auth::records::{Exclusive, Records, RecordsError, RecordsVersion};
use crate::auth::slot::CredentialSlot;
use crate::auth::store::Store;
use crate::auth::{Destination, Teller, Way};
use crate::call::rows::{ClientAuthentication, FlowKind};
use crate::common::environment::Environment;
use crate::common::secret::Secret;
use crate::v1::{Client, Connector, Flow, Scheme, Server};

const OWN: FlowKind = FlowKind::ClientCredentials;

/// Creates a scheme with the flow `kind` and the token endpoint `token`.
pub(super) fn scheme(kind: FlowKind, token: &'static str) -> Scheme {
    Scheme::oauth2("oauth")
        .flows(super::leak([Flow::new(kind).authorization("https://id.example.com/a").token(token)]))
}

/// Returns a response with access token `number`, which is valid for an hour, and a refresh token.
pub(super) fn nth(_: &Asked, number: usize) -> String {
    gives(&json!({
        "access_token": format!("canary-access-{number}"), "refresh_token": format!("canary-refresh-{number}"),
        "token_type": "Bearer", "expires_in": 3600, "scope": "books.read books.write",
    }))
}

/// Creates a shop whose user logged in more than an hour ago, at the token endpoint `token`.
pub(super) fn logged_in(token: &'static str) -> Shop {
    let shop = Shop::new(scheme(FlowKind::AuthorizationCode, token), &CLIENT);
    let record = json!({
        "access_token": "canary-access-0", "refresh_token": "canary-refresh-0", "granted_at": 1_000_000,
        "expires_at": 1_003_600, "scopes": ["books.read", "books.write"], "flow": "authorization_code",
        "server": token, "client_id": "me", "token_endpoint": token,
        "declared": { "token": token, "refresh": token }, "discovered": {}, "origins": ["https://api.example.com"],
    });
    shop.records.put("shop/oauth/granted", &Secret::new(record.to_string())).unwrap();
    shop
}

#[tokio::test]
async fn client_credentials_token_is_requested_once() {
    let server = Script::start(nth).await;
    let client = Client::new().resource("https://api.example.com/v1").audience("books");
    let scheme = scheme(OWN, server.at("/token")).client(client);
    let shop = Shop::new(scheme, &[("SHOP_CLIENT_ID", "m e:"), ("SHOP_CLIENT_SECRET", "s%&ö")]);
    for _ in 0..3 {
        assert_eq!(shop.token().await.unwrap(), "canary-access-1");
    }
    // A second process reads the record.
    assert_eq!(shop.again().token().await.unwrap(), "canary-access-1");
    let [asked] = &server.asked()[..] else { panic!("{:?}", server.asked()) };
    assert_eq!(asked.line, "POST /token HTTP/1.1");
    // The decoded header is `m%20e%3A:s%25%26%C3%B6`, because each part is encoded before both are joined.
    assert!(asked.head.contains("authorization: Basic bSUyMGUlM0E6cyUyNSUyNiVDMyVCNg=="), "{}", asked.head);
    assert_eq!(
        asked.body,
        "grant_type=client_credentials&resource=https%3A%2F%2Fapi.example.com%2Fv1&audience=books&scope=books.read"
    );
    shop.passes(3600);
    assert_eq!(shop.token().await.unwrap(), "canary-access-2");
    assert!(server.last().has("grant_type=refresh_token"));
}

#[tokio::test]
async fn form_of_a_public_client_contains_its_id_but_no_secret() {
    let server = Script::start(nth).await;
    for (authentication, last) in [
        (ClientAuthentication::Post, "client_id=me&client_secret=canary-of-client"),
        (ClientAuthentication::None, "client_id=me"),
    ] {
        let client = Client::new().authentication(authentication);
        let shop = Shop::new(scheme(OWN, server.at("/token")).client(client), &CLIENT);
        shop.token().await.unwrap();
        let asked = server.last();
        assert!(!asked.head.contains("authorization") && asked.body.ends_with(last), "{asked:?}");
    }
}

#[tokio::test]
async fn error_about_a_missing_login_names_the_command_to_log_in() {
    let at = "https://id.example.com/token";
    for (scheme, variables, remedy) in [
        (scheme(OWN, at), &[][..], "set SHOP_CLIENT_ID and SHOP_CLIENT_SECRET, or set SHOP_TOKEN"),
        (
            scheme(FlowKind::AuthorizationCode, at),
            &CLIENT[..],
            "run `shop-mcp auth login oauth`, or set SHOP_TOKEN",
        ),
        (scheme(FlowKind::DeviceCode, at), &[][..], "set SHOP_CLIENT_ID (and SHOP_CLIENT_SECRET"),
        (scheme(FlowKind::Password, at), &CLIENT[..], "set the URLs of a supported flow"),
        (scheme(FlowKind::Implicit, at), &CLIENT[..], "set the URLs of a supported flow"),
        (
            scheme(OWN, at).metadata(at),
            &[][..],
            "set SHOP_CLIENT_ID and SHOP_CLIENT_SECRET, or set SHOP_TOKEN",
        ),
        (Scheme::oauth2("oauth"), &CLIENT[..], "set SHOP_TOKEN (OAuth 2.0 access token)"),
        (Scheme::openid_connect("oauth").metadata(at), &[][..], "run `shop-mcp auth login oauth`"),
        (scheme(OWN, "/token"), &CLIENT[..], "\"/token\" is not an absolute URL"),
        (scheme(OWN, "http://id.example.com/token"), &CLIENT[..], "not protected by TLS"),
    ] {
        let missing = Shop::new(scheme, variables).token().await.unwrap_err();
        assert!(missing.contains(remedy), "{missing}");
    }
}

#[tokio::test]
async fn refresh_token_is_kept_until_a_response_contains_a_new_one() {
    let server = Script::start(|_, number| match number {
        1 => gives(&json!({ "access_token": "a1", "refresh_token": "r1", "expires_in": "600", "scope": "books.read" })),
        _ => gives(&json!({ "access_token": "a2", "expires_in": 600 })),
    })
    .await;
    let shop = logged_in(server.at("/token"));
    let kept = || (shop.kept("refresh_token"), shop.record("granted").unwrap()["scopes"].clone());
    let r1 = ("r1".to_owned(), json!(["books.read"]));
    assert_eq!(shop.token().await.unwrap(), "canary-access-0");
    shop.passes(3541);
    assert_eq!(shop.token().await.unwrap(), "a1");
    assert!(server.last().has("refresh_token=canary-refresh-0"));
    assert_eq!(kept(), r1);
    shop.passes(541);
    assert_eq!(shop.token().await.unwrap(), "a2");
    assert!(server.last().has("refresh_token=r1"));
    assert_eq!(kept(), r1);
    let status = shop.oauth.status(shop.scheme()).await.unwrap().unwrap();
    assert_eq!((status.scopes, status.renewable), (vec!["books.read".to_owned()], true));
}

/// Requests tokens concurrently from two processes and returns the results.
async fn all_at_once(shop: Shop, refused: Option<&'static str>) -> Vec<String> {
    let shops = [Arc::new(shop.again()), Arc::new(shop)];
    let mut asking = JoinSet::new();
    for at in 0..100 {
        let shop = Arc::clone(&shops[at % 2]);
        asking.spawn(async move {
            match refused {
                Some(refused) => shop.renewed(refused).await.unwrap().unwrap(),
                None => shop.token().await.unwrap(),
            }
        });
    }
    let mut tokens = asking.join_all().await;
    tokens.dedup();
    tokens
}

#[tokio::test]
async fn concurrent_callers_cause_one_refresh() {
    let server = Script::start(nth).await;
    let shop = logged_in(server.at("/token"));
    shop.passes(4000);
    assert_eq!(all_at_once(shop, None).await, ["canary-access-1"]);
    assert_eq!(server.asked().len(), 1);

    let shop = logged_in(server.at("/token"));
    assert_eq!(all_at_once(shop, Some("canary-access-0")).await, ["canary-access-2"]);
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn token_that_another_process_has_refreshed_is_reused() {
    let server = Script::start(nth).await;
    let shop = logged_in(server.at("/token"));
    assert_eq!(shop.token().await.unwrap(), "canary-access-0");
    let other = shop.again();
    assert_eq!(other.renewed("canary-access-0").await.unwrap().unwrap(), "canary-access-1");
    assert_eq!(shop.renewed("canary-access-0").await.unwrap().unwrap(), "canary-access-1");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn refreshed_token_is_stored_even_if_the_caller_is_cancelled() {
    let server = Script::start(nth).await;
    let shop = logged_in(server.at("/token"));
    shop.passes(4000);
    // The caller is cancelled after the server has received the request and before it has answered.
    tokio::select! {
        biased;
        () = server.is_asked() => {}
        token = shop.token() => panic!("{token:?} came before the server was asked"),
    }
    assert_eq!(shop.token().await.unwrap(), "canary-access-1");
    assert_eq!((server.asked().len(), shop.kept("refresh_token").as_str()), (1, "canary-refresh-1"));
}

#[tokio::test]
async fn login_is_deleted_after_invalid_grant_but_not_after_invalid_client() {
    let server =
        Script::start(|_, number| refuses(if number == 1 { "invalid_client" } else { "invalid_grant" }))
            .await;
    let shop = logged_in(server.at("/token"));
    shop.passes(4000);
    let missing = shop.token().await.unwrap_err();
    assert!(missing.contains("check SHOP_CLIENT_ID and SHOP_CLIENT_SECRET"), "{missing}");
    assert_eq!(shop.kept("refresh_token"), "canary-refresh-0");
    let missing = shop.token().await.unwrap_err();
    assert!(missing.contains("auth login oauth") && missing.contains("invalid_grant"), "{missing}");
    assert!(shop.record("granted").is_none());
}

#[tokio::test]
async fn refresh_token_is_not_sent_after_the_server_or_the_client_has_changed() {
    let (server, other) = (Script::start(nth).await, Script::start(nth).await);
    let shop = logged_in(server.at("/token"));
    let moved = shop.changed(scheme(FlowKind::AuthorizationCode, other.at("/token")));
    assert!(moved.token().await.unwrap_err().contains("auth login"));
    let renamed =
        scheme(FlowKind::AuthorizationCode, server.at("/token")).client(Client::new().resource("urn:other"));
    assert!(shop.changed(renamed).token().await.unwrap_err().contains("auth login"));
    let mut shop = shop;
    shop.variables[0].1 = "somebody else".to_owned();
    assert!(shop.again().token().await.unwrap_err().contains("auth login"));
    assert!(server.asked().is_empty() && other.asked().is_empty());
}

#[tokio::test]
async fn changed_refresh_endpoint_gets_no_secret() {
    let (server, other) = (Script::start(nth).await, Script::start(nth).await);
    let shop = logged_in(server.at("/token"));
    let code = FlowKind::AuthorizationCode;
    let flow = |refresh| {
        Flow::new(code).authorization("https://id.example.com/a").token(server.at("/token")).refresh(refresh)
    };
    let moved = shop.changed(Scheme::oauth2("oauth").flows(super::leak([flow(other.at("/token"))])));
    moved.passes(4000);
    let error = moved.token().await.unwrap_err();
    let change =
        format!("the refresh endpoint changed from {} to {}", server.at("/token"), other.at("/token"));
    assert!(error.contains(&change) && error.contains("auth login oauth"), "{error}");
    assert!(moved.renewed("canary-access-0").await.unwrap_err().contains(&change));
    assert!(other.asked().is_empty() && server.asked().is_empty());
    // The document now declares the refresh endpoint that was used before, so the login stays valid.
    let same = shop.changed(Scheme::oauth2("oauth").flows(super::leak([flow(server.at("/token"))])));
    assert_eq!(same.token().await.unwrap(), "canary-access-1");
}

#[tokio::test]
async fn stored_login_that_does_not_name_its_endpoints_is_ignored() {
    let server = Script::start(nth).await;
    let shop = logged_in(server.at("/token"));
    let mut record = shop.record("granted").unwrap();
    record.as_object_mut().unwrap().remove("declared");
    shop.records.put("shop/oauth/granted", &Secret::new(record.to_string())).unwrap();
    let error = shop.token().await.unwrap_err();
    assert!(error.contains("without its endpoints") && error.contains("auth login oauth"), "{error}");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn refreshed_token_is_sent_only_to_the_origins_of_its_login() {
    let server = Script::start(nth).await;
    let shop = logged_in(server.at("/token"));
    shop.passes(4000);
    assert_eq!(shop.token().await.unwrap(), "canary-access-1");
    assert_eq!(shop.record("granted").unwrap()["origins"], json!(["https://api.example.com"]));
    let to = |origin| Destination::parse(origin).unwrap();
    assert_eq!(shop_check(&shop.again(), &to("https://api.example.com/v1")).await, Ok(()));
    let error = shop_check(&shop.again(), &to("https://evil.example.net")).await.unwrap_err();
    assert!(error.contains("auth login oauth --origin https://evil.example.net`"), "{error}");
}

async fn shop_check(shop: &Shop, destination: &Destination) -> Result<(), String> {
    shop.oauth.check_destination(shop.scheme(), destination).await.map_err(|missing| missing.remedy)
}

#[tokio::test]
async fn token_is_used_until_expiry_when_refresh_fails() {
    let shop = logged_in(nowhere("/token").await);
    shop.passes(3550);
    assert_eq!(shop.token().await.unwrap(), "canary-access-0");
    assert!(shop.renewed("canary-access-0").await.unwrap_err().contains("gave no answer"));
    shop.passes(100);
    assert!(shop.token().await.unwrap_err().contains("gave no answer"));
    assert_eq!(shop.kept("refresh_token"), "canary-refresh-0");
}

/// Records that cannot be decrypted, because their key is not available.
struct Locked;

impl Records for Locked {
    fn get(&self, _: &str) -> Result<Option<Secret>, RecordsError> {
        Ok(None)
    }

    fn put(&self, _: &str, _: &Secret) -> Result<(), RecordsError> {
        Err(RecordsError::Injected("unlock it"))
    }

    fn put_if_absent(&self, _: &str, _: &Secret) -> Result<Secret, RecordsError> {
        Err(RecordsError::Injected("unlock it"))
    }

    fn remove(&self, _: &str) -> Result<bool, RecordsError> {
        Ok(false)
    }

    fn version(&self) -> Result<Option<RecordsVersion>, RecordsError> {
        Ok(None)
    }

    fn is_there(&self) -> bool {
        true
    }

    fn exclusive<'a>(&'a self, _: &'a str) -> Exclusive<'a> {
        Box::pin(std::future::ready(Err(RecordsError::Injected("unlock it"))))
    }
}

#[tokio::test]
async fn token_that_cannot_be_stored_is_used_for_the_call() {
    let server = Script::start(nth).await;
    let shop = Shop::new(scheme(OWN, server.at("/token")), &CLIENT);
    let shop = Shop { oauth: engine(shop.connector, &shop.variables, Arc::new(Locked), &shop.time), ..shop };
    for _ in 0..2 {
        assert_eq!(shop.token().await.unwrap(), "canary-access-1");
    }
    shop.passes(4000);
    assert_eq!(shop.token().await.unwrap(), "canary-access-2");
    assert_eq!(shop.renewed("canary-access-2").await.unwrap().unwrap(), "canary-access-3");
}

/// Creates a process whose document is a later version with other servers.
fn served(shop: &Shop, servers: &'static [Server]) -> Shop {
    let connector = super::leak(Connector { servers, ..*shop.connector });
    let records = Arc::clone(&shop.records);
    let oauth = engine(connector, &shop.variables, Arc::clone(&records) as Arc<dyn Records>, &shop.time);
    Shop { connector, variables: shop.variables.clone(), records, time: Arc::clone(&shop.time), oauth }
}

/// Stores a client as `auth set --origin` does.
pub(super) async fn keep_client(shop: &Shop, added: &[&str]) {
    let environment = Environment::of(shop.variables.iter().cloned());
    let store = Store::new(environment, Arc::clone(&shop.records) as Arc<dyn Records>, "shop-mcp");
    for slot in CredentialSlot::of(shop.connector, shop.scheme()).filter(CredentialSlot::is_of_client) {
        let mut audience = slot.audience(store.environment());
        added.iter().for_each(|origin| audience.allow(origin));
        store.keep(&slot, audience, Secret::new("canary-of-client".to_owned())).await.unwrap();
    }
}

/// Prepares a call to the URL `address`. Returns the token of the call, or the remedy.
async fn call(shop: &Shop, address: &str) -> Result<String, String> {
    let destination = Destination::parse(address).unwrap();
    let checked = shop.oauth.check_destination(shop.scheme(), &destination).await;
    checked.map_err(|missing| missing.remedy)?;
    shop.token().await
}

const A: &[Server] = &[Server::new("https://a.example.com/v1")];
const EVIL: &[Server] = &[Server::new("https://evil.example.net")];
const BOTH: &[Server] = &[Server::new("https://a.example.com/v1"), Server::new("https://evil.example.net")];

#[tokio::test]
async fn stored_oauth_client_gets_no_token_for_an_origin_added_by_the_document() {
    let server = Script::start(nth).await;
    let shop = served(&Shop::new(scheme(OWN, server.at("/token")), &[]), A);
    keep_client(&shop, &[]).await;
    for servers in [EVIL, BOTH] {
        let error = call(&served(&shop, servers), "https://evil.example.net").await.unwrap_err();
        let remedy = "run `shop-mcp auth set oauth --origin https://evil.example.net`";
        assert!(error.contains(remedy) && error.contains("https://a.example.com"), "{error}");
        assert!(!error.contains("canary"), "{error}");
    }
    // If a caller does not check the destination first, the caller gets no token either.
    served(&shop, EVIL).token().await.unwrap_err();
    assert_eq!(server.asked().len(), 0);

    // The API of the first document still gets tokens. The tokens are sent nowhere else.
    let both = served(&shop, BOTH);
    assert_eq!(call(&both, "https://a.example.com").await.unwrap(), "canary-access-1");
    assert_eq!(shop.record("granted").unwrap()["origins"], json!(["https://a.example.com"]));
    for other in [&both, &served(&shop, BOTH), &served(&shop, EVIL)] {
        let error = call(other, "https://evil.example.net").await.unwrap_err();
        assert!(error.contains("auth set oauth --origin https://evil.example.net"), "{error}");
    }
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn stored_oauth_client_gets_a_token_for_an_origin_added_by_the_user() {
    let server = Script::start(nth).await;
    let shop = served(&Shop::new(scheme(OWN, server.at("/token")), &[]), A);
    keep_client(&shop, &[]).await;
    assert_eq!(call(&shop, "https://a.example.com").await.unwrap(), "canary-access-1");
    keep_client(&shop, &["https://b.example.com"]).await;
    // The client is now stored for other origins, so its token is requested again.
    assert_eq!(call(&shop, "https://b.example.com").await.unwrap(), "canary-access-2");
    assert_eq!(call(&shop, "https://a.example.com").await.unwrap(), "canary-access-2");
}

#[tokio::test]
async fn oauth_client_from_variables_gets_a_token_for_an_origin_of_the_document() {
    let server = Script::start(nth).await;
    let shop = served(&Shop::new(scheme(OWN, server.at("/token")), &CLIENT), BOTH);
    assert_eq!(call(&shop, "https://evil.example.net").await.unwrap(), "canary-access-1");
}

/// Fails the test if the login reaches the point where a person is asked.
struct NobodyIsAsked;

impl Teller for NobodyIsAsked {
    fn open(&self, address: &str) {
        panic!("{address}");
    }

    fn enter(&self, _: &str, address: &str, _: Option<&str>) {
        panic!("{address}");
    }
}

#[tokio::test]
async fn login_with_a_stored_oauth_client_excludes_origins_added_by_the_document() {
    let server = Script::start(nth).await;
    let flow = Flow::new(FlowKind::DeviceCode).token(server.at("/token")).device(server.at("/device"));
    let shop = served(&Shop::new(Scheme::oauth2("oauth").flows(super::leak([flow])), &[]), A);
    keep_client(&shop, &[]).await;
    let evil = "https://evil.example.net".to_owned();
    for (servers, added) in [(EVIL, vec![]), (A, vec![evil])] {
        let other = served(&shop, servers);
        let login = other.oauth.login_for(other.scheme(), Way::Device, added, &NobodyIsAsked).await;
        let error = login.unwrap_err().to_string();
        assert!(error.contains("`shop-mcp auth set oauth --origin https://evil.example.net`"), "{error}");
    }
    assert_eq!(server.asked().len(), 0);
}
