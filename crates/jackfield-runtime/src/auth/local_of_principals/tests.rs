//! Tests that each caller gets only its own credentials.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use jackfield_recipe::{Effect, Location};
use serde_json::Map;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;
use crate::auth::{Credential, CredentialRequest, CredentialSlot, CredentialSource as _};
use crate::common::caller::Channel;
use crate::common::environment::Environment;
use crate::common::secret::Secret;
use crate::engine::api::Api;
use crate::engine::service::Service;
use crate::v1::{Command, Connector, Group, Need, Scheme, Tool};

static KEY: Scheme = Scheme::api_key("key", Location::Header, "x-key");
static TOOL: Tool = Tool::new("get_book", "GET", "/book", |_, _| Ok(()))
    .effect(Effect::Read)
    .security(&[&[Need::scheme("key")]]);
static SHOP: Connector = Connector::new("shop").schemes(&[KEY]).groups(&[Group::new("books", &[&TOOL])]);
static WITH_COMMAND: Connector = Connector::new("shop")
    .schemes(&[KEY.commands(&[Command::new("api_key", &["printf", "canary-command"])])]);

const SUBJECT: &str = "https://id.example.com#o'neill";

fn principals() -> [Principal; 3] {
    let (issuer, subject) = SUBJECT.split_once('#').unwrap();
    let subject = Principal::Subject { issuer: issuer.to_owned(), subject: subject.to_owned() };
    [Principal::Token("ada".to_owned()), subject, Principal::Token("nobody".to_owned())]
}

fn caller(principal: &Principal) -> Caller {
    Caller::new(principal.clone(), Channel::Http)
}

/// Returns a source whose vault in `folder` has the API keys of two principals. The connector's own API key is in
/// a variable.
async fn source(connector: &'static Connector, folder: &std::path::Path, base: &str) -> LocalSource {
    let vault = folder.join("vault").display().to_string();
    let environment = Environment::of([
        ("SHOP_BASE_URL", base),
        ("SHOP_API_KEY", "canary-service"),
        ("SHOP_FILES", "/etc"),
        ("JACKFIELD_VAULT", &vault),
        ("JACKFIELD_VAULT_PASSPHRASE", "passphrase of the test"),
    ]);
    let local = LocalSource::new(connector, environment);
    for (principal, key) in principals().iter().zip(["canary-ada", "canary-subject"]) {
        let own = local.of_principal(principal);
        let slot = CredentialSlot::of(connector, &connector.schemes[0]).next().unwrap();
        let audience = slot.audience(own.store().environment());
        own.store().keep(&slot, audience, Secret::new(key.to_owned())).await.unwrap();
    }
    local
}

async fn found(source: &LocalSource, principal: &Principal) -> Result<String, String> {
    let (scheme, caller) = (&source.connector().schemes[0], caller(principal));
    match source.credential(CredentialRequest::new(scheme, &[], &caller)).await {
        Ok(Credential::Key(key)) => Ok(key.expose().to_owned()),
        Ok(_) => Err("another kind".to_owned()),
        Err(missing) => Err(missing.remedy),
    }
}

#[tokio::test]
async fn each_principal_gets_only_its_own_credential() {
    let folder = tempfile::tempdir().unwrap();
    for connector in [&SHOP, &WITH_COMMAND] {
        let source = source(connector, folder.path(), "https://api.example.com").await;
        let [ada, subject, nobody] = principals();
        assert_eq!(found(&source, &ada).await, Ok("canary-ada".to_owned()));
        assert_eq!(found(&source, &subject).await, Ok("canary-subject".to_owned()));
        let remedy = found(&source, &nobody).await.unwrap_err();
        assert!(remedy.starts_with("run `shop-mcp credentials set token:nobody key` ("), "{remedy}");
        assert_eq!(found(&source, &Principal::Local).await, Ok("canary-service".to_owned()));
        let service = source.for_callers(CallerCredentials::Service);
        for principal in principals() {
            assert_eq!(found(&service, &principal).await, Ok("canary-service".to_owned()));
        }
    }
}

#[tokio::test]
async fn hostile_principal_name_cannot_select_the_record_of_another_principal() {
    let folder = tempfile::tempdir().unwrap();
    let source = source(&SHOP, folder.path(), "https://api.example.com").await;
    let names = source.vault().names().unwrap();
    assert_eq!(
        names,
        ["for \"https://id.example.com#o'neill\" shop/key/api_key", "for \"token:ada\" shop/key/api_key"]
    );
    // A record of the local user begins with the name of a connector, which has no space.
    let long = Principal::Token("x".repeat(500));
    assert!(crate::auth::principal_records::prefix(&long).len() < 100);
    let quoted = Principal::Token("a\" shop/key/api_key".to_owned());
    assert!(crate::auth::principal_records::prefix(&quoted).starts_with("for \"token:a\\\" shop"));
}

#[tokio::test]
async fn removed_credential_is_not_used_by_the_next_call() {
    let folder = tempfile::tempdir().unwrap();
    let source = source(&SHOP, folder.path(), "https://api.example.com").await;
    let [ada, ..] = principals();
    assert!(found(&source, &ada).await.is_ok());
    let slot = CredentialSlot::of(&SHOP, &SHOP.schemes[0]).next().unwrap();
    assert!(source.of_principal(&ada).store().discard(&slot).await.unwrap());
    assert!(found(&source, &ada).await.is_err());
}

/// Collects the log output.
#[derive(Clone, Default)]
struct Logged(Arc<Mutex<String>>);

impl tracing::field::Visit for Logged {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0.lock().unwrap(), "{field}={value:?} ");
    }
}

impl tracing::Subscriber for Logged {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        span.record(&mut self.clone());
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        values.record(&mut self.clone());
    }
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

/// Starts a service that echoes each request. Returns its URL and the requests so far.
async fn echo() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let requests = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&requests);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (mut request, mut piece) = (String::new(), [0; 4096]);
            while !request.contains("\r\n\r\n") {
                let read = stream.read(&mut piece).await.unwrap();
                request.push_str(&String::from_utf8_lossy(&piece[..read]));
            }
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                request.len()
            );
            stream.write_all((head + &request).as_bytes()).await.unwrap();
            seen.lock().unwrap().push(request);
        }
    });
    (format!("http://{address}"), requests)
}

#[tokio::test]
async fn credential_of_a_principal_appears_only_in_its_own_requests() {
    let (base, requests) = echo().await;
    let folder = tempfile::tempdir().unwrap();
    let logged = Logged::default();
    let _guard = tracing::subscriber::set_default(logged.clone());
    let source = source(&SHOP, folder.path(), &base).await;
    let service = Service::new(Api::with_local_source(source), Vec::new()).unwrap();
    let keys = ["canary-ada", "canary-subject", "canary-service"];
    let [ada, subject, nobody] = principals();
    for round in 0..3 {
        for (principal, own) in [(&ada, keys[0]), (&subject, keys[1]), (&Principal::Local, keys[2])] {
            let reply = service.call("get_book", Map::new(), &caller(principal)).await.unwrap();
            let request = requests.lock().unwrap().pop().unwrap();
            assert!(request.contains(&format!("x-key: {own}")), "round {round}: {request}");
            for key in keys {
                assert_eq!(request.contains(key), key == own, "{request}");
                assert!(!format!("{reply:?}").contains(key), "{reply:?}");
            }
        }
        let refused = service.call("get_book", Map::new(), &caller(&nobody)).await.unwrap();
        assert!(refused.as_text().contains("`shop-mcp credentials set token:nobody key`"), "{refused:?}");
        assert_eq!(requests.lock().unwrap().len(), 0);
    }
    let logged = logged.0.lock().unwrap();
    assert!(logged.contains("get_book") && keys.iter().all(|key| !logged.contains(key)), "{logged}");
}
