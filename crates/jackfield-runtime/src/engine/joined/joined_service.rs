//! A whole service as a source of another one.

use std::fmt;

use jackfield_recipe::Effect;
use tokio::sync::watch;

use super::attached_name::AttachedName;
use crate::common::caller::{Caller, Channel};
use crate::engine::answer::Answered;
use crate::engine::context::{ActiveCall, CallContext};
use crate::engine::error::CallError;
use crate::engine::listing::{Listed, ListedPrompt, ListedResource};
use crate::engine::outcome::Outcome;
use crate::engine::pending::Pending;
use crate::engine::prepared::Prepared;
use crate::engine::request::{Reference, SourceRequest, SourceResponse, TargetKind};
use crate::engine::resource_updates::ResourceUpdates;
use crate::engine::service::Service;
use crate::engine::source::{CallFuture, Source};

/// A connector behind the endpoint of another service. Its own executor makes its calls, so that its slots, time limits and caches are
/// its own: an upstream that hangs takes nothing from the others.
pub(crate) struct JoinedService {
    name: AttachedName,
    service: Service,
}

impl JoinedService {
    /// Joins a service, whose policies are those of the endpoint ([`named`](super::named_policies::named)).
    pub(crate) const fn new(name: AttachedName, service: Service) -> Self {
        Self { name, service }
    }

    /// The request with the names of the connector. `None` if its target belongs to another connector.
    fn own(&self, request: &SourceRequest) -> Option<SourceRequest> {
        let own = |kind, name: &str| self.name.own(kind, name).map(std::borrow::Cow::into_owned);
        Some(match request {
            SourceRequest::CallTool { name, arguments } => {
                SourceRequest::CallTool { name: own(TargetKind::Tool, name)?, arguments: arguments.clone() }
            }
            SourceRequest::ReadResource { uri } => {
                SourceRequest::ReadResource { uri: own(TargetKind::Resource, uri)? }
            }
            SourceRequest::GetPrompt { name, arguments } => SourceRequest::GetPrompt {
                name: own(TargetKind::Prompt, name)?,
                arguments: arguments.clone(),
            },
            SourceRequest::Complete { reference, argument, value } => SourceRequest::Complete {
                reference: match reference {
                    Reference::Prompt(name) => Reference::Prompt(own(TargetKind::Prompt, name)?),
                    Reference::Template(uri) => Reference::Template(own(TargetKind::Resource, uri)?),
                },
                argument: argument.clone(),
                value: value.clone(),
            },
        })
    }

    /// The answer with the names that clients see.
    fn shown(&self, mut outcome: Outcome) -> Outcome {
        match &mut outcome.result {
            Ok(SourceResponse::Resource(contents)) => {
                for part in contents {
                    part.uri = self.name.shown(TargetKind::Resource, &part.uri);
                }
            }
            Err(CallError::Unknown(unknown) | CallError::NotPermitted(unknown)) => {
                unknown.rename(|kind, own| self.name.shown(kind, own));
            }
            _ => {}
        }
        outcome
    }
}

impl Source for JoinedService {
    fn version(&self) -> u64 {
        self.service.list_version(&Caller::local(Channel::CommandLine))
    }

    fn tools<'a>(&'a self, caller: &'a Caller) -> Box<dyn Iterator<Item = Listed> + 'a> {
        let tools = self.service.list(caller);
        Box::new(tools.map(|tool| Listed { name: self.name.shown(TargetKind::Tool, &tool.name), ..tool }))
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

    fn changes(&self) -> Option<watch::Receiver<u64>> {
        self.service.source_changes().next()
    }

    fn updates(&self) -> Option<&ResourceUpdates> {
        None
    }

    /// The connector answers every request for a name below its own, because it knows the nearest name.
    fn effect(&self, request: &SourceRequest) -> Option<Effect> {
        let own = self.own(request)?;
        let SourceRequest::CallTool { name, .. } = &own else { return Some(Effect::Read) };
        let listed = self.service.get(name);
        Some(listed.map_or(Effect::Destroy, |tool| tool.effect))
    }

    fn run<'a>(
        &'a self,
        request: &'a SourceRequest,
        context: &'a CallContext,
    ) -> Option<Pending<'a, Outcome>> {
        let own = self.own(request)?;
        Some(Box::pin(async move { self.shown(self.service.run(own, context).await) }))
    }

    fn prepare<'a>(&'a self, request: SourceRequest, _: &'a ActiveCall) -> CallFuture<'a, Prepared> {
        // `run` answers every request.
        Box::pin(async move { Err(CallError::unknown(&request)) })
    }

    fn send<'a>(&'a self, _: Prepared, _: &'a ActiveCall) -> CallFuture<'a, Answered> {
        Box::pin(async move { Err(CallError::unknown_tool(self.name.as_str())) })
    }
}

impl fmt::Debug for JoinedService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JoinedService({})", self.name.as_str())
    }
}
