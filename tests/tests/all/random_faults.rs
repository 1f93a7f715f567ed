//! Random faults: no write is doubled, and every error says what happened. `JACKFIELD_FAULTS=100000` chooses their number.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jackfield_runtime::{
    Api, CallContext, Caller, Channel, Environment, OutcomeCode, Service, SourceRequest, SourceResponse,
};
use jackfield_testkit::{Answer, Recorded, Upstream};
use jackfield_tests::SPECS;
use serde_json::json;

/// Numbers that look random and are the same in every run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// A random answer, of which a third is right.
fn answer(number: u64) -> Answer {
    let body = || Answer::json(200, &json!({"title": "Moss", "pages": [1, 2, 3]}));
    match number {
        0 => Answer::hang_up(),
        1 => Answer::hang(),
        2 => body().cut_after(5),
        3 => body().reset_after(5),
        4 => body().dripped(Duration::from_secs(3)),
        5 => Answer::raw("nonsense\r\n\r\n"),
        6 => Answer::text(200, "{\"title\": \"Mo").header("content-type", "application/json"),
        7 => Answer::bytes(200, "text/plain; charset=utf-8", vec![0xFF, 0xFE, 0x00, 0xC3]),
        8 => Answer::empty(429),
        9 => Answer::empty(429).header("retry-after", "2"),
        10 => Answer::empty(503).header("retry-after", "nonsense"),
        11 => Answer::empty(503),
        12 => Answer::empty(502),
        13 => Answer::empty(500),
        14 => Answer::empty(302).header("location", "/books/1"),
        15 => Answer::text(200, "x").filled_to(100_000),
        16 => body().header("x-ratelimit-remaining", "0").header("x-ratelimit-reset", "3"),
        17 => Answer::empty(429).header("retry-after", "99999999999999999999"),
        18 => body().header("content-length", "3"),
        19 => Answer::empty(303).header("location", "/books/1"),
        _ => body(),
    }
}

/// The writes that reached a service.
#[derive(Default)]
struct Writes {
    /// The requests of each title, which no two calls share.
    titles: BTreeMap<String, u32>,
    /// The requests of each idempotency key.
    keys: BTreeMap<String, u32>,
}

impl Writes {
    fn add(&mut self, request: &Recorded) {
        if request.method == "POST" {
            match request.header("idempotency-key") {
                Some(key) => *self.keys.entry(key.to_owned()).or_default() += 1,
                None if request.target != "/books" => {}
                None => *self.titles.entry(request.text()).or_default() += 1,
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn random_faults_double_no_write_and_leave_no_error_unexplained() {
    let calls = std::env::var("JACKFIELD_FAULTS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_500);
    let writes = Arc::new(Mutex::new(Writes::default()));
    let (seen, answers) = (Arc::clone(&writes), Mutex::new(Numbers(0x5EED)));
    let upstream = Upstream::start(move |request| {
        seen.lock().unwrap().add(request);
        answer(answers.lock().unwrap().below(30))
    });
    let upstream = upstream.await.unwrap();
    let spec = SPECS.iter().find(|spec| spec.file == "upstream_faults.yaml").unwrap();
    let variables = [
        ("UPSTREAM_FAULTS_BASE_URL", upstream.base_url()),
        ("UPSTREAM_FAULTS_TIMEOUT_FIRST_BYTE", "4".to_owned()),
        ("UPSTREAM_FAULTS_TIMEOUT_BETWEEN_BYTES", "2".to_owned()),
    ];
    let service = Service::new(Api::new(spec.connector, Environment::of(variables)), Vec::new()).unwrap();
    let mut numbers = Numbers(0xFA17);
    let (mut codes, mut orders) = (BTreeMap::<&str, u64>::new(), 0);
    for call in 0..calls {
        let (tool, arguments) = match numbers.below(6) {
            0 => ("add_book", json!({"title": format!("book {call}")})),
            1 => ("place_order", json!({})),
            2 => ("replace_book", json!({"id": "1", "title": "Moss"})),
            3 => ("search_books", json!({"text": "moss"})),
            _ => ("get_book", json!({"id": "1"})),
        };
        orders += u64::from(tool == "place_order");
        let arguments = arguments.as_object().cloned().unwrap();
        let request = SourceRequest::CallTool { name: tool.to_owned(), arguments };
        let outcome = service.run(request, &CallContext::new(Caller::local(Channel::CommandLine))).await;
        *codes.entry(outcome.code.as_str()).or_default() += 1;
        let text = match outcome.result {
            Ok(SourceResponse::Tool(result)) => result.as_text().to_owned(),
            Ok(other) => panic!("{other:?}"),
            Err(error) => error.to_string(),
        };
        let explains =
            ["The service answered", "Nothing was sent", "may or may not have acted", "took effect"];
        assert!(
            outcome.code == OutcomeCode::Done || explains.iter().any(|words| text.contains(words)),
            "{tool}: {}: {text}",
            outcome.code
        );
        if matches!(outcome.code, OutcomeCode::UpstreamLimited | OutcomeCode::UpstreamDown) {
            tokio::time::advance(Duration::from_secs(numbers.below(4000))).await;
        }
    }
    let writes = writes.lock().unwrap();
    let doubled: Vec<_> = writes.titles.iter().filter(|(_, requests)| **requests > 1).collect();
    assert!(doubled.is_empty(), "{doubled:?}");
    assert!(writes.keys.len() as u64 <= orders, "{} keys of {orders} calls", writes.keys.len());
    assert!(writes.keys.values().any(|requests| *requests > 1), "no keyed write was sent again");
    assert!(codes.len() > 4 && codes["done"] > calls / 10, "{codes:?}");
    println!("{calls} calls: {codes:?}");
}
