//! Handles every request to a server, with the state of the server.

use std::sync::{Arc, PoisonError, RwLock};

#[cfg(feature = "http")]
use rmcp::handler::server::ServerHandler as _;
use rmcp::model::{
    CacheScope, ErrorData, Implementation, InputRequiredResult, InputResponses, JsonRpcMessage,
    ListToolsResult, MetaObject, ProtocolVersion, ServerResult,
};
#[cfg(feature = "http")]
use rmcp::model::{InitializeRequestParams, InitializeResult};
use rmcp::service::{RequestContext, RoleServer, TxJsonRpcMessage};
use serde_json::Map;
use tokio::sync::oneshot;

#[cfg(feature = "http")]
use super::announcing::Changes;
use super::asking::peer_asking::PeerAsking;
use super::asking::request_binding::RequestBinding;
use super::asking::request_states::RequestStates;
use super::asking::rounds::Rounds;
use super::begun::Begun;
use super::client_logger::{ClientLogger, least_of};
use super::connect;
use super::cursor::{cursor, page_of};
#[cfg(feature = "serve")]
use super::finish::finish;
use super::listener::Listener;
use super::lists;
use super::progress::tell;
use super::result_meta::list_cache;
use super::session::Session;
#[cfg(feature = "http")]
use super::session_client::SessionClient;
use super::session_client::capabilities_of;
#[cfg(feature = "http")]
use super::structured_text::{carrier, print};
use super::tools::answer;
use super::usual_call::UsualCall;
#[cfg(feature = "http")]
use super::usual_list::UsualList;
use super::view::{PageText, View};
#[cfg(feature = "http")]
use crate::common::caller::Principal;
use crate::common::caller::{Agent, Caller, Channel};
#[cfg(feature = "http")]
use crate::common::client_address::ClientAddress;
use crate::common::identity::Identity;
use crate::common::permission_signal::PermissionSignal;
use crate::common::progress::Progress;
use crate::common::trace_context::TraceContext;
use crate::engine::context::CallContext;
use crate::engine::current_service::CurrentService;
use crate::engine::error::CallError;
use crate::engine::policy::not_approved::NotApproved;
use crate::engine::request::{SourceRequest, SourceResponse};
use crate::engine::service::Service;

/// Handles the requests of MCP clients.
#[derive(Clone)]
pub(super) struct Handler {
    pub(super) current: CurrentService,
    pub(super) channel: Channel,
    view: Arc<RwLock<Arc<View>>>,
    states: Arc<RequestStates>,
    pub(super) session: Arc<Session>,
}

/// The answers and the state that a client sends when it repeats a request.
pub(super) struct Input {
    pub(super) responses: Option<InputResponses>,
    pub(super) state: Option<String>,
}

/// The end of a request that may ask questions.
pub(super) enum Ended {
    Done(SourceResponse),
    Asks(InputRequiredResult),
    #[cfg(feature = "serve")]
    Task(Box<rmcp::model::CreateTaskResult>),
    Failed(CallError),
}

/// Returns the trace context of a request, from its message or else from its HTTP headers.
fn trace_of(meta: Option<&MetaObject>, extensions: Option<&http::Extensions>) -> Option<TraceContext> {
    let of_message = meta.and_then(|meta| {
        let state = meta.0.get("tracestate").and_then(serde_json::Value::as_str);
        TraceContext::parse(meta.get_traceparent()?, state)
    });
    of_message.or_else(|| extensions?.get().cloned())
}

/// Returns the caller that the server has authenticated. Returns the local user if the server does not authenticate callers.
pub(super) fn caller_of(extensions: Option<&http::Extensions>, channel: Channel) -> Caller {
    let caller = match extensions.and_then(|extensions| extensions.get::<Identity>()) {
        Some(identity) => identity.caller(channel),
        None => Caller::local(channel),
    };
    #[cfg(feature = "http")]
    if let Some(address) = extensions.and_then(|extensions| extensions.get::<ClientAddress>()) {
        return caller.with_address(address.0);
    }
    caller
}

/// Returns the principal that the server has authenticated.
#[cfg(feature = "http")]
pub(super) fn principal_of(extensions: &http::Extensions) -> &Principal {
    extensions.get::<Identity>().map_or(&Principal::Local, |identity| &identity.principal)
}

impl Handler {
    pub(super) fn new(service: impl Into<CurrentService>, channel: Channel) -> Self {
        let current = service.into();
        let view = Arc::new(RwLock::new(View::of(current.get())));
        let (states, session) = (Arc::new(RequestStates::new()), Arc::new(Session::new()));
        Self { current, channel, view, states, session }
    }

    /// Returns the current service as clients see it.
    pub(super) fn view(&self) -> Arc<View> {
        let service = self.current.get();
        let known = Arc::clone(&self.view.read().unwrap_or_else(PoisonError::into_inner));
        if Arc::ptr_eq(&known.service, &service) {
            return known;
        }
        let view = View::of(service);
        let mut known = self.view.write().unwrap_or_else(PoisonError::into_inner);
        // Another request may have built the view meanwhile.
        if !Arc::ptr_eq(&known.service, &view.service) {
            *known = view;
        }
        Arc::clone(&known)
    }

    /// Returns the current service.
    pub(super) fn service(&self) -> Arc<Service> {
        self.current.get()
    }

    /// Returns how many milliseconds clients may cache a list of the service, and whether caches may share the
    /// list.
    pub(super) fn list_cache(&self, service: &Service) -> (u64, CacheScope) {
        list_cache(service, self.current.is_replaceable())
    }

    /// Returns a handler for another session of the same server.
    #[cfg(feature = "http")]
    pub(super) fn for_session(&self, session: Arc<Session>) -> Self {
        Self { session, ..self.clone() }
    }

    /// Returns a session that belongs to the caller of a request. Returns `None` if the caller is the local user.
    #[cfg(feature = "http")]
    pub(super) fn session_of(&self, extensions: &http::Extensions) -> Option<Arc<Session>> {
        let caller = extensions.get::<Identity>()?.caller(self.channel);
        Some(Arc::new(Session::of(caller)))
    }

    /// Whether the server sends messages to clients between their requests.
    #[cfg(feature = "http")]
    pub(super) fn tells(&self) -> bool {
        self.service().has_logs() || Changes::are_possible(&self.current)
    }

    /// Returns the caller of a request.
    ///
    /// # Errors
    /// Returns an error if the session of the request belongs to another principal.
    pub(super) fn caller(&self, context: &RequestContext<RoleServer>) -> Result<Caller, ErrorData> {
        let parts = context.extensions.get::<http::request::Parts>();
        let mut caller = caller_of(parts.map(|parts| &parts.extensions), self.channel);
        if let Some(client) = context.client_info() {
            caller = caller.with_agent(Agent { name: client.name, version: client.version });
        }
        if let Some(known) = context.client_capabilities() {
            caller = caller.with_capabilities(capabilities_of(&known));
        }
        self.session.admit(&caller)?;
        Ok(caller)
    }

    /// Returns a page of a caller's tool list: the result without its tools, and the JSON array of the tools.
    ///
    /// # Errors
    /// Returns an error if the cursor `wanted` is invalid, or belongs to another version of the list.
    pub(super) fn page(
        &self,
        caller: &Caller,
        wanted: Option<&str>,
        is_modern: bool,
    ) -> Result<(ListToolsResult, PageText), ErrorData> {
        let view = self.view();
        let (version, pages) = view.pages(caller);
        let at = page_of(wanted, version, pages.len())?;
        if let Some(audit) = &view.service.policies().audit {
            audit.record_list(caller, pages.parts(at));
        }
        let mut result = ListToolsResult::with_all_items(Vec::new());
        result.next_cursor = (at + 1 < pages.len()).then(|| cursor(version, at + 1));
        if is_modern {
            let (ttl, scope) = self.list_cache(&view.service);
            result = result.with_ttl_ms(ttl).with_cache_scope(scope);
            result.meta = Some(view.meta.clone());
        }
        Ok((result, PageText { pages, at }))
    }

    /// Answers a common request for the tool list over HTTP without the SDK.
    #[cfg(feature = "http")]
    pub(super) fn answer_usual_list(
        &self,
        list: &UsualList,
        client: Option<Agent>,
        is_modern: bool,
        extensions: &http::Extensions,
    ) -> serde_json::Result<Vec<u8>> {
        let mut caller = caller_of(Some(extensions), self.channel);
        if let Some(client) = client {
            caller = caller.with_agent(client);
        }
        let message = match self.page(&caller, list.cursor.as_deref(), is_modern) {
            Ok((mut result, text)) => {
                result.tools = vec![carrier(text.as_str())];
                let mut result = ServerResult::ListToolsResult(result);
                if !is_modern {
                    result.strip_result_type_for_legacy_peer();
                }
                JsonRpcMessage::response(result, list.id.clone())
            }
            Err(error) => JsonRpcMessage::error(error, Some(list.id.clone())),
        };
        print(message)
    }

    /// Answers a common tool call without the SDK, for clients of revisions with a handshake. Over HTTP without a session, the client is
    /// unknown, because the handshake was a separate request.
    pub(super) async fn answer_usual(
        &self,
        call: UsualCall,
        revision: &ProtocolVersion,
        client: Option<Agent>,
        extensions: &http::Extensions,
    ) -> TxJsonRpcMessage<RoleServer> {
        let UsualCall { id, name, arguments, meta } = call;
        let agent = client.unwrap_or_else(|| {
            // The SDK uses its own name for an unknown client.
            let Implementation { name, version, .. } = Implementation::default();
            Agent { name, version }
        });
        let caller = caller_of(Some(extensions), self.channel).with_agent(agent);
        let signal = extensions.get::<PermissionSignal>().cloned();
        let surroundings = CallContext::new(caller).with_permission_signal(signal);
        let trace = trace_of(meta.map(MetaObject).as_ref(), Some(extensions));
        let surroundings = surroundings.with_trace(trace);
        let service = self.service();
        match Box::pin(service.call_in(&name, arguments.unwrap_or_default(), &surroundings)).await {
            Ok(result) => {
                let mut result = ServerResult::CallToolResult(answer(result, revision, true));
                result.strip_result_type_for_legacy_peer();
                JsonRpcMessage::response(result, id)
            }
            Err(unknown) => {
                JsonRpcMessage::error(ErrorData::invalid_params(unknown.to_string(), None), Some(id))
            }
        }
    }

    /// Answers the request that opens a session, whose owner becomes the caller of the request.
    ///
    /// # Errors
    /// Returns an error if the client and the server have no revision in common.
    #[cfg(feature = "http")]
    pub(super) fn greet(
        &self,
        parameters: &InitializeRequestParams,
        session: &Session,
        extensions: &http::Extensions,
    ) -> Result<(InitializeResult, SessionClient), ErrorData> {
        let result = self.negotiate_initialize(parameters)?;
        let client = SessionClient::of(parameters, result.protocol_version.clone());
        let caller = caller_of(Some(extensions), self.channel).with_agent(client.agent.clone());
        session.admit(&caller.with_capabilities(client.capabilities))?;
        Ok((result, client))
    }

    /// Returns the metadata of a result, if the protocol revision of the client defines it.
    pub(super) fn result_meta(&self, context: &RequestContext<RoleServer>) -> Option<MetaObject> {
        is_modern(context).then(|| self.view().meta.clone())
    }

    /// Adds this server's metadata to a result. Other metadata of a relayed result is kept.
    pub(super) fn add_meta(&self, meta: &mut Option<MetaObject>, context: &RequestContext<RoleServer>) {
        if let Some(own) = self.result_meta(context) {
            meta.get_or_insert_default().0.extend(own.0);
        }
    }

    /// Runs a request that may ask the client questions, and reports progress to the client.
    pub(super) async fn run(
        &self,
        request: SourceRequest,
        input: Input,
        context: &RequestContext<RoleServer>,
    ) -> Result<Ended, ErrorData> {
        let (surroundings, rounds) = self.surroundings(&request, input, context).await?;
        let opens_addresses = surroundings.caller().capabilities().addresses;
        // The SDK moves the future of a request several times, so a large one is boxed.
        let call = async {
            // Progress is reported only if the client has requested it, which most clients do not.
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
            () = context.ct.cancelled() => return Err(lists::cancelled()),
        };
        #[cfg_attr(
            not(feature = "serve"),
            allow(clippy::infallible_destructuring_match, reason = "no tasks")
        )]
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
            (Err(CallError::Account(missing)), Some(rounds)) if opens_addresses => {
                let asked = connect::ask(&missing, &rounds).await?;
                Ok(asked.map_or_else(|| Ended::Failed(CallError::Account(missing)), Ended::Asks))
            }
            (Err(CallError::Account(missing)), None) if opens_addresses => {
                match connect::required(&missing, context.protocol_version().as_ref()) {
                    Some(error) => Err(error),
                    None => Ok(Ended::Failed(CallError::Account(missing))),
                }
            }
            (Err(error), _) => Ok(Ended::Failed(error)),
        }
    }

    /// Runs a request. A tool call may continue as a task.
    async fn execute(
        &self,
        request: SourceRequest,
        surroundings: &CallContext,
        _context: &RequestContext<RoleServer>,
    ) -> Result<Begun, ErrorData> {
        let service = self.service();
        #[cfg(feature = "serve")]
        if let Some(tasks) = service.tasks()
            && surroundings.caller().capabilities().tasks
            && matches!(request, SourceRequest::CallTool { .. })
        {
            let (revision, is_modern) =
                (_context.protocol_version().unwrap_or_default(), is_modern(_context));
            let shape = move |outcome: crate::engine::outcome::Outcome| {
                if let Some(error) = outcome.result.as_ref().err().and_then(lists::error_of_task) {
                    return Err(error);
                }
                let result = finish(outcome.result, &revision, is_modern, false)?;
                Ok(serde_json::to_value(result).unwrap_or_default())
            };
            let (tasks, service) = (Arc::clone(tasks), Arc::clone(&service));
            return super::tasks::run(service, tasks, request, surroundings.clone(), shape).await;
        }
        Ok(Begun::Done(Box::pin(service.run(request, surroundings)).await))
    }

    /// Returns the context of a call, and the rounds in which the call asks questions. The context can ask questions if the client supports
    /// questions.
    async fn surroundings(
        &self,
        request: &SourceRequest,
        input: Input,
        context: &RequestContext<RoleServer>,
    ) -> Result<(CallContext, Option<Arc<Rounds>>), ErrorData> {
        let caller = self.caller(context)?;
        let can_answer = !caller.capabilities().is_empty();
        let parts = context.extensions.get::<http::request::Parts>();
        let signal = parts.and_then(|parts| parts.extensions.get::<PermissionSignal>()).cloned();
        let trace = trace_of(Some(&context.meta), parts.map(|parts| &parts.extensions));
        let surroundings = CallContext::new(caller.clone()).with_permission_signal(signal);
        let mut surroundings = surroundings.with_trace(trace);
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
        if self.service().has_logs() {
            let asked = match is_modern(context) {
                true => context.meta.log_level().map(least_of),
                false => self.session.level(),
            };
            if let Some(least) = asked {
                let client = Listener::Peer(context.peer.clone());
                let session = (!is_modern(context)).then(|| Arc::clone(&self.session));
                surroundings = surroundings.with_log(Arc::new(ClientLogger::new(client, session, least)));
            }
        }
        Ok((surroundings, rounds))
    }
}

/// Whether a request is of revision 2026-07-28 or newer. Revisions are dates.
pub(super) fn is_modern(context: &RequestContext<RoleServer>) -> bool {
    context.protocol_version().is_some_and(|it| it.as_str() >= ProtocolVersion::V_2026_07_28.as_str())
}
