use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::*;
use crate::common::caller::Principal;
use crate::common::environment::Environment;
use crate::engine::api::Api;
use crate::engine::approval::ask_mode::AskMode;
use crate::engine::context::CallContext;
use crate::engine::custom::CustomTool;
use crate::engine::error::CallError;
use crate::engine::outcome::Outcome;
use crate::engine::outcome_code::OutcomeCode;
use crate::engine::pending::Pending;
use crate::engine::policy::Policies;
use crate::engine::policy::audit::{Audit, AuditError, AuditEvent, AuditRecord};
use crate::engine::policy::not_approved::NotApproved;
use crate::engine::request::SourceRequest;
use crate::engine::service::Service;
use crate::reply::tool_result::ToolResult;
use crate::v1::Connector;

static SHOP: Connector = Connector::new("shop");
/// The environment variable that tells the approving process the folder of the store.
const FOLDER: &str = "JACKFIELD_TEST_APPROVING_IN";
/// The number of rounds of the test with two processes.
const ROUNDS: usize = 1000;

/// The writes that were sent, and the approvals that the intent records of these writes name.
#[derive(Default)]
struct Writes {
    done: AtomicUsize,
    approvals: Mutex<Vec<String>>,
}

impl Audit for Writes {
    fn record(&self, record: AuditRecord) -> Pending<'_, Result<(), AuditError>> {
        if record.event == AuditEvent::Intent {
            self.approvals.lock().unwrap().extend(record.approval);
        }
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Creates a service with a store, whose tool counts how often it runs.
fn server(store: SqliteStore, writes: &Arc<Writes>) -> Service {
    let ask = AskFirst::new(AskMode::Destroy, "shop", "shop-mcp").with_store(store);
    let audit: Arc<dyn Audit> = Arc::<Writes>::clone(writes);
    let policies = Policies::none().approval(Arc::new(ask)).audit(audit);
    let api = Api::new(&SHOP, Environment::of([] as [(&str, &str); 0])).with_policies(policies);
    let done = Arc::clone(writes);
    let tool = CustomTool::new("tidy", move |_| {
        done.done.fetch_add(1, Ordering::SeqCst);
        std::future::ready(Ok(ToolResult::text("tidied")))
    });
    Service::new(api, vec![tool.input(r#"{"type":"object"}"#)]).unwrap()
}

fn caller(name: &str) -> CallContext {
    CallContext::new(Caller::new(Principal::Token(name.to_owned()), Channel::Http))
}

async fn call(server: &Service, arguments: &Value, context: &CallContext) -> Outcome {
    let arguments: Map<String, Value> = arguments.as_object().cloned().unwrap();
    let request = SourceRequest::CallTool { name: "tidy".to_owned(), arguments };
    server.run(request, context).await
}

/// Returns the approval id from the answer to a waiting call.
fn waiting(outcome: &Outcome) -> Option<&str> {
    match &outcome.result {
        Err(CallError::NotApproved(NotApproved::Waiting { id, .. })) => Some(id),
        _ => None,
    }
}

#[tokio::test]
async fn call_waits_until_it_is_approved_and_runs_once() {
    let (store, writes) = (SqliteStore::in_memory().unwrap(), Arc::default());
    let (shop, approvals) = (server(store.clone(), &writes), Approvals::new(store));
    let (room, other) = (json!({ "room": 1 }), json!({ "room": 2 }));
    let first = call(&shop, &room, &caller("a")).await;
    let id = waiting(&first).unwrap().to_owned();
    assert_eq!(
        first.result.unwrap_err().to_string(),
        format!(
            "The call was not approved: it waits for a person as approval `{id}`: in a terminal of the server, run: \
             shop-mcp approvals approve {id}; call again once it is approved. Nothing was sent."
        )
    );
    assert_eq!(first.code, OutcomeCode::ApprovalPending);
    assert_eq!(
        waiting(&call(&shop, &room, &caller("a")).await),
        Some(id.as_str()),
        "equal calls share one approval"
    );
    let shown = approvals.list(false).unwrap();
    assert_eq!(shown.len(), 1);
    assert!(shown[0].summary.contains("room: 1\ncalled by token:a over HTTP"), "{}", shown[0].summary);
    assert_eq!(approvals.decide(&id, true, "fern").unwrap(), Ok(()));
    assert!(waiting(&call(&shop, &other, &caller("a")).await).is_some(), "other arguments");
    assert!(waiting(&call(&shop, &room, &caller("b")).await).is_some(), "another principal");
    assert_eq!(writes.done.load(Ordering::SeqCst), 0);
    assert_eq!(call(&shop, &room, &caller("a")).await.code, OutcomeCode::Done);
    assert!(waiting(&call(&shop, &room, &caller("a")).await).is_some(), "the approval is spent");
    assert_eq!(writes.done.load(Ordering::SeqCst), 1);
    assert_eq!(*writes.approvals.lock().unwrap(), [id.as_str()], "the intent record names the approval");
    assert_eq!(approvals.get(&id).unwrap().unwrap().state, ApprovalState::Spent);
}

#[tokio::test]
async fn refused_call_does_not_create_another_approval() {
    let (store, writes) = (SqliteStore::in_memory().unwrap(), Arc::default());
    let (shop, approvals) = (server(store.clone(), &writes), Approvals::new(store));
    let first = call(&shop, &json!({}), &caller("a")).await;
    let id = waiting(&first).unwrap().to_owned();
    assert_eq!(approvals.decide(&id, false, "fern").unwrap(), Ok(()));
    let again = call(&shop, &json!({}), &caller("a")).await;
    assert_eq!(again.code, OutcomeCode::NotApproved);
    assert_eq!(
        again.result.unwrap_err().to_string(),
        "The call was not approved: fern refused it. Nothing was sent."
    );
    assert_eq!(approvals.list(false).unwrap(), []);
}

#[tokio::test]
async fn approval_can_be_resumed_only_a_limited_number_of_times() {
    let book = StoredBook(SqliteStore::in_memory().unwrap());
    let new = |id: &str| NewCall {
        binding: [1; 32],
        principal: "a".to_owned(),
        summary: String::new(),
        id: id.to_owned(),
        lifetime: 900,
        most_pending: 3,
    };
    book.call(new("1"), 0).await.unwrap();
    let key = ApprovalKey { id: "1", binding: &[1; 32], principal: "a" };
    let spent = Decision::Spent { id: "1".to_owned() };
    assert_eq!(book.answer(key, true, 1).await, Ok(spent.clone()));
    let mut rounds = 0;
    loop {
        book.resume("1", 2).await.unwrap();
        if book.call(new("2"), 3).await != Ok(spent.clone()) {
            break;
        }
        rounds += 1;
    }
    assert_eq!(rounds, crate::engine::approval::ledger::MOST_ROUNDS);
}

/// Another process keeps a write transaction open for longer than any call waits.
#[tokio::test]
async fn claim_of_a_pending_approval_does_not_wait_for_a_write_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("shop");
    let book = StoredBook(SqliteStore::open(&folder).unwrap());
    let (principal, summary, id) = ("a".to_owned(), String::new(), "1".to_owned());
    let new = NewCall { binding: [1; 32], principal, summary, id, lifetime: 900, most_pending: 3 };
    book.call(new, 0).await.unwrap();
    let other = SqliteStore::open(&folder).unwrap();
    let (begun, begins) = tokio::sync::oneshot::channel();
    let (end, ends) = std::sync::mpsc::channel::<()>();
    let writing = std::thread::spawn(move || {
        other.change(|_| {
            begun.send(()).unwrap();
            let _ = ends.recv();
            Ok(())
        })
    });
    begins.await.unwrap();
    let key = ApprovalKey { id: "1", binding: &[1; 32], principal: "a" };
    assert_eq!(book.claim(key, 1).await, Ok(Decision::Waiting { id: "1".to_owned() }));
    drop(end);
    writing.join().unwrap().unwrap();
}

#[tokio::test]
async fn pending_approvals_of_a_principal_are_bounded() {
    let (store, writes) = (SqliteStore::in_memory().unwrap(), Arc::default());
    let (shop, approvals) = (server(store.clone(), &writes), Approvals::new(store));
    for room in 0..100 {
        call(&shop, &json!({ "room": room }), &caller("a")).await;
    }
    call(&shop, &json!({}), &caller("b")).await;
    assert_eq!(approvals.list(true).unwrap().len(), 16 + 1);
}

/// The approving process. The test below starts it, and it ends when its standard input is closed.
#[test]
fn subprocess_approves_pending_calls_until_stdin_closes() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let approvals = Approvals::new(SqliteStore::open(&folder).unwrap());
    let (ends, ended) = std::sync::mpsc::channel::<()>();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        drop(ends);
    });
    let mut seen = 0_usize;
    // Each wait for the next call also checks whether standard input was closed.
    while ended.recv_timeout(Duration::from_millis(1)) == Err(RecvTimeoutError::Timeout) {
        for record in approvals.list(false).unwrap() {
            seen += 1;
            let approves = !seen.is_multiple_of(8);
            let decided = approvals.decide(&record.id, approves, "fern").unwrap();
            // A second decision has no effect. A person may still withdraw an approval that was not spent.
            let again = approvals.decide(&record.id, true, "moss").unwrap();
            assert!(again.is_err(), "{again:?}");
            if decided.is_ok() {
                println!("decided {} {}", record.id, if approves { "approved" } else { "denied" });
            }
        }
    }
}

/// Starts this test binary as the approving process.
fn start_approving(folder: &Path) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "control::approvals::tests::subprocess_approves_pending_calls_until_stdin_closes",
            "--exact",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(FOLDER, folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The decisions of the other process.
struct Decisions {
    told: tokio::sync::mpsc::UnboundedReceiver<(String, String)>,
    known: BTreeMap<String, String>,
}

impl Decisions {
    /// Waits for the decision about an approval. Returns whether the call was approved.
    async fn about(&mut self, id: &str) -> bool {
        while !self.known.contains_key(id) {
            let (id, word) = self.told.recv().await.expect("the other process runs");
            self.known.insert(id, word);
        }
        self.known[id] == "approved"
    }
}

/// Two services in this process spend approvals that another process decides. Both try to spend each approval, the file
/// of the call is swapped after every fifth decision, and every tenth call is never repeated.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_write_of_two_processes_has_its_own_approval() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("shop");
    let writes = Arc::<Writes>::default();
    let servers = [(), ()].map(|()| server(SqliteStore::open(&folder).unwrap(), &writes));
    let mut approving = start_approving(&folder);
    let said = BufReader::new(approving.stdout.take().unwrap());
    let (tell, told) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in said.lines().map_while(Result::ok) {
            let words = line.split("decided ").nth(1).and_then(|words| words.split_once(' '));
            if let Some((id, word)) = words {
                let _ = tell.send((id.to_owned(), word.to_owned()));
            }
        }
    });
    let mut decisions = Decisions { told, known: BTreeMap::new() };
    let (mut denied, mut swapped, mut left) = (0, 0, 0);
    for round in 0..ROUNDS {
        let context = caller(if round % 2 == 0 { "a" } else { "b" });
        let mut arguments = json!({ "round": round, "file": "one" });
        let before = writes.done.load(Ordering::SeqCst);
        let first = call(&servers[0], &arguments, &context).await;
        // The other process might not have approved anything yet, so the first call of a round always waits.
        let mut id = waiting(&first).unwrap_or_else(|| panic!("{:?}", first.result)).to_owned();
        if round % 10 == 9 {
            left += 1;
            continue;
        }
        if round % 5 == 0 {
            swapped += 1;
            arguments["file"] = json!("two");
            decisions.about(&id).await;
            id = waiting(&call(&servers[0], &arguments, &context).await).expect("another file").to_owned();
        }
        let is_approved = decisions.about(&id).await;
        let both =
            tokio::join!(call(&servers[0], &arguments, &context), call(&servers[1], &arguments, &context));
        let done = [both.0.code, both.1.code].iter().filter(|code| **code == OutcomeCode::Done).count();
        assert_eq!(done, usize::from(is_approved), "one approval allows one of two calls");
        denied += usize::from(done == 0);
        assert_eq!(writes.done.load(Ordering::SeqCst) - before, done);
    }
    drop(approving.stdin.take());
    assert!(approving.wait().unwrap().success());
    while let Some((id, word)) = decisions.told.recv().await {
        decisions.known.insert(id, word);
    }
    let decided = decisions.known;
    let spent = writes.approvals.lock().unwrap().clone();
    let done = writes.done.load(Ordering::SeqCst);
    assert_eq!(spent.len(), done, "every write names an approval");
    assert_eq!(spent.iter().collect::<BTreeSet<_>>().len(), done, "no approval is spent twice");
    for id in &spent {
        assert_eq!(decided.get(id).map(String::as_str), Some("approved"), "{id}");
    }
    println!(
        "{ROUNDS} rounds with two processes: {done} writes, {} decisions, {denied} denied, {swapped} swapped, {left} not repeated",
        decided.len()
    );
    assert_eq!(done + denied + left, ROUNDS);
}
