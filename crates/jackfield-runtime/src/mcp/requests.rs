//! The requests and notifications of MCP clients.
#![allow(
    deprecated,
    reason = "the SDK deprecates items of older protocol revisions, whose clients still need them"
)]

use std::sync::{Arc, PoisonError};

use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CompleteRequestMethod, CompleteRequestParams, CompleteResult,
    CustomRequest, CustomResult, DiscoverResult, ErrorCode, ErrorData, GetPromptRequestMethod,
    GetPromptRequestParams, GetPromptResponse, InitializeRequestParams, InitializeResult,
    ListPromptsRequestMethod, ListPromptsResult, ListResourceTemplatesRequestMethod,
    ListResourceTemplatesResult, ListResourcesRequestMethod, ListResourcesResult, ListToolsResult,
    PaginatedRequestParams, PromptsCapability, ReadResourceRequestMethod, ReadResourceRequestParams,
    ReadResourceResponse, ResourcesCapability, ServerCapabilities, ServerConfig, SetLevelRequestMethod,
    SetLevelRequestParams, SubscribeRequestMethod, SubscribeRequestParams, SubscriptionFilter, Tool,
    ToolsCapability, UnsubscribeRequestMethod, UnsubscribeRequestParams,
};
#[cfg(feature = "serve")]
use rmcp::model::{
    CancelTaskMethod, CancelTaskParams, GetTaskMethod, GetTaskParams, GetTaskResult, UpdateTaskMethod,
    UpdateTaskParams,
};
use rmcp::service::{NotificationContext, RequestContext, RoleServer, SubscriptionContext};
use serde_json::Map;

use super::announcing::{Changes, tell_session, tell_subscription};
use super::client_logger::least_of;
use super::finish::finish;
use super::handler::{Ended, Handler, Input, is_modern};
use super::listener::Listener;
use super::lists;
use super::session::MAX_SUBSCRIPTIONS;
use super::structured_text::carrier;
use super::tools::describe;
use super::view::identity;
use crate::common::caller::{Caller, Channel};
use crate::engine::context::CallContext;
use crate::engine::error::CallError;
use crate::engine::request::{SourceRequest, SourceResponse, TargetKind};
use crate::engine::unknown::UnknownName;

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let service = self.service();
        let announces = (self.current.is_replaceable() || !service.changes().is_empty()).then_some(true);
        let mut tools = ToolsCapability::default();
        tools.list_changed = announces;
        let mut capabilities = ServerCapabilities::default();
        capabilities.tools = Some(tools);
        if service.has_resources() {
            let mut resources = ResourcesCapability::default();
            resources.list_changed = announces;
            resources.subscribe = service.updates().next().map(|_| true);
            capabilities.resources = Some(resources);
        }
        if service.has_prompts() {
            let mut prompts = PromptsCapability::default();
            prompts.list_changed = announces;
            capabilities.prompts = Some(prompts);
        }
        capabilities.completions = service.has_completions().then(Map::new);
        capabilities.logging = service.has_logs().then(Map::new);
        #[cfg(feature = "serve")]
        if service.tasks().is_some() {
            let extensions = capabilities.extensions.get_or_insert_default();
            extensions.insert(rmcp::model::TASKS_EXTENSION_ID.to_owned(), Map::new());
        }
        let mut info = ServerConfig::new(capabilities).with_server_info(identity(&service));
        let instructions = service.instructions();
        if !instructions.is_empty() {
            info = info.with_instructions(instructions);
        }
        info
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        // The session belongs to the caller that opens it.
        self.caller(&context)?;
        context.peer.set_peer_info(request.clone());
        self.negotiate_initialize(&request)
    }

    async fn discover(&self, _context: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        let versions = self.supported_protocol_versions().into_owned();
        let mut result = DiscoverResult::from_server_info(versions, self.get_info());
        (result.ttl_ms, result.cache_scope) = self.list_cache(&self.service());
        Ok(result)
    }

    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        // Over HTTP, clients get announcements in the stream that they open.
        if self.channel == Channel::Http {
            return;
        }
        if Changes::are_possible(&self.current) {
            let client = Listener::Peer(context.peer);
            if let Some(telling) = tell_session(self.current.clone(), client, &self.session) {
                tokio::spawn(telling);
            }
        }
    }

    async fn on_roots_list_changed(&self, _context: NotificationContext<RoleServer>) {
        if let Some(owner) = self.session.owner() {
            self.service().roots_changed(owner);
        }
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let cursor = request.and_then(|request| request.cursor);
        let caller = self.caller(&context)?;
        let (mut result, text) = self.page(&caller, cursor.as_deref(), is_modern(&context))?;
        result.tools = match self.channel {
            Channel::Stdio => vec![carrier(text.as_str())],
            // Over HTTP, the SDK serializes the list itself, so the prepared text has to be parsed first.
            _ => serde_json::from_str(text.as_str())
                .map_err(|error| ErrorData::internal_error(error.to_string(), None))?,
        };
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
                self.add_meta(&mut asks.meta, &context);
                return Ok(CallToolResponse::InputRequired(asks));
            }
            #[cfg(feature = "serve")]
            Ended::Task(mut task) => {
                task.meta = self.result_meta(&context);
                return Ok(CallToolResponse::Task(*task));
            }
        };
        let revision = context.protocol_version().unwrap_or_default();
        let mut answer = finish(result, &revision, is_modern(&context), self.channel == Channel::Stdio)?;
        self.add_meta(&mut answer.meta, &context);
        Ok(CallToolResponse::Complete(answer))
    }

    #[cfg(feature = "serve")]
    async fn get_task(
        &self,
        request: GetTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, ErrorData> {
        let service = self.service();
        let tasks = service.tasks().ok_or_else(ErrorData::method_not_found::<GetTaskMethod>)?;
        let mut task = super::tasks::get(&**tasks, &request.task_id, &self.caller(&context)?).await?;
        task.meta = self.result_meta(&context);
        Ok(task)
    }

    #[cfg(feature = "serve")]
    async fn update_task(
        &self,
        request: UpdateTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let service = self.service();
        let tasks = service.tasks().ok_or_else(ErrorData::method_not_found::<UpdateTaskMethod>)?;
        let UpdateTaskParams { task_id, input_responses, .. } = request;
        super::tasks::update(&**tasks, &task_id, input_responses, &self.caller(&context)?).await
    }

    #[cfg(feature = "serve")]
    async fn cancel_task(
        &self,
        request: CancelTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let service = self.service();
        let tasks = service.tasks().ok_or_else(ErrorData::method_not_found::<CancelTaskMethod>)?;
        super::tasks::cancel(&**tasks, &request.task_id, &self.caller(&context)?).await
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        let view = self.view();
        let mut called = view.called.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tool) = called.get(name) {
            return Some(tool.clone());
        }
        // The SDK needs only the schema of this tool, but would clone the whole tool at each call.
        let Some(own) = view.service.get(name) else {
            // The tools of other servers can change while this service runs, so they are not cached.
            let schema = match self.session.owner() {
                Some(caller) => view.service.repeated_in_headers(name, caller)?,
                None => view.service.repeated_in_headers(name, &Caller::local(self.channel))?,
            };
            return Some(Tool::new(name.to_owned(), "", Arc::new(schema)));
        };
        let tool = Tool::new(name.to_owned(), "", describe(own).input_schema);
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
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let view = self.view();
        let service = &view.service;
        if !service.has_resources() {
            return Err(ErrorData::method_not_found::<ListResourcesRequestMethod>());
        }
        let (ttl, scope) = self.list_cache(service);
        let lists = view.contents.get(service, &self.caller(&context)?);
        let wanted = request.and_then(|request| request.cursor);
        let (page, next) = lists.page(&lists.resources, wanted.as_deref())?;
        let mut result = ListResourcesResult::with_all_items(page);
        result.next_cursor = next;
        result.meta = self.result_meta(&context);
        Ok(if is_modern(&context) { result.with_ttl_ms(ttl).with_cache_scope(scope) } else { result })
    }

    async fn list_resource_templates(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let view = self.view();
        let service = &view.service;
        if !service.has_resources() {
            return Err(ErrorData::method_not_found::<ListResourceTemplatesRequestMethod>());
        }
        let (ttl, scope) = self.list_cache(service);
        let lists = view.contents.get(service, &self.caller(&context)?);
        let wanted = request.and_then(|request| request.cursor);
        let (page, next) = lists.page(&lists.templates, wanted.as_deref())?;
        let mut result = ListResourceTemplatesResult::with_all_items(page);
        result.next_cursor = next;
        result.meta = self.result_meta(&context);
        Ok(if is_modern(&context) { result.with_ttl_ms(ttl).with_cache_scope(scope) } else { result })
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let service = self.service();
        if !service.has_resources() {
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
            // Only tool calls can continue as tasks.
            #[cfg(feature = "serve")]
            Ended::Task(_) => Err(lists::mismatched()),
            Ended::Asks(mut asks) => {
                self.add_meta(&mut asks.meta, &context);
                Ok(ReadResourceResponse::InputRequired(asks))
            }
            Ended::Failed(error) => Err(lists::failure(&error, Some(&request.uri), is_modern(&context))),
        }
    }

    async fn subscribe(
        &self,
        request: SubscribeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        if self.service().updates().next().is_none() {
            return Err(ErrorData::method_not_found::<SubscribeRequestMethod>());
        }
        let caller = self.caller(&context)?;
        if !self.service().permits_kind(&caller, TargetKind::Resource, &request.uri) {
            let read = SourceRequest::ReadResource { uri: request.uri };
            let unknown = CallError::Unknown(UnknownName::target_of(&read));
            return Err(lists::failure(&unknown, None, is_modern(&context)));
        }
        let service = self.service();
        self.session.subscribe(request.uri.clone(), caller.clone(), || service.watch(&request.uri, &caller))
    }

    async fn unsubscribe(
        &self,
        request: UnsubscribeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        if self.service().updates().next().is_none() {
            return Err(ErrorData::method_not_found::<UnsubscribeRequestMethod>());
        }
        self.session.unsubscribe(&request.uri);
        Ok(())
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        // The SDK drops notifications that the server's capabilities do not declare.
        Changes::are_possible(&self.current).then(|| {
            let mut accepted = requested.clone();
            if let Some(uris) = &mut accepted.resource_subscriptions {
                uris.retain(|uri| uri.len() <= lists::LONGEST_URI);
                uris.truncate(MAX_SUBSCRIPTIONS);
            }
            accepted
        })
    }

    async fn listen(&self, subscription: SubscriptionContext) -> Result<(), ErrorData> {
        let caller = self.caller(subscription.request_context())?;
        tell_subscription(self.current.clone(), caller, Changes::of(&self.current), subscription).await;
        Ok(())
    }

    async fn set_level(
        &self,
        request: SetLevelRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        // Clients of newer revisions send the log level with each request.
        if !self.service().has_logs() || is_modern(&context) {
            return Err(ErrorData::method_not_found::<SetLevelRequestMethod>());
        }
        self.session.set_level(least_of(request.level));
        Ok(())
    }

    async fn list_prompts(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let view = self.view();
        let service = &view.service;
        if !service.has_prompts() {
            return Err(ErrorData::method_not_found::<ListPromptsRequestMethod>());
        }
        let (ttl, scope) = self.list_cache(service);
        let lists = view.contents.get(service, &self.caller(&context)?);
        let wanted = request.and_then(|request| request.cursor);
        let (page, next) = lists.page(&lists.prompts, wanted.as_deref())?;
        let mut result = ListPromptsResult::with_all_items(page);
        result.next_cursor = next;
        result.meta = self.result_meta(&context);
        Ok(if is_modern(&context) { result.with_ttl_ms(ttl).with_cache_scope(scope) } else { result })
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let service = self.service();
        if !service.has_prompts() {
            return Err(ErrorData::method_not_found::<GetPromptRequestMethod>());
        }
        let input = Input { responses: request.input_responses, state: request.request_state };
        let arguments = request.arguments.unwrap_or_default();
        let get = SourceRequest::GetPrompt { name: request.name, arguments };
        match self.run(get, input, &context).await? {
            Ended::Done(SourceResponse::Prompt(prompt)) => {
                let revision = context.protocol_version().unwrap_or_default();
                let mut result = lists::prompt(prompt, &revision);
                self.add_meta(&mut result.meta, &context);
                Ok(GetPromptResponse::Complete(result))
            }
            Ended::Done(_) => Err(lists::mismatched()),
            // Only tool calls can continue as tasks.
            #[cfg(feature = "serve")]
            Ended::Task(_) => Err(lists::mismatched()),
            Ended::Asks(mut asks) => {
                self.add_meta(&mut asks.meta, &context);
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
        let service = self.service();
        if !service.has_completions() {
            return Err(ErrorData::method_not_found::<CompleteRequestMethod>());
        }
        let request = SourceRequest::Complete {
            reference: lists::reference(request.r#ref)?,
            argument: request.argument.name,
            value: request.argument.value,
            context: lists::known_arguments(request.context),
        };
        // A completion must not ask the user questions, so its context cannot ask.
        let surroundings = CallContext::new(self.caller(&context)?);
        let outcome = tokio::select! {
            outcome = Box::pin(service.run(request, &surroundings)) => outcome,
            () = context.ct.cancelled() => return Err(lists::cancelled()),
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
