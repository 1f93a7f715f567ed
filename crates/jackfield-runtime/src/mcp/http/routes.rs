//! The paths of the server, for requests that have passed the filter.

use http::{HeaderMap, Request, StatusCode};
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use tokio::runtime::Handle;

use super::activity::keep_while_streaming;
use super::answer::{Answer, status};
use super::body::BodyReader;
use super::endpoints::Endpoints;
use super::request_body::RequestBody;
use crate::common::caller::Channel;
use crate::common::trace_context::TraceContext;
use crate::engine::current_service::CurrentService;
use crate::mcp::handler::Handler;
use crate::mcp::limits::{HttpLimit, HttpLimits};

/// The path of the endpoint.
pub(super) const PATH: &str = "/mcp";

/// The MCP endpoint, and the other paths.
pub(super) struct Routes {
    endpoints: Endpoints,
    bodies: BodyReader,
}

impl Routes {
    pub(super) fn new(
        service: CurrentService,
        config: StreamableHttpServerConfig,
        limits: HttpLimits,
    ) -> Self {
        let config = config.with_max_request_body_bytes(limits.size(HttpLimit::Body));
        let handler = Handler::new(service, Channel::Http);
        // The tool list is prepared in the background. A first request for the list waits at most until it is ready.
        if let Ok(runtime) = Handle::try_current() {
            let view = handler.view();
            runtime.spawn_blocking(move || view.warm());
        }
        let endpoints = Endpoints::new(handler, &config, limits.size(HttpLimit::Sessions));
        Self { endpoints, bodies: BodyReader::new(limits) }
    }

    /// Answers a request.
    pub(super) async fn answer(&self, request: Request<RequestBody>) -> Answer {
        if request.uri().path() != PATH {
            return status(StatusCode::NOT_FOUND, "Only /mcp is served here.\n");
        }
        match self.bodies.read(request).await {
            Ok((mut request, body, permit)) => {
                if let Some(trace) = trace_of(request.headers()) {
                    request.extensions_mut().insert(trace);
                }
                let answer = self.endpoints.handle(request, &body).await;
                // In a session, the call continues while its stream is sent.
                keep_while_streaming(answer, permit)
            }
            Err(refusal) => refusal,
        }
    }
}

/// Returns the trace context in the headers of a request. Returns `None` if `traceparent` occurs twice.
fn trace_of(headers: &HeaderMap) -> Option<TraceContext> {
    let mut parents = headers.get_all("traceparent").iter();
    let (parent, None) = (parents.next()?.to_str().ok()?, parents.next()) else { return None };
    let states: Option<Vec<&str>> = headers.get_all("tracestate").iter().map(|it| it.to_str().ok()).collect();
    let state = states.filter(|states| !states.is_empty()).map(|states| states.join(","));
    TraceContext::parse(parent, state.as_deref())
}
