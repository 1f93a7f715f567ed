use serde_json::Map;
use tokio::sync::{Notify, mpsc};

use super::*;
use crate::common::caller::{Caller, Channel};
use crate::common::environment::Environment;
use crate::engine::api::Api;
use crate::engine::context::{ActiveCall, CallContext};
use crate::engine::custom::CustomTool;
use crate::engine::policy::Policies;
use crate::engine::policy::approval::{Approval, Approved, Review};
use crate::engine::policy::audit::AuditError;
use crate::engine::policy::not_approved::NotApproved;
use crate::engine::request::SourceRequest;
use crate::engine::service::Service;
use crate::v1::Connector;

static SHOP: Connector = Connector::new("shop");

/// An audit that stores each record when its future is first polled, or at the second poll if the audit is slow.
struct Log {
    is_slow: bool,
    /// Notified as soon as the last record of a call is being stored.
    storing: Notify,
    stored: mpsc::UnboundedSender<AuditEvent>,
}

impl Audit for Log {
    fn record(&self, record: AuditRecord) -> Pending<'_, Result<(), AuditError>> {
        Box::pin(async move {
            if record.event != AuditEvent::Intent {
                self.storing.notify_one();
            }
            if self.is_slow {
                tokio::task::yield_now().await;
            }
            self.stored.send(record.event).unwrap();
            Ok(())
        })
    }
}

/// An approver that never decides.
struct Undecided(Arc<Notify>);

impl Approval for Undecided {
    fn approve<'a>(&'a self, _: Review<'a>, _: &'a ActiveCall) -> Pending<'a, Result<Approved, NotApproved>> {
        self.0.notify_one();
        Box::pin(std::future::pending())
    }
}

/// The events that an audit has stored.
struct Stored(mpsc::UnboundedReceiver<AuditEvent>);

impl Stored {
    fn now(&mut self) -> Vec<AuditEvent> {
        std::iter::from_fn(|| self.0.try_recv().ok()).collect()
    }
}

fn log(is_slow: bool) -> (Arc<Log>, Stored) {
    let (stored, events) = mpsc::unbounded_channel();
    (Arc::new(Log { is_slow, storing: Notify::new(), stored }), Stored(events))
}

/// Creates a service with the tool `wait`, which never returns, and the tool `hello`.
fn service(policies: Policies, waits: &Arc<Notify>) -> Service {
    let waits = Arc::clone(waits);
    let wait = CustomTool::new("wait", move |_| {
        waits.notify_one();
        std::future::pending()
    });
    let hello = CustomTool::new("hello", |_| async { Ok(crate::custom::ToolResult::text("hello")) });
    let api = Api::new(&SHOP, Environment::of::<String, String>([])).with_policies(policies);
    Service::new(api, vec![wait, hello]).unwrap()
}

/// Makes a call, and drops it when `until` is notified.
async fn cancel(service: &Service, tool: &str, until: &Notify) {
    let request = SourceRequest::CallTool { name: tool.to_owned(), arguments: Map::new() };
    let context = CallContext::new(Caller::local(Channel::CommandLine));
    tokio::select! {
        biased;
        () = until.notified() => {}
        outcome = service.run(request, &context) => panic!("{outcome:?}"),
    }
}

const CANCELLED: AuditEvent = AuditEvent::Ended { code: OutcomeCode::Cancelled, reply: None };

#[tokio::test]
async fn audit_records_a_call_dropped_after_its_intent_as_cancelled() {
    let (log, mut stored) = log(false);
    let waits = Arc::new(Notify::new());
    cancel(&service(Policies::none().audit(log), &waits), "wait", &waits).await;
    assert_eq!(stored.now(), [AuditEvent::Intent, CANCELLED]);
}

#[tokio::test]
async fn cancelled_call_is_recorded_even_if_the_audit_is_slow() {
    let (log, mut stored) = log(true);
    let waits = Arc::new(Notify::new());
    cancel(&service(Policies::none().audit(log), &waits), "wait", &waits).await;
    assert_eq!(stored.0.recv().await, Some(AuditEvent::Intent));
    assert_eq!(stored.0.recv().await, Some(CANCELLED));
}

#[tokio::test]
async fn audit_records_a_call_dropped_before_its_approval_as_refused() {
    let (log, mut stored) = log(false);
    let asked = Arc::new(Notify::new());
    let policies = Policies::none().approval(Arc::new(Undecided(Arc::clone(&asked)))).audit(log);
    cancel(&service(policies, &Arc::default()), "hello", &asked).await;
    assert_eq!(stored.now(), [AuditEvent::Refused(OutcomeCode::Cancelled)]);
}

#[tokio::test]
async fn call_dropped_while_its_end_is_stored_has_one_end_record() {
    let (log, mut stored) = log(true);
    let service = service(Policies::none().audit(Arc::clone(&log) as Arc<dyn Audit>), &Arc::default());
    cancel(&service, "hello", &log.storing).await;
    let mut events = Vec::new();
    while events.len() < 2 {
        events.extend(stored.0.recv().await);
    }
    drop((service, log));
    assert_eq!(events, [AuditEvent::Intent, AuditEvent::Ended { code: OutcomeCode::Done, reply: None }]);
    assert_eq!(stored.0.recv().await, None, "there is no other record");
}

#[tokio::test]
async fn background_task_of_a_dropped_call_sees_the_cancellation() {
    let waits = Arc::new(Notify::new());
    let (tell, mut told) = mpsc::unbounded_channel();
    let begun = Arc::clone(&waits);
    let remote = CustomTool::new("remote", move |call: crate::custom::Call| {
        let (tell, begun) = (tell.clone(), Arc::clone(&begun));
        tokio::spawn(async move {
            let was_running = !call.context.is_cancelled();
            let cancelled = call.context.cancelled();
            begun.notify_one();
            cancelled.await;
            tell.send((was_running, call.context.is_cancelled())).unwrap();
        });
        std::future::pending()
    });
    let api = Api::new(&SHOP, Environment::of::<String, String>([]));
    cancel(&Service::new(api, vec![remote]).unwrap(), "remote", &waits).await;
    assert_eq!(told.recv().await, Some((true, true)));
}

#[tokio::test]
async fn completed_call_has_one_end_record() {
    let (log, mut stored) = log(false);
    let service = service(Policies::none().audit(log), &Arc::default());
    let caller = Caller::local(Channel::CommandLine);
    service.call("hello", Map::new(), &caller).await.unwrap();
    service.call("unknown", Map::new(), &caller).await.unwrap_err();
    assert_eq!(
        stored.now(),
        [
            AuditEvent::Intent,
            AuditEvent::Ended { code: OutcomeCode::Done, reply: None },
            AuditEvent::Refused(OutcomeCode::Unknown)
        ]
    );
}
