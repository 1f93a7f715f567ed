use std::sync::{Arc, Mutex};
use std::time::Duration;

use jackfield_recipe::{Caching, Effect};
use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::auth::{Credential, CredentialRequest, CredentialSource, Found};
use crate::call::args::Args;
use crate::call::request::Request;
use crate::common::caller::{Caller, Channel, Principal};
use crate::common::environment::Environment;
use crate::common::secret::Secret;
use crate::engine::answer::HttpAnswer;
use crate::engine::api::Api;
use crate::engine::context::CallContext;
use crate::engine::policy::audit::ReplySource;
use crate::v1::{ArgError, Connector, Group, Job, Need, ReplyRow, Scheme, Tool};

fn bind(args: &Args, request: &mut Request) -> Result<(), ArgError> {
    request.query("q", args.optional("q"))?;
    request.header("If-None-Match", args.optional("if_none_match"))
}

const INPUT: &str =
    r#"{"type":"object","properties":{"q":{"type":"string"},"if_none_match":{"type":"string"}}}"#;
const NEEDS: &[&[Need]] = &[&[Need::scheme("key")]];

static ASKED: Tool = Tool::new("asked", "GET", "/books", bind)
    .input(INPUT)
    .effect(Effect::Read)
    .caching(Caching::Revalidate)
    .security(NEEDS);
static TIMED: Tool = Tool::new("timed", "GET", "/timed", bind)
    .input(INPUT)
    .effect(Effect::Read)
    .caching(Caching::Seconds(60))
    .security(NEEDS);
static OFF: Tool = Tool::new("off", "GET", "/books", bind).input(INPUT).effect(Effect::Read).security(NEEDS);
static ADD: Tool =
    Tool::new("add", "POST", "/books", bind).input(INPUT).effect(Effect::Write).security(NEEDS);
static START: Tool = Tool::new("start", "POST", "/jobs", bind)
    .input(INPUT)
    .effect(Effect::Write)
    .job(Job::new().id("/job_id", "get_job", "q").state("/status"))
    .security(NEEDS);
static START_BY_READ: Tool = Tool::new("start_by_read", "GET", "/started", bind)
    .input(INPUT)
    .effect(Effect::Read)
    .caching(Caching::Seconds(60))
    .job(Job::new().id("/job_id", "get_job", "q").state("/status"))
    .security(NEEDS);
static GET_JOB: Tool = Tool::new("get_job", "GET", "/job", bind)
    .input(INPUT)
    .effect(Effect::Read)
    .caching(Caching::Seconds(60))
    .security(NEEDS);
static SHOP: Connector = Connector::new("shop")
    .schemes(&[Scheme::bearer("key")])
    .replies(&[ReplyRow::of("asked").redact(&["$.title"])])
    .groups(&[Group::new("", &[&ASKED, &TIMED, &OFF, &ADD, &START, &START_BY_READ, &GET_JOB])]);

/// Gives each caller its own token. The token contains the number in the mutex, so a new number changes every token.
#[derive(Default)]
struct Tokens(Mutex<u32>);

impl CredentialSource for Tokens {
    fn credential<'a>(&'a self, request: CredentialRequest<'a>) -> Found<'a> {
        let token = format!("{}-{}-token", request.caller.principal(), self.0.lock().unwrap());
        Box::pin(std::future::ready(Ok(Credential::Token(Secret::new(token)))))
    }
}

/// A service, the requests that it received, and the tokens of its callers.
struct Shop {
    api: Api,
    requests: Arc<Mutex<Vec<String>>>,
    tokens: Arc<Tokens>,
}

/// Starts a service that answers each request with the result of `answer`.
async fn shop(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Shop {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(Mutex::new(Vec::new()));
    let (seen, answer) = (Arc::clone(&requests), Arc::new(answer));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
            tokio::spawn(async move {
                let mut buffer = [0; 8192];
                while let Ok(length @ 1..) = stream.read(&mut buffer).await {
                    let request = String::from_utf8_lossy(&buffer[..length]).to_ascii_lowercase();
                    let text = answer(&request);
                    seen.lock().unwrap().push(request);
                    stream.write_all(text.as_bytes()).await.unwrap();
                }
            });
        }
    });
    let tokens = Arc::new(Tokens::default());
    let environment = Environment::of([("SHOP_BASE_URL", &url)]);
    let api = Api::with_credentials(&SHOP, environment, Arc::clone(&tokens) as Arc<dyn CredentialSource>);
    Shop { api, requests, tokens }
}

fn ok(headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Answers like a service whose resource has one version: a request with a condition on that version gets a 304.
fn versioned(request: &str) -> String {
    if request.contains("if-none-match: \"v1\"") {
        return "HTTP/1.1 304 Not Modified\r\netag: \"v1\"\r\n\r\n".to_owned();
    }
    if request.starts_with("post") {
        return "HTTP/1.1 204 No Content\r\n\r\n".to_owned();
    }
    ok("etag: \"v1\"\r\n", r#"{"title":"Moss"}"#)
}

impl Shop {
    async fn call(&self, tool: &'static Tool, name: &str, arguments: Value) -> HttpAnswer {
        let caller = Caller::new(Principal::Token(name.to_owned()), Channel::Http);
        let arguments: Map<String, Value> = arguments.as_object().cloned().unwrap_or_default();
        self.api.call_answered(tool, arguments, &CallContext::new(caller)).await.unwrap().0
    }

    async fn text(&self, tool: &'static Tool, name: &str, arguments: Value) -> (ReplySource, String) {
        let answer = self.call(tool, name, arguments).await;
        let result = self.api.read(&answer);
        let notes: String = result.notes().map(|note| format!(" {note}")).collect();
        (answer.source, format!("{}{notes}", result.as_text()))
    }

    /// Returns the `If-None-Match` headers of the requests so far, or `-` for a request without one.
    fn conditions(&self) -> Vec<String> {
        let condition = |request: &String| {
            let line = request.lines().find(|line| line.starts_with("if-"));
            line.unwrap_or("-").to_owned()
        };
        self.requests.lock().unwrap().iter().map(condition).collect()
    }
}

const ASKS: &str = "if-none-match: \"v1\"";

#[tokio::test]
async fn reply_confirmed_by_a_304_comes_from_the_cache() {
    let shop = shop(versioned).await;
    let expected = r#"{"title":"[redacted]"}"#.to_owned();
    assert_eq!(shop.text(&ASKED, "ann", json!({})).await, (ReplySource::Service, expected.clone()));
    assert_eq!(shop.text(&ASKED, "ann", json!({})).await, (ReplySource::Revalidated, expected.clone()));
    assert_eq!(shop.conditions(), ["-", ASKS]);
    let recorded = shop.call(&ASKED, "ann", json!({})).await;
    let recorded = crate::engine::answer::Answered::http(Box::new(recorded)).recorded().unwrap();
    assert_eq!((recorded.status, recorded.bytes), (304, r#"{"title":"Moss"}"#.len()));
    // A tool whose replies are not cached sends no condition.
    shop.call(&OFF, "ann", json!({})).await;
    assert_eq!(shop.conditions(), ["-", ASKS, ASKS, "-"]);
}

#[tokio::test]
async fn cached_reply_is_not_shared_across_callers_credentials_or_requests() {
    let shop = shop(versioned).await;
    shop.call(&ASKED, "ann", json!({})).await;
    for (name, arguments) in [("bob", json!({})), ("ann", json!({ "q": "a" })), ("bob", json!({ "q": "a" }))]
    {
        assert_eq!(shop.call(&ASKED, name, arguments).await.source, ReplySource::Service);
    }
    *shop.tokens.0.lock().unwrap() += 1;
    assert_eq!(shop.call(&ASKED, "ann", json!({})).await.source, ReplySource::Service);
    assert_eq!(shop.conditions(), ["-"; 5]);
    assert_eq!(shop.call(&ASKED, "ann", json!({})).await.source, ReplySource::Revalidated);
}

#[tokio::test(start_paused = true)]
async fn cached_reply_is_used_without_a_request_until_it_is_stale() {
    let shop = shop(versioned).await;
    shop.call(&TIMED, "ann", json!({})).await;
    tokio::time::advance(Duration::from_secs(59)).await;
    let (source, text) = shop.text(&TIMED, "ann", json!({})).await;
    assert_eq!(source, ReplySource::Memory);
    assert!(text.ends_with("This reply is from the cache: the service sent it 59 s ago."), "{text}");
    assert_eq!(shop.call(&TIMED, "ann", json!({})).await.attempts, 0);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(shop.call(&TIMED, "ann", json!({})).await.source, ReplySource::Revalidated);
    assert_eq!(shop.call(&TIMED, "ann", json!({})).await.source, ReplySource::Memory);
    assert_eq!(shop.conditions(), ["-", ASKS]);
}

#[tokio::test(start_paused = true)]
async fn write_makes_only_the_cached_replies_of_the_same_caller_stale() {
    let shop = shop(versioned).await;
    shop.call(&TIMED, "ann", json!({})).await;
    shop.call(&TIMED, "bob", json!({})).await;
    shop.call(&ADD, "ann", json!({})).await;
    assert_eq!(shop.call(&TIMED, "bob", json!({})).await.source, ReplySource::Memory);
    assert_eq!(shop.call(&TIMED, "ann", json!({})).await.source, ReplySource::Revalidated);
}

#[tokio::test]
async fn conditional_request_of_the_caller_receives_the_304_of_the_service() {
    let shop = shop(versioned).await;
    shop.call(&ASKED, "ann", json!({})).await;
    let answer = shop.call(&ASKED, "ann", json!({ "if_none_match": "\"v1\"" })).await;
    assert_eq!((answer.reply.status(), answer.source), (304, ReplySource::Service));
    let (_, text) = shop.text(&ASKED, "ann", json!({ "if_none_match": "\"v1\"" })).await;
    assert!(text.contains("Nothing has changed since the version that the arguments name"), "{text}");
}

#[tokio::test]
async fn mismatching_304_or_412_repeats_the_request_without_a_condition() {
    for refusal in ["304 Not Modified\r\netag: \"v2\"", "412 Precondition Failed\r\ncontent-length: 0"] {
        let shop = shop(move |request| match request.contains("if-none-match") {
            true => format!("HTTP/1.1 {refusal}\r\n\r\n"),
            false => ok("etag: \"v1\"\r\n", "[1]"),
        })
        .await;
        for _ in 0..2 {
            let answer = shop.call(&ASKED, "ann", json!({})).await;
            assert_eq!((answer.reply.status(), answer.source), (200, ReplySource::Service), "{refusal}");
        }
        assert_eq!(shop.conditions(), ["-", ASKS, "-"]);
    }
}

/// Returns the answers of a service whose jobs are completed at the third request for their status.
fn working() -> impl Fn(&str) -> String {
    let polls = Mutex::new(0);
    move |request: &str| match request.split(['?', ' ']).nth(1).unwrap_or_default() {
        "/jobs" | "/started" => ok("", r#"{"job_id":"7","status":"running"}"#),
        "/job" => {
            *polls.lock().unwrap() += 1;
            let state = if *polls.lock().unwrap() < 3 { "running" } else { "done" };
            ok("etag: \"v1\"\r\n", &format!(r#"{{"status":"{state}"}}"#))
        }
        _ => ok("", r#"{"title":"Moss"}"#),
    }
}

#[tokio::test(start_paused = true)]
async fn job_status_is_always_revalidated() {
    let shop = shop(working()).await;
    for number in 1..=3 {
        let answer = shop.call(&GET_JOB, "ada", json!({ "q": "7" })).await;
        assert_eq!(answer.source, ReplySource::Service, "{number}");
    }
    assert_eq!(shop.requests.lock().unwrap().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn reply_that_starts_a_job_is_never_cached() {
    let shop = shop(working()).await;
    for _ in 0..2 {
        let answer = shop.call(&START_BY_READ, "ada", json!({})).await;
        assert_eq!((answer.source, answer.age), (ReplySource::Service, None));
    }
    let started = shop.requests.lock().unwrap().iter().filter(|it| it.starts_with("get /started")).count();
    assert_eq!(started, 2);
}

#[tokio::test(start_paused = true)]
async fn replies_cached_while_a_job_runs_are_stale_after_its_end() {
    let shop = shop(working()).await;
    let reads = async {
        // The job waits at least a second before its status is read.
        _ = tokio::time::timeout(Duration::from_millis(500), std::future::pending::<()>()).await;
        shop.call(&TIMED, "ada", json!({})).await
    };
    let (started, meanwhile) = tokio::join!(shop.call(&START, "ada", json!({})), reads);
    assert!(started.job.is_some_and(|job| job.is_done()));
    assert_eq!(meanwhile.source, ReplySource::Service);
    assert_eq!(shop.call(&TIMED, "ada", json!({})).await.source, ReplySource::Service);
    assert_eq!(shop.call(&TIMED, "ada", json!({})).await.source, ReplySource::Memory);
}
