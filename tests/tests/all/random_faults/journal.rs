//! The requests of random calls, and the rules for the requests of one call.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use jackfield_runtime::OutcomeCode;
use jackfield_testkit::Recorded;

use super::Numbers;

/// The maximum number of requests of a call: three attempts, each with five redirects.
const MOST_REQUESTS: usize = 18;

/// The requests of the current call, and facts about the requests of all calls.
#[derive(Default)]
pub(super) struct Journal {
    call: u64,
    tool: &'static str,
    numbers: Option<Numbers>,
    requests: Vec<Seen>,
    /// The call of each idempotency key, and the number of its requests.
    keys: HashMap<String, (u64, u64)>,
    total: u64,
    /// The number of requests with each first line of an answer.
    answers: BTreeMap<String, u64>,
}

/// A request of the current call, and its answer.
struct Seen {
    method: String,
    target: String,
    key: Option<String>,
    answer: &'static str,
    /// The text that a result contains because of the answer.
    shows: &'static str,
}

impl Seen {
    fn is_write(&self) -> bool {
        matches!(&*self.method, "PUT" | "DELETE") || self.method == "POST" && self.target != "/search"
    }

    fn status(&self) -> u16 {
        self.answer.split([' ', '\n']).next().and_then(|word| word.parse().ok()).unwrap_or_default()
    }

    /// Whether the service has confirmed the request, if only with the beginning of a reply.
    fn confirms(&self) -> bool {
        self.status() / 100 == 2 || self.status() == 303 || self.answer.contains("HTTP/1.1 200")
    }
}

impl Journal {
    pub(super) fn begin(&mut self, call: u64, tool: &'static str, numbers: Numbers) {
        (self.call, self.tool, self.numbers) = (call, tool, Some(numbers));
        self.requests.clear();
    }

    /// Records a request, and chooses its answer.
    pub(super) fn answer(&mut self, request: &Recorded) -> &'static str {
        let (answer, shows) = self.numbers.as_mut().unwrap().answer();
        let key = request.header("idempotency-key").map(str::to_owned);
        if let Some(key) = &key {
            self.keys.entry(key.clone()).or_insert((self.call, 0)).1 += 1;
        }
        self.total += 1;
        *self.answers.entry(answer.lines().next().unwrap_or_default().to_owned()).or_default() += 1;
        let (method, target) = (request.method.clone(), request.target.clone());
        self.requests.push(Seen { method, target, key, answer, shows });
        answer
    }

    /// Returns the problems of the current call: of its requests, and of the statements about them in its result.
    pub(super) fn problems(&self, code: OutcomeCode, text: &str) -> Vec<String> {
        let mut problems = Vec::new();
        if self.requests.len() > MOST_REQUESTS {
            problems.push(format!("{} requests", self.requests.len()));
        }
        for pair in self.requests.windows(2) {
            if pair[0].is_write() && pair[1].is_write() && !self.may_follow(&pair[0]) {
                problems.push(format!("a write was repeated after {:?}", pair[0].answer));
            }
        }
        for key in self.requests.iter().filter_map(|request| request.key.as_ref()) {
            if self.keys[key].0 != self.call || self.requests[0].key.as_ref() != Some(key) {
                problems.push(format!("{key} is the key of another call, too"));
            }
        }
        let confirmed = self.requests.iter().any(Seen::confirms);
        if text.contains("Nothing was sent.") && !self.requests.is_empty() {
            problems.push("a request was sent".to_owned());
        }
        if text.contains("took effect") && !text.contains("may already have taken effect") && !confirmed {
            problems.push("no answer confirmed the request".to_owned());
        }
        if let Some(last) = self.requests.last()
            && matches!(self.tool, "get_book" | "search_books")
        {
            if code == OutcomeCode::Done && !last.confirms() {
                problems.push(format!("it is done after {:?}", last.answer));
            }
            // A 303 is the reply to a write, so the error belongs to the request that followed the redirect.
            let shows = match last.shows {
                "No reply to" if text.starts_with("The service answered 303") => {
                    "but the reply cannot be read: "
                }
                shows => shows,
            };
            if !text.contains(shows) {
                problems.push(format!("it does not say `{shows}` after {:?}", last.answer));
            }
        }
        problems
    }

    /// Whether the same call may send another write after this write: after a 307 or 308, and, if a repetition has no additional effect,
    /// also after a 429, a 503 or no answer at all.
    fn may_follow(&self, request: &Seen) -> bool {
        let is_repeatable = request.key.is_some() || matches!(&*request.method, "PUT" | "DELETE");
        match request.status() {
            307 | 308 => true,
            429 | 503 => is_repeatable,
            _ => is_repeatable && request.answer.starts_with("hang"),
        }
    }

    /// Formats the current call as a row of `tests/faults`.
    pub(super) fn row(&self) -> String {
        let mut row =
            format!("=== call {}\nenv TIMEOUT_FIRST_BYTE=4\nenv TIMEOUT_BETWEEN_BYTES=2\n", self.call);
        for Seen { method, target, answer, .. } in &self.requests {
            let _ = writeln!(row, "--- answer\n{answer}\n({method} {target})");
        }
        let _ = writeln!(row, "--- call {}", self.tool);
        row
    }

    /// Returns the number of idempotency keys with which several requests were sent.
    pub(super) fn resent_keys(&self) -> usize {
        self.keys.values().filter(|(_, requests)| *requests > 1).count()
    }

    /// Returns the number of all requests.
    pub(super) const fn requests(&self) -> u64 {
        self.total
    }

    /// Returns the number of times that each fault was the answer.
    pub(super) const fn answers(&self) -> &BTreeMap<String, u64> {
        &self.answers
    }
}
