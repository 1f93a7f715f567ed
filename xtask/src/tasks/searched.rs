//! An MCP service with a search surface over a document. Its requests go to a mock of the API.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jackfield_build::model::ConnectorName;
use jackfield_build::{Job, Manifest, model_of};
use jackfield_runtime::{
    Api, CallContext, Caller, Channel, Encoder, Environment, OutcomeCode, Service, SourceRequest,
    SourceResponse, SurfaceKind,
};
use jackfield_testkit::{Mock, Upstream};
use serde_json::{Map, Value, json};

use crate::failure::Failure;

/// The name of every connector. It is the prefix of the environment variables.
const NAME: &str = "tasks";

/// The interval at which the test checks whether the vectors of all tools are computed.
const PAUSE: Duration = Duration::from_millis(20);

/// A service with a search surface, and the mock that it calls.
pub(super) struct Searched {
    pub(super) service: Service,
    /// The names of the tools, by method and path.
    pub(super) tools: BTreeMap<(String, String), String>,
    /// The server of the mock. It stops when this value is dropped.
    _upstream: Upstream,
}

/// The reply to a call of a tool of the surface.
pub(super) struct Reply {
    pub(super) is_done: bool,
    /// The text that a model reads.
    pub(super) text: String,
    pub(super) structured: Value,
    /// The text of the call and of the reply. Its tokens are counted.
    pub(super) exchange: String,
}

impl Searched {
    /// Starts the mock and the service. If there is an encoder, waits until the vectors of all tools are computed.
    pub(super) async fn open(document: &Path, encoder: Option<Arc<Encoder>>) -> Result<Self, Failure> {
        let name = ConnectorName::new(NAME).map_err(|error| Failure::new(error.to_string()))?;
        let modelled = model_of(&Job::new(Manifest::for_document(document, Some(name))))?;
        let surface = modelled.surface();
        let named = surface.tools().map(|tool| (tool.name.to_string(), tool.operation));
        let tools = named.map(|(name, it)| ((it.method.to_string(), it.stated.path.clone()), name)).collect();
        let mock = Mock::of(&modelled.connector);
        let upstream =
            Upstream::start(mock.responder()).await.map_err(Failure::while_("starting the mock"))?;
        let mut variables = vec![(format!("{}_BASE_URL", NAME.to_uppercase()), upstream.base_url())];
        for suffix in ["TOKEN", "USERNAME", "PASSWORD", "API_KEY"] {
            variables.push((format!("{}_{suffix}", NAME.to_uppercase()), "a-credential".to_owned()));
        }
        let rows = jackfield_cli::preview::connector(modelled);
        let service = Service::new(Api::new(rows, Environment::of(variables)), Vec::new());
        let service = service.map_err(|taken| Failure::new(taken.to_string()))?;
        let mut service = service.with_surface(SurfaceKind::Search, None);
        if let Some(encoder) = encoder {
            service = service.with_encoder(encoder);
            while !service.ranks_by_meaning() {
                tokio::time::sleep(PAUSE).await;
            }
        }
        Ok(Self { service, tools, _upstream: upstream })
    }

    /// Calls a tool of the surface.
    pub(super) async fn call(&self, tool: &str, arguments: Map<String, Value>) -> Reply {
        let asked = json!({ "name": tool, "arguments": arguments }).to_string();
        let request = SourceRequest::CallTool { name: tool.to_owned(), arguments };
        let outcome = self.service.run(request, &CallContext::new(Caller::local(Channel::Stdio))).await;
        let (text, structured) = match outcome.result {
            Ok(SourceResponse::Tool(result)) => {
                (result.as_text().to_owned(), result.structured().cloned().unwrap_or_default())
            }
            Ok(other) => (format!("{other:?}"), Value::Null),
            Err(error) => (error.to_string(), Value::Null),
        };
        let exchange = format!("{asked}\n{text}");
        Reply { is_done: outcome.code == OutcomeCode::Done, text, structured, exchange }
    }
}
