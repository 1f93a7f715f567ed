//! A hand-written signer, similar to AWS Signature Version 4, against a service that computes the signature
//! of the received request.

use std::sync::Arc;

use jackfield_runtime::v1::{Args, Connector, Encoding, Group, Need, Request, Scheme, Server, Tool};
use jackfield_runtime::{
    Api, ArgError, Caller, Channel, Environment, Service, Signature, Signer, Signing, Unsigned,
};
use jackfield_testkit::{Answer, Recorded, Upstream, canary};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::digest::hex;

const FIND: Tool = Tool::new("find", "GET", "/books", find)
    .input(r#"{"type":"object","properties":{"q":{"type":"string"}}}"#)
    .security(&[&[Need::scheme("signature"), Need::scheme("key")]]);
const ADD: Tool = Tool::new("add", "POST", "/books", add)
    .input(r#"{"type":"object","properties":{"body":{"type":"object"}},"required":["body"]}"#)
    .security(&[&[Need::scheme("signature")]]);
static SHOP: Connector = Connector::new("shop")
    .servers(&[Server::new("https://api.example.com")])
    .schemes(&[
        Scheme::http("signature", "AWS4-HMAC-SHA256"),
        Scheme::api_key("key", jackfield_runtime::Location::Query, "key"),
    ])
    .groups(&[Group::new("", &[&FIND, &ADD])]);

fn find(args: &Args, request: &mut Request) -> Result<(), ArgError> {
    request.query_as("q", args.optional("q"), Encoding::FORM)
}

fn add(args: &Args, request: &mut Request) -> Result<(), ArgError> {
    request.json_body(args.required("body"))
}

/// Computes the HMAC (RFC 2104).
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let pad = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

/// Returns the signed text: the bytes of the request, line by line.
fn seal(method: &str, path: &str, query: &str, host: &str, body: &[u8]) -> String {
    let canonical = format!("{method}\n{path}\n{query}\nhost:{host}\n\nhost\n{}", hex(&Sha256::digest(body)));
    hex(&hmac(canary("signing").as_bytes(), canonical.as_bytes()))
}

struct Sealer {
    in_query: bool,
}

impl Signer for Sealer {
    fn sign<'a>(&'a self, request: &'a Unsigned<'a>, _: &'a Caller) -> Signing<'a> {
        Box::pin(async move {
            assert!(request.url().ends_with(request.target()));
            assert!(request.headers().any(|(name, value)| (name, value) == ("user-agent", "shop-mcp")));
            let query = request.query().unwrap_or_default();
            let seal = seal(request.method(), request.path(), query, &request.host(), request.body());
            Ok(match self.in_query {
                true => Signature::default().query("X-Seal", seal),
                false => {
                    Signature::default().header("Authorization", format!("AWS4-HMAC-SHA256 Signature={seal}"))
                }
            })
        })
    }
}

fn is_sealed(request: &Recorded) -> bool {
    let query = request.query().unwrap_or_default();
    let (query, in_query) = match query.rsplit_once("X-Seal=") {
        Some((before, seal)) => (before.trim_end_matches('&'), Some(seal)),
        None => (query, None),
    };
    let field = request.header("authorization").and_then(|it| it.strip_prefix("AWS4-HMAC-SHA256 Signature="));
    let host = request.header("host").unwrap_or_default();
    in_query.or(field) == Some(&*seal(&request.method, request.path(), query, host, &request.body))
}

fn check(request: &Recorded) -> Answer {
    match (is_sealed(request), request.path()) {
        (false, _) => Answer::text(403, "forged"),
        (true, "/books") => Answer::text(307, "").header("location", "/v2/books?moved=a%20b"),
        (true, _) => Answer::text(200, "sealed"),
    }
}

async fn call(api: Api, tool: &str, arguments: Value) -> (bool, String) {
    let service = Service::new(api, Vec::new()).unwrap();
    let Value::Object(arguments) = arguments else { panic!("no object") };
    let result = service.call(tool, arguments, &Caller::local(Channel::CommandLine)).await.unwrap();
    (!result.is_error(), result.as_text().to_owned())
}

#[tokio::test]
async fn signature_covers_the_bytes_that_arrive() {
    let upstream = Upstream::start(check).await.unwrap();
    let variables = [("SHOP_BASE_URL", upstream.base_url()), ("SHOP_API_KEY", canary("key"))];
    for in_query in [false, true] {
        let api = Api::new(&SHOP, Environment::of(variables.clone()));
        let api = api.signed_by("signature", Arc::new(Sealer { in_query })).unwrap();
        for (tool, arguments) in
            [("find", json!({ "q": "a b&c=\"ü\"" })), ("add", json!({ "body": { "title": "Moss" } }))]
        {
            let (is_in, text) = call(api.clone(), tool, arguments).await;
            assert_eq!((is_in, text.as_str()), (true, "sealed"), "{tool}");
            // The request to the target of a redirect gets a separate signature.
            let requests = upstream.take();
            assert_eq!(requests.len(), 2);
            assert!(requests.iter().all(is_sealed));
        }
    }
}

#[tokio::test]
async fn call_that_needs_a_signature_sends_nothing_without_a_signer() {
    let upstream = Upstream::start(check).await.unwrap();
    let api = Api::new(&SHOP, Environment::of([("SHOP_BASE_URL", upstream.base_url())]));
    let (is_in, text) = call(api.clone(), "add", json!({ "body": {} })).await;
    assert!(!is_in && text.contains("nothing was sent") && text.contains("`Signer`"), "{text}");
    let wrong = api.signed_by("seal", Arc::new(Sealer { in_query: false })).unwrap_err();
    assert_eq!(
        wrong.to_string(),
        "the connector has no security scheme `seal` that a signer can sign for; it has signature, key"
    );
    assert_eq!(upstream.requests(), []);
}

struct Keyless;

impl Signer for Keyless {
    fn sign<'a>(&'a self, _: &'a Unsigned<'a>, _: &'a Caller) -> Signing<'a> {
        Box::pin(async { Err("the user has to set SHOP_SIGNING_KEY".into()) })
    }
}

#[tokio::test]
async fn signer_failure_is_reported_to_the_caller() {
    let upstream = Upstream::start(check).await.unwrap();
    let api = Api::new(&SHOP, Environment::of([("SHOP_BASE_URL", upstream.base_url())]));
    let api = api.signed_by("signature", Arc::new(Keyless)).unwrap();
    let (is_in, text) = call(api, "add", json!({ "body": {} })).await;
    assert!(!is_in && text.contains("SHOP_SIGNING_KEY") && text.contains("Nothing was sent"), "{text}");
    assert_eq!(upstream.requests(), []);
}
