//! A service as a source of another service.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;

use jackfield_recipe::Effect;
use serde_json::{Map, Value};
use tokio::sync::watch;

use super::attached_name::AttachedName;
use crate::common::caller::{Caller, Channel};
use crate::engine::answer::Answered;
use crate::engine::context::{ActiveCall, CallContext};
use crate::engine::error::CallError;
use crate::engine::listing::{Listed, ListedPrompt, ListedResource};
use crate::engine::log_feed::LogFeed;
use crate::engine::outcome::Outcome;
use crate::engine::pending::Pending;
use crate::engine::prepared::Prepared;
use crate::engine::request::{Reference, SourceRequest, SourceResponse, TargetKind};
use crate::engine::resource_updates::{ResourceUpdates, ResourceWatch};
use crate::engine::service::Service;
use crate::engine::source::{CallFuture, Source, SourceExecutor};
use crate::reply::content::Content;
use crate::reply::relayed::{rename_in_block, rename_in_meta};

/// A connector behind the endpoint of another service. It has its own executor, and thus its own slots, time limits and caches, so an
/// upstream that hangs does not block other connectors.
pub(crate) struct JoinedService {
    name: AttachedName,
    service: Service,
    /// The announcements of changed resources, with the URIs that clients know.
    updates: Option<ResourceUpdates>,
    /// The input schemas of the service's own tools whose arguments clients repeat in headers.
    headed: OnceLock<HashMap<String, Map<String, Value>>>,
}

impl JoinedService {
    /// Joins a service. Its policies are already the policies of the endpoint ([`named`](super::named_policies::named)).
    pub(crate) fn new(name: AttachedName, service: Service) -> Self {
        let updates = service.updates().next().map(|updates| updates.attached_as(&name));
        Self { name, service, updates, headed: OnceLock::new() }
    }

    /// Returns the kind of a target and the name by which clients know it. The target of a completion is a prompt or a template.
    fn target(request: &mut SourceRequest) -> (TargetKind, &mut String) {
        match request {
            SourceRequest::CallTool { name, .. } => (TargetKind::Tool, name),
            SourceRequest::ReadResource { uri } => (TargetKind::Resource, uri),
            SourceRequest::GetPrompt { name, .. } => (TargetKind::Prompt, name),
            SourceRequest::Complete { reference: Reference::Prompt(name), .. } => (TargetKind::Prompt, name),
            SourceRequest::Complete { reference: Reference::Template(uri), .. } => {
                (TargetKind::Resource, uri)
            }
        }
    }

    /// Returns a tool with the names that clients see.
    fn shown_tool(&self, mut tool: Listed) -> Listed {
        if let Some(Value::Object(meta)) = tool.further.get_mut("_meta") {
            rename_in_meta(meta, &|uri| self.name.shown(TargetKind::Resource, uri));
        }
        Listed { name: self.name.shown(TargetKind::Tool, &tool.name), ..tool }
    }

    /// Returns the answer with the names that clients see.
    fn shown(&self, mut outcome: Outcome) -> Outcome {
        match &mut outcome.result {
            Ok(SourceResponse::Resource(contents)) => {
                for part in contents {
                    part.uri = self.name.shown(TargetKind::Resource, &part.uri);
                }
            }
            Ok(SourceResponse::Tool(result)) => {
                result.rename_resources(&|uri| self.name.shown(TargetKind::Resource, uri));
            }
            Ok(SourceResponse::Prompt(prompt)) => {
                for message in &mut prompt.messages {
                    if let Content::Relayed(block) = &mut message.content {
                        rename_in_block(block, &|uri| self.name.shown(TargetKind::Resource, uri));
                    }
                }
            }
            Ok(SourceResponse::Completion(_)) => {}
            Err(error) => error.rename(&|kind, own| self.name.shown(kind, own)),
        }
        outcome
    }
}

impl Source for JoinedService {
    fn version(&self) -> u64 {
        self.service.list_version(&Caller::local(Channel::CommandLine))
    }

    fn version_for(&self, caller: &Caller) -> u64 {
        self.service.list_version(caller)
    }

    fn attached_name(&self) -> Option<&AttachedName> {
        Some(&self.name)
    }

    fn repeated_in_headers(&self, tool: &str, caller: &Caller) -> Option<Map<String, Value>> {
        let own = self.name.own(TargetKind::Tool, tool)?;
        let known = self
            .headed
            .get_or_init(|| self.service.own_header_tools().map(|tool| (tool.name, tool.input)).collect());
        known.get(&*own).cloned().or_else(|| self.service.repeated_in_headers(&own, caller))
    }

    fn tools<'a>(&'a self, caller: &'a Caller) -> Box<dyn Iterator<Item = Listed> + 'a> {
        Box::new(self.service.list(caller).map(|tool| self.shown_tool(tool)))
    }

    fn shares_tools(&self, caller: &Caller) -> bool {
        self.service.shares_tools(caller)
    }

    fn shared_tools(&self) -> Box<dyn Iterator<Item = Listed> + '_> {
        Box::new(self.service.shared_tools().map(|tool| self.shown_tool(tool)))
    }

    fn has_resources(&self) -> bool {
        self.service.has_resources()
    }

    fn resources(&self, caller: &Caller) -> Vec<ListedResource> {
        let mut resources = self.service.resources(caller);
        for resource in &mut resources {
            resource.uri = self.name.shown(TargetKind::Resource, &resource.uri);
        }
        resources
    }

    fn has_prompts(&self) -> bool {
        self.service.has_prompts()
    }

    fn prompts(&self, caller: &Caller) -> Vec<ListedPrompt> {
        let mut prompts = self.service.prompts(caller);
        for prompt in &mut prompts {
            prompt.name = self.name.shown(TargetKind::Prompt, &prompt.name);
        }
        prompts
    }

    fn has_completions(&self) -> bool {
        self.service.has_completions()
    }

    fn has_logs(&self) -> bool {
        self.service.has_logs()
    }

    fn changes(&self) -> Option<watch::Receiver<u64>> {
        self.service.source_changes().next()
    }

    fn updates(&self) -> Option<&ResourceUpdates> {
        self.updates.as_ref()
    }

    fn watch(&self, uri: &str, caller: &Caller) -> Option<ResourceWatch> {
        self.service.watch(&self.name.own(TargetKind::Resource, uri)?, caller)
    }

    fn roots_changed(&self, caller: &Caller) {
        self.service.roots_changed(caller);
    }

    fn logs(&self) -> Option<&LogFeed> {
        self.service.logs().next()
    }

    /// Returns an effect for every name with this connector's prefix, even for an unknown name. The connector then gets the request and
    /// suggests the nearest name.
    fn effect(&self, request: &SourceRequest) -> Option<Effect> {
        let (kind, shown) = request.target();
        // Only the connector's own executor knows and uses the real effect of a target.
        self.name.own(kind, shown).map(|_| Effect::Destroy)
    }

    fn executor(&self) -> Option<&dyn SourceExecutor> {
        Some(self)
    }

    fn prepare<'a>(&'a self, request: SourceRequest, _: &'a ActiveCall) -> CallFuture<'a, Prepared> {
        // The connector's own executor answers every request, so this function prepares none.
        Box::pin(async move { Err(CallError::unknown(&request)) })
    }

    fn send<'a>(&'a self, _: Prepared, _: &'a ActiveCall) -> CallFuture<'a, Answered> {
        Box::pin(async move { Err(CallError::unknown_tool(self.name.as_str())) })
    }
}

impl SourceExecutor for JoinedService {
    fn run<'a>(&'a self, mut request: SourceRequest, context: &'a CallContext) -> Pending<'a, Outcome> {
        let (kind, name) = Self::target(&mut request);
        if let Some(own) = self.name.own(kind, name).map(Cow::into_owned) {
            *name = own;
        }
        Box::pin(async move { self.shown(self.service.run(request, context).await) })
    }
}

impl fmt::Debug for JoinedService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JoinedService({})", self.name.as_str())
    }
}
