//! Tests of jobs as tasks, of their audit records, and of the URLs that are requested for them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Map;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::*;
use crate::call::held_rows::ToolHandle;
use crate::common::caller::{Caller, Channel};
use crate::common::environment::Environment;
use crate::engine::context::CallContext;
use crate::engine::outcome::Outcome;
use crate::engine::outcome_code::OutcomeCode;
use crate::engine::pending::Pending;
use crate::engine::policy::Policies;
use crate::engine::policy::audit::{Audit, AuditError, AuditEvent, AuditRecord};
use crate::engine::request::{SourceRequest, SourceResponse};
use crate::engine::service::Service;
use crate::v1::{Connector, Group, Need, Scheme, Tool};

static SCHEMES: [Scheme; 1] = [Scheme::bearer("token")];
static EXPORT: Tool = Tool::new("create_export", "POST", "/exports", |_, _| Ok(()))
    .effect(jackfield_recipe::Effect::Write)
    .job(Job::new())
    .security(&[&[Need::scheme("token")]]);
static SHOP: Connector = Connector::new("shop").schemes(&SCHEMES).groups(&[Group::new("", &[&EXPORT])]);

const RUNNING: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n{\"status\":\"running\"}";
const RESULT: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 8\r\n\r\n{\"id\":7}";

/// The requests that a service received: the first line of each, and whether it had a credential.
type Seen = Arc<Mutex<Vec<(String, bool)>>>;

/// Starts a service that answers with these replies in order, and repeats the last one.
async fn service(answers: Vec<String>) -> (String, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (seen, answers) = (Seen::default(), Arc::new(answers));
    let noted = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (noted, answers) = (Arc::clone(&noted), Arc::clone(&answers));
            tokio::spawn(async move {
                let mut text = Vec::new();
                let mut bytes = [0; 4096];
                while let Ok(length) = stream.read(&mut bytes).await
                    && length > 0
                {
                    text.extend_from_slice(&bytes[..length]);
                    if !text.ends_with(b"\r\n\r\n") {
                        continue;
                    }
                    let request = String::from_utf8_lossy(&text).into_owned();
                    text.clear();
                    let line = request.lines().next().unwrap_or_default();
                    let line = line.trim_end_matches(" HTTP/1.1").to_owned();
                    let number = {
                        let mut noted = noted.lock().unwrap();
                        noted.push((line, request.to_ascii_lowercase().contains("authorization: bearer")));
                        noted.len() - 1
                    };
                    let answer = answers.get(number).or(answers.last()).unwrap();
                    if stream.write_all(answer.as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (url, seen)
}

fn accepted(location: &str) -> String {
    format!("HTTP/1.1 202 Accepted\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")
}

fn api(url: &str, more: &[(&str, &str)]) -> Api {
    let variables = more.iter().copied().chain([("SHOP_BASE_URL", url), ("SHOP_TOKEN", "secret-token")]);
    Api::new(&SHOP, Environment::of(variables))
}

async fn export(api: Api, context: &CallContext) -> Outcome {
    let request = SourceRequest::CallTool { name: "create_export".to_owned(), arguments: Map::new() };
    Service::new(api, Vec::new()).unwrap().run(request, context).await
}

fn text(outcome: &Outcome) -> String {
    match &outcome.result {
        Ok(SourceResponse::Tool(result)) => {
            let notes: Vec<&str> = result.notes().collect();
            format!("{} {}", result.as_text(), notes.join(" "))
        }
        other => panic!("{other:?}"),
    }
}

/// Advances the clock of the test by `seconds`.
async fn passed(seconds: u64) {
    _ = tokio::time::timeout(Duration::from_secs(seconds), std::future::pending::<()>()).await;
}

fn local() -> CallContext {
    CallContext::new(Caller::local(Channel::Stdio))
}

/// An audit that collects its records.
#[derive(Default)]
struct Records(Mutex<Vec<AuditRecord>>);

impl Audit for Records {
    fn record(&self, record: AuditRecord) -> Pending<'_, Result<(), AuditError>> {
        self.0.lock().unwrap().push(record);
        Box::pin(std::future::ready(Ok(())))
    }
}

#[tokio::test(start_paused = true)]
async fn audit_record_of_a_call_counts_all_requests_for_its_job() {
    let (url, seen) = service(vec![accepted("/exports/7"), RUNNING.to_owned()]).await;
    let records = Arc::new(Records::default());
    let api = api(&url, &[]).with_policies(Policies::none().audit(records.clone()));
    let outcome = export(api, &local()).await;
    assert_eq!((outcome.code, outcome.status), (OutcomeCode::Accepted, Some(202)), "{}", text(&outcome));
    let ended = std::mem::take(&mut *records.0.lock().unwrap());
    let requests = seen.lock().unwrap().len();
    assert_eq!((ended.len(), ended[1].attempts as usize), (2, requests), "{ended:?}");
    assert!(
        matches!(&ended[1].event, AuditEvent::Ended { code: OutcomeCode::Accepted, reply: Some(reply) } if reply.status == 202)
    );
    // A call that is dropped while it waits for its job counts as accepted.
    let (url, seen) = service(vec![accepted("/exports/7"), RUNNING.to_owned()]).await;
    let api = self::api(&url, &[]).with_policies(Policies::none().audit(records.clone()));
    let limit = Duration::from_secs(4);
    assert!(tokio::time::timeout(limit, export(api, &local())).await.is_err());
    let ended = std::mem::take(&mut *records.0.lock().unwrap());
    assert!(
        matches!(&ended[1].event, AuditEvent::Ended { code: OutcomeCode::Cancelled, .. })
            && ended[1].attempts == 1,
        "{ended:?}"
    );
    let requests = seen.lock().unwrap().len();
    passed(100).await;
    let all = seen.lock().unwrap().clone();
    assert!(all.len() == requests && all.iter().all(|(line, _)| !line.starts_with("DELETE")), "{all:?}");
}

#[tokio::test(start_paused = true)]
async fn call_releases_its_slot_while_it_waits_for_its_job() {
    let (url, _) = service(vec![accepted("/exports/7"), RUNNING.to_owned()]).await;
    let api = api(&url, &[("SHOP_MAX_CALLS", "1")]);
    let other = async {
        // The first call waits for its job.
        passed(2).await;
        let began = Instant::now();
        let outcome = export(api.clone(), &local()).await;
        assert_eq!(outcome.code, OutcomeCode::Done, "{}", text(&outcome));
        began.elapsed()
    };
    let context = local();
    let (first, waited) = tokio::join!(export(api.clone(), &context), other);
    assert_eq!(first.code, OutcomeCode::Accepted, "{}", text(&first));
    assert!(waited < Duration::from_secs(16), "{waited:?}");
    assert_eq!(api.executor.admission().free(), 1);
}

#[tokio::test(start_paused = true)]
async fn job_status_url_of_another_origin_is_polled_only_if_it_is_declared() {
    let (other, seen) = service(vec![RESULT.to_owned()]).await;
    let (url, _) = service(vec![accepted(&format!("{other}/exports/7"))]).await;
    let outcome = export(api(&url, &[("SHOP_ORIGINS", url.as_str())]), &local()).await;
    assert!(
        text(&outcome).contains("another origin, which this connector does not call"),
        "{}",
        text(&outcome)
    );
    assert!(seen.lock().unwrap().is_empty());
    let both = format!("{url} {other}");
    let outcome = export(api(&url, &[("SHOP_ORIGINS", both.as_str())]), &local()).await;
    assert_eq!(outcome.code, OutcomeCode::Done, "{}", text(&outcome));
    assert!(text(&outcome).starts_with(r#"{"id":7}"#));
    assert_eq!(*seen.lock().unwrap(), [("GET /exports/7".to_owned(), true)]);
}

#[test]
fn job_status_url_that_is_insecure_private_or_undeclared_is_refused() {
    let rows: [(&str, &[&str]); 3] = [
        (
            "https://api.example.com",
            &["http://api.example.com", "http://other.example.com", "https://undeclared.example.com"],
        ),
        (
            "https://api.example.com",
            &["https://me@other.example.com", "ftp://other.example.com", "/jobs/7", ""],
        ),
        ("https://api.example.com", &["http://169.254.169.254", "http://127.0.0.1", "https://10.0.0.1"]),
    ];
    for (base, refused) in rows {
        let origins = "http://api.example.com http://other.example.com https://other.example.com";
        let api = api(base, &[("SHOP_ORIGINS", origins)]);
        let own = format!("{base}/exports");
        let tool = ToolHandle::from(&EXPORT);
        for address in refused {
            let found = api.target(&tool, &own, address);
            assert!(matches!(found, Err(Refused::Elsewhere)), "{address}");
        }
        let found = api.target(&tool, &own, "https://other.example.com/jobs/7?sig=a%20b").ok().unwrap();
        assert_eq!(found.outgoing.open_url(), "https://other.example.com/jobs/7?sig=a%20b");
    }
}

#[cfg(feature = "serve")]
mod tasks {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::engine::approval::deferral::Deferral;

    /// A client that supports tasks until it has received `most` messages.
    struct Task {
        messages: Mutex<Vec<String>>,
        most: usize,
        calls: AtomicUsize,
    }

    impl Task {
        fn of(most: usize) -> Arc<Self> {
            Arc::new(Self { messages: Mutex::default(), most, calls: AtomicUsize::new(0) })
        }
    }

    impl Deferral for Task {
        fn defer<'a>(&'a self, message: &'a str) -> Pending<'a, bool> {
            Box::pin(async move {
                self.messages.lock().unwrap().push(message.to_owned());
                self.calls.fetch_add(1, Ordering::Relaxed) < self.most
            })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn call_with_a_long_job_becomes_a_task_that_reports_the_job_state() {
        let mut answers = vec![accepted("/exports/7")];
        answers.extend(std::iter::repeat_n(RUNNING.to_owned(), 20));
        answers.push(RESULT.to_owned());
        let (url, seen) = service(answers).await;
        let task = Task::of(usize::MAX);
        // Another call gets the only slot while the task waits.
        let api = api(&url, &[("SHOP_MAX_CALLS", "1")]);
        let began = Instant::now();
        let context = local().with_deferral(task.clone());
        let (outcome, other) = tokio::join!(export(api.clone(), &context), async {
            passed(20).await;
            api.call(&EXPORT, Map::new(), &Caller::local(Channel::Stdio)).await
        });
        assert_eq!(outcome.code, OutcomeCode::Done, "{}", text(&outcome));
        assert!(text(&outcome).starts_with(r#"{"id":7}"#) && began.elapsed() > Duration::from_secs(100));
        assert!(other.is_ok(), "{other:?}");
        assert!(seen.lock().unwrap().len() >= 22);
        let messages = task.messages.lock().unwrap().clone();
        assert!(messages.iter().any(|it| it == "the job goes on: its state is `running`"), "{messages:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn call_with_a_short_job_returns_the_result_without_a_task() {
        let (url, _) = service(vec![accepted("/exports/7"), RUNNING.to_owned(), RESULT.to_owned()]).await;
        let task = Task::of(usize::MAX);
        let outcome = export(api(&url, &[]), &local().with_deferral(task.clone())).await;
        assert_eq!(outcome.code, OutcomeCode::Done);
        assert!(task.messages.lock().unwrap().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn call_of_a_client_without_tasks_waits_for_its_job_until_the_deadline() {
        let (url, _) = service(vec![accepted("/exports/7"), RUNNING.to_owned()]).await;
        let (task, began) = (Task::of(0), Instant::now());
        let outcome = export(api(&url, &[]), &local().with_deferral(task.clone())).await;
        assert_eq!(outcome.code, OutcomeCode::Accepted);
        assert!(began.elapsed() < Duration::from_secs(55));
    }

    #[tokio::test(start_paused = true)]
    async fn ended_task_sends_no_more_status_requests() {
        let (url, seen) = service(vec![accepted("/exports/7"), RUNNING.to_owned()]).await;
        let task = Task::of(3);
        let outcome = export(api(&url, &[]), &local().with_deferral(task.clone())).await;
        assert!(text(&outcome).contains("The task has ended"), "{}", text(&outcome));
        assert!(seen.lock().unwrap().len() < 10);
    }

    #[tokio::test(start_paused = true)]
    async fn task_ends_after_an_hour_if_its_job_does_not_end() {
        let (url, seen) = service(vec![accepted("/exports/7"), RUNNING.to_owned()]).await;
        let (task, began) = (Task::of(usize::MAX), Instant::now());
        let outcome = export(api(&url, &[]), &local().with_deferral(task)).await;
        assert_eq!(outcome.code, OutcomeCode::Accepted, "{}", text(&outcome));
        assert!((3500..3700).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
        assert!((200..300).contains(&seen.lock().unwrap().len()));
    }
}
