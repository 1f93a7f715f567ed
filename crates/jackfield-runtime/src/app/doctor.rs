//! Diagnoses why a connector does not work. It runs its checks in order and stops at the first failure.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::output::{Failure, print};
use super::reach;
use crate::call::base_url::BaseUrl;
use crate::call::held_rows::ToolHandle;
use crate::call::rows::Tool;
use crate::common::caller::{Caller, Channel};
use crate::common::environment::{Environment, Setting};
use crate::engine::context::CallContext;
use crate::engine::error::CallError;
use crate::engine::service::Service;
use crate::transport::client::LookupError;
use crate::transport::destinations::{Names, RefusedDestination};
use jackfield_recipe::Effect;

/// The time limit of a check.
const STEP_TIMEOUT: Duration = Duration::from_secs(10);

/// The result of a check: a message about the success, or the problem and its remedy.
type Finding = Result<String, Trouble>;

struct Trouble {
    what: String,
    remedy: String,
}

/// Checks, in this order, the base URL, DNS, the connection, the service, and one call that changes nothing.
pub(super) async fn run(
    service: &Service,
    environment: &Environment,
    tool: Option<&str>,
) -> Result<ExitCode, Failure> {
    let tool = match tool {
        Some(name) => {
            // The last check calls the tool without arguments. An empty set of arguments may select an operation
            // of a merged tool.
            let selected = service.selected(name, &mut Map::new());
            let selected = selected.map_err(|error| Failure::usage(error.to_string()))?;
            Some(selected.ok_or_else(|| Failure::usage(service.unknown(name).to_string()))?)
        }
        None => harmless(service),
    };
    let mut report = Report::default();
    let sound = examine(service, environment, tool, &mut report).await.is_some();
    print(&report.0)?;
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Runs the checks until one fails.
async fn examine(
    service: &Service,
    environment: &Environment,
    tool: Option<ToolHandle>,
    report: &mut Report,
) -> Option<()> {
    let connector = service.connector();
    let named = Setting::BaseUrl.variable(connector.name);
    for line in reach::lines(connector, environment, service.api().client()) {
        report.note("origin", &line);
    }
    let any = tool.as_ref().map(ToolHandle::get).or_else(|| connector.tools().next());
    let Some(any) = any else {
        return report
            .step("tools", Err(trouble("the connector has no tools", "include operations in connector.toml")))
            .map(drop);
    };
    let base = service.api().destination(any, Names::Resolved).map_err(|error| match error {
        CallError::Base(why) => {
            trouble(why.to_string(), format!("set {named} to the address of the service"))
        }
        CallError::Private(refusal) => refused(&refusal, "\nNothing was sent."),
        error => trouble(error.to_string(), ""),
    });
    let base = report.step_of("address", base, ToString::to_string)?;
    match service.api().client().proxy_of(&base) {
        // The proxy resolves the name and connects.
        Some(proxy) => report.note("proxy", &proxy),
        None if base.socket().is_none() => connect(service, &base, &named, report).await?,
        None => {}
    }
    answer(service, &base, report).await?;
    let Some(tool) = tool else {
        report.note("call", "no read-only tool works without arguments: name a tool, as in `doctor TOOL`");
        return Some(());
    };
    report.step("call", call(service, tool).await).map(drop)
}

/// Checks DNS and the connection.
async fn connect(service: &Service, base: &BaseUrl, named: &str, report: &mut Report) -> Option<()> {
    let (host, _) = base.host_and_port()?;
    let found = match timeout(STEP_TIMEOUT, service.api().client().addresses(base)).await {
        Ok(found) => found,
        Err(_) => Err(LookupError::Late { host: host.to_owned(), seconds: STEP_TIMEOUT.as_secs() }),
    };
    let addresses = report.step_of(
        "name",
        found.map_err(|why| match why {
            LookupError::Refused(refusal) => refused(&refusal, ""),
            why => trouble(
                why.to_string(),
                format!("check the spelling in {named} and connector.toml, and this machine's network"),
            ),
        }),
        |addresses| {
            let shown: Vec<String> =
                addresses.iter().take(3).map(|address| address.ip().to_string()).collect();
            format!("{host} is {}", shown.join(", "))
        },
    )?;
    let mut why = String::new();
    for address in &addresses {
        match timeout(STEP_TIMEOUT, TcpStream::connect(address)).await {
            Ok(Ok(_)) => {
                return report.step("connection", Ok(format!("{address} accepts connections"))).map(drop);
            }
            Ok(Err(error)) => why = format!("{address}: {error}"),
            Err(_) => why = format!("{address} does not answer within {} seconds", STEP_TIMEOUT.as_secs()),
        }
    }
    let remedy = "check whether the service runs, and whether a firewall or proxy blocks it";
    report.step("connection", Err(trouble(why, remedy))).map(drop)
}

/// Checks TLS and that the service answers.
async fn answer(service: &Service, base: &BaseUrl, report: &mut Report) -> Option<()> {
    let is_encrypted = base.as_str().starts_with("https");
    match service.api().probe(base).await {
        Ok(status) => {
            if is_encrypted {
                report.step("tls", Ok("the certificate is accepted".to_owned()))?;
            }
            let text = format!("the service answers {status} to a request without a credential");
            report.step("service", Ok(text)).map(drop)
        }
        Err(error) => {
            let (step, remedy) = if error.is_about_tls() {
                (
                    "tls",
                    "nothing was sent; if the certificate is not the one you expect, the connection may be intercepted",
                )
            } else {
                ("service", "check the scheme of the address, and the log of the service")
            };
            report.step(step, Err(trouble(error.to_string(), remedy))).map(drop)
        }
    }
}

/// Makes one call that changes nothing, with the configured credentials.
async fn call(service: &Service, handle: ToolHandle) -> Finding {
    let tool = handle.get();
    let shown = format!("{} ({} {})", tool.name, tool.method, tool.path);
    let context = CallContext::new(Caller::local(Channel::CommandLine));
    match service.api().call_answered(&handle, Map::new(), &context).await {
        Ok((answered, _admitted)) if answered.reply.is_success() => {
            let credential = if tool.is_open() { "" } else { ", and the credential is accepted" };
            Ok(format!("{shown} answers {}{credential}", answered.reply.status()))
        }
        Ok((answered, _admitted)) => {
            let text = service.api().read(&answered).as_text().to_owned();
            Err(trouble(format!("{shown} answers {}", answered.reply.status()), text))
        }
        Err(error) => {
            let sent = matches!(error, CallError::Send { .. });
            let what = if sent { "got no reply" } else { "was not made" };
            Err(trouble(format!("{shown} {what}"), error.to_string()))
        }
    }
}

/// Selects a read-only tool without required arguments. Prefers a tool that needs authentication, and then the
/// tool with the shortest path.
fn harmless(service: &Service) -> Option<ToolHandle> {
    let asks_nothing = |tool: &Tool<'_>| {
        let schema: Value = serde_json::from_str(tool.input).unwrap_or_default();
        schema.get("required").and_then(Value::as_array).is_none_or(Vec::is_empty)
            && schema.get("minProperties").is_none()
            && !tool.path.contains('{')
    };
    let reads =
        |tool: &Tool<'_>| matches!(tool.effect, Effect::Read) && matches!(tool.method, "GET" | "HEAD");
    let tools = service.rows().tools().filter(|tool| reads(tool.get()) && asks_nothing(tool.get()));
    tools.min_by_key(|tool| (tool.get().is_open(), tool.get().path.len()))
}

/// Describes an address that must not be called, and the ways to allow it.
fn refused(refusal: &RefusedDestination, note: &str) -> Trouble {
    trouble(refusal.what(), refusal.ways() + note)
}

fn trouble(what: impl Into<String>, remedy: impl Into<String>) -> Trouble {
    Trouble { what: what.into(), remedy: remedy.into() }
}

/// The printed report, with one line for each step.
#[derive(Default)]
struct Report(String);

impl Report {
    fn step(&mut self, name: &str, finding: Finding) -> Option<String> {
        self.step_of(name, finding, Clone::clone)
    }

    fn step_of<T>(
        &mut self,
        name: &str,
        finding: Result<T, Trouble>,
        show: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        match finding {
            Ok(value) => {
                let _ = writeln!(self.0, "ok      {name:10}  {}", show(&value));
                Some(value)
            }
            Err(Trouble { what, remedy }) => {
                let remedy = remedy.replace('\n', "\n                    ");
                let _ = writeln!(self.0, "FAILED  {name:10}  {what}\n                    {remedy}");
                None
            }
        }
    }

    fn note(&mut self, name: &str, text: &str) {
        let _ = writeln!(self.0, "-       {name:10}  {text}");
    }
}
