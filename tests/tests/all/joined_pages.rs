//! A call that joins pages counts as one call for the audit, approvals, limits, progress and cancellation.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jackfield_runtime::{
    ActiveCall, Api, Approval, Approved, Ask, Audit, AuditError, AuditEvent, AuditRecord, CallContext,
    Caller, Channel, Environment, NotApproved, OutcomeCode, Pending, Policies, Rate, RateExceeded, RateGuard,
    Review, Service, SourceRequest, Target,
};
use jackfield_testkit::{Answer, Upstream};
use jackfield_tests::page_shop;
use serde_json::{Map, Value, json};

use crate::wire::Wire;

/// An audit, an approver and a limit that count.
#[derive(Default)]
struct Counting {
    records: Mutex<Vec<AuditRecord>>,
    approvals: AtomicUsize,
    admissions: AtomicUsize,
}

impl Counting {
    fn policies(self: &Arc<Self>) -> Policies {
        let (audit, rate): (Arc<dyn Audit>, Arc<dyn Rate>) =
            (Arc::<Self>::clone(self), Arc::<Self>::clone(self));
        Policies::none().audit(audit).rate(rate).approval(Arc::<Self>::clone(self))
    }

    fn records(&self) -> Vec<AuditRecord> {
        std::mem::take(&mut self.records.lock().unwrap())
    }
}

impl Audit for Counting {
    fn record(&self, record: AuditRecord) -> Pending<'_, Result<(), AuditError>> {
        self.records.lock().unwrap().push(record);
        Box::pin(std::future::ready(Ok(())))
    }
}

impl Approval for Counting {
    fn is_needed(&self, _: Target<'_>, _: Ask, _: &CallContext) -> bool {
        true
    }

    fn patience(&self) -> Duration {
        Duration::from_secs(600)
    }

    fn approve<'a>(&'a self, _: Review<'a>, _: &'a ActiveCall) -> Pending<'a, Result<Approved, NotApproved>> {
        self.approvals.fetch_add(1, Ordering::Relaxed);
        Box::pin(std::future::ready(Ok(Approved { id: Some("1".to_owned()) })))
    }
}

impl Rate for Counting {
    fn admit(&self, _: &Caller, _: Target<'_>) -> Result<RateGuard, RateExceeded> {
        self.admissions.fetch_add(1, Ordering::Relaxed);
        Ok(RateGuard::default())
    }
}

/// Returns the page that a token selects. The third page is the last page.
fn page(target: &str) -> Value {
    let (id, next) = match target.split_once("pageToken=").map(|(_, token)| token) {
        None => (1, Some("b")),
        Some("b") => (2, Some("c")),
        _ => (3, None),
    };
    json!({ "books": [{ "id": id, "title": "x" }], "nextPageToken": next })
}

fn service(upstream: &Upstream, policies: Policies) -> Service {
    let variables = [("PAGE_SHOP_BASE_URL", upstream.base_url())];
    let api = Api::new(&page_shop::CONNECTOR, Environment::of(variables)).with_policies(policies);
    Service::new(api, Vec::new()).unwrap()
}

fn request() -> SourceRequest {
    SourceRequest::CallTool { name: "list_all_tokens".to_owned(), arguments: Map::new() }
}

fn context() -> CallContext {
    CallContext::new(Caller::local(Channel::CommandLine))
}

#[tokio::test(start_paused = true)]
async fn call_that_joins_pages_is_audited_approved_and_limited_once() {
    let failures = AtomicUsize::new(0);
    let upstream = Upstream::start(move |request| {
        let fails = request.target.ends_with("=b") && failures.fetch_add(1, Ordering::Relaxed) == 0;
        if fails { Answer::empty(503) } else { Answer::json(200, &page(&request.target)) }
    });
    let (upstream, counting) = (upstream.await.unwrap(), Arc::new(Counting::default()));
    let outcome = service(&upstream, counting.policies()).run(request(), &context()).await;
    assert_eq!(outcome.code, OutcomeCode::Done);
    assert_eq!(upstream.requests().len(), 4);
    assert_eq!(counting.approvals.load(Ordering::Relaxed), 1);
    assert_eq!(counting.admissions.load(Ordering::Relaxed), 1);
    let records = counting.records();
    let [intent, ended] = &records[..] else { panic!("{records:?}") };
    assert_eq!(intent.event, AuditEvent::Intent);
    let AuditEvent::Ended { code: OutcomeCode::Done, reply: Some(reply) } = &ended.event else {
        panic!("{ended:?}")
    };
    let bytes = ["/", "/?pageToken=b", "/?pageToken=c"].map(|target| page(target).to_string().len());
    assert_eq!((reply.status, reply.bytes), (200, bytes.iter().sum()));
    assert_eq!((ended.attempts, ended.approval.as_deref()), (4, Some("1")));
}

#[tokio::test(start_paused = true)]
async fn failed_page_is_part_of_the_audit_record_of_its_call() {
    let upstream = Upstream::start(|request| match request.target.ends_with("=b") {
        true => Answer::text(404, "gone"),
        false => Answer::json(200, &page(&request.target)),
    });
    let (upstream, counting) = (upstream.await.unwrap(), Arc::new(Counting::default()));
    service(&upstream, counting.policies()).run(request(), &context()).await;
    let records = counting.records();
    let AuditEvent::Ended { code: OutcomeCode::Done, reply: Some(reply) } = &records[1].event else {
        panic!("{records:?}")
    };
    assert_eq!((reply.status, reply.bytes), (200, page("/").to_string().len() + "gone".len()));
    assert_eq!((records.len(), records[1].attempts), (2, 2));
}

#[tokio::test]
async fn cancelled_call_requests_no_further_page() {
    let upstream = Upstream::start(|request| match request.target.ends_with("=b") {
        true => Answer::hang(),
        false => Answer::json(200, &page(&request.target)),
    });
    let (upstream, counting) = (upstream.await.unwrap(), Arc::new(Counting::default()));
    let service = service(&upstream, counting.policies());
    let call = tokio::spawn(async move { service.run(request(), &context()).await.code });
    while upstream.requests().len() < 2 {
        tokio::task::yield_now().await;
    }
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    let ended = loop {
        let ended = counting.records().into_iter().find(|record| record.event != AuditEvent::Intent);
        if let Some(ended) = ended {
            break ended;
        }
        tokio::task::yield_now().await;
    };
    assert!(matches!(ended.event, AuditEvent::Ended { code: OutcomeCode::Cancelled, .. }), "{ended:?}");
    assert_eq!(upstream.requests().len(), 2);
}

#[tokio::test]
async fn progress_notification_names_the_current_page() {
    let upstream = Upstream::start(|request| Answer::json(200, &page(&request.target))).await.unwrap();
    let mut wire = Wire::legacy(service(&upstream, Policies::none()), json!({})).await;
    let params = json!({ "name": "list_all_tokens", "_meta": { "progressToken": "p" } });
    wire.request("1", "tools/call", params).await;
    let (mut last, mut messages) = (0.0, Vec::new());
    loop {
        let message = wire.next().await;
        if message["id"] == "1" {
            let text = message["result"]["content"][0]["text"].as_str().unwrap();
            assert!(text.contains(r#""id":3"#), "{message}");
            break;
        }
        let (done, params) = (message["params"]["progress"].as_f64().unwrap(), &message["params"]);
        assert!(done > last && params["progressToken"] == "p" && params["total"] == 3.0, "{message}");
        last = done;
        messages.push(params["message"].as_str().unwrap().to_owned());
    }
    // A client gets only the latest progress, so a notification may be skipped.
    let is_known = |text: &String| text == "page 2 of at most 3" || text == "page 3 of at most 3";
    assert!(!messages.is_empty() && messages.iter().all(is_known), "{messages:?}");
}
