use std::io::Write as _;

use jackfield_recipe::Location;
use serde_json::Map;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::auth::audience::Audience;
use crate::auth::bound::BoundRecord;
use crate::auth::{Destination, LocalSource};
use crate::common::caller::{Caller, Channel};
use crate::common::environment::Environment;
use crate::common::secret::Secret;
use crate::engine::api::Api;
use crate::engine::context::CallContext;
use crate::v1::{Client, Command, Connector, Group, Need, Scheme, Tool};

static TOKEN: Tool = Tool::interpreted("token", "GET", "/token", &[]).security(&[&[Need::scheme("token")]]);
static LOGIN: Tool = Tool::interpreted("login", "GET", "/login", &[]).security(&[&[Need::scheme("login")]]);
static KEY: Tool = Tool::interpreted("key", "GET", "/key", &[]).security(&[&[Need::scheme("key")]]);
static PRINTED: Tool =
    Tool::interpreted("printed", "GET", "/printed", &[]).security(&[&[Need::scheme("printed")]]);
static OPEN: Tool = Tool::interpreted("open", "GET", "/open", &[]).security(&[&[Need::scheme("token")], &[]]);

static SHOP: Connector = Connector::new("shop")
    .schemes(&[
        Scheme::api_key("key", Location::Header, "Authorization").described("Token token=<API_KEY>"),
        Scheme::basic("login"),
        Scheme::bearer("printed").commands(&[Command::new("token", &["printf", "canary-argument"])]),
        Scheme::oauth2("token").client(Client::new()),
    ])
    .groups(&[Group::new("all", &[&TOKEN, &LOGIN, &KEY, &PRINTED, &OPEN])]);

/// Starts a service that answers every request with `status`.
async fn service(status: u16) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut bytes = [0; 4096];
                let _ = stream.read(&mut bytes).await;
                let reply = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                let _ = stream.write_all(reply.as_bytes()).await;
            });
        }
    });
    address
}

/// Returns the error text of a call that the service refuses.
async fn refused(
    status: u16,
    tool: &'static Tool,
    variables: &[(&str, &str)],
    kept: &[(&str, &str)],
) -> String {
    let folder = tempfile::tempdir().unwrap();
    let vault = folder.path().join("vault").display().to_string();
    let base = service(status).await;
    let usual = [("SHOP_BASE_URL", base.as_str()), ("JACKFIELD_VAULT", vault.as_str())];
    let environment = Environment::of(usual.iter().chain(variables).copied());
    let source = LocalSource::new(&SHOP, environment.clone());
    for (record, text) in kept {
        source.store().records().put(record, &bound(&base, text)).unwrap();
    }
    let api = Api::with_credentials(&SHOP, environment, std::sync::Arc::new(source));
    let context = CallContext::new(Caller::local(Channel::CommandLine));
    let (answered, _admitted) = api.call_answered(tool, Map::new(), &context).await.unwrap();
    api.read(&answered).as_text().to_owned()
}

/// Returns the sentence of the error that tells the user what to do.
async fn remedy(tool: &'static Tool, variables: &[(&str, &str)], kept: &[(&str, &str)]) -> String {
    let text = refused(401, tool, variables, kept).await;
    assert!(!text.contains("canary"), "{text}");
    text.lines().nth(1).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn error_about_a_refused_credential_names_the_source_of_the_credential() {
    let mut token = tempfile::NamedTempFile::new().unwrap();
    token.write_all(b"canary-of-a-file").unwrap();
    let file = token.path().to_str().unwrap();
    let check = "The service does not accept the credential. The user has to check";
    let again = ", then start this connector again.";
    for (tool, variables, kept, said) in [
        (
            &TOKEN,
            &[("SHOP_TOKEN_TOKEN", "canary-1")][..],
            &[][..],
            format!("{check} SHOP_TOKEN_TOKEN{again}"),
        ),
        (
            &TOKEN,
            &[("SHOP_TOKEN_TOKEN_FILE", file)],
            &[],
            format!("{check} {file}, which SHOP_TOKEN_TOKEN_FILE names."),
        ),
        (
            &TOKEN,
            &[],
            &[("shop/token/token", "canary-2")],
            format!(
                "{check} the token of `token` in the vault (`shop-mcp auth set token token` replaces it)."
            ),
        ),
        (
            &PRINTED,
            &[],
            &[],
            format!("{check} the token of `printed`, printed by the command `printf` in connector.toml."),
        ),
        (
            &LOGIN,
            &[("SHOP_USERNAME", "ada"), ("SHOP_PASSWORD", "canary-3")],
            &[],
            format!("{check} SHOP_USERNAME and SHOP_PASSWORD{again}"),
        ),
        (
            &LOGIN,
            &[("SHOP_USERNAME", "ada")],
            &[("shop/login/password", "canary-4")],
            format!(
                "{check} SHOP_USERNAME and the password of `login` in the vault (`shop-mcp auth set login password` \
                 replaces it){again}"
            ),
        ),
    ] {
        assert_eq!(remedy(tool, variables, kept).await, said);
    }
}

#[tokio::test]
async fn error_about_a_refused_credential_shows_the_documented_format() {
    let text = remedy(&KEY, &[("SHOP_API_KEY", "canary-5")], &[]).await;
    assert!(text.ends_with(" The document describes `key` as \"Token token=<API_KEY>\"."), "{text}");
}

#[tokio::test]
async fn error_for_a_403_names_the_source_of_the_credential() {
    let text = refused(403, &TOKEN, &[("SHOP_TOKEN_TOKEN", "canary-6")], &[]).await;
    assert!(text.contains("The credential that was sent (SHOP_TOKEN_TOKEN) does not permit this."), "{text}");
}

#[tokio::test]
async fn refused_call_without_a_credential_gets_advice_to_provide_one() {
    let text = remedy(&OPEN, &[], &[]).await;
    assert!(
        text.starts_with(
            "The tool was called without a credential. The user has to provide SHOP_TOKEN_TOKEN"
        ),
        "{text}"
    );
}

#[tokio::test]
async fn error_about_a_credential_with_line_breaks_names_where_it_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let vault = folder.path().join("vault").display().to_string();
    let environment =
        Environment::of([("SHOP_BASE_URL", "http://127.0.0.1:9"), ("JACKFIELD_VAULT", vault.as_str())]);
    let source = LocalSource::new(&SHOP, environment.clone());
    source.store().records().put("shop/key/api_key", &bound("http://127.0.0.1:9", "canary\r\nx: y")).unwrap();
    let api = Api::with_credentials(&SHOP, environment, std::sync::Arc::new(source));
    let error =
        api.call(&KEY, Map::new(), &Caller::local(Channel::CommandLine)).await.unwrap_err().to_string();
    assert!(
        error.contains("correct the api_key of `key` in the vault") && !error.contains("canary"),
        "{error}"
    );
}

/// Creates a vault record with the secret `text`, which may be sent to the origin of `base`.
fn bound(base: &str, text: &str) -> Secret {
    let mut record = BoundRecord::default();
    let origin = Destination::parse(base).unwrap().to_string();
    record.put(Audience { text: [origin].into(), tokens: None }, Secret::new(text.to_owned()));
    record.to_record()
}
