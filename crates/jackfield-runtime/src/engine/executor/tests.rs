use std::sync::Mutex;

use serde_json::Map;
use tokio::sync::Notify;

use super::*;
use crate::common::caller::Channel;
use crate::common::environment::Environment;
use crate::engine::api::Api;
use crate::engine::custom::CustomTool;
use crate::engine::limits::call_limits::{CallLimits, LimitFlags};
use crate::engine::pending::Pending;
use crate::engine::policy::audit::Audit;
use crate::engine::policy::not_approved::NotApproved;
use crate::engine::policy::rate::{Rate, RateEntry, RateExceeded};
use crate::engine::service::Service;
use crate::v1::{Connector, Group, Tool};

static RESET: Tool = Tool::new("reset", "POST", "/reset/{token}", |args, request| {
    request.path("token", args.required("token"))
})
.input(r#"{"type":"object","properties":{"token":{"type":"string"}}}"#);
static SHOP: Connector = Connector::new("shop").groups(&[Group::new("", &[&RESET])]);

/// An audit that keeps its records in memory.
#[derive(Default)]
struct Records(Mutex<Vec<AuditRecord>>);

impl Records {
    fn take(&self) -> Vec<AuditRecord> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Audit for Records {
    fn record(&self, record: AuditRecord) -> Pending<'_, Result<(), AuditError>> {
        self.0.lock().unwrap().push(record);
        Box::pin(std::future::ready(Ok(())))
    }
}

/// An approver that approves calls of the tool `buy` once `decides` is notified.
struct Person {
    asked: Notify,
    decides: Notify,
    decision: Result<Approved, NotApproved>,
}

impl Person {
    fn deciding(decision: Result<Approved, NotApproved>) -> Arc<Self> {
        Arc::new(Self { asked: Notify::new(), decides: Notify::new(), decision })
    }

    fn approving(id: &str) -> Arc<Self> {
        Self::deciding(Ok(Approved { id: Some(id.to_owned()) }))
    }
}

impl Approval for Person {
    fn is_needed(&self, target: Target<'_>, _: Ask, _: &CallContext) -> bool {
        target.name == "buy"
    }

    fn patience(&self) -> Duration {
        Duration::from_secs(600)
    }

    fn approve<'a>(&'a self, _: Review<'a>, _: &'a ActiveCall) -> Pending<'a, Result<Approved, NotApproved>> {
        Box::pin(async {
            self.asked.notify_one();
            self.decides.notified().await;
            self.decision.clone()
        })
    }
}

/// A limit that lets every call begin, and refuses every call that continues after an approval.
struct OneWay(RateExceeded);

impl Rate for OneWay {
    fn admit(&self, _: &Caller, target: Target<'_>) -> Result<RateGuard, RateExceeded> {
        if target.name == "search" { Err(self.0.clone()) } else { Ok(RateGuard::default()) }
    }

    fn enter<'a>(&'a self, entry: RateEntry<'a>) -> Option<Pending<'a, Result<RateGuard, RateExceeded>>> {
        let decision = if entry.was_in_flight { Err(self.0.clone()) } else { Ok(RateGuard::default()) };
        Some(Box::pin(std::future::ready(decision)))
    }
}

fn one_way() -> Arc<OneWay> {
    let (limit, place) = ("1 call in flight".to_owned(), "--concurrent".to_owned());
    Arc::new(OneWay(RateExceeded { limit, place, seconds: 1 }))
}

/// Creates a shop with the tools `buy`, `hello` and `wait`. A call of `wait` returns once `gate` is notified.
fn shop(policies: Policies, gate: &Arc<Notify>) -> Service {
    let text = |text| std::future::ready(Ok(crate::custom::ToolResult::text(text)));
    let gate = Arc::clone(gate);
    let wait = CustomTool::new("wait", move |_| {
        let gate = Arc::clone(&gate);
        async move {
            gate.notified().await;
            Ok(crate::custom::ToolResult::text("waited"))
        }
    });
    let tools = vec![
        CustomTool::new("buy", move |_| text("bought")),
        CustomTool::new("hello", move |_| text("hello")),
        wait,
    ];
    let environment = Environment::of([("SHOP_BASE_URL", "http://127.0.0.1:9/v1/")]);
    Service::new(Api::new(&SHOP, environment).with_policies(policies), tools).unwrap()
}

async fn call(service: &Service, name: &str) -> Outcome {
    let arguments = match name {
        "reset" => serde_json::json!({ "token": "t0ps3cret" }).as_object().cloned().unwrap(),
        _ => Map::new(),
    };
    let request = SourceRequest::CallTool { name: name.to_owned(), arguments };
    service.run(request, &CallContext::new(Caller::local(Channel::CommandLine))).await
}

#[tokio::test]
async fn call_that_waits_for_an_approval_does_not_count_as_in_flight() {
    let (person, gate) = (Person::approving("1"), Arc::new(Notify::new()));
    let flags = LimitFlags { calls: None, concurrent: Some(1) };
    let limits = Arc::new(CallLimits::of(&SHOP, flags).unwrap());
    let approval: Arc<dyn Approval> = Arc::<Person>::clone(&person);
    let policies = Policies::none().approval(approval).rate(Arc::<CallLimits>::clone(&limits));
    let shop = Arc::new(shop(policies, &gate));
    let begin = |name: &'static str| {
        let shop = Arc::clone(&shop);
        tokio::spawn(async move { call(&shop, name).await.code })
    };
    let buys = begin("buy");
    person.asked.notified().await;
    assert!(limits.in_flight().is_empty());
    assert_eq!(call(&shop, "hello").await.code, OutcomeCode::Done);
    // After its approval, the call continues even though its caller has reached the limits of calls in flight and of queued calls.
    let waits = [begin("wait"), begin("wait")];
    while limits.in_flight() != [2] {
        tokio::task::yield_now().await;
    }
    assert_eq!(call(&shop, "hello").await.code, OutcomeCode::RateExceeded);
    person.decides.notify_one();
    while limits.in_flight() != [3] {
        tokio::task::yield_now().await;
    }
    gate.notify_one();
    gate.notify_one();
    for waits in waits {
        gate.notify_one();
        assert_eq!(waits.await.unwrap(), OutcomeCode::Done);
    }
    assert_eq!(buys.await.unwrap(), OutcomeCode::Done);
    assert!(limits.in_flight().is_empty());
}

#[tokio::test]
async fn audit_record_of_a_refused_tool_list_names_the_rule() {
    let records = Arc::<Records>::default();
    let audit: Arc<dyn Audit> = Arc::<Records>::clone(&records);
    let shop = shop(Policies::none().audit(audit).rate(one_way()), &Arc::default());
    let request = SourceRequest::CallTool { name: "search".to_owned(), arguments: Map::new() };
    let context = CallContext::new(Caller::local(Channel::CommandLine));
    let answer = async { Ok(SourceResponse::Tool(crate::custom::ToolResult::text("found"))) };
    let outcome = shop.api().executor().answer_here(&request, &context, answer).await;
    assert_eq!(outcome.code, OutcomeCode::RateExceeded);
    let records = records.take();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].event, AuditEvent::Refused(OutcomeCode::RateExceeded));
    assert_eq!(records[0].rule.as_deref(), Some("1 call in flight"));
}

#[tokio::test]
async fn spent_approval_of_a_call_that_was_not_sent_is_recorded() {
    let waiting = NotApproved::Waiting { id: "2".to_owned(), remedy: String::new() };
    let denied = NotApproved::Denied { id: "3".to_owned(), by: "fern".to_owned() };
    for (decision, code, id) in [
        (Ok(Approved { id: Some("1".to_owned()) }), OutcomeCode::RateExceeded, "1"),
        (Err(waiting), OutcomeCode::ApprovalPending, "2"),
        (Err(denied), OutcomeCode::NotApproved, "3"),
    ] {
        let (person, records) = (Person::deciding(decision), Arc::<Records>::default());
        person.decides.notify_one();
        let audit: Arc<dyn Audit> = Arc::<Records>::clone(&records);
        let policies = Policies::none().audit(audit).approval(person).rate(one_way());
        assert_eq!(call(&shop(policies, &Arc::default()), "buy").await.code, code);
        let records = records.take();
        assert_eq!(records.len(), 1, "{code}");
        assert_eq!(records[0].event, AuditEvent::Refused(code));
        assert_eq!(records[0].approval.as_deref(), Some(id));
    }
}

#[tokio::test]
async fn audit_record_paths_and_names_contain_no_argument_values() {
    let records = Arc::<Records>::default();
    let audit: Arc<dyn Audit> = Arc::<Records>::clone(&records);
    let shop = shop(Policies::none().audit(audit), &Arc::default());
    call(&shop, "reset").await;
    let intent = records.take().remove(0);
    let destination = intent.destination.unwrap();
    assert_eq!((destination.method.as_str(), destination.path.as_str()), ("POST", "/v1/reset/{token}"));
    let request = SourceRequest::ReadResource { uri: "shop://books?token=t0ps3cret".to_owned() };
    shop.run(request, &CallContext::new(Caller::local(Channel::CommandLine))).await;
    assert_eq!(records.take().remove(0).name, "shop://books");
}
