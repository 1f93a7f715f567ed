//! The committed connectors: each file of `tests/connectors` contains one worked call and one recipe of a connector
//! in `crates/connectors`. `tests/connectors/README.md` describes the format.
//!
//! A call is made through the committed crate by an MCP client against a server on this machine. The request is compared as text with the
//! file, and so is the result that a model reads. Then the same call is made through the vendor's own document, if it is in
//! `$JACKFIELD_SHARED/corpus`: it has to send the same bytes.

mod data;
mod page;

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

use jackfield_build::model::Operation;
use jackfield_build::{Job, Manifest, Modelled, model_of};
use jackfield_runtime::custom::CustomTool;
use jackfield_runtime::rows::ConnectorRows;
use jackfield_runtime::v1::Connector;
use jackfield_runtime::{Api, Environment, Service, serve_streams};
use jackfield_testkit::{Answer, Client, ContentBlock, Recorded, Upstream, skipped};

use crate::{keys, specs};
use data::{Call, Data, Exchange, answer};

/// A committed connector in `crates/connectors`.
pub(crate) struct Committed {
    pub(crate) name: &'static str,
    pub(crate) connector: &'static Connector,
    custom: fn() -> Vec<CustomTool>,
}

macro_rules! committed {
    ($($name:literal $krate:ident,)*) => {
        &[$(Committed {
            name: $name,
            connector: &$krate::generated::CONNECTOR,
            custom: $krate::custom::tools,
        },)*]
    };
}

/// Every connector of `crates/connectors`, by the name of its folder.
pub(crate) static COMMITTED: &[Committed] = committed![
    "airtable" airtable_mcp,
    "bookshop" bookshop_mcp,
    "discord" discord_mcp,
    "everything" everything_mcp,
    "github" github_mcp,
    "google-calendar" google_calendar_mcp,
    "hubspot" hubspot_mcp,
    "jira" jira_mcp,
    "notion" notion_mcp,
    "openai" openai_mcp,
    "openweather" openweather_mcp,
    "salesforce" salesforce_mcp,
    "slack" slack_mcp,
    "stripe" stripe_mcp,
    "x" x_mcp,
];

/// Headers that the files omit: `user-agent` contains the connector's version, and `content-length` follows from the body.
const LEFT_OUT: [&str; 2] = ["user-agent", "content-length"];

impl Committed {
    fn folder(&self) -> PathBuf {
        specs::repository().join("crates/connectors").join(self.name)
    }

    fn data(&self) -> Data {
        Data::read(self.name)
    }

    fn model(&self) -> Modelled {
        modelled(
            Manifest::read(&self.folder().join("connector.toml")).unwrap_or_else(|error| panic!("{error}")),
        )
    }

    /// Returns a variable of the connector.
    fn variable(&self, name: &str) -> String {
        format!("{}_{name}", self.name.replace('-', "_").to_uppercase())
    }
}

fn modelled(manifest: Manifest) -> Modelled {
    model_of(&Job::new(manifest)).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_committed_connector_has_a_file_with_recorded_calls() {
    let folders = fs::read_dir(specs::repository().join("crates/connectors")).unwrap();
    let mut folders: Vec<String> =
        folders.map(|it| it.unwrap().file_name().to_string_lossy().into_owned()).collect();
    folders.sort();
    assert_eq!(folders, COMMITTED.iter().map(|it| it.name).collect::<Vec<_>>());
}

#[test]
fn readme_of_each_connector_shows_its_tools_and_calls() {
    let mut problems = Vec::new();
    for committed in COMMITTED {
        let readme = fs::read_to_string(committed.folder().join("README.md")).unwrap();
        let api = Api::new(committed.connector, Environment::of::<String, String>([]));
        let service = Service::new(api, (committed.custom)()).unwrap();
        problems.extend(
            page::problems(&readme, &service, &committed.data(), committed.name)
                .into_iter()
                .map(|problem| format!("crates/connectors/{}/README.md: {problem}", committed.name)),
        );
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[tokio::test]
async fn calls_of_committed_connectors_match_the_recorded_requests_and_results() {
    let mut problems = String::new();
    for committed in COMMITTED {
        let data = committed.data();
        for call in data.calls() {
            let side = Side { rows: committed.connector.into(), custom: committed.custom, committed };
            let made = side.make(call, &call.tool, call.arguments(), &data).await;
            let expected: Vec<String> = call.exchanges().map(Exchange::request).collect();
            for (at, request) in expected.iter().enumerate() {
                compare(&mut problems, committed.name, call, "sends", request, made.requests.get(at));
            }
            if made.requests.len() > expected.len() {
                let more = made.requests[expected.len()..].join("\n");
                problems.push_str(&format!("\n{}: {} sends more:\n{more}\n", committed.name, call.tool));
            }
            compare(&mut problems, committed.name, call, "reads", call.result(), Some(&made.result));
            if made.is_error != call.is_error {
                problems
                    .push_str(&format!("\n{}: {} is_error = {}\n", committed.name, call.tool, made.is_error));
            }
        }
    }
    assert!(problems.is_empty(), "{problems}");
}

/// Appends the difference between the file and the call to `problems`, if there is one.
fn compare(
    problems: &mut String,
    name: &str,
    call: &Call,
    verb: &str,
    expected: &str,
    made: Option<&String>,
) {
    let made = made.map_or("(nothing)", String::as_str);
    if made != expected {
        problems.push_str(&format!(
            "\ntests/connectors/{name}.toml: {} {verb}\n{made}\n--- and not\n{expected}\n",
            call.tool
        ));
    }
}

#[tokio::test]
async fn calls_send_the_same_bytes_with_the_document_of_the_vendor() {
    let corpus = std::env::var_os("JACKFIELD_SHARED")
        .map_or_else(|| specs::repository().join("../shared"), PathBuf::from)
        .join("corpus");
    let mut problems = String::new();
    for committed in COMMITTED {
        let data = committed.data();
        let Some(vendor) = &data.vendor else { continue };
        let document = corpus.join(&vendor.document);
        if !document.is_file() {
            skipped(&format!("the document of the vendor of {} is not there", committed.name));
            continue;
        }
        let ours = committed.model();
        let calls: Vec<(&Call, String)> = data
            .calls()
            .filter(|call| !call.vendor.as_ref().is_some_and(|it| it.absent))
            .map(|call| {
                let other = call.vendor.as_ref().and_then(|it| it.route.clone());
                (call, other.unwrap_or_else(|| route(operation(&ours, &call.tool))))
            })
            .collect();
        let mut routes: Vec<&String> = calls.iter().map(|(_, route)| route).collect();
        routes.sort();
        routes.dedup();
        let choices = format!(
            "document = {:?}\nname = {:?}\ninclude = {routes:?}\n{}",
            document.display().to_string(),
            committed.name,
            vendor.manifest
        );
        let manifest =
            Manifest::parse("connector.toml", &choices, &corpus).unwrap_or_else(|error| panic!("{error}"));
        let modelled = modelled(manifest);
        let tools: Vec<(String, String)> =
            modelled.surface().tools().map(|tool| (route(tool.operation), tool.name.to_string())).collect();
        let rows = jackfield_cli::preview::connector(modelled);
        for (call, route) in calls {
            let Some((_, tool)) = tools.iter().find(|(it, _)| *it == route) else {
                problems.push_str(&format!(
                    "\n{}: {} has no tool for {route}\n",
                    committed.name, vendor.document
                ));
                continue;
            };
            let differs = call.vendor.as_ref();
            let arguments = differs.and_then(|it| it.arguments.as_deref()).unwrap_or(call.arguments());
            let side = Side { rows: rows.clone(), custom: Vec::new, committed };
            let made = side.make(call, tool, arguments, &data).await;
            let expected =
                differs.and_then(|it| it.request.as_ref().map(|it| it.trim_end_matches('\n').to_owned()));
            let expected = vendor.without_what_it_lacks(&expected.unwrap_or_else(|| call.exchange.request()));
            let sent = made.requests.first();
            if sent != Some(&expected) {
                compare(
                    &mut problems,
                    committed.name,
                    call,
                    &format!("through {} sends", vendor.document),
                    &expected,
                    sent.or(Some(&made.result)),
                );
            }
        }
    }
    assert!(problems.is_empty(), "{problems}");
}

fn operation<'m>(modelled: &'m Modelled, tool: &str) -> &'m Operation {
    let surface = modelled.surface();
    let named = surface.tools().find(|it| it.name.as_str() == tool);
    let named = named.unwrap_or_else(|| panic!("no operation has the tool {tool}"));
    named.operation
}

fn route(operation: &Operation) -> String {
    format!("{} {}", operation.method.as_str(), operation.path)
}

/// A connector that makes the calls: the committed connector, or a connector for the vendor's document.
struct Side<'c> {
    rows: ConnectorRows,
    custom: fn() -> Vec<CustomTool>,
    committed: &'c Committed,
}

/// The requests and the result of a call.
struct Made {
    requests: Vec<String>,
    result: String,
    is_error: bool,
}

impl Side<'_> {
    /// Makes a call by an MCP client, against a server that gives the replies of the file in their order.
    async fn make(&self, call: &Call, tool: &str, arguments: &str, data: &Data) -> Made {
        let arguments: serde_json::Value =
            serde_json::from_str(arguments).unwrap_or_else(|error| panic!("{tool}: {error}"));
        let own = data.variables.iter().map(|(name, value)| (self.committed.variable(name), value.clone()));
        let own: Vec<(String, String)> = own.collect();
        let (host, path) = self.address(tool, &arguments, &own).await;

        let replies =
            Mutex::new(call.exchanges().map(|it| answer(&it.reply)).collect::<Vec<_>>().into_iter());
        let upstream = Upstream::start(move |_: &Recorded| {
            replies
                .lock()
                .unwrap()
                .next()
                .unwrap_or_else(|| Answer::text(500, "the file has no further reply"))
        });
        let upstream = upstream.await.unwrap();
        let base = (self.committed.variable("BASE_URL"), format!("{}{path}", upstream.base_url()));
        let client = self.client(own.into_iter().chain([base]));
        let result =
            client.await.call(tool, arguments).await.unwrap_or_else(|error| panic!("{tool}: {error}"));
        let mut requests = upstream.take();
        let _ = keys::mask(&mut requests);
        Made {
            requests: requests.iter().map(|request| shown(request, &host)).collect(),
            result: result.content.iter().map(text).collect::<Vec<_>>().join("\n"),
            is_error: result.is_error.unwrap_or_default(),
        }
    }

    /// Returns the host that the call would reach with its usual base URL, and the path of that base URL.
    async fn address(
        &self,
        tool: &str,
        arguments: &serde_json::Value,
        own: &[(String, String)],
    ) -> (String, String) {
        let api = Api::new(self.rows.clone(), Environment::of(own.to_vec()));
        let handle = self.rows.tools().find(|it| it.get().name() == tool);
        let handle = handle.unwrap_or_else(|| panic!("{tool} is not generated"));
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        let explained =
            api.explain(handle, arguments).await.unwrap_or_else(|error| panic!("{tool}: {error}"));
        let (_, rest) = explained.base.split_once("://").unwrap_or_else(|| panic!("{}", explained.base));
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let path = if path.is_empty() { String::new() } else { format!("/{}", path.trim_end_matches('/')) };
        (host.to_owned(), path)
    }

    async fn client(&self, variables: impl Iterator<Item = (String, String)>) -> Client {
        let api = Api::new(self.rows.clone(), Environment::of(variables));
        let service = Service::new(api, (self.custom)()).unwrap();
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let (input, output) = tokio::io::split(theirs);
        tokio::spawn(serve_streams(service, input, output));
        Client::connect(ours).await.unwrap()
    }
}

/// Formats a request as the files show it.
fn shown(request: &Recorded, host: &str) -> String {
    let mut text = format!("{} {} {}", request.method, request.target, request.version);
    for (name, value) in request.headers.iter().filter(|(name, _)| !LEFT_OUT.contains(&name.as_str())) {
        let value = if name == "host" { host } else { value };
        text.push_str(&format!("\n{name}: {value}"));
    }
    if !request.body.is_empty() {
        text.push_str(&format!("\n\n{}", request.text()));
    }
    text
}

fn text(block: &ContentBlock) -> String {
    block.as_text().map_or_else(|| format!("{block:?}"), |text| text.text.clone())
}
