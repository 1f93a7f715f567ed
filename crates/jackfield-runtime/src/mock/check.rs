//! Calls each tool of a connector against a mock of its service.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jackfield_mock::{InvalidReplies, Replies};

use super::any_credential::{AnyCredential, signers};
use super::call_arguments;
use super::operations::mock_of;
use super::server::{MockServer, Served};
use crate::call::held_rows::ConnectorRows;
use crate::call::rows::{SchemeKind, Tool};
use crate::common::caller::{Caller, Channel};
use crate::common::environment::{Environment, Setting};
use crate::engine::api::Api;
use crate::engine::service::Service;

/// The outcomes of calling a connector's tools against a mock of the service.
#[derive(Clone, Debug)]
pub struct MockCheck {
    calls: Vec<MockCall>,
}

/// A call of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MockCall {
    /// The name of the operation's tool.
    pub tool: String,
    /// The method and the path of the operation.
    pub route: String,
    /// The outcome of the call.
    pub outcome: MockOutcome,
}

/// The outcome of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MockOutcome {
    /// The mock accepted the request, and the tool accepted the reply.
    Answered,
    /// The call failed, for the reason in the string.
    Failed(String),
    /// The tool was not called, for the reason in the string.
    NotCalled(&'static str),
}

/// The reason why a connector could not be checked.
#[derive(Debug)]
pub struct MockError(MockFault);

#[derive(Debug)]
enum MockFault {
    Replies(InvalidReplies),
    Start(std::io::Error),
}

impl fmt::Display for MockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            MockFault::Replies(error) => error.fmt(f),
            MockFault::Start(error) => write!(f, "the mock cannot be started: {error}"),
        }
    }
}

impl std::error::Error for MockError {}

/// Calls each tool of a connector once, against a mock of its service on this machine. `replies` is the text of
/// `tests/replies.json`, which the generator writes. A tool without a reply in this file gets a reply from its output schema.
///
/// The test that the generator writes calls this function.
///
/// # Errors
/// Returns an error if the replies cannot be read, or if the mock cannot be started.
pub fn check_against_mock(rows: impl Into<ConnectorRows>, replies: &str) -> Result<MockCheck, MockError> {
    let replies = Replies::parse(replies).map_err(|error| MockError(MockFault::Replies(error)))?;
    let start = |error| MockError(MockFault::Start(error));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(start)?.block_on(check(rows.into(), replies)).map_err(start)
}

/// Calls each tool of a connector once, against a mock of its service.
pub(crate) async fn check(rows: ConnectorRows, replies: Replies) -> std::io::Result<MockCheck> {
    let served: Arc<Mutex<Vec<Served>>> = Arc::default();
    let log = Arc::clone(&served);
    let observer = move |request| log.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    let server = MockServer::start(mock_of(&rows, replies), 0, observer).await?;
    let connector = rows.get();
    let base_url = (Setting::BaseUrl.variable(connector.name), server.base_url());
    let api = Api::with_credentials(rows.clone(), Environment::of([base_url]), Arc::new(AnyCredential));
    let api = signers(connector.schemes).fold(api, |api, (scheme, signer)| {
        let unsigned = api.clone();
        api.signed_by(scheme, signer).unwrap_or(unsigned)
    });
    let service = Service::new(api, Vec::new()).map_err(|taken| std::io::Error::other(taken.to_string()))?;
    let mut calls = Vec::new();
    for tool in connector.tools().filter(|tool| tool.is_tool()) {
        let outcome = match needs_certificate(&rows, tool) {
            true => MockOutcome::NotCalled("the tool needs a client certificate"),
            false => call(&service, tool, &served).await,
        };
        let route = format!("{} {}", tool.method, tool.path);
        calls.push(MockCall { tool: tool.name.to_owned(), route, outcome });
    }
    Ok(MockCheck { calls })
}

/// Whether every alternative security requirement of the tool needs a client certificate, which needs TLS.
fn needs_certificate(rows: &ConnectorRows, tool: &Tool<'_>) -> bool {
    let is_certificate = |name: &str| {
        let mut schemes = rows.get().schemes.iter();
        schemes.any(|scheme| scheme.is_called(name) && scheme.kind == SchemeKind::MutualTls)
    };
    let mut ways = tool.security.iter();
    !tool.security.is_empty() && ways.all(|needs| needs.iter().any(|need| is_certificate(need.scheme)))
}

async fn call(service: &Service, tool: &Tool<'_>, served: &Mutex<Vec<Served>>) -> MockOutcome {
    let arguments = call_arguments::of(service.connector(), tool);
    let result = service.call(tool.called(), arguments, &Caller::local(Channel::CommandLine)).await;
    let served = std::mem::take(&mut *served.lock().unwrap_or_else(PoisonError::into_inner));
    match result {
        Err(unknown) => MockOutcome::Failed(unknown.to_string()),
        Ok(result) if result.is_error() => MockOutcome::Failed(result.as_text().to_owned()),
        Ok(_) if !served.iter().any(|request| request.answer.is_reply) => {
            MockOutcome::Failed("the mock received no request".to_owned())
        }
        Ok(_) => MockOutcome::Answered,
    }
}

impl MockCheck {
    /// Returns the calls, in the order of the tools.
    pub fn calls(&self) -> &[MockCall] {
        &self.calls
    }

    /// Whether none of the calls failed.
    pub fn is_passed(&self) -> bool {
        !self.calls.iter().any(|call| matches!(call.outcome, MockOutcome::Failed(_)))
    }
}

/// Lists the calls that failed, followed by a summary line.
impl fmt::Display for MockCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left_out: BTreeMap<&str, usize> = BTreeMap::new();
        let mut failed = 0;
        for call in &self.calls {
            match &call.outcome {
                MockOutcome::Answered => {}
                MockOutcome::NotCalled(reason) => *left_out.entry(reason).or_default() += 1,
                MockOutcome::Failed(reason) => {
                    failed += 1;
                    let reason = reason.trim_end().replace('\n', "\n  ");
                    writeln!(f, "{} ({}) failed:\n  {reason}", call.tool, call.route)?;
                }
            }
        }
        let not_called: usize = left_out.values().sum();
        let tools = if self.calls.len() == 1 { "tool" } else { "tools" };
        let answered = self.calls.len() - failed - not_called;
        write!(f, "{answered} of {} {tools} answered, {failed} failed", self.calls.len())?;
        left_out.iter().try_for_each(|(reason, count)| write!(f, ", {count} not called: {reason}"))?;
        f.write_str("\n")
    }
}
