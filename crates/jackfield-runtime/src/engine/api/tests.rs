use super::*;
use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::auth::{CredentialRequest, Found};
use crate::call::args::{ArgError, Args};
use crate::common::caller::{Caller, Channel};
use crate::engine::context::CallContext;
use crate::engine::outcome_code::OutcomeCode;
use crate::engine::request::{SourceRequest, SourceResponse};
use crate::engine::source::Source as _;
use crate::reply::tool_result::ToolResult;
use crate::v1::{Connector, Need, Scheme, Tool};

fn nothing(_: &Args, _: &mut Request) -> Result<(), ArgError> {
    Ok(())
}

static LIST: Tool = Tool::new("list", "GET", "/books", nothing);
static SHOP: Connector =
    Connector::new("shop").headers(&[("ACCEPT", "application/vnd.shop+json"), ("User-Agent", "shop/1")]);

/// Starts a service that answers every request with `zeros` zero bytes, compressed with gzip.
async fn bombs(zeros: usize) -> String {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![b'0'; zeros]).unwrap();
    let body = encoder.finish().unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let answer = Arc::new([head.as_bytes(), &body].concat());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = Arc::clone(&answer);
            tokio::spawn(async move {
                let mut request = [0; 4096];
                while stream.read(&mut request).await.is_ok_and(|length| length > 0) {
                    stream.write_all(&answer).await.unwrap();
                }
            });
        }
    });
    url
}

fn shop(url: &str, limits: &[(&str, &str)]) -> Api {
    let variables = limits.iter().copied().chain([("SHOP_BASE_URL", url)]);
    Api::new(&SHOP, Environment::of(variables))
}

async fn list(api: &Api) -> ToolResult {
    let context = CallContext::new(Caller::local(Channel::CommandLine));
    let request = SourceRequest::CallTool { name: LIST.name.to_owned(), arguments: Map::new() };
    let source = generated::GeneratedTool { api, tool: (&LIST).into() };
    match api.executor.answer(&source, request, &context, Nesting::Outermost).await {
        Ok((answered, admitted)) => match source.shape(answered, &admitted.call).await {
            Ok(SourceResponse::Tool(result)) => result,
            other => panic!("{other:?}"),
        },
        Err(error) => ToolResult::error(error.to_string()),
    }
}

#[tokio::test]
async fn request_header_set_in_connector_toml_replaces_the_default_header() {
    let api = shop("https://api.example.com", &[]);
    let rehearsed = api.rehearse(&LIST, Map::new()).await.unwrap();
    assert_eq!(
        rehearsed.outgoing.to_string(),
        "GET https://api.example.com/books\nACCEPT: application/vnd.shop+json\nUser-Agent: shop/1\n"
    );
}

#[tokio::test]
async fn replies_beyond_the_shared_memory_limit_are_refused() {
    let url = bombs(512 * 1024).await;
    let api = shop(&url, &[("SHOP_MAX_BYTES", "4000000")]);
    // Other calls hold so many bytes that half a mebibyte, counted twice, exceeds the limit.
    let others = api.executor.admission().scope();
    others.hold(1_600_000).unwrap();
    let refused = list(&api).await;
    assert!(refused.is_error(), "{refused:?}");
    for words in
        ["so the request took effect", "more than 4000000 bytes (set by SHOP_MAX_BYTES)", "call again"]
    {
        assert!(refused.as_text().contains(words), "{}", refused.as_text());
    }
    drop(others);
    let read = list(&api).await;
    assert!(!read.is_error() && read.as_text().len() == 100_000, "{}", read.is_error());
    assert_eq!(api.executor.admission().held(), 0);
}

#[tokio::test]
async fn a_hundred_compressed_replies_stay_within_the_memory_limit() {
    let url = bombs(1024 * 1024).await;
    let api = shop(&url, &[("SHOP_MAX_CALLS", "50"), ("SHOP_MAX_BYTES", "8000000")]);
    let calls: Vec<_> = (0..101)
        .map(|_| {
            let api = api.clone();
            tokio::spawn(async move { list(&api).await })
        })
        .collect();
    let mut read = 0;
    for call in calls {
        let result = call.await.unwrap();
        let is_refused =
            ["call again in a moment", "calls together"].iter().any(|it| result.as_text().contains(it));
        assert!(is_refused || !result.is_error(), "{}", result.as_text());
        read += usize::from(!result.is_error());
    }
    assert!(read > 0);
    assert_eq!(api.executor.admission().held(), 0);
}

#[tokio::test]
async fn arguments_beyond_the_memory_limit_are_refused_before_sending() {
    let api = shop("https://api.example.com", &[("SHOP_MAX_BYTES", "1000")]);
    let arguments = json!({ "text": "x".repeat(1000) }).as_object().cloned().unwrap();
    let error = api.call(&LIST, arguments, &Caller::local(Channel::CommandLine)).await.unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, CallError::Busy(_)) && text.ends_with("Nothing was sent."), "{text}");
}

static SCHEMES: [Scheme; 1] = [Scheme::bearer("token")];
static LOCKED: Connector = Connector::new("shop").schemes(&SCHEMES);
static LIST_LOCKED: Tool = Tool::new("list", "GET", "/books", nothing).security(&[&[Need::scheme("token")]]);

/// A credential source that never answers.
struct Silent;

impl CredentialSource for Silent {
    fn credential<'a>(&'a self, _: CredentialRequest<'a>) -> Found<'a> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn call_that_waits_for_credentials_ends_at_its_deadline() {
    let environment = Environment::of([("SHOP_BASE_URL", "https://api.example.com")]);
    let mut api = Api::with_credentials(&LOCKED, environment, Arc::new(Silent));
    Arc::get_mut(&mut api.executor).unwrap().set_time_limit(Duration::from_millis(50));
    let error = api.call(&LIST_LOCKED, Map::new(), &Caller::local(Channel::CommandLine)).await.unwrap_err();
    let said = error.to_string();
    assert!(
        said.starts_with("The call timed out while its credentials were fetched. Nothing was sent. "),
        "{said}"
    );
    assert!(said.contains("_TIMEOUT or `total` in `[timeout]` of connector.toml"), "{said}");
    Arc::get_mut(&mut api.executor).unwrap().set_time_limit(Duration::ZERO);
    let error = api.call(&LIST_LOCKED, Map::new(), &Caller::local(Channel::CommandLine)).await.unwrap_err();
    assert!(error.to_string().contains("while its arguments were checked"), "{error}");
}

/// A signer that never answers.
impl crate::auth::Signer for Silent {
    fn sign<'a>(&'a self, _: &'a crate::auth::Unsigned<'a>, _: &'a Caller) -> crate::auth::Signing<'a> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn call_that_waits_for_a_signature_ends_at_its_deadline() {
    let environment = Environment::of([("SHOP_BASE_URL", "https://api.example.com")]);
    let api = Api::with_credentials(&LOCKED, environment, Arc::new(Silent));
    let mut api = api.signed_by("token", Arc::new(Silent)).unwrap();
    Arc::get_mut(&mut api.executor).unwrap().set_time_limit(Duration::from_millis(50));
    let error = api.call(&LIST_LOCKED, Map::new(), &Caller::local(Channel::CommandLine)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "No reply to GET /books: the request timed out while it was being signed. Nothing was sent. Call it again a little later."
    );
    assert_eq!(error.code(), OutcomeCode::Late);
}
