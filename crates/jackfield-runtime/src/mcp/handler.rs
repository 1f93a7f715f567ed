//! The request handler for MCP clients.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CompleteRequestMethod, CompleteRequestParams, CompleteResult,
    CustomRequest, CustomResult, ErrorCode, ErrorData, GetPromptRequestMethod, GetPromptRequestParams,
    GetPromptResponse, Implementation, ListPromptsRequestMethod, ListPromptsResult,
    ListResourceTemplatesRequestMethod, ListResourceTemplatesResult, ListResourcesRequestMethod,
    ListResourcesResult, ListToolsResult, PaginatedRequestParams, ReadResourceRequestMethod,
    ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities, ServerConfig, Tool,
};
#[cfg(feature = "http")]
use rmcp::model::{JsonRpcMessage, ProtocolVersion, ServerResult};
#[cfg(feature = "http")]
use rmcp::service::TxJsonRpcMessage;
use rmcp::service::{RequestContext, RoleServer};
use tokio::sync::oneshot;

use super::lists;
use super::progress::tell;
use super::tools::{answer, describe, paginate};
#[cfg(feature = "http")]
use super::usual_call::UsualCall;
use crate::common::caller::{Agent, Caller, Capabilities, Channel};
use crate::common::progress::Progress;
use crate::engine::context::CallContext;
use crate::engine::outcome::Outcome;
use crate::engine::request::SourceRequest;
use crate::engine::service::Service;

/// The maximum number of cached versions of the tool list. Callers with the same permissions share a version.
const MAX_VERSIONS: usize = 16;

/// The pages of a list.
type Pages = Arc<Vec<Vec<Tool>>>;

/// Handles the requests of MCP clients.
#[derive(Clone)]
pub(super) struct Handler {
    service: Service,
    channel: Channel,
    /// The pages of each version of the list. They are built at the first `tools/list`, so a client that only
    /// calls tools does not wait for them.
    pages: Arc<Mutex<Vec<(u64, Pages)>>>,
    /// Tools that were called over HTTP. The SDK requests the schema of a tool at each such call.
    called: Arc<Mutex<HashMap<String, Tool>>>,
}

impl Handler {
    pub(super) fn new(service: Service, channel: Channel) -> Self {
        Self { service, channel, pages: Arc::default(), called: Arc::default() }
    }

    /// The caller of a request.
    fn caller(&self, context: &RequestContext<RoleServer>) -> Caller {
        let mut caller = Caller::local(self.channel);
        if let Some(client) = context.client_info() {
            caller = caller.with_agent(Agent { name: client.name, version: client.version });
        }
        if let Some(known) = context.client_capabilities() {
            let capabilities = Capabilities::default()
                .elicitation(known.elicitation.is_some())
                .sampling(known.sampling.is_some())
                .roots(known.roots.is_some());
            caller = caller.with_capabilities(capabilities);
        }
        caller
    }

    /// The pages of a caller's list, and the version of the list.
    fn pages(&self, caller: &Caller) -> (u64, Pages) {
        let version = self.service.list_version(caller);
        let mut known = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, pages)) = known.iter().find(|(kept, _)| *kept == version) {
            return (version, Arc::clone(pages));
        }
        let pages = Arc::new(paginate(self.service.list(caller).map(describe)));
        if known.len() == MAX_VERSIONS {
            known.remove(0);
        }
        known.push((version, Arc::clone(&pages)));
        (version, pages)
    }

    /// Answers a tool call over HTTP in its usual form, for a client of a revision with a handshake.
    #[cfg(feature = "http")]
    pub(super) async fn answer_usual(
        &self,
        call: UsualCall,
        revision: &ProtocolVersion,
    ) -> TxJsonRpcMessage<RoleServer> {
        let UsualCall { id, name, arguments, .. } = call;
        // The handshake was another request, so the client is unknown, and the SDK reports itself in its place.
        let Implementation { name: agent, version, .. } = Implementation::default();
        let caller = Caller::local(self.channel).with_agent(Agent { name: agent, version });
        let surroundings = CallContext::new(caller);
        match Box::pin(self.service.call_in(&name, arguments.unwrap_or_default(), &surroundings)).await {
            Ok(result) => {
                let mut result = ServerResult::from(answer(result, revision, true));
                result.strip_result_type_for_legacy_peer();
                JsonRpcMessage::response(result, id)
            }
            Err(unknown) => {
                JsonRpcMessage::error(ErrorData::invalid_params(unknown.to_string(), None), Some(id))
            }
        }
    }

    async fn run(
        &self,
        request: SourceRequest,
        context: &RequestContext<RoleServer>,
    ) -> Result<Outcome, ErrorData> {
        let surroundings = CallContext::new(self.caller(context));
        tokio::select! {
            outcome = Box::pin(self.service.run(request, &surroundings)) => Ok(outcome),
            () = context.ct.cancelled() => Err(cancelled()),
        }
    }
}

fn cancelled() -> ErrorData {
    ErrorData::internal_error("cancelled by the client", None)
}

/// Parses the cursor `VERSION-PAGE`. It contains the version so that a client does not mix the pages of two
/// versions.
fn page_of(cursor: &str, version: u64, pages: usize) -> Option<usize> {
    let (of, page) = cursor.split_once('-')?;
    (of == format!("{version:x}")).then(|| page.parse().ok()).flatten().filter(|page| *page < pages)
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let connector = self.service.connector();
        let mut identity = Implementation::new(format!("{}-mcp", connector.name), env!("CARGO_PKG_VERSION"));
        if !connector.title.is_empty() {
            identity = identity.with_title(connector.title);
        }
        let mut capabilities = ServerCapabilities::builder().enable_tools().build();
        if self.service.has_resources() {
            capabilities.resources = Some(Default::default());
        }
        if self.service.has_prompts() {
            capabilities.prompts = Some(Default::default());
        }
        let mut info = ServerConfig::new(capabilities).with_server_info(identity);
        let instructions = self.service.instructions();
        if !instructions.is_empty() {
            info = info.with_instructions(instructions);
        }
        info
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let (version, pages) = self.pages(&self.caller(&context));
        let at = match request.and_then(|request| request.cursor) {
            None => 0,
            Some(cursor) => page_of(&cursor, version, pages.len()).ok_or_else(|| {
                ErrorData::invalid_params("no such cursor: list again from the start", None)
            })?,
        };
        let mut result = ListToolsResult::with_all_items(pages[at].clone());
        result.next_cursor = (at + 1 < pages.len()).then(|| format!("{version:x}-{}", at + 1));
        Ok(result)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        let revision = context.protocol_version().unwrap_or_default();
        let surroundings = CallContext::new(self.caller(&context));
        // The SDK moves the future of a request several times, so a large one is boxed.
        let call = async {
            // Progress is only prepared if the client requested it, and most clients do not.
            let Some(token) = context.meta.get_progress_token() else {
                return Box::pin(self.service.call_in(&request.name, arguments, &surroundings)).await;
            };
            let (progress, told) = Progress::watched();
            let (running, over) = oneshot::channel();
            let surroundings = surroundings.with_progress(progress);
            let call = async {
                let done = Box::pin(self.service.call_in(&request.name, arguments, &surroundings)).await;
                drop(running);
                done
            };
            tokio::join!(call, tell(told, token, context.peer, over)).0
        };
        tokio::select! {
            done = call => match done {
                Ok(result) => Ok(answer(result, &revision, self.channel == Channel::Stdio)),
                Err(unknown) => Err(ErrorData::invalid_params(unknown.to_string(), None)),
            },
            () = context.ct.cancelled() => Err(cancelled()),
        }
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        let mut called = self.called.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tool) = called.get(name) {
            return Some(tool.clone());
        }
        // The SDK needs only the schema of this tool, but would clone the whole tool at each call.
        let tool = Tool::new(name.to_owned(), "", describe(self.service.get(name)?).input_schema);
        called.insert(name.to_owned(), tool.clone());
        Some(tool)
    }

    /// Answers a request whose parameters do not fit its method.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        Err(match request.method.as_str() {
            "tools/call" => {
                ErrorData::invalid_params("`name` must be a string, and `arguments` an object", None)
            }
            _ => ErrorData::new(ErrorCode::METHOD_NOT_FOUND, request.method, None),
        })
    }

    // Without a source of resources or prompts, the protocol requires "method not found", but rmcp would answer with
    // empty lists.

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        if !self.service.has_resources() {
            return Err(ErrorData::method_not_found::<ListResourcesRequestMethod>());
        }
        Ok(lists::resources(self.service.resources(&self.caller(&context))))
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        if !self.service.has_resources() {
            return Err(ErrorData::method_not_found::<ListResourceTemplatesRequestMethod>());
        }
        Ok(lists::templates(self.service.resources(&self.caller(&context))))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        if !self.service.has_resources() {
            return Err(ErrorData::method_not_found::<ReadResourceRequestMethod>());
        }
        let outcome = self.run(SourceRequest::ReadResource { uri: request.uri }, &context).await?;
        lists::resource(outcome).map(Into::into)
    }

    async fn list_prompts(
        &self,
        _request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        if !self.service.has_prompts() {
            return Err(ErrorData::method_not_found::<ListPromptsRequestMethod>());
        }
        Ok(lists::prompts(self.service.prompts(&self.caller(&context))))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        if !self.service.has_prompts() {
            return Err(ErrorData::method_not_found::<GetPromptRequestMethod>());
        }
        let arguments = request.arguments.unwrap_or_default();
        let outcome = self.run(SourceRequest::GetPrompt { name: request.name, arguments }, &context).await?;
        lists::prompt(outcome).map(Into::into)
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        if !self.service.has_prompts() && !self.service.has_resources() {
            return Err(ErrorData::method_not_found::<CompleteRequestMethod>());
        }
        let request = SourceRequest::Complete {
            reference: lists::reference(request.r#ref)?,
            argument: request.argument.name,
            value: request.argument.value,
        };
        lists::completion(self.run(request, &context).await?)
    }
}
