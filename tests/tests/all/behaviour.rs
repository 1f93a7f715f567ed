//! Calls over real HTTP, their requests and results: one file of `tests/behaviour` per topic.
//!
//! A file contains a document and calls of its tools. The section `=== document` contains the name of a file
//! in specs/, whose compiled tables are called, or a document, which is previewed under the name `shop`.
//! Every other line that begins with `===` starts a case:
//!
//! ```text
//! === what it shows
//! env SHOP_TOKEN={canary:token}
//! call get_book {"id": "a/b"}
//! --- answer
//! 200
//! content-type: application/json
//!
//! {"title": "Moss"}
//! --- request
//! GET /books/a%2Fb HTTP/1.1
//! …
//! --- result
//! …
//! ```
//!
//! Each request gets the next answer, and the last answer is repeated. If there is no answer, the upstream sends 204.
//! `hang up` and `200 cut 10` are faults of the upstream. `\xNN` is a byte, and in a variable `
//! ` is a line break; a request shows `\r` and control characters in the same way. `{upstream}` is the base URL of
//! the upstream, and the value of `…_BASE_URL` unless the case says `without base url`. `{canary:NAME}` is a
//! credential, which may occur in a request but not in a result. `{key}` is an idempotency key. `BLESS=1` rewrites
//! the requests and results of all files; review the diff.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use jackfield_runtime::rows::ConnectorRows;
use jackfield_runtime::{Api, Caller, Channel, Environment, Service};
use jackfield_testkit::{Answer, Upstream, leaks, with_canaries, without_canaries};
use jackfield_tests::SPECS;
use serde_json::{Map, Value};

use crate::keys::{mask, mask_text};
use crate::specs;

#[tokio::test]
async fn requests_and_results_match_the_behaviour_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("behaviour");
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "there is no file in {}", folder.display());
    let mut failures = String::new();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let written = fs::read_to_string(&file).unwrap();
        let topic = Topic::parse(&written).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        let came = topic.run().await.unwrap_or_else(|problem| panic!("{name}: {problem}"));
        if std::env::var_os("BLESS").is_some() {
            fs::write(&file, came.to_text()).unwrap();
            continue;
        }
        for (written, came) in topic.cases.iter().zip(&came.cases) {
            for part in ["request", "result"] {
                let (expected, found) =
                    (written.part(part).unwrap_or_default(), came.part(part).unwrap_or_default());
                if expected != found {
                    let _ = writeln!(
                        failures,
                        "{name}: {}: the {part} differs\n--- expected\n{expected}\n--- found\n{found}\n",
                        written.title
                    );
                }
            }
        }
    }
    assert!(failures.is_empty(), "\n{failures}BLESS=1 accepts what was found");
}

/// A file: a document and calls of its tools.
struct Topic {
    /// The text above the first section.
    about: String,
    document: String,
    cases: Vec<Case>,
}

#[derive(Clone)]
struct Case {
    title: String,
    variables: Vec<(String, String)>,
    has_base_url: bool,
    tool: String,
    arguments: String,
    parts: Vec<(String, String)>,
}

impl Topic {
    fn parse(text: &str) -> Result<Self, String> {
        let mut sections = text.split("\n=== ");
        let about = sections.next().unwrap_or_default().trim().to_owned();
        let document = sections.next().and_then(|it| it.strip_prefix("document\n"));
        let document = document.ok_or("the first section is not `document`")?.trim_end().to_owned();
        let cases = sections.map(Case::parse).collect::<Result<Vec<_>, _>>()?;
        if cases.is_empty() {
            return Err("the file has no case".to_owned());
        }
        Ok(Self { about, document, cases })
    }

    async fn run(&self) -> Result<Self, String> {
        let (name, connector): (&str, Option<ConnectorRows>) = if self.document.contains('\n') {
            ("shop", None)
        } else {
            let spec = SPECS.iter().find(|spec| spec.file == self.document);
            let spec = spec.ok_or_else(|| format!("there is no specs/{}", self.document))?;
            (spec.name, Some(spec.connector.into()))
        };
        let mut cases = Vec::new();
        for case in &self.cases {
            cases.push(case.run(name, connector.clone(), &self.document).await?);
        }
        Ok(Self { about: self.about.clone(), document: self.document.clone(), cases })
    }

    fn to_text(&self) -> String {
        let mut text = format!("{}\n\n=== document\n{}\n", self.about, self.document);
        for case in &self.cases {
            let _ = write!(text, "\n=== {}\n", case.title);
            for (name, value) in &case.variables {
                let _ = writeln!(text, "env {name}={}", value.replace('\n', "\\n"));
            }
            if !case.has_base_url {
                text.push_str("without base url\n");
            }
            let _ = writeln!(text, "call {} {}", case.tool, case.arguments);
            for (name, body) in &case.parts {
                let _ = writeln!(text, "--- {name}\n{body}");
            }
        }
        text
    }
}

impl Case {
    fn parse(text: &str) -> Result<Self, String> {
        let mut parts = text.split("\n--- ");
        let head = parts.next().unwrap_or_default();
        let (title, rest) =
            head.split_once('\n').ok_or_else(|| format!("{head}: it has no `call TOOL ARGUMENTS`"))?;
        let (directives, call) =
            rest.split_once("call ").ok_or_else(|| format!("{title}: it has no `call TOOL ARGUMENTS`"))?;
        let (tool, arguments) =
            call.split_once(' ').ok_or_else(|| format!("{title}: {call} has no arguments"))?;
        let mut variables = Vec::new();
        let mut has_base_url = true;
        for line in directives.lines() {
            match line.strip_prefix("env ").and_then(|pair| pair.split_once('=')) {
                Some((name, value)) => variables.push((name.to_owned(), value.replace("\\n", "\n"))),
                None if line == "without base url" => has_base_url = false,
                None => return Err(format!("{title}: `{line}` is not a directive")),
            }
        }
        let part = |part: &str| {
            let (name, body) = part.split_once('\n').unwrap_or((part, ""));
            (name.to_owned(), body.trim_end().to_owned())
        };
        Ok(Self {
            title: title.to_owned(),
            variables,
            has_base_url,
            tool: tool.to_owned(),
            arguments: arguments.trim_end().to_owned(),
            parts: parts.map(part).collect(),
        })
    }

    fn part(&self, name: &str) -> Option<&str> {
        self.parts.iter().find(|(part, _)| part == name).map(|(_, body)| body.as_str())
    }

    /// Returns the case with its actual request and result.
    async fn run(
        &self,
        name: &str,
        connector: Option<ConnectorRows>,
        document: &str,
    ) -> Result<Self, String> {
        let address = std::sync::Arc::new(std::sync::OnceLock::<String>::new());
        let reading = std::sync::Arc::clone(&address);
        let mut templates: VecDeque<String> =
            self.parts.iter().filter(|(part, _)| part == "answer").map(|(_, body)| body.clone()).collect();
        for template in &templates {
            answer(template, "")?;
        }
        let mut last = templates.pop_front().unwrap_or_else(|| "204".to_owned());
        let templates = std::sync::Mutex::new(move || {
            let template = last.clone();
            last = templates.pop_front().unwrap_or_else(|| template.clone());
            template
        });
        let upstream = Upstream::start(move |_| {
            let address = reading.get().map(String::as_str).unwrap_or_default();
            let template = templates.lock().unwrap()();
            answer(&template, address).expect("it was read above")
        });
        let upstream = upstream.await.map_err(|error| error.to_string())?;
        let base = address.get_or_init(|| upstream.base_url()).clone();
        let connector = match connector {
            Some(connector) => connector,
            None => preview_of(&document.replace("{upstream}", &base)),
        };
        let mut variables: Vec<(String, String)> = self
            .variables
            .iter()
            .map(|(name, value)| (name.clone(), with_canaries(&value.replace("{upstream}", &base))))
            .collect();
        let base_url = format!("{}_BASE_URL", name.replace('-', "_").to_uppercase());
        if self.has_base_url && !variables.iter().any(|(name, _)| *name == base_url) {
            variables.push((base_url.clone(), base.clone()));
        }
        // Retries are switched off, because tests/faults tests faults and retries with a simulated clock.
        let retry = base_url.replace("_BASE_URL", "_RETRY");
        if !variables.iter().any(|(name, _)| *name == retry) {
            variables.push((retry, "off".to_owned()));
        }
        let arguments: Map<String, Value> =
            serde_json::from_str(&self.arguments).map_err(|error| format!("{}: {error}", self.title))?;
        let service = Service::new(Api::new(connector, Environment::of(variables)), Vec::new());
        let service = service.map_err(|error| error.to_string())?;
        let result = match service.call(&self.tool, arguments, &Caller::local(Channel::CommandLine)).await {
            Err(unknown) => format!("no such tool\n{unknown}"),
            Ok(result) => {
                let mut text = if result.is_error() { "error\n" } else { "success\n" }.to_owned();
                text.push_str(result.as_text());
                if let Some(structured) = result.structured() {
                    let _ = write!(text, "\nstructured: {structured}");
                }
                for note in result.notes() {
                    let _ = write!(text, "\nnote: {note}");
                }
                text
            }
        };
        let leaked = leaks(result.as_bytes());
        if !leaked.is_empty() {
            return Err(format!("{}: the result contains a credential: {leaked:?}", self.title));
        }
        let mut requests = upstream.requests();
        let keys = mask(&mut requests);
        let result = mask_text(&result, &keys);
        let requests: Vec<String> =
            requests.iter().map(|it| visible(without_canaries(&it.to_text()).trim_end())).collect();
        let request =
            if requests.is_empty() { "(nothing was sent)".to_owned() } else { requests.join("\n\n") };
        let mut came = self.clone();
        came.parts.retain(|(name, _)| name == "answer");
        came.parts.push(("request".to_owned(), request.replace(&base, "{upstream}")));
        came.parts.push(("result".to_owned(), result.replace(&base, "{upstream}").trim_end().to_owned()));
        Ok(came)
    }
}

fn preview_of(document: &str) -> ConnectorRows {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.yaml");
    fs::write(&file, document).unwrap();
    specs::preview(&file, "shop")
}

/// Parses an answer: the status and faults on the first line, then headers, an empty line, and the body.
fn answer(text: &str, upstream: &str) -> Result<Answer, String> {
    let text = with_canaries(&text.replace("{upstream}", upstream));
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default();
    if first == "hang up" {
        return Ok(Answer::hang_up());
    }
    let (status, cut) = first.split_once(" cut ").map_or((first, None), |(status, cut)| (status, Some(cut)));
    let number =
        |text: &str| text.parse::<u16>().map_err(|error| format!("`{text}` is not a number: {error}"));
    let mut answer = Answer::empty(number(status)?);
    answer.body = bytes(body);
    for line in lines {
        let (name, value) = line.split_once(": ").ok_or_else(|| format!("`{line}` is not a header"))?;
        answer = answer.header(name, value);
    }
    Ok(match cut {
        Some(cut) => answer.cut_after(usize::from(number(cut)?)),
        None => answer,
    })
}

/// Returns the text with its control characters escaped, because they would be invisible and git could change them.
fn visible(text: &str) -> String {
    let escaped = |c: char| match c {
        '\n' => "\n".to_owned(),
        '\r' => "\\r".to_owned(),
        c if c.is_control() => format!("\\x{:02x}", u32::from(c)),
        c => c.to_string(),
    };
    text.chars().map(escaped).collect()
}

/// Decodes `\xNN` to bytes.
pub(crate) fn bytes(text: &str) -> Vec<u8> {
    let mut parts = text.split("\\x");
    let mut out = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                out.extend_from_slice(&part.as_bytes()[2..]);
            }
            None => out.extend_from_slice(format!("\\x{part}").as_bytes()),
        }
    }
    out
}
