//! Another MCP server as a source of tools, resources and prompts.

use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use http::HeaderMap;
use jackfield_recipe::Effect;
use jackfield_runtime::{
    ActiveCall, Answered, CallError, CallFuture, Caller, Environment, Listed, ListedPrompt, ListedResource,
    LogFeed, Prepared, PreparedMcp, Reference, RemoteProblem, ResourceUpdates, ResourceWatch, Source,
    SourceRequest, repeats_in_headers,
};
use serde_json::{Map, Value, json};
use tokio::sync::watch;

use super::calls::Request;
use super::connect_tool;
use super::convert::{self, Expected};
use super::follow::follow;
use super::pin_book::PinBook;
use super::pinned::{PinnedEntry, PinnedServer};
use super::session_key::key_of;
use super::tasks;
use super::upstream::Upstream;
use crate::config::ConnectorEntry;
use crate::connect::Connect;
use crate::wire::headers::mirrored;

/// Another MCP server as a source of tools, resources and prompts. Its lists are read from the store, without a connection.
pub struct RemoteSource {
    upstream: Arc<Upstream>,
}

impl RemoteSource {
    /// Creates the source of a connector.
    pub(crate) fn new(
        entry: ConnectorEntry,
        environment: Environment,
        pins: Arc<PinBook>,
        connect: Arc<Connect>,
    ) -> Self {
        let upstream =
            Upstream::new(entry, environment, pins).with_connect(Arc::clone(&connect)).followed_by(follow);
        let upstream = Arc::new(upstream);
        let kept = Arc::downgrade(&upstream);
        connect.when_begun(Box::new(move || {
            if let Some(upstream) = kept.upgrade() {
                upstream.keep_accounts();
            }
        }));
        Self { upstream }
    }

    /// Returns the connector's lists.
    fn server(&self) -> Option<Arc<PinnedServer>> {
        self.of("")
    }

    /// Returns the lists for a caller.
    fn server_of(&self, caller: &Caller) -> Option<Arc<PinnedServer>> {
        self.of(&key_of(self.upstream.owner(caller)))
    }

    /// Returns the lists for the session `key`. If there are none, attaches the server in the background.
    fn of(&self, key: &str) -> Option<Arc<PinnedServer>> {
        self.upstream.keep_accounts();
        let server = self.upstream.pins.get(self.upstream.name(), key);
        // Lists that another command or URL has sent belong to another server.
        let server = server.filter(|server| server.source == self.upstream.source);
        if server.is_none() {
            self.upstream.attach_in_background();
        }
        server
    }

    /// Returns the connector's lists and the separate lists of agents.
    fn all(&self) -> impl Iterator<Item = Arc<PinnedServer>> {
        // Most callers stop at the connector's lists.
        let own = std::iter::once_with(|| self.upstream.pins.all_own(self.upstream.name())).flatten();
        self.server().into_iter().chain(own.filter(|own| own.source == self.upstream.source))
    }

    /// Returns the accepted tools of `server` as clients see them. If there are no lists, returns only the tool that connects an account,
    /// if there is one.
    fn listed(&self, server: Option<Arc<PinnedServer>>) -> Box<dyn Iterator<Item = Listed> + '_> {
        let Some(server) = server else { return Box::new(self.upstream.connect_tool().into_iter()) };
        let listed = (0..server.tools.len()).filter_map(move |at| {
            let entry = server.tools.get(at)?;
            Some(convert::tool(&entry.alias, entry.in_force()?, self.effect_of(entry)))
        });
        Box::new(listed)
    }

    /// Whether a request is a call of the tool that connects an account.
    fn is_connect_call(&self, request: &SourceRequest) -> bool {
        connect_tool::is_meant(request) && self.upstream.connect_tool().is_some() && self.server().is_none()
    }

    fn effect_of(&self, entry: &PinnedEntry) -> Effect {
        self.upstream.entry.effects.of(&entry.name)
    }
}

fn prompt<'s>(server: &'s PinnedServer, name: &str) -> Option<&'s PinnedEntry> {
    server.prompts.iter().find(|prompt| prompt.name == name)
}

/// Refuses a request for a tool or a prompt that may not be called.
fn check(server: &PinnedServer, request: &SourceRequest) -> Result<(), CallError> {
    let (name, entry) = match request {
        SourceRequest::CallTool { name, .. } => (name, server.tool(name)),
        SourceRequest::GetPrompt { name, .. }
        | SourceRequest::Complete { reference: Reference::Prompt(name), .. } => (name, prompt(server, name)),
        _ => return Ok(()),
    };
    match entry {
        Some(entry) if entry.may_be_called() => Ok(()),
        Some(_) => Err(CallError::NotAccepted(name.clone())),
        // The entry may be in the separate lists of another agent.
        None => Err(CallError::unknown(request)),
    }
}

/// Returns the method, the parameters and the expected result of a request. Names are translated to the names at the server.
fn message(server: &PinnedServer, request: &SourceRequest) -> (&'static str, Value, Expected) {
    match request {
        SourceRequest::CallTool { name, arguments } => {
            let own = server.tool(name).map_or(name, |tool| &tool.name);
            ("tools/call", json!({ "name": own, "arguments": arguments }), Expected::Tool)
        }
        SourceRequest::ReadResource { uri } => ("resources/read", json!({ "uri": uri }), Expected::Resource),
        SourceRequest::GetPrompt { name, arguments } => {
            ("prompts/get", json!({ "name": name, "arguments": arguments }), Expected::Prompt)
        }
        SourceRequest::Complete { reference, argument, value, context } => {
            let reference = match reference {
                Reference::Prompt(name) => json!({ "type": "ref/prompt", "name": name }),
                Reference::Template(uri) => json!({ "type": "ref/resource", "uri": uri }),
            };
            let argument = json!({ "name": argument, "value": value });
            let mut params = json!({ "ref": reference, "argument": argument });
            if !context.is_empty() {
                params["context"] = json!({ "arguments": context });
            }
            ("completion/complete", params, Expected::Completion)
        }
        _ => ("ping", json!({}), Expected::Completion),
    }
}

/// Whether the accepted definition of a tool says that the tool can be called only as a task.
fn is_task(server: &PinnedServer, request: &SourceRequest) -> bool {
    let SourceRequest::CallTool { name, .. } = request else { return false };
    server.tool(name).and_then(|tool| tool.accepted.as_ref()).is_some_and(tasks::is_required)
}

/// Returns the headers that repeat arguments of a call, by the accepted definition of the tool.
fn repeated_in_headers(server: &PinnedServer, request: &SourceRequest) -> HeaderMap {
    let SourceRequest::CallTool { name, arguments } = request else { return HeaderMap::new() };
    let definition = server.tool(name).and_then(|tool| tool.accepted.as_ref());
    let schema = definition.and_then(|definition| definition.get("inputSchema")?.as_object());
    schema.map(|schema| mirrored(schema, arguments)).unwrap_or_default()
}

impl Source for RemoteSource {
    fn version(&self) -> u64 {
        self.upstream.pins.version(self.upstream.name())
    }

    fn version_for(&self, caller: &Caller) -> u64 {
        let key = key_of(self.upstream.owner(caller));
        // The version is read first, so that it is never newer than the answer of `has_own`.
        let version = self.version();
        // Callers without separate lists share a version, and so the cached JSON of the tools.
        if !self.upstream.pins.has_own(self.upstream.name(), &key) {
            return version;
        }
        let mut hasher = DefaultHasher::new();
        (version, key).hash(&mut hasher);
        hasher.finish()
    }

    fn tools<'a>(&'a self, caller: &'a Caller) -> Box<dyn Iterator<Item = Listed> + 'a> {
        self.listed(self.server_of(caller))
    }

    fn shares_tools(&self, caller: &Caller) -> bool {
        !self.upstream.pins.has_own(self.upstream.name(), &key_of(self.upstream.owner(caller)))
    }

    fn shared_tools(&self) -> Box<dyn Iterator<Item = Listed> + '_> {
        self.listed(self.server())
    }

    fn repeated_in_headers(&self, name: &str, caller: &Caller) -> Option<Map<String, Value>> {
        let server = self.server_of(caller)?;
        let schema = server.tool(name)?.in_force()?.get("inputSchema")?.as_object()?;
        repeats_in_headers(schema).then(|| schema.clone())
    }

    fn has_resources(&self) -> bool {
        self.server().is_some_and(|server| server.has("resources"))
    }

    fn resources(&self, caller: &Caller) -> Vec<ListedResource> {
        let Some(server) = self.server_of(caller) else { return Vec::new() };
        let resources = server.resources.iter().filter_map(|entry| convert::resource(entry, false));
        resources.chain(server.templates.iter().filter_map(|entry| convert::resource(entry, true))).collect()
    }

    fn has_prompts(&self) -> bool {
        self.server().is_some_and(|server| server.has("prompts"))
    }

    fn prompts(&self, caller: &Caller) -> Vec<ListedPrompt> {
        let Some(server) = self.server_of(caller) else { return Vec::new() };
        server.prompts.iter().filter_map(PinnedEntry::in_force).map(convert::prompt).collect()
    }

    fn has_completions(&self) -> bool {
        self.server().is_some_and(|server| server.has("completions"))
    }

    fn changes(&self) -> Option<watch::Receiver<u64>> {
        self.upstream.pins.changes(self.upstream.name())
    }

    fn updates(&self) -> Option<&ResourceUpdates> {
        Some(&self.upstream.updates)
    }

    fn watch(&self, uri: &str, caller: &Caller) -> Option<ResourceWatch> {
        self.upstream.watch(uri, caller)
    }

    fn roots_changed(&self, caller: &Caller) {
        let (upstream, caller) = (Arc::clone(&self.upstream), caller.clone());
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { upstream.tell_roots_changed(&caller).await });
        }
    }

    fn logs(&self) -> Option<&LogFeed> {
        Some(&self.upstream.logs)
    }

    fn has_logs(&self) -> bool {
        self.server().is_some_and(|server| server.has("logging"))
    }

    fn effect(&self, request: &SourceRequest) -> Option<Effect> {
        if self.is_connect_call(request) {
            return Some(Effect::Read);
        }
        self.all().find_map(|server| match request {
            SourceRequest::CallTool { name, .. } => server.tool(name).map(|tool| self.effect_of(tool)),
            SourceRequest::ReadResource { .. } => server.has("resources").then_some(Effect::Read),
            SourceRequest::GetPrompt { name, .. } => prompt(&server, name).map(|_| Effect::Read),
            SourceRequest::Complete { reference, .. } => {
                let is_known = match reference {
                    Reference::Prompt(name) => prompt(&server, name).is_some(),
                    Reference::Template(_) => server.has("resources"),
                };
                (is_known && server.has("completions")).then_some(Effect::Read)
            }
            _ => None,
        })
    }

    fn prepare<'a>(&'a self, request: SourceRequest, call: &'a ActiveCall) -> CallFuture<'a, Prepared> {
        let known = self.server_of(call.context().caller());
        let checked = known.as_ref().map_or(Ok(()), |server| check(server, &request));
        let own_name = match &request {
            SourceRequest::CallTool { name, .. } => {
                known.and_then(|server| server.tool(name).map(|tool| tool.name.clone()))
            }
            _ => None,
        };
        let server = self.upstream.name().to_owned();
        let prepared = checked.map(|()| Prepared::Mcp(PreparedMcp { server, request, own_name }));
        Box::pin(std::future::ready(prepared))
    }

    fn send<'a>(&'a self, prepared: Prepared, call: &'a ActiveCall) -> CallFuture<'a, Answered> {
        Box::pin(async move {
            let failed = |problem| self.upstream.remote(problem);
            let Prepared::Mcp(PreparedMcp { request, .. }) = prepared else {
                return Err(failed(RemoteProblem::Down(
                    "it does not support requests of this kind".to_owned(),
                )));
            };
            if self.is_connect_call(&request) {
                return self.upstream.connect_account(call.context().caller()).await;
            }
            let known = self.server_of(call.context().caller()).unwrap_or_default();
            let (method, params, expected) = message(&known, &request);
            let params = match params {
                Value::Object(params) => params,
                _ => Map::new(),
            };
            let mirrored = repeated_in_headers(&known, &request);
            let is_task = is_task(&known, &request);
            let sent = Request { method, params, mirrored, is_task };
            let answer = self.upstream.request(sent, call, |newest| check(newest, &request)).await?;
            convert::answer(answer, expected).map(Answered::new).map_err(failed)
        })
    }
}

impl fmt::Debug for RemoteSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RemoteSource({})", self.upstream.name())
    }
}
