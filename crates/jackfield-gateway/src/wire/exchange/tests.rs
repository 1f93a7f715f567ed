use std::sync::atomic::AtomicUsize;

use jackfield_runtime::{CallContext, Caller, Capabilities, Channel, LogMessage, Pending, Principal};

use super::*;

fn listener(principal: &str) -> (Listener, tokio::sync::mpsc::Receiver<Event>) {
    let caller = Caller::new(Principal::Token(principal.to_owned()), Channel::Http);
    let caller = caller.with_capabilities(Capabilities::default().elicitation(true));
    Listener::of(&CallContext::new(caller))
}

fn question(id: &str) -> Value {
    json!({ "id": id, "method": "elicitation/create", "params": { "message": "Sure?" } })
}

/// Returns the error message of a refusal.
fn refused(answer: Option<Value>) -> String {
    let answer = answer.expect("the question was passed on");
    format!("{}: {}", answer["error"]["code"], answer["error"]["message"].as_str().unwrap())
}

#[test]
fn response_with_unknown_id_is_ignored() {
    let exchange = Exchange::default();
    let (id, mut answer) = exchange.begin(None).unwrap();
    assert_eq!(exchange.receive(json!({ "id": id + 1, "result": { "stolen": true } }), None), None);
    assert!(answer.try_recv().is_err());
    exchange.receive(json!({ "id": id, "result": { "own": true } }), None);
    assert_eq!(answer.try_recv().unwrap().unwrap().unwrap(), json!({ "own": true }));
    exchange.receive(json!({ "id": id, "result": { "again": true } }), None);
}

#[test]
fn error_for_a_server_request_with_an_unknown_method_names_the_method() {
    let exchange = Exchange::default();
    let answer = exchange.receive(json!({ "id": "q", "method": "other/thing", "params": {} }), None);
    assert!(refused(answer).starts_with("-32601: this gateway has not declared `other/thing`"));
    let pong = exchange.receive(json!({ "id": 4, "method": "ping" }), None).unwrap();
    assert_eq!(pong["result"], json!({}));
}

#[test]
fn question_without_a_call_is_refused() {
    let exchange = Exchange::default();
    let none = refused(exchange.receive(question("a"), None));
    assert!(none.contains("no call is in flight"), "{none}");
    // A request of the gateway itself does not have a client.
    let (id, _answer) = exchange.begin(None).unwrap();
    assert!(refused(exchange.receive(question("a"), Some(id))).contains("no call is in flight"));
}

#[test]
fn question_of_a_server_goes_only_to_the_call_that_it_belongs_to() {
    let exchange = Exchange::default();
    let ((ann, mut of_ann), (bob, mut of_bob)) = (listener("ann"), listener("bob"));
    let (first, _a) = exchange.begin(Some(ann)).unwrap();
    let (_, _b) = exchange.begin(Some(bob)).unwrap();
    assert_eq!(exchange.receive(question("a"), Some(first)), None);
    assert!(matches!(of_ann.try_recv().unwrap(), Event::Question(it) if it.id == "a"));
    let unclear = refused(exchange.receive(question("b"), None));
    assert!(unclear.contains("`sessions = \"agent\"`"), "{unclear}");
    assert!(of_ann.try_recv().is_err() && of_bob.try_recv().is_err());
    // A question is refused after the call was answered.
    exchange.receive(json!({ "id": first, "result": {} }), Some(first));
    assert!(refused(exchange.receive(question("c"), Some(first))).contains("no call is in flight"));
    assert_eq!(exchange.receive(question("d"), None), None);
    assert!(matches!(of_bob.try_recv().unwrap(), Event::Question(it) if it.id == "d"));
}

#[test]
fn question_is_refused_if_the_client_lacks_the_capability() {
    let exchange = Exchange::default();
    let (listener, mut events) = listener("ann");
    let (_, _answer) = exchange.begin(Some(listener)).unwrap();
    for (method, params, capability) in [
        ("sampling/createMessage", json!({}), "capability sampling"),
        ("roots/list", json!({}), "capability roots"),
        (
            "elicitation/create",
            json!({ "mode": "url", "url": "https://a.example" }),
            "capability elicitation.url",
        ),
    ] {
        let refused = refused(exchange.receive(json!({ "id": 1, "method": method, "params": params }), None));
        assert!(refused.starts_with("-32601") && refused.contains(capability), "{refused}");
    }
    assert!(events.try_recv().is_err());
}

#[test]
fn open_questions_of_a_call_are_limited() {
    let exchange = Exchange::default();
    let (listener, _events) = listener("ann");
    let (_, _answer) = exchange.begin(Some(listener)).unwrap();
    let refusals: Vec<Option<Value>> =
        (0..1000).map(|at| exchange.receive(question(&at.to_string()), None)).collect();
    assert_eq!(refusals.iter().filter(|it| it.is_none()).count(), 8);
    assert!(refused(refusals[8].clone()).contains("limit 8 of a call"));
    assert!(refused(exchange.receive(question("0"), None)).contains("open already"));
    assert!(exchange.close_question(&json!("0")) && !exchange.close_question(&json!("0")));
    let long =
        json!({ "id": 1, "method": "elicitation/create", "params": { "message": "x".repeat(5 << 20) } });
    assert!(refused(exchange.receive(long, None)).contains("too long"));
}

#[test]
fn log_messages_of_a_call_are_limited_and_sent_to_one_principal() {
    let exchange = Exchange::default();
    let ((ann, mut of_ann), (bob, mut of_bob)) = (listener("ann"), listener("bob"));
    let (first, _a) = exchange.begin(Some(ann)).unwrap();
    let log = |data: &str| json!({ "method": "notifications/message", "params": { "level": "info", "data": data } });
    (0..1000).for_each(|at| _ = exchange.receive(log(&at.to_string()), None));
    exchange.receive(log(&"x".repeat(65 * 1024)), None);
    let (_, _b) = exchange.begin(Some(bob)).unwrap();
    exchange.receive(log("whose?"), None);
    let heard: Vec<Event> = std::iter::from_fn(|| of_ann.try_recv().ok()).collect();
    assert_eq!(heard.len(), 32);
    assert!(of_bob.try_recv().is_err());
    exchange.receive(log("mine"), Some(first));
    assert!(matches!(of_ann.try_recv().unwrap(), Event::Log(it) if it.data == "mine"));
}

/// Counts the log messages outside of calls.
#[derive(Default)]
struct CountedLogs(AtomicUsize);

impl Announced for CountedLogs {
    fn lists_changed(&self) {}

    fn resource_updated(&self, _: &str) {}

    fn log(&self, _: LogMessage) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn roots(&self) -> Pending<'static, Value> {
        Box::pin(std::future::ready(json!({ "roots": [] })))
    }
}

#[test]
fn log_messages_sent_with_the_response_to_a_gateway_request_are_limited() {
    let counted = Arc::new(CountedLogs::default());
    let exchange = Exchange::heard_by(Arc::<CountedLogs>::clone(&counted));
    let (id, _answer) = exchange.begin(None).unwrap();
    let log = json!({ "method": "notifications/message", "params": { "level": "info", "data": "x" } });
    (0..1000).for_each(|_| _ = exchange.receive(log.clone(), Some(id)));
    let heard = counted.0.load(Ordering::Relaxed);
    // The messages may have been sent in two different seconds.
    assert!((1..=200).contains(&heard), "{heard}");
}

#[test]
fn requests_on_a_closed_connection_fail_with_the_first_cause_of_closing() {
    let exchange = Exchange::default();
    let (_, mut answer) = exchange.begin(None).unwrap();
    exchange.close(LinkFault::Ended("it ended".to_owned()));
    exchange.close(LinkFault::Ended("later".to_owned()));
    let expected = LinkFault::Ended("it ended".to_owned());
    assert_eq!(answer.try_recv().unwrap().unwrap_err(), expected);
    assert_eq!(exchange.begin(None).unwrap_err(), expected);
}
