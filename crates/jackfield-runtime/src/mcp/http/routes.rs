//! The paths of the server, for requests that passed the filter.

use http::{Request, StatusCode};
use hyper::body::Incoming;
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;

use super::answer::{Answer, status};
use super::endpoints::Endpoints;
use crate::common::caller::Channel;
use crate::engine::service::Service;
use crate::mcp::handler::Handler;

/// The path of the endpoint.
pub(super) const PATH: &str = "/mcp";

/// The endpoint of MCP, and what is served beside it.
pub(super) struct Routes {
    endpoints: Endpoints,
}

impl Routes {
    pub(super) fn new(service: Service, origins: Vec<String>) -> Self {
        let config =
            StreamableHttpServerConfig::default().with_allowed_origins(origins).enforce_origin_validation();
        Self { endpoints: Endpoints::new(Handler::new(service, Channel::Http), &config) }
    }

    /// Answers a request.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Answer {
        if request.uri().path() == PATH {
            return self.endpoints.handle(request).await;
        }
        status(StatusCode::NOT_FOUND, "Only /mcp is served here.\n")
    }
}
