//! Tests of several processes of one user that share a vault. The next call of each process sees what the other
//! processes have written.

use std::sync::Arc;

use serde_json::json;

use super::login::{Person, server};
use super::renewal::{logged_in, nth};
use super::script::{Script, leak};
use super::{GROUPS, Shop, engine};
use crate::auth::records::{Exclusive, Memory, Records, RecordsError, RecordsVersion};
use crate::auth::{Credential, CredentialRequest, CredentialSource as _, LocalSource, LoggedOut, Way};
use crate::call::rows::FlowKind;
use crate::common::caller::{Caller, Channel};
use crate::common::environment::Environment;
use crate::common::secret::Secret;
use crate::v1::{Connector, Flow, Scheme};

/// A user with a vault folder and a connector, who allows a local authorization server.
struct User {
    connector: &'static Connector,
    server: String,
    folder: tempfile::TempDir,
}

impl User {
    fn of(scheme: Scheme, server: &str) -> Self {
        let connector =
            leak(Connector::new("shop").schemes(std::slice::from_ref(leak(scheme))).groups(&GROUPS));
        Self { connector, server: server.to_owned(), folder: tempfile::tempdir().unwrap() }
    }

    /// Creates a process that opens the vault itself.
    fn process(&self) -> LocalSource {
        let vault = self.folder.path().join("vault").display().to_string();
        let variables = [
            ("SHOP_CLIENT_ID", "me"),
            ("DISPLAY", ":0"),
            ("JACKFIELD_VAULT", vault.as_str()),
            ("SHOP_ORIGINS", self.server.as_str()),
        ];
        LocalSource::new(self.connector, Environment::of(variables))
    }

    async fn token(&self, process: &LocalSource) -> Result<String, String> {
        let (scheme, caller) = (&self.connector.schemes[0], Caller::local(Channel::CommandLine));
        match process.credential(CredentialRequest::new(scheme, &["books.read"], &caller)).await {
            Ok(Credential::Token(token)) => Ok(token.expose().to_owned()),
            Ok(_) => panic!("it is no token"),
            Err(missing) => Err(missing.remedy),
        }
    }
}

fn discovered(server: &Script) -> Scheme {
    Scheme::openid_connect("oauth").metadata(server.at("/.well-known/openid-configuration"))
}

async fn log_in(process: &LocalSource, name: &str, server: &Script) {
    let person = Person::bringing("state=$state&code=c&iss=$issuer", server);
    process.login(name, Way::Browser, &person).await.unwrap();
}

#[tokio::test]
async fn next_call_fails_after_a_logout_in_another_process() {
    let server = server(json!({}), nth).await;
    let user = User::of(discovered(&server), &server.url);
    let (running, shell) = (user.process(), user.process());
    log_in(&shell, "oauth", &server).await;
    let token = user.token(&running).await.unwrap();
    assert_eq!(user.token(&running).await, Ok(token), "the token is in memory, and valid for an hour");

    assert_eq!(shell.logout("oauth").await, Ok(LoggedOut::Revoked));
    let asked = server.asked().len();
    let remedy = user.token(&running).await.unwrap_err();
    assert!(remedy.contains("shop-mcp auth login oauth"), "{remedy}");
    assert_eq!(server.asked().len(), asked, "no other token was requested");
}

#[tokio::test]
async fn next_call_uses_a_login_in_another_process() {
    let server = server(json!({}), nth).await;
    let user = User::of(discovered(&server), &server.url);
    let (running, shell) = (user.process(), user.process());
    assert!(user.token(&running).await.is_err(), "no user has logged in");
    log_in(&shell, "oauth", &server).await;
    let first = user.token(&running).await.unwrap();
    log_in(&shell, "oauth", &server).await;
    let second = user.token(&running).await.unwrap();
    assert_ne!(first, second);
    assert_eq!(user.token(&shell).await, Ok(second));
}

#[tokio::test]
async fn vault_write_of_another_connector_does_not_remove_the_token() {
    let server = server(json!({}), nth).await;
    let user = User::of(discovered(&server), &server.url);
    let running = user.process();
    log_in(&running, "oauth", &server).await;
    let token = user.token(&running).await.unwrap();
    let asked = server.asked().len();
    user.process().store().records().put("other/scheme/token", &Secret::new("canary".to_owned())).unwrap();
    assert_eq!(user.token(&running).await, Ok(token));
    assert_eq!(server.asked().len(), asked);
}

#[tokio::test]
async fn login_by_the_alias_of_a_scheme_applies_to_the_scheme() {
    let server = server(json!({}), nth).await;
    let user = User::of(discovered(&server).aliases(&["page"]), &server.url);
    let process = user.process();
    log_in(&process, "page", &server).await;
    assert!(user.token(&process).await.is_ok());
    assert_eq!(process.logout("page").await, Ok(LoggedOut::Revoked));
    let remedy = user.token(&process).await.unwrap_err();
    assert!(remedy.contains("auth login oauth"), "{remedy}");
}

#[tokio::test]
async fn variable_named_after_the_alias_of_a_scheme_is_read() {
    let user = User::of(
        Scheme::oauth2("oauth")
            .aliases(&["page"])
            .flows(leak([Flow::new(FlowKind::AuthorizationCode).token("https://id.example.com/token")])),
        "https://id.example.com",
    );
    let source = LocalSource::new(user.connector, Environment::of([("SHOP_TOKEN_PAGE", "mine")]));
    assert_eq!(user.token(&source).await, Ok("mine".to_owned()));
}

/// Records that can be read but not written.
struct ReadOnly(Arc<Memory>);

impl Records for ReadOnly {
    fn get(&self, name: &str) -> Result<Option<Secret>, RecordsError> {
        self.0.get(name)
    }

    fn put(&self, _: &str, _: &Secret) -> Result<(), RecordsError> {
        Err(RecordsError::Injected("make room"))
    }

    fn put_if_absent(&self, _: &str, _: &Secret) -> Result<Secret, RecordsError> {
        Err(RecordsError::Injected("make room"))
    }

    fn remove(&self, name: &str) -> Result<bool, RecordsError> {
        self.0.remove(name)
    }

    fn version(&self) -> Result<Option<RecordsVersion>, RecordsError> {
        self.0.version()
    }

    fn is_there(&self) -> bool {
        true
    }

    fn exclusive<'a>(&'a self, name: &'a str) -> Exclusive<'a> {
        self.0.exclusive(name)
    }
}

/// Creates a process that has refreshed its token but could not store it.
async fn unkept(server: &Script) -> Shop {
    let shop = logged_in(server.at("/token"));
    let records = Arc::new(ReadOnly(Arc::clone(&shop.records)));
    let shop = Shop { oauth: engine(shop.connector, &shop.variables, records, &shop.time), ..shop };
    shop.passes(4000);
    for _ in 0..2 {
        assert_eq!(shop.token().await.unwrap(), "canary-access-1", "the token is only in memory");
    }
    shop
}

#[tokio::test]
async fn token_kept_only_in_memory_is_used_until_logout() {
    let server = Script::start(nth).await;
    let shop = unkept(&server).await;
    shop.records.put("other/scheme/token", &Secret::new("canary".to_owned())).unwrap();
    assert_eq!(shop.token().await.unwrap(), "canary-access-1");
    shop.records.remove("shop/oauth/granted").unwrap();
    let remedy = shop.token().await.unwrap_err();
    assert!(remedy.contains("auth login oauth"), "{remedy}");
}

#[tokio::test]
async fn token_kept_only_in_memory_is_replaced_by_a_new_login() {
    let server = Script::start(nth).await;
    let shop = unkept(&server).await;
    let mut record = shop.record("granted").unwrap();
    record["access_token"] = json!("canary-of-the-new-login");
    record["expires_at"] = json!(2_000_000);
    shop.records.put("shop/oauth/granted", &Secret::new(record.to_string())).unwrap();
    assert_eq!(shop.token().await.unwrap(), "canary-of-the-new-login");
}
