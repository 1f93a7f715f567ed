//! HTTP digest over real HTTP, against a service with an independent implementation.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use jackfield_runtime::v1::{Args, Connector, Encoding, Group, Need, Request, Scheme, Server, Tool};
use jackfield_runtime::{Api, ArgError, Caller, Channel, Environment, Service};
use jackfield_testkit::{Answer, Recorded, Upstream, canary};
use md5::Md5;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const READ: Tool = Tool::new("read", "GET", "/a%20b/{id}", bind)
    .input(
        r#"{"type":"object","properties":{"id":{"type":"string"},"q":{"type":"string"}},"required":["id"]}"#,
    )
    .security(&[&[Need::scheme("digest")]]);
const WRITE: Tool = Tool::new("write", "POST", "/x", write)
    .input(r#"{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}"#)
    .security(&[&[Need::scheme("digest")]]);
static SHOP: Connector = Connector::new("shop")
    .servers(&[Server::new("https://api.example.com")])
    .schemes(&[Scheme::digest("digest")])
    .groups(&[Group::new("", &[&READ, &WRITE])]);

fn bind(args: &Args, request: &mut Request) -> Result<(), ArgError> {
    request.path("id", args.required("id"))?;
    request.query_as("q", args.optional("q"), Encoding::FORM)
}

fn write(args: &Args, request: &mut Request) -> Result<(), ArgError> {
    request.query("text", args.required("text"))
}

/// A service that issues a nonce and counts its uses.
struct Guard {
    algorithm: &'static str,
    qop: Option<&'static str>,
    username: &'static str,
    nonces: Vec<&'static str>,
    /// The number of requests for which a nonce is valid.
    lifetime: usize,
    seen: Mutex<BTreeSet<(String, String)>>,
    /// The problems of requests that had to be valid.
    faults: Mutex<Vec<String>>,
}

const REALM: &str = "the \"shop\"";

impl Guard {
    fn answer(&self, request: &Recorded) -> Answer {
        let seen = self.seen.lock().unwrap().len();
        let nonce = self.nonces[(seen / self.lifetime).min(self.nonces.len() - 1)];
        let Some(field) = request.header("authorization") else { return self.challenge(nonce, false) };
        let said = |name| parameter(field, name);
        if said("nonce").as_deref() != Some(nonce) {
            return self.challenge(nonce, true);
        }
        match self.check(request, field) {
            Ok(()) => Answer::text(200, "come in"),
            Err(why) => {
                self.faults.lock().unwrap().push(why);
                self.challenge(nonce, false)
            }
        }
    }

    fn challenge(&self, nonce: &str, stale: bool) -> Answer {
        let mut field = format!("Digest realm=\"the \\\"shop\\\"\", nonce=\"{nonce}\", stale={stale}");
        if !self.algorithm.is_empty() {
            field += &format!(", algorithm={}", self.algorithm);
        }
        if let Some(qop) = self.qop {
            field += &format!(", qop=\"{qop}\"");
        }
        Answer::text(401, "who are you?").header("www-authenticate", &field)
    }

    fn check(&self, request: &Recorded, field: &str) -> Result<(), String> {
        let said = |name: &str| parameter(field, name).ok_or_else(|| format!("no {name} in {field}"));
        let hash = |text: String| match self.algorithm.starts_with("SHA-256") {
            true => hex(&Sha256::digest(text.as_bytes())),
            false => hex(&Md5::digest(text.as_bytes())),
        };
        if said("uri")? != request.target {
            return Err(format!("the uri is {}, and {} came", said("uri")?, request.target));
        }
        if said("realm")? != REALM || said("username")? != self.username {
            return Err(format!("who is this? {field}"));
        }
        let nonce = said("nonce")?;
        let mut ha1 = hash(format!("{}:{REALM}:{}", self.username, canary("digest")));
        if self.algorithm.ends_with("-sess") {
            ha1 = hash(format!("{ha1}:{nonce}:{}", said("cnonce")?));
        }
        let mut a2 = format!("{}:{}", request.method, request.target);
        if self.qop == Some("auth-int") {
            a2 += &format!(":{}", hash(request.text()));
        }
        let ha2 = hash(a2);
        let expected = match self.qop {
            None => hash(format!("{ha1}:{nonce}:{ha2}")),
            Some(qop) => {
                let (nc, cnonce) = (said("nc")?, said("cnonce")?);
                if said("qop")? != qop {
                    return Err(format!("the qop is not {qop}"));
                }
                hash(format!("{ha1}:{nonce}:{nc}:{cnonce}:{qop}:{ha2}"))
            }
        };
        if said("response")? != expected {
            return Err(format!("wrong response: {field}"));
        }
        let count = parameter(field, "nc").unwrap_or_default();
        match self.seen.lock().unwrap().insert((nonce, count.clone())) || self.qop.is_none() {
            true => Ok(()),
            false => Err(format!("{count} was there before")),
        }
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the value of a parameter, parsed independently of the code under test.
fn parameter(field: &str, name: &str) -> Option<String> {
    let at = field.find(&format!(" {name}="))? + name.len() + 2;
    let rest = &field[at..];
    let Some(quoted) = rest.strip_prefix('"') else {
        return Some(rest.split(',').next().unwrap_or_default().to_owned());
    };
    let mut value = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next()? {
            '"' => return Some(value),
            '\\' => value.push(chars.next()?),
            c => value.push(c),
        }
    }
}

async fn stand(guard: Guard) -> (Arc<Guard>, Upstream, Service) {
    let guard = Arc::new(guard);
    let asked = Arc::clone(&guard);
    let upstream = Upstream::start(move |request| asked.answer(request)).await.unwrap();
    let variables = [
        ("SHOP_BASE_URL", upstream.base_url()),
        ("SHOP_USERNAME", guard.username.to_owned()),
        ("SHOP_PASSWORD", canary("digest")),
    ];
    let service = Service::new(Api::new(&SHOP, Environment::of(variables)), Vec::new()).unwrap();
    (guard, upstream, service)
}

async fn call(service: &Service, tool: &str, arguments: Value) -> (bool, String) {
    let Value::Object(arguments) = arguments else { panic!("no object") };
    let result = service.call(tool, arguments, &Caller::local(Channel::CommandLine)).await.unwrap();
    (!result.is_error(), result.as_text().to_owned())
}

fn guard(algorithm: &'static str, qop: Option<&'static str>) -> Guard {
    Guard {
        algorithm,
        qop,
        username: "ada",
        nonces: vec!["n1"],
        lifetime: usize::MAX,
        seen: Mutex::default(),
        faults: Mutex::default(),
    }
}

#[tokio::test]
async fn call_authenticates_with_every_algorithm_of_http_digest() {
    for algorithm in ["", "MD5", "MD5-sess", "SHA-256", "SHA-256-sess"] {
        for qop in [None, Some("auth"), Some("auth-int")] {
            for username in ["ada", "a\"d\\a"] {
                let (guard, upstream, service) = stand(Guard { username, ..guard(algorithm, qop) }).await;
                for (tool, arguments) in [
                    ("read", json!({ "id": "x/y z", "q": "a&b=\"c\" ü" })),
                    ("write", json!({ "text": "hello" })),
                    ("read", json!({ "id": "." .repeat(3) })),
                ] {
                    let (is_in, text) = call(&service, tool, arguments).await;
                    let faults = guard.faults.lock().unwrap().clone();
                    assert!(is_in, "{algorithm} {qop:?} {tool}: {text} {faults:?}");
                }
                // The service sends one challenge, and every request uses its nonce.
                let requests = upstream.requests();
                assert_eq!(requests.len(), 4, "{algorithm} {qop:?}");
                assert!(requests[0].header("authorization").is_none());
                assert!(requests.iter().all(|it| !it.to_text().contains(&canary("digest"))));
            }
        }
    }
}

#[tokio::test]
async fn stale_digest_nonce_is_replaced() {
    let spent = Guard { nonces: vec!["n1", "n2"], lifetime: 2, ..guard("SHA-256", Some("auth")) };
    let (guard, upstream, service) = stand(spent).await;
    for _ in 0..4 {
        let (is_in, text) = call(&service, "write", json!({ "text": "x" })).await;
        assert!(is_in, "{text}");
    }
    assert_eq!(*guard.faults.lock().unwrap(), Vec::<String>::new());
    let counts: Vec<_> = upstream
        .requests()
        .iter()
        .map(|it| {
            it.header("authorization")
                .map(|field| (parameter(field, "nonce").unwrap(), parameter(field, "nc").unwrap()))
        })
        .collect();
    let used = |nonce: &str, nc: &str| Some((nonce.to_owned(), nc.to_owned()));
    assert_eq!(
        counts,
        [
            None,
            used("n1", "00000001"),
            used("n1", "00000002"),
            used("n1", "00000003"),
            used("n2", "00000001"),
            used("n2", "00000002"),
        ]
    );
}

#[tokio::test]
async fn concurrent_digest_calls_use_increasing_nonce_counts() {
    let (guard, _upstream, service) = stand(guard("SHA-256", Some("auth"))).await;
    assert!(call(&service, "write", json!({ "text": "first" })).await.0);
    let calls: Vec<_> = (0..40)
        .map(|at| {
            let service = service.clone();
            tokio::spawn(async move { call(&service, "write", json!({ "text": at.to_string() })).await })
        })
        .collect();
    for running in calls {
        let (is_in, text) = running.await.unwrap();
        assert!(is_in, "{text}");
    }
    assert_eq!(*guard.faults.lock().unwrap(), Vec::<String>::new());
    assert_eq!(guard.seen.lock().unwrap().len(), 41);
}

#[tokio::test]
async fn rejected_digest_password_is_tried_only_once() {
    let (guard, upstream, service) = stand(Guard { username: "eve", ..guard("MD5", Some("auth")) }).await;
    let variables = [
        ("SHOP_BASE_URL", upstream.base_url()),
        ("SHOP_USERNAME", "eve".to_owned()),
        ("SHOP_PASSWORD", canary("wrong")),
    ];
    let wrong = Service::new(Api::new(&SHOP, Environment::of(variables)), Vec::new()).unwrap();
    let (is_in, text) = call(&wrong, "write", json!({ "text": "x" })).await;
    assert!(!is_in && text.contains("401") && text.contains("SHOP_PASSWORD"), "{text}");
    assert_eq!((upstream.requests().len(), guard.faults.lock().unwrap().len()), (2, 1));
    assert!(call(&service, "write", json!({ "text": "x" })).await.0);
}
