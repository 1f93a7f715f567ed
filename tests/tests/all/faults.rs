//! Calls to a faulty service: each .txt file in `tests/faults` is a script of service answers and calls to the
//! connector of `specs/upstream_faults.yaml`.
//!
//! ```text
//! === what it shows
//! env RETRY=2
//! --- answer
//! 503
//! retry-after: 2
//! --- answer
//! 200
//! content-type: application/json
//!
//! {"title": "Moss"}
//! --- call get_book {"id": "1"}
//! code done
//! requests 2
//! took 2 3
//! says {"title":"Moss"}
//! ```
//!
//! Each request gets the next answer, and the last answer is repeated. The first line of an answer is one of:
//!
//! - a status, alone or with a fault: `cut N`, `reset N`, `drip SECONDS`, `fill BYTES`, `endless`, `trickle SECONDS`, `events` or
//!   `bomb BYTES CODING`;
//! - `hang up`, which closes the connection, `hang`, which never answers, or `raw`, which sends the body in place of a response.
//!
//! In an answer, `{base}` is the address of the service, `{date+N}` an HTTP date and `{epoch+N}` a Unix time N seconds from now, and
//! `{many}` a mebibyte of letters.
//!
//! Above the answers, `env NAME=VALUE` sets a variable, in whose value `{folder}` is an empty folder. With `no server`, nothing listens at
//! the address. The lines below a call are:
//!
//! - `later SECONDS`: the simulated clock advances before the call;
//! - `as NAME`: the call is made by another caller;
//! - `cancelled SECONDS`: the call is dropped after that time;
//! - `code CODE`: the code of the outcome;
//! - `requests N`: the number of requests that the call sent;
//! - `asked TARGET`: the target of the next request of the call;
//! - `took LEAST MOST`: the seconds that the call took on the simulated clock;
//! - `says TEXT`, `unsaid TEXT`: a text that the result contains, or does not contain;
//! - `shorter BYTES`: the result is shorter;
//! - `key HEADER N`: the requests so far had N different values of the header;
//! - `stored NAME`: the folder contains only this file, with the text `0123456789`;
//! - `leaves nothing`: the folder is empty.
//!
//! The text of every error has to say what happened, where, and what to do. Every case is run with the preview of the
//! document and with the compiled connector.

mod answer;
pub(crate) mod explained;

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use jackfield_runtime::rows::ConnectorRows;
use jackfield_runtime::{
    Api, CallContext, Caller, Channel, Environment, Principal, Service, SourceRequest, SourceResponse,
};
use jackfield_testkit::Upstream;
use jackfield_tests::SPECS;
use tokio::time::Instant;

use crate::specs;
pub(crate) use answer::answer;

const DOCUMENT: &str = "upstream_faults.yaml";

/// A time that is longer than every call.
const LONGEST_CALL: Duration = Duration::from_secs(100_000);

#[tokio::test(start_paused = true)]
async fn calls_to_a_faulty_service_end_as_the_fixtures_say() {
    let spec = SPECS.iter().find(|spec| spec.file == DOCUMENT).unwrap();
    let sides: [(&str, ConnectorRows); 2] = [
        ("preview", specs::preview(&specs::document(DOCUMENT), spec.name)),
        ("compiled", spec.connector.into()),
    ];
    let rows = run_rows("faults", "UPSTREAM_FAULTS", &sides).await;
    assert!(rows > 40, "only {rows} rows");
}

/// Runs the cases of every .txt file of a folder with all connectors. Returns the number of cases.
pub(crate) async fn run_rows(folder: &str, prefix: &str, sides: &[(&str, ConnectorRows)]) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|it| it == "txt")).collect();
    files.sort();
    run_files(&files, prefix, sides, None).await
}

/// Runs the cases of these files with all connectors, against the service at `address`, or else against the answers
/// in the cases. Returns the number of cases.
pub(crate) async fn run_files(
    files: &[PathBuf],
    prefix: &str,
    sides: &[(&str, ConnectorRows)],
    address: Option<&str>,
) -> usize {
    let (mut failures, mut rows) = (String::new(), 0);
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(file).unwrap();
        for row in text.split("\n=== ").skip(1) {
            let row = Row::parse(row).unwrap_or_else(|problem| panic!("{name}: {problem}"));
            for (side, connector) in sides {
                for problem in row.run(connector.clone(), prefix, address).await {
                    let _ = writeln!(failures, "{name}: {} ({side}): {problem}", row.title);
                }
            }
            rows += 1;
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
    rows
}

struct Row<'t> {
    title: &'t str,
    variables: Vec<(&'t str, &'t str)>,
    has_server: bool,
    answers: Vec<&'t str>,
    calls: Vec<Call<'t>>,
}

struct Call<'t> {
    tool: &'t str,
    arguments: &'t str,
    expected: Vec<(&'t str, &'t str)>,
}

impl<'t> Row<'t> {
    fn parse(text: &'t str) -> Result<Self, String> {
        let mut parts = text.split("\n--- ");
        let mut head = parts.next().unwrap_or_default().lines();
        let title = head.next().unwrap_or_default();
        let mut row =
            Self { title, variables: Vec::new(), has_server: true, answers: Vec::new(), calls: Vec::new() };
        for line in head.filter(|line| !line.is_empty()) {
            match line.strip_prefix("env ").and_then(|pair| pair.split_once('=')) {
                Some(pair) => row.variables.push(pair),
                None if line == "no server" => row.has_server = false,
                None => return Err(format!("{title}: `{line}` is not a directive")),
            }
        }
        for part in parts {
            let (first, rest) = part.split_once('\n').unwrap_or((part, ""));
            match first.split_once(' ') {
                None if first == "answer" => row.answers.push(rest.trim_end_matches('\n')),
                Some(("call", call)) => {
                    let (tool, arguments) = call.split_once(' ').ok_or(format!("{title}: {call}"))?;
                    let lines = rest.lines().filter(|line| !line.is_empty());
                    let expected = lines.map(|line| line.split_once(' ').unwrap_or((line, ""))).collect();
                    row.calls.push(Call { tool, arguments, expected });
                }
                _ => return Err(format!("{title}: `{first}` is neither `answer` nor `call TOOL ARGUMENTS`")),
            }
        }
        if row.calls.is_empty() {
            Err(format!("{title}: it has no `--- call TOOL ARGUMENTS`"))
        } else {
            Ok(row)
        }
    }

    /// Makes the calls against the answers of the case. Returns the differences.
    async fn run(&self, connector: ConnectorRows, prefix: &str, address: Option<&str>) -> Vec<String> {
        if let Some(address) = address {
            return self.call_all(connector, prefix, address, None).await;
        }
        let mut answers: VecDeque<&str> = self.answers.iter().copied().collect();
        let mut last = answers.pop_front().unwrap_or("204").to_owned();
        let next = Mutex::new({
            let mut answers: VecDeque<String> = answers.into_iter().map(str::to_owned).collect();
            move || {
                let answer = last.clone();
                last = answers.pop_front().unwrap_or_else(|| answer.clone());
                answer
            }
        });
        let upstream = Upstream::start(move |request| {
            let base = format!("http://{}", request.header("host").unwrap_or_default());
            let text = next.lock().unwrap()().replace("{base}", &base);
            answer(&text)
        });
        let mut upstream = Some(upstream.await.unwrap());
        let base = upstream.as_ref().unwrap().base_url();
        if !self.has_server {
            upstream = None;
            tokio::task::yield_now().await;
        }
        self.call_all(connector, prefix, &base, upstream.as_ref()).await
    }

    /// Makes the calls against the service at `address`. Returns the differences.
    async fn call_all(
        &self,
        connector: ConnectorRows,
        prefix: &str,
        base: &str,
        upstream: Option<&Upstream>,
    ) -> Vec<String> {
        let variables =
            self.variables.iter().map(|(name, value)| (*name, *value)).chain([("BASE_URL", base)]);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().display().to_string();
        let variables =
            variables.map(|(name, value)| (format!("{prefix}_{name}"), value.replace("{folder}", &path)));
        let service = Service::new(Api::new(connector, Environment::of(variables)), Vec::new()).unwrap();
        let (mut problems, mut seen) = (Vec::new(), 0);
        for call in &self.calls {
            call.run(&service, upstream, &mut seen, &mut problems).await;
            for (_, name) in call.expected.iter().filter(|(word, _)| *word == "stored") {
                let stored = fs::read_to_string(folder.path().join(name)).unwrap_or_default();
                let (files, is_whole) =
                    (fs::read_dir(folder.path()).unwrap().count(), stored == "0123456789");
                if files != 1 || !is_whole {
                    problems.push(format!("{files} files, and `{name}` is `{stored}`"));
                }
            }
            let left = || fs::read_dir(folder.path()).unwrap().count();
            if call.expected.contains(&("leaves", "nothing")) && left() != 0 {
                problems.push("a file is left".to_owned());
            }
        }
        problems
    }
}

impl Call<'_> {
    async fn run(
        &self,
        service: &Service,
        upstream: Option<&Upstream>,
        seen: &mut usize,
        problems: &mut Vec<String>,
    ) {
        let number = |text: &str| text.parse::<f64>().unwrap_or_else(|_| panic!("`{text}` is not a number"));
        let mut caller = Caller::local(Channel::CommandLine);
        for (word, rest) in &self.expected {
            match *word {
                "later" => tokio::time::advance(Duration::from_secs_f64(number(rest))).await,
                "as" => caller = Caller::new(Principal::Token((*rest).to_owned()), Channel::Http),
                _ => {}
            }
        }
        let arguments = serde_json::from_str(self.arguments).unwrap();
        let request = SourceRequest::CallTool { name: self.tool.to_owned(), arguments };
        let began = Instant::now();
        let cancelled = self.expected.iter().find(|(word, _)| *word == "cancelled");
        let limit = cancelled.map_or(LONGEST_CALL, |(_, rest)| Duration::from_secs_f64(number(rest)));
        let context = CallContext::new(caller);
        let ended = tokio::time::timeout(limit, service.run(request, &context)).await;
        let took = began.elapsed().as_secs_f64();
        if ended.is_err() {
            // If the cancelled call continued, its requests would be recorded.
            _ = tokio::time::timeout(LONGEST_CALL, std::future::pending::<()>()).await;
        }
        let (code, result) = match ended {
            Ok(outcome) => (outcome.code.as_str(), Some(outcome.result)),
            Err(_) => ("cancelled", None),
        };
        let text = match result {
            None => String::new(),
            Some(Ok(SourceResponse::Tool(result))) => {
                let notes = result.notes().map(|note| format!("\nnote: {note}"));
                format!("{}{}", result.as_text(), notes.collect::<String>())
            }
            Some(Ok(other)) => format!("{other:?}"),
            Some(Err(error)) => error.to_string(),
        };
        let requests = upstream.map(Upstream::requests).unwrap_or_default();
        let came = requests.len() - *seen;
        let mut targets = requests.iter().skip(*seen).map(|it| it.target.as_str());
        *seen = requests.len();
        let is_expected = ["done", "accepted", "cancelled"].contains(&code);
        if let Some(lacking) = explained::lacking(&text).filter(|_| !is_expected) {
            problems.push(format!("the error does not say {lacking}: {code}: {text}"));
        }
        for (word, rest) in &self.expected {
            let differs = match *word {
                "later" | "as" | "stored" | "leaves" => false,
                "cancelled" => code != "cancelled",
                "code" => code != *rest,
                "requests" => came as f64 != number(rest),
                "took" => {
                    let (least, most) = rest.split_once(' ').unwrap_or((rest, rest));
                    !(number(least) - 0.1..=number(most) + 0.1).contains(&took)
                }
                "asked" => targets.next() != Some(*rest),
                "says" => !text.contains(rest),
                "unsaid" => text.contains(rest),
                "shorter" => text.len() as f64 >= number(rest),
                "key" => {
                    let (header, values) = rest.split_once(' ').unwrap();
                    let found: BTreeSet<_> =
                        requests.iter().filter_map(|it| it.header(header).map(str::to_owned)).collect();
                    found.len() as f64 != number(values)
                }
                _ => panic!("`{word}` is not an expectation of a call"),
            };
            if differs {
                let text: String = text.chars().take(600).collect();
                problems.push(format!("not `{word} {rest}`: {code}, {came} requests, {took:.3} s, {text}"));
            }
        }
    }
}
