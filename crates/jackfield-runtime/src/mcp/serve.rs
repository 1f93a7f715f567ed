//! MCP over a pair of streams.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use jackfield_recipe::Effect;
use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, CompleteRequestMethod, CompleteRequestParams,
    CompleteResult, ContentBlock, CustomRequest, CustomResult, ErrorCode, ErrorData, Implementation,
    ListPromptsRequestMethod, ListPromptsResult, ListResourceTemplatesRequestMethod,
    ListResourceTemplatesResult, ListResourcesRequestMethod, ListResourcesResult, ListToolsResult,
    PaginatedRequestParams, ProgressNotificationParam, ProgressToken, ProtocolVersion, Resource,
    ResourceContents, ServerCapabilities, ServerConfig, Tool, ToolAnnotations,
};
use rmcp::service::{Peer, RequestContext, RoleServer, ServerInitializeError, ServiceExt as _};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;

use super::error::{ServeError, ServeFault};
use crate::common::caller::Caller;
use crate::common::progress::Progress;
use crate::engine::service::{Listed, Service};
use crate::reply::tool_result::{Extra, ToolResult};

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
    let running = match Handler::new(service).serve((input, output)).await {
        Ok(running) => running,
        // The input ended before a client said anything, as by Ctrl-D at a terminal.
        Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
        Err(error) => return Err(ServeFault::Protocol(error.to_string()).into()),
    };
    running.waiting().await.map_err(|error| ServeFault::Protocol(error.to_string()))?;
    Ok(())
}

/// Serves over standard input and output until the input ends.
///
/// # Errors
/// The client does not speak the protocol.
pub async fn serve_stdio(service: Service) -> Result<(), ServeError> {
    let (input, output) = rmcp::transport::io::stdio_pipes();
    serve_streams(service, input, output).await
}

#[derive(Clone)]
pub(super) struct Handler {
    service: Service,
    /// Made on the first list: a client that only calls never pays for it.
    pages: Arc<OnceLock<Vec<Vec<Tool>>>>,
    /// Tools that were called over HTTP, which asks for the schema with each call.
    called: Arc<Mutex<HashMap<String, Tool>>>,
}

impl Handler {
    pub(super) fn new(service: Service) -> Self {
        Self { service, pages: Arc::default(), called: Arc::default() }
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
pub fn listing(service: &Service) -> impl Iterator<Item = String> {
    let text = |tool| serde_json::to_string(&tool).unwrap_or_default();
    service.list().map(describe).map(text)
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

/// The answer, in the words of that revision of the protocol: clients throw away what has a block that they do not know,
/// although the service has done what was asked.
fn answer(result: ToolResult, revision: &ProtocolVersion) -> CallToolResponse {
    let mut content = vec![ContentBlock::text(result.text)];
    content.extend(result.extras.into_iter().map(|extra| block(extra, revision)));
    let mut answer =
        if result.is_error { CallToolResult::error(content) } else { CallToolResult::success(content) };
    answer.structured_content = result.structured;
    CallToolResponse::Complete(answer)
}

fn block(extra: Extra, revision: &ProtocolVersion) -> ContentBlock {
    // Revisions are dates.
    let knows = |since: ProtocolVersion| revision.as_str() >= since.as_str();
    match extra {
        Extra::Note(text) => ContentBlock::text(text),
        Extra::Image { media_type, data } => ContentBlock::image(data, media_type),
        Extra::Audio { media_type, data, .. } if knows(ProtocolVersion::V_2025_03_26) => {
            ContentBlock::audio(data, media_type)
        }
        Extra::Audio { address, media_type, data } | Extra::Blob { address, media_type, data } => {
            ContentBlock::resource(ResourceContents::blob(data, address).with_mime_type(media_type))
        }
        Extra::Link { address, name, media_type, size } if knows(ProtocolVersion::V_2025_06_18) => {
            let resource = Resource::new(address, name).with_mime_type(media_type);
            ContentBlock::resource_link(match size {
                Some(size) => resource.with_size(size),
                None => resource,
            })
        }
        Extra::Link { address, .. } => ContentBlock::text(format!("It is at {address}")),
    }
}

/// Tells a client that gave a token how many parts of an answer have come, until the call is over. A word that is on its
/// way then arrives first: clients know nothing of a call that was answered.
async fn tell(
    mut told: watch::Receiver<u64>,
    token: Option<ProgressToken>,
    client: Peer<RoleServer>,
    mut over: oneshot::Receiver<Infallible>,
) {
    let Some(token) = token else { return };
    loop {
        tokio::select! {
            _ = &mut over => return,
            changed = told.changed() => if changed.is_err() { return },
        }
        let parts = *told.borrow_and_update();
        #[allow(
            clippy::cast_precision_loss,
            reason = "the protocol has floats here, and a stream has few events"
        )]
        let progress = ProgressNotificationParam::new(token.clone(), parts as f64)
            .with_message(format!("{parts} events have come"));
        // A client that cannot be told hears of the end, or is gone.
        let _ = client.notify_progress(progress).await;
        if timeout(PROGRESS_PAUSE, &mut over).await.is_ok() {
            return;
        }
    }
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
        let revision = context.protocol_version().unwrap_or_default();
        let (progress, told) = Progress::watched();
        let (running, over) = oneshot::channel();
        let call = async {
            let done = self.service.call_telling(&request.name, arguments, &Caller::Local, &progress).await;
            drop(running);
            done
        };
        let telling = tell(told, context.meta.get_progress_token(), context.peer, over);
        tokio::select! {
            (done, ()) = async { tokio::join!(call, telling) } => match done {
                Ok(result) => Ok(answer(result, &revision)),
                Err(unknown) => Err(ErrorData::invalid_params(unknown.to_string(), None)),
            },
            () = context.ct.cancelled() => Err(ErrorData::internal_error("cancelled by the client", None)),
        }
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        let mut called = self.called.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tool) = called.get(name) {
            return Some(tool.clone());
        }
        let tool = describe(self.service.get(name)?);
        called.insert(name.to_owned(), tool.clone());
        Some(tool)
    }

    /// What cannot be read as what its method says.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        Err(match request.method.as_str() {
            "tools/call" => ErrorData::invalid_params("`name` is a text, and `arguments` an object", None),
            _ => ErrorData::new(ErrorCode::METHOD_NOT_FOUND, request.method, None),
        })
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// The blocks beside the words, for a client of that revision.
    fn blocks(result: ToolResult, revision: &ProtocolVersion) -> Value {
        let CallToolResponse::Complete(answer) = answer(result, revision) else { panic!("not complete") };
        answer.content[1..].iter().map(|block| json!(block)).collect()
    }

    #[test]
    fn no_client_gets_a_block_that_it_does_not_know() {
        let sound = || ToolResult::file("https://x/a.ogg", "audio/ogg", b"abc");
        let link = || ToolResult::file("https://x/b.zip", "application/zip", &vec![0; 2 << 20]);
        for (revision, sound_is, link_is) in [
            (ProtocolVersion::V_2024_11_05, "resource", "text"),
            (ProtocolVersion::V_2025_03_26, "audio", "text"),
            (ProtocolVersion::V_2025_06_18, "audio", "resource_link"),
            (ProtocolVersion::LATEST, "audio", "resource_link"),
        ] {
            assert_eq!(blocks(sound(), &revision)[0]["type"], sound_is, "{revision}");
            assert_eq!(blocks(link(), &revision)[0]["type"], link_is, "{revision}");
        }
        let told = blocks(link(), &ProtocolVersion::V_2024_11_05);
        assert_eq!(told, json!([{ "type": "text", "text": "It is at https://x/b.zip" }]));
    }
}
