//! The protocol: the only module that names rmcp.

#[cfg(feature = "http")]
mod http;

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jackfield_recipe::Effect;
use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, CompleteRequestMethod, CompleteRequestParams,
    CompleteResult, ContentBlock, ErrorData, Implementation, ListPromptsRequestMethod, ListPromptsResult,
    ListResourceTemplatesRequestMethod, ListResourceTemplatesResult, ListResourcesRequestMethod,
    ListResourcesResult, ListToolsResult, PaginatedRequestParams, ProgressNotificationParam, ProgressToken,
    Resource, ResourceContents, ServerCapabilities, ServerConfig, Tool, ToolAnnotations,
};
use rmcp::service::{Peer, RequestContext, RoleServer, ServiceExt as _};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

use crate::caller::Caller;
use crate::progress::Progress;
use crate::result::{Extra, ToolResult};
use crate::service::{Listed, Service};

#[cfg(feature = "http")]
pub use http::HttpServer;

/// One page up to here: many clients read only the first, and some die over one of more than a megabyte.
const PAGE_BYTES: usize = 900_000;

/// Between two words of how far a call has come, which would drown a client otherwise.
const PROGRESS_PAUSE: Duration = Duration::from_millis(100);

/// Serves over a pair of streams until the client closes them.
///
/// # Errors
/// The client does not speak the protocol.
pub async fn serve_streams<R, W>(service: Service, input: R, output: W) -> Result<(), ServeError>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let running =
        Handler::new(service).serve((input, output)).await.map_err(|error| ServeError(error.to_string()))?;
    running.waiting().await.map_err(|error| ServeError(error.to_string()))?;
    Ok(())
}

/// Serves over standard input and output until the input ends.
///
/// # Errors
/// The client does not speak the protocol.
pub async fn serve_stdio(service: Service) -> Result<(), ServeError> {
    let (input, output) = rmcp::transport::io::stdio();
    serve_streams(service, input, output).await
}

/// A conversation that ended badly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeError(String);

impl std::fmt::Display for ServeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ServeError {}

#[derive(Clone)]
struct Handler {
    service: Service,
    /// Made on the first list: a client that only calls never pays for it.
    pages: Arc<OnceLock<Vec<Vec<Tool>>>>,
}

impl Handler {
    fn new(service: Service) -> Self {
        Self { service, pages: Arc::default() }
    }

    fn pages(&self) -> &[Vec<Tool>] {
        self.pages.get_or_init(|| paginate(self.service.list().map(describe)))
    }
}

/// Splits the list by bytes, so that no page is larger than clients survive.
fn paginate(tools: impl Iterator<Item = Tool>) -> Vec<Vec<Tool>> {
    let mut pages = vec![Vec::new()];
    let mut bytes = 0;
    for tool in tools {
        let size = serde_json::to_string(&tool).map_or(0, |text| text.len() + 1);
        if bytes > 0 && bytes + size > PAGE_BYTES {
            pages.push(Vec::new());
            bytes = 0;
        }
        bytes += size;
        if let Some(page) = pages.last_mut() {
            page.push(tool);
        }
    }
    pages
}

/// The JSON that `tools/list` sends for each tool, in its order.
pub fn listing(service: &Service) -> Vec<String> {
    let text = |tool| serde_json::to_string(&tool).unwrap_or_default();
    service.list().map(describe).map(text).collect()
}

fn describe(listed: Listed) -> Tool {
    let annotations = ToolAnnotations::new()
        .read_only(listed.effect == Effect::Read)
        .destructive(listed.effect == Effect::Destroy)
        .idempotent(listed.idempotent)
        .open_world(true);
    let mut tool =
        Tool::new(listed.name, listed.description, Arc::new(listed.input)).with_annotations(annotations);
    if !listed.title.is_empty() {
        tool = tool.with_title(listed.title);
    }
    match listed.output {
        Some(output) => tool.with_raw_output_schema(Arc::new(output)),
        None => tool,
    }
}

fn answer(result: ToolResult) -> CallToolResponse {
    let mut content = vec![ContentBlock::text(result.text)];
    content.extend(result.extras.into_iter().map(block));
    let mut answer =
        if result.is_error { CallToolResult::error(content) } else { CallToolResult::success(content) };
    answer.structured_content = result.structured;
    CallToolResponse::Complete(answer)
}

fn block(extra: Extra) -> ContentBlock {
    match extra {
        Extra::Note(text) => ContentBlock::text(text),
        Extra::Image { media_type, data } => ContentBlock::image(data, media_type),
        Extra::Audio { media_type, data } => ContentBlock::audio(data, media_type),
        Extra::Blob { address, media_type, data } => {
            ContentBlock::resource(ResourceContents::blob(data, address).with_mime_type(media_type))
        }
        Extra::Link { address, name, media_type, size } => ContentBlock::resource_link(
            Resource::new(address, name).with_mime_type(media_type).with_size(size),
        ),
    }
}

/// Tells a client that gave a token how many parts of an answer have come, until nobody asks for it any more.
async fn tell(
    mut told: watch::Receiver<u64>,
    token: Option<ProgressToken>,
    client: Peer<RoleServer>,
) -> Infallible {
    let Some(token) = token else { return std::future::pending().await };
    while told.changed().await.is_ok() {
        let parts = *told.borrow_and_update();
        #[allow(
            clippy::cast_precision_loss,
            reason = "the protocol has floats here, and a stream has few events"
        )]
        let progress = ProgressNotificationParam::new(token.clone(), parts as f64)
            .with_message(format!("{parts} events have come"));
        // A client that cannot be told hears of the end, or is gone.
        let _ = client.notify_progress(progress).await;
        tokio::time::sleep(PROGRESS_PAUSE).await;
    }
    std::future::pending().await
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let connector = self.service.connector();
        let mut identity = Implementation::new(format!("{}-mcp", connector.name), env!("CARGO_PKG_VERSION"));
        if !connector.title.is_empty() {
            identity = identity.with_title(connector.title);
        }
        let mut info = ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(identity);
        if !connector.description.is_empty() {
            info = info.with_instructions(connector.description);
        }
        info
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let pages = self.pages();
        let at = match request.and_then(|request| request.cursor) {
            None => 0,
            Some(cursor) => cursor.parse::<usize>().ok().filter(|at| *at < pages.len()).ok_or_else(|| {
                ErrorData::invalid_params("no such cursor: list again from the start", None)
            })?,
        };
        let mut result = ListToolsResult::with_all_items(pages[at].clone());
        result.next_cursor = (at + 1 < pages.len()).then(|| (at + 1).to_string());
        Ok(result)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        let (progress, told) = Progress::watched();
        let telling = tell(told, context.meta.get_progress_token(), context.peer);
        let call = self.service.call_telling(&request.name, arguments, &Caller::Local, &progress);
        tokio::select! {
            never = telling => match never {},
            done = call => match done {
                Ok(result) => Ok(answer(result)),
                Err(unknown) => Err(ErrorData::invalid_params(unknown.to_string(), None)),
            },
            () = context.ct.cancelled() => Err(ErrorData::internal_error("cancelled by the client", None)),
        }
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.service.get(name).map(describe)
    }

    // A server of tools alone: rmcp would answer these with empty success, where the protocol wants "not found".

    async fn list_prompts(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        Err(ErrorData::method_not_found::<ListPromptsRequestMethod>())
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Err(ErrorData::method_not_found::<ListResourcesRequestMethod>())
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Err(ErrorData::method_not_found::<ListResourceTemplatesRequestMethod>())
    }

    async fn complete(
        &self,
        _request: CompleteRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        Err(ErrorData::method_not_found::<CompleteRequestMethod>())
    }
}
