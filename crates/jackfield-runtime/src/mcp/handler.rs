//! The request handler for MCP clients.
#![allow(deprecated, reason = "the SDK marks what only older revisions have, and their clients use it")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, CompleteRequestMethod, CompleteRequestParams,
    CompleteResult, CustomRequest, CustomResult, DiscoverResult, ErrorCode, ErrorData,
    GetPromptRequestMethod, GetPromptRequestParams, GetPromptResponse, Implementation, InputRequiredResult,
    InputResponses, ListPromptsRequestMethod, ListPromptsResult, ListResourceTemplatesRequestMethod,
    ListResourceTemplatesResult, ListResourcesRequestMethod, ListResourcesResult, ListToolsResult,
    MetaObject, PaginatedRequestParams, PromptsCapability, ProtocolVersion, ReadResourceRequestMethod,
    ReadResourceRequestParams, ReadResourceResponse, ResourcesCapability, ServerCapabilities, ServerConfig,
    SetLevelRequestMethod, SetLevelRequestParams, SubscribeRequestMethod, SubscribeRequestParams,
    SubscriptionFilter, Tool, ToolsCapability, UnsubscribeRequestMethod, UnsubscribeRequestParams,
};
#[cfg(feature = "serve")]
use rmcp::model::{
    CancelTaskMethod, CancelTaskParams, GetTaskMethod, GetTaskParams, GetTaskResult, UpdateTaskMethod,
    UpdateTaskParams,
};
use rmcp::service::{NotificationContext, RequestContext, RoleServer, SubscriptionContext};
use serde_json::Map;
use tokio::sync::oneshot;

use super::announcing::{Changes, tell_session, tell_subscription};
use super::asking::peer_asking::PeerAsking;
use super::asking::request_binding::RequestBinding;
use super::asking::request_states::RequestStates;
use super::asking::rounds::Rounds;
use super::begun::Begun;
use super::client_logger::{ClientLogger, least_of};
use super::lists;
use super::progress::tell;
use super::result_meta::{list_cache, server_meta};
use super::session::Session;
use super::tools::{answer, describe, paginate};
use crate::common::caller::{Agent, Caller, Capabilities, Channel};
use crate::common::progress::Progress;
use crate::engine::context::CallContext;
use crate::engine::error::CallError;
use crate::engine::policy::not_approved::NotApproved;
use crate::engine::request::{SourceRequest, SourceResponse};
use crate::engine::service::Service;
use crate::reply::tool_result::ToolResult;

/// The most versions of the tool list that are cached as pages. Callers with the same rights share a version.
const MAX_VERSIONS: usize = 16;

/// The pages of a list.
type Pages = Arc<Vec<Vec<Tool>>>;

/// Handles the requests of MCP clients.
#[derive(Clone)]
pub(super) struct Handler {
    service: Service,
    channel: Channel,
    /// The pages of each version of the list. They are built at the first `tools/list`, so a client that only calls
    /// tools does not pay for them.
    pages: Arc<Mutex<Vec<(u64, Pages)>>>,
    /// Tools that were called over HTTP, where the SDK asks for the schema at each call.
    called: Arc<Mutex<HashMap<String, Tool>>>,
    /// The metadata of each result.
    meta: Arc<MetaObject>,
    states: Arc<RequestStates>,
    session: Arc<Session>,
}

/// The answers to earlier questions that come with a request.
struct Input {
    responses: Option<InputResponses>,
    state: Option<String>,
}

/// How a request that may ask ended.
enum Ended {
    Done(SourceResponse),
    Asks(InputRequiredResult),
    #[cfg(feature = "serve")]
    Task(Box<rmcp::model::CreateTaskResult>),
    Failed(CallError),
}

impl Handler {
    pub(super) fn new(service: Service, channel: Channel) -> Self {
        let meta = Arc::new(server_meta(&identity(&service)));
        let (pages, called) = (Arc::default(), Arc::default());
        let (states, session) = (Arc::new(RequestStates::new()), Arc::new(Session::new()));
        Self { service, channel, pages, called, meta, states, session }
    }

    /// A handler for another session of the same server.
    #[cfg(feature = "http")]
    pub(super) fn for_session(&self) -> Self {
        Self { session: Arc::new(Session::new()), ..self.clone() }
    }

    /// Whether the server tells clients something between their requests.
    #[cfg(feature = "http")]
    pub(super) fn tells(&self) -> bool {
        self.service.has_logs() || !Changes::of(&self.service).is_empty()
    }

    /// The caller of a request.
    fn caller(&self, context: &RequestContext<RoleServer>) -> Caller {
        let mut caller = Caller::local(self.channel);
        if let Some(client) = context.client_info() {
            caller = caller.with_agent(Agent { name: client.name, version: client.version });
        }
        if let Some(known) = context.client_capabilities() {
            // An empty capability means forms.
            let shows_forms = |it: &rmcp::model::ElicitationCapability| it.form.is_some() || it.url.is_none();
            let capabilities = Capabilities::default()
                .elicitation(known.elicitation.as_ref().is_some_and(shows_forms))
                .sampling(known.sampling.is_some())
                .roots(known.roots.is_some())
                .tasks(known.supports_tasks());
            caller = caller.with_capabilities(capabilities);
        }
        caller
    }

    /// The pages of a caller's list, and its version.
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

    /// The metadata of a result, for clients of a revision that has it.
    fn result_meta(&self, context: &RequestContext<RoleServer>) -> Option<MetaObject> {
        is_modern(context).then(|| (*self.meta).clone())
    }

    /// Answers a request that may ask its client, and tells the client about its progress.
    async fn run(
        &self,
        request: SourceRequest,
        input: Input,
        context: &RequestContext<RoleServer>,
    ) -> Result<Ended, ErrorData> {
        let (surroundings, rounds) = self.surroundings(&request, input, context).await?;
        // The SDK moves the future of a request several times, so a large one is boxed.
        let call = async {
            // Most clients do not listen to progress.
            let Some(token) = context.meta.get_progress_token() else {
                return self.execute(request, &surroundings, context).await;
            };
            let (progress, told) = Progress::watched();
            let (running, over) = oneshot::channel();
            let surroundings = surroundings.with_progress(progress);
            let call = async {
                let done = self.execute(request, &surroundings, context).await;
                drop(running);
                done
            };
            tokio::join!(call, tell(told, token, context.peer.clone(), over)).0
        };
        let begun = tokio::select! {
            done = call => done?,
            () = context.ct.cancelled() => {
                return Err(ErrorData::internal_error("cancelled by the client", None));
            }
        };
        let outcome = match begun {
            Begun::Done(outcome) => outcome,
            #[cfg(feature = "serve")]
            Begun::Task(task) => return Ok(Ended::Task(task)),
        };
        match (outcome.result, rounds) {
            (Ok(response), _) => Ok(Ended::Done(response)),
            (Err(CallError::InputRequired | CallError::NotApproved(NotApproved::Asked)), Some(rounds)) => {
                rounds.ask_client().map(Ended::Asks)
            }
            (Err(error), _) => Ok(Ended::Failed(error)),
        }
    }

    /// Runs a request. A call of a tool may go on as a task.
    async fn execute(
        &self,
        request: SourceRequest,
        surroundings: &CallContext,
        _context: &RequestContext<RoleServer>,
    ) -> Result<Begun, ErrorData> {
        #[cfg(feature = "serve")]
        if let Some(tasks) = self.service.tasks()
            && surroundings.caller().capabilities().tasks
            && matches!(request, SourceRequest::CallTool { .. })
        {
            let (revision, is_modern) =
                (_context.protocol_version().unwrap_or_default(), is_modern(_context));
            let shape = move |outcome: crate::engine::outcome::Outcome| {
                let result = finish(outcome.result, &revision, is_modern)?;
                Ok(serde_json::to_value(result).unwrap_or_default())
            };
            let (service, tasks) = (self.service.clone(), Arc::clone(tasks));
            return super::tasks::run(service, tasks, request, surroundings.clone(), shape).await;
        }
        Ok(Begun::Done(Box::pin(self.service.run(request, surroundings)).await))
    }

    /// The context of a request, with the way to ask that its client has.
    async fn surroundings(
        &self,
        request: &SourceRequest,
        input: Input,
        context: &RequestContext<RoleServer>,
    ) -> Result<(CallContext, Option<Arc<Rounds>>), ErrorData> {
        let caller = self.caller(context);
        let can_answer = !caller.capabilities().is_empty();
        let mut surroundings = CallContext::new(caller.clone());
        let mut rounds = None;
        if !is_modern(context) {
            if can_answer {
                surroundings = surroundings.with_asking(Arc::new(PeerAsking(context.peer.clone())));
            }
        } else if can_answer || input.state.is_some() {
            let (method, name) = match request {
                SourceRequest::CallTool { name, .. } => ("tools/call", name),
                SourceRequest::GetPrompt { name, .. } => ("prompts/get", name),
                SourceRequest::ReadResource { uri } => ("resources/read", uri),
                SourceRequest::Complete { argument, .. } => ("completion/complete", argument),
            };
            let empty = Map::new();
            let arguments = request.arguments().unwrap_or(&empty);
            let binding = RequestBinding::new(caller, method, name, arguments);
            let begun = Rounds::begin(&self.states, binding, input.responses, input.state).await?;
            let begun = Arc::new(begun);
            surroundings = surroundings.with_asking(Arc::clone(&begun) as _);
            rounds = Some(begun);
        }
        if self.service.has_logs() {
            let asked = match is_modern(context) {
                true => context.meta.log_level().map(least_of),
                false => self.session.level(),
            };
            if let Some(least) = asked {
                let client = context.peer.clone();
                surroundings = surroundings.with_log(Arc::new(ClientLogger { client, least }));
            }
        }
        Ok((surroundings, rounds))
    }
}

fn identity(service: &Service) -> Implementation {
    let connector = service.connector();
    let identity = Implementation::new(format!("{}-mcp", connector.name), env!("CARGO_PKG_VERSION"));
    match connector.title {
        "" => identity,
        title => identity.with_title(title),
    }
}

/// The result of a tool, or the protocol's error about its call.
fn finish(
    result: Result<SourceResponse, CallError>,
    revision: &ProtocolVersion,
    is_modern: bool,
) -> Result<CallToolResult, ErrorData> {
    let result = match result {
        Ok(SourceResponse::Tool(result)) => result,
        Ok(_) => return Err(lists::mismatched()),
        Err(CallError::Unknown(unknown) | CallError::NotPermitted(unknown)) => {
            return Err(ErrorData::invalid_params(unknown.to_string(), None));
        }
        Err(CallError::MissingCapability(missing)) if is_modern => {
            return Err(lists::missing_capability(missing));
        }
        Err(error) => ToolResult::error(error.to_string()),
    };
    Ok(answer(result, revision))
}

/// Whether a request is of revision 2026-07-28 or newer. Revisions are dates.
fn is_modern(context: &RequestContext<RoleServer>) -> bool {
    context.protocol_version().is_some_and(|it| it.as_str() >= ProtocolVersion::V_2026_07_28.as_str())
}

/// Parses the cursor `VERSION-PAGE`, so that a client does not mix the pages of two versions.
fn page_of(cursor: &str, version: u64, pages: usize) -> Option<usize> {
    let (of, page) = cursor.split_once('-')?;
    (of == format!("{version:x}")).then(|| page.parse().ok()).flatten().filter(|page| *page < pages)
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let announces = (!self.service.changes().is_empty()).then_some(true);
        let mut tools = ToolsCapability::default();
        tools.list_changed = announces;
        let mut capabilities = ServerCapabilities::default();
        capabilities.tools = Some(tools);
        if self.service.has_resources() {
            let mut resources = ResourcesCapability::default();
            resources.list_changed = announces;
            resources.subscribe = self.service.updates().next().map(|_| true);
            capabilities.resources = Some(resources);
        }
        if self.service.has_prompts() {
            let mut prompts = PromptsCapability::default();
            prompts.list_changed = announces;
            capabilities.prompts = Some(prompts);
        }
        capabilities.completions = self.service.has_completions().then(Map::new);
        capabilities.logging = self.service.has_logs().then(Map::new);
        #[cfg(feature = "serve")]
        if self.service.tasks().is_some() {
            let extensions = capabilities.extensions.get_or_insert_default();
            extensions.insert(rmcp::model::TASKS_EXTENSION_ID.to_owned(), Map::new());
        }
        let mut info = ServerConfig::new(capabilities).with_server_info(identity(&self.service));
        let instructions = self.service.instructions();
        if !instructions.is_empty() {
            info = info.with_instructions(instructions);
        }
        info
    }

    async fn discover(&self, _context: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        let versions = self.supported_protocol_versions().into_owned();
        let mut result = DiscoverResult::from_server_info(versions, self.get_info());
        (result.ttl_ms, result.cache_scope) = list_cache(&self.service);
        Ok(result)
    }

    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        let changes = Changes::of(&self.service);
        if !changes.is_empty() {
            let (service, session) = (self.service.clone(), Arc::downgrade(&self.session));
            tokio::spawn(tell_session(service, changes, context.peer, session));
        }
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
        let (ttl, scope) = list_cache(&self.service);
        let mut result = ListToolsResult::with_all_items(pages[at].clone());
        result.next_cursor = (at + 1 < pages.len()).then(|| format!("{version:x}-{}", at + 1));
        result.meta = self.result_meta(&context);
        if is_modern(&context) {
            result = result.with_ttl_ms(ttl).with_cache_scope(scope);
        }
        Ok(result)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let input = Input { responses: request.input_responses, state: request.request_state };
        let arguments = request.arguments.unwrap_or_default();
        let call = SourceRequest::CallTool { name: request.name.into_owned(), arguments };
        let result = match self.run(call, input, &context).await? {
            Ended::Done(response) => Ok(response),
            Ended::Failed(error) => Err(error),
            Ended::Asks(mut asks) => {
                asks.meta = self.result_meta(&context);
                return Ok(CallToolResponse::InputRequired(asks));
            }
            #[cfg(feature = "serve")]
            Ended::Task(mut task) => {
                task.meta = self.result_meta(&context);
                return Ok(CallToolResponse::Task(*task));
            }
        };
        let revision = context.protocol_version().unwrap_or_default();
        let mut answer = finish(result, &revision, is_modern(&context))?;
        answer.meta = self.result_meta(&context);
        Ok(CallToolResponse::Complete(answer))
    }

    #[cfg(feature = "serve")]
    async fn get_task(
        &self,
        request: GetTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, ErrorData> {
        let tasks = self.service.tasks().ok_or_else(ErrorData::method_not_found::<GetTaskMethod>)?;
        let mut task = super::tasks::get(&**tasks, &request.task_id, &self.caller(&context)).await?;
        task.meta = self.result_meta(&context);
        Ok(task)
    }

    #[cfg(feature = "serve")]
    async fn update_task(
        &self,
        request: UpdateTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let tasks = self.service.tasks().ok_or_else(ErrorData::method_not_found::<UpdateTaskMethod>)?;
        super::tasks::update(&**tasks, &request.task_id, &self.caller(&context)).await
    }

    #[cfg(feature = "serve")]
    async fn cancel_task(
        &self,
        request: CancelTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let tasks = self.service.tasks().ok_or_else(ErrorData::method_not_found::<CancelTaskMethod>)?;
        super::tasks::cancel(&**tasks, &request.task_id, &self.caller(&context)).await
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        let mut called = self.called.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tool) = called.get(name) {
            return Some(tool.clone());
        }
        // The SDK reads only the schema of this tool, and clones all of it at each call.
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
        let (ttl, scope) = list_cache(&self.service);
        let mut result = lists::resources(self.service.resources(&self.caller(&context)));
        result.meta = self.result_meta(&context);
        Ok(if is_modern(&context) { result.with_ttl_ms(ttl).with_cache_scope(scope) } else { result })
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        if !self.service.has_resources() {
            return Err(ErrorData::method_not_found::<ListResourceTemplatesRequestMethod>());
        }
        let (ttl, scope) = list_cache(&self.service);
        let mut result = lists::templates(self.service.resources(&self.caller(&context)));
        result.meta = self.result_meta(&context);
        Ok(if is_modern(&context) { result.with_ttl_ms(ttl).with_cache_scope(scope) } else { result })
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        if !self.service.has_resources() {
            return Err(ErrorData::method_not_found::<ReadResourceRequestMethod>());
        }
        let input = Input { responses: request.input_responses, state: request.request_state };
        let read = SourceRequest::ReadResource { uri: request.uri.clone() };
        match self.run(read, input, &context).await? {
            Ended::Done(SourceResponse::Resource(contents)) => {
                let mut result = lists::resource(contents);
                result.meta = self.result_meta(&context);
                Ok(ReadResourceResponse::Complete(result))
            }
            Ended::Done(_) => Err(lists::mismatched()),
            // Only calls of tools go on as tasks.
            #[cfg(feature = "serve")]
            Ended::Task(_) => Err(lists::mismatched()),
            Ended::Asks(mut asks) => {
                asks.meta = self.result_meta(&context);
                Ok(ReadResourceResponse::InputRequired(asks))
            }
            Ended::Failed(error) => Err(lists::failure(&error, Some(&request.uri), is_modern(&context))),
        }
    }

    async fn subscribe(
        &self,
        request: SubscribeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        if self.service.updates().next().is_none() {
            return Err(ErrorData::method_not_found::<SubscribeRequestMethod>());
        }
        self.session.subscribe(request.uri)
    }

    async fn unsubscribe(
        &self,
        request: UnsubscribeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        if self.service.updates().next().is_none() {
            return Err(ErrorData::method_not_found::<UnsubscribeRequestMethod>());
        }
        self.session.unsubscribe(&request.uri);
        Ok(())
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        // The SDK leaves out what the capabilities do not announce.
        (!Changes::of(&self.service).is_empty()).then(|| requested.clone())
    }

    async fn listen(&self, subscription: SubscriptionContext) -> Result<(), ErrorData> {
        tell_subscription(Changes::of(&self.service), subscription).await;
        Ok(())
    }

    async fn set_level(
        &self,
        request: SetLevelRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        // Newer clients send the level with each request.
        if !self.service.has_logs() || is_modern(&context) {
            return Err(ErrorData::method_not_found::<SetLevelRequestMethod>());
        }
        self.session.set_level(least_of(request.level));
        Ok(())
    }

    async fn list_prompts(
        &self,
        _request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        if !self.service.has_prompts() {
            return Err(ErrorData::method_not_found::<ListPromptsRequestMethod>());
        }
        let (ttl, scope) = list_cache(&self.service);
        let mut result = lists::prompts(self.service.prompts(&self.caller(&context)));
        result.meta = self.result_meta(&context);
        Ok(if is_modern(&context) { result.with_ttl_ms(ttl).with_cache_scope(scope) } else { result })
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        if !self.service.has_prompts() {
            return Err(ErrorData::method_not_found::<GetPromptRequestMethod>());
        }
        let input = Input { responses: request.input_responses, state: request.request_state };
        let arguments = request.arguments.unwrap_or_default();
        let get = SourceRequest::GetPrompt { name: request.name, arguments };
        match self.run(get, input, &context).await? {
            Ended::Done(SourceResponse::Prompt(messages)) => {
                let revision = context.protocol_version().unwrap_or_default();
                let mut result = lists::prompt(messages, &revision);
                result.meta = self.result_meta(&context);
                Ok(GetPromptResponse::Complete(result))
            }
            Ended::Done(_) => Err(lists::mismatched()),
            // Only calls of tools go on as tasks.
            #[cfg(feature = "serve")]
            Ended::Task(_) => Err(lists::mismatched()),
            Ended::Asks(mut asks) => {
                asks.meta = self.result_meta(&context);
                Ok(GetPromptResponse::InputRequired(asks))
            }
            Ended::Failed(error) => Err(lists::failure(&error, None, is_modern(&context))),
        }
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        if !self.service.has_completions() {
            return Err(ErrorData::method_not_found::<CompleteRequestMethod>());
        }
        let request = SourceRequest::Complete {
            reference: lists::reference(request.r#ref)?,
            argument: request.argument.name,
            value: request.argument.value,
        };
        // A completion must not ask, so it gets no way to.
        let surroundings = CallContext::new(self.caller(&context));
        let outcome = tokio::select! {
            outcome = Box::pin(self.service.run(request, &surroundings)) => outcome,
            () = context.ct.cancelled() => {
                return Err(ErrorData::internal_error("cancelled by the client", None));
            }
        };
        match outcome.result {
            Ok(SourceResponse::Completion(values)) => {
                let mut result = lists::completion(values)?;
                result.meta = self.result_meta(&context);
                Ok(result)
            }
            Ok(_) => Err(lists::mismatched()),
            Err(error) => Err(lists::failure(&error, None, is_modern(&context))),
        }
    }
}
