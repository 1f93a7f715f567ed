//! Random faults: no write is repeated without permission, memory is bounded, and every error says what happened, where, and what to do.
//!
//! `JACKFIELD_FAULTS=100000` chooses the number of calls, and `JACKFIELD_FAULTS_SEED=7` the seed, which every run prints. A call and the
//! answers to its requests depend only on the seed and on the number of the call. A failure names them as a row of `tests/faults`.
//! The run has a process of its own, because other tests would change its memory.

mod journal;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jackfield_runtime::{
    Api, CallContext, Caller, Channel, Environment, Outcome, OutcomeCode, Principal, Service, SourceRequest,
    SourceResponse,
};
use jackfield_testkit::Upstream;
use jackfield_tests::SPECS;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::faults::answer;
use crate::faults::explained::lacking;
use journal::Journal;

const RIGHT: &str = "200\ncontent-type: application/json\n\n{\"title\": \"Moss\"}";

/// Answers of the service, each with a text that the result of a read contains if that answer was the last.
const FAULTS: [(&str, &str); 38] = [
    ("hang up", "No reply to"),
    ("hang", "No reply to"),
    ("200 cut 5\ncontent-type: application/json\n\n{\"title\": \"Moss\"}", "the reply was interrupted"),
    ("200 cut 0\ncontent-type: application/json\n\n{\"title\": \"Moss\"}", "the reply was interrupted"),
    ("200 reset 5\ncontent-type: application/json\n\n{\"title\": \"Moss\"}", "the reply was interrupted"),
    ("503 reset 5\ncontent-type: application/json\n\n{\"title\": \"Moss\"}", "503 Service Unavailable"),
    ("200 drip 3\ncontent-type: application/json\n\n{\"title\": \"Moss\"}", "stalled for 2 seconds"),
    ("200 drip 1\ncontent-type: application/json\n\n{\"title\": \"Moss\"}", "{\"title\":\"Moss\"}"),
    ("200 trickle 1\ncontent-type: text/plain", "the reply did not end in time"),
    ("200 trickle 3\ncontent-type: text/plain", "stalled for 2 seconds"),
    ("raw\n\nnonsense\n\n", "No reply to"),
    ("raw\n\nHTTP/1.1 200 OK\ntransfer-encoding: chunked\n\nzz\n{}\n0\n\n", "the reply was interrupted"),
    ("raw\n\nHTTP/1.1 200 OK\ncontent-type: application/json\n\n{\"title\": 1}", "{\"title\":1}"),
    ("200\ncontent-length: 3\ncontent-type: application/json\n\n{} and more", "{}"),
    (
        "200\ncontent-length: 99\ncontent-type: application/json\nconnection: close\n\n{}",
        "the reply was interrupted",
    ),
    ("200\ncontent-length: nonsense\n\n{}", "No reply to"),
    ("200\ncontent-length: 2\ncontent-length: 3\n\n{}", "No reply to"),
    ("200\ncontent-type: application/json\n\n{\"title\": \"Mo", "it is not valid JSON"),
    ("200\ncontent-type: application/json\n\n{\"title\": \"Mo\\xFF\"}", "may be garbled"),
    ("200\ncontent-type: text/plain; charset=utf-8\n\nMoss \\xFF\\xFE\\x00\\xC3", "is garbled"),
    (
        "200\ncontent-encoding: gzip\ncontent-type: application/json\n\nno gzip at all",
        "the reply was interrupted",
    ),
    (
        "200\ncontent-encoding: br\ncontent-type: application/json\n\nno brotli at all",
        "the reply was interrupted",
    ),
    (
        "200\ncontent-encoding: zstd\ncontent-type: application/json\n\nno zstd at all",
        "the reply was interrupted",
    ),
    ("429", "429 Too Many Requests"),
    ("429\nretry-after: 2", "429 Too Many Requests"),
    ("429\nretry-after: 99999999999999999999", "429 Too Many Requests"),
    ("429\nretry-after: {date+3}", "429 Too Many Requests"),
    ("503", "503 Service Unavailable"),
    ("503\nretry-after: nonsense", "503 Service Unavailable"),
    ("502", "502 Bad Gateway"),
    ("504\ncontent-type: text/html\n\n<h1>Gateway</h1>", "504 Gateway Timeout"),
    ("500\ncontent-type: application/json\n\n{\"error\": {\"message\": \"out of moss\"}}", "out of moss"),
    ("302\nlocation: /books/1", ""),
    ("303\nlocation: /books/1", ""),
    ("307\nlocation: /books/1", ""),
    ("302\nlocation: http://127.0.0.1:1/", "was not followed"),
    ("418", "418"),
    (
        "200\ncontent-type: application/json\nx-ratelimit-remaining: 0\nx-ratelimit-reset: 3\n\n{\"title\": \"Moss\"}",
        "{\"title\":\"Moss\"}",
    ),
];

/// Answers of which the connector reads only a part. They are rare, because they take long.
const LARGE: [(&str, &str); 8] = [
    ("200 fill 2147483648\ncontent-type: text/plain", "beginning"),
    ("200 fill 2147483648\ncontent-type: application/json", ""),
    ("500 fill 2147483648\ncontent-type: text/plain", "500 Internal Server Error"),
    ("200 endless\ncontent-type: text/plain", ""),
    ("200 events\ncontent-type: text/event-stream", "only the beginning of a stream"),
    ("200 bomb 104857600 gzip\ncontent-type: text/plain", ""),
    ("200 bomb 67108864 br\ncontent-type: text/plain", ""),
    ("200 bomb 104857600 zstd\ncontent-type: application/json", ""),
];

/// The maximum growth of the process's memory during the run, in KiB.
const MOST_ADDED: u64 = 96 << 10;

/// The maximum growth of the memory that is held after a tenth of the calls and at the end, in KiB.
const MOST_GROWTH: u64 = 24 << 10;

/// A generator of pseudorandom numbers (splitmix64).
pub(super) struct Numbers(u64);

impl Numbers {
    fn of(seed: u64, call: u64) -> Self {
        let mut numbers = Self(seed);
        Self(numbers.next() ^ call.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Chooses a random answer, and the text that a result contains because of it. A third of the answers are valid.
    fn answer(&mut self) -> (&'static str, &'static str) {
        match (self.below(3), self.below(120)) {
            (0, _) => (RIGHT, "{\"title\":\"Moss\"}"),
            (_, 0) => LARGE[self.below(LARGE.len() as u64) as usize],
            _ => FAULTS[self.below(FAULTS.len() as u64) as usize],
        }
    }

    /// Chooses a random call. Its arguments contain its number, so that its requests can be recognised.
    fn call(&mut self, call: u64) -> (&'static str, Value) {
        let (id, title) = (call.to_string(), format!("book {call}"));
        match self.below(8) {
            0 => ("add_book", json!({ "title": title })),
            1 => ("place_order", json!({})),
            2 => ("replace_book", json!({ "id": id, "title": title })),
            3 => ("delete_book", json!({ "id": id })),
            4 => ("search_books", json!({ "text": title })),
            _ => ("get_book", json!({ "id": id })),
        }
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable}={text}")))
}

#[test]
fn random_faults_break_no_rule_about_errors_memory_or_repeated_writes() {
    if std::env::var_os("JACKFIELD_FAULTS_RUN").is_some() {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        return runtime.enable_all().start_paused(true).build().unwrap().block_on(run());
    }
    let name = "random_faults::random_faults_break_no_rule_about_errors_memory_or_repeated_writes";
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--nocapture"]).env("JACKFIELD_FAULTS_RUN", "1");
    // The allocator of glibc returns the memory of a large buffer only if the buffer is mapped separately.
    command.env("MALLOC_MMAP_THRESHOLD_", "131072").env("MALLOC_ARENA_MAX", "1");
    let output = command.output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}");
    println!("{printed}");
}

#[allow(clippy::print_stdout, reason = "the seed and the figures of a run are its evidence")]
async fn run() {
    let calls = number("JACKFIELD_FAULTS").unwrap_or(1_500);
    let seed = number("JACKFIELD_FAULTS_SEED").unwrap_or(0x5EED);
    println!("JACKFIELD_FAULTS={calls} JACKFIELD_FAULTS_SEED={seed}");
    let journal = Arc::new(Mutex::new(Journal::default()));
    let seen = Arc::clone(&journal);
    let upstream =
        Upstream::start(move |request| answer(seen.lock().unwrap().answer(request))).await.unwrap();
    // Nothing listens at the port of tcpmux.
    let (service, gone) = (service(&upstream.base_url()), service("http://127.0.0.1:1"));
    let mut codes = BTreeMap::<&str, u64>::new();
    let (at_first, mut after_a_tenth, mut failures) = (memory("VmHWM:"), 0, String::new());
    for call in 0..calls {
        let mut numbers = Numbers::of(seed, call);
        let (tool, arguments) = numbers.call(call);
        let service = if numbers.below(40) == 0 { &gone } else { &service };
        let name = ["ann", "ben", "cho"][numbers.below(3) as usize];
        let caller = Caller::new(Principal::Token(name.to_owned()), Channel::Http);
        let pause = Duration::from_secs(numbers.below(4000));
        journal.lock().unwrap().begin(call, tool, numbers);
        let arguments = arguments.as_object().cloned().unwrap();
        let request = SourceRequest::CallTool { name: tool.to_owned(), arguments };
        let began = Instant::now();
        let outcome = service.run(request, &CallContext::new(caller)).await;
        let took = began.elapsed();
        *codes.entry(outcome.code.as_str()).or_default() += 1;
        let (code, text) = (outcome.code, text_of(outcome));
        let mut problems = journal.lock().unwrap().problems(code, &text);
        if took > Duration::from_secs(51) {
            problems.push(format!("it took {took:?}"));
        }
        if let Some(lacking) = lacking(&text).filter(|_| code != OutcomeCode::Done) {
            problems.push(format!("the error does not say {lacking}"));
        }
        for problem in problems {
            let row = journal.lock().unwrap().row();
            let _ =
                write!(failures, "\ncall {call} of seed {seed}: {problem}: {code}: {}\n{row}", cut(&text));
        }
        assert!(failures.len() < 20_000, "{failures}");
        if matches!(code, OutcomeCode::UpstreamLimited | OutcomeCode::UpstreamDown) {
            tokio::time::advance(pause).await;
        }
        if call % 1_000 == 0 {
            // Drops the requests that the service has recorded, because they do not belong to the connector's memory.
            upstream.take();
        }
        if call == calls / 10 {
            after_a_tenth = memory("VmRSS:");
        }
    }
    let journal = journal.lock().unwrap();
    let (peak, held) = (memory("VmHWM:"), memory("VmRSS:"));
    println!("{calls} calls, {} requests: {codes:?}", journal.requests());
    println!("faults: {:?}", journal.answers());
    println!("KiB: {at_first} at first, {peak} at most, {after_a_tenth} after a tenth, {held} at the end");
    assert!(failures.is_empty(), "{failures}");
    assert!(journal.resent_keys() > 0, "no write with an idempotency key was sent again");
    assert!(codes.len() > 5 && codes["done"] > calls / 10, "{codes:?}");
    assert!(peak <= at_first + MOST_ADDED, "{peak} KiB");
    assert!(held <= after_a_tenth + MOST_GROWTH, "{held} KiB after {after_a_tenth} KiB");
}

fn service(base: &str) -> Service {
    let spec = SPECS.iter().find(|spec| spec.file == "upstream_faults.yaml").unwrap();
    let variables = [
        ("UPSTREAM_FAULTS_BASE_URL", base),
        ("UPSTREAM_FAULTS_TIMEOUT_FIRST_BYTE", "4"),
        ("UPSTREAM_FAULTS_TIMEOUT_BETWEEN_BYTES", "2"),
    ];
    Service::new(Api::new(spec.connector, Environment::of(variables)), Vec::new()).unwrap()
}

/// Returns the text of a result, with its notes.
fn text_of(outcome: Outcome) -> String {
    match outcome.result {
        Ok(SourceResponse::Tool(result)) => {
            let notes: String = result.notes().map(|note| format!("\n{note}")).collect();
            format!("{}{notes}", result.as_text())
        }
        Ok(other) => panic!("{other:?}"),
        Err(error) => error.to_string(),
    }
}

/// Returns the beginning and the end of a text.
fn cut(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    match letters.len() {
        0..=800 => text.to_owned(),
        length => letters[..400].iter().chain(&letters[length - 400..]).collect(),
    }
}

/// Returns a value of this process's memory status in KiB. 0 if the system does not report it.
fn memory(line: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|text| text.strip_prefix(line));
    found.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}
