//! Sources of tools, resources and prompts.

use jackfield_recipe::{Ask, Effect};
use serde_json::{Map, Value};
use tokio::sync::watch;

use super::answer::Answered;
use super::context::{ActiveCall, CallContext};
use super::error::CallError;
use super::joined::attached_name::AttachedName;
use super::listing::{Listed, ListedPrompt, ListedResource};
use super::log_feed::LogFeed;
use super::outcome::Outcome;
use super::pending::Pending;
use super::prepared::Prepared;
use super::request::{SourceRequest, SourceResponse};
use super::resource_updates::{ResourceUpdates, ResourceWatch};
use crate::common::caller::Caller;

/// The future of a step in a call.
pub type CallFuture<'a, T> = Pending<'a, Result<T, CallError>>;

/// A call that waits for the job that it started.
pub struct JobWait<'a> {
    /// The call.
    pub call: &'a ActiveCall,
    /// The function to call when the call becomes a task, because a task does not count as a call in flight.
    pub release: &'a mut (dyn FnMut() + Send),
}

/// Answers the requests to a source that has a separate executor.
pub trait SourceExecutor: Send + Sync {
    /// Answers a request.
    fn run<'a>(&'a self, request: SourceRequest, context: &'a CallContext) -> Pending<'a, Outcome>;
}

/// A source of tools, resources and prompts: generated, hand-written, or another MCP server.
///
/// The executor calls `prepare` and then `send`, and applies its policies before, between and after them.
pub trait Source: Send + Sync {
    /// Returns the version of the lists. It changes when a list changes.
    fn version(&self) -> u64 {
        0
    }

    /// Returns the version of the lists for a caller. It differs from `version` only if callers may see different lists.
    fn version_for(&self, _caller: &Caller) -> u64 {
        self.version()
    }

    /// Returns the name under which the source is attached as a connector.
    fn attached_name(&self) -> Option<&AttachedName> {
        None
    }

    /// Returns the tools, in a stable order.
    fn tools<'a>(&'a self, _caller: &'a Caller) -> Box<dyn Iterator<Item = Listed> + 'a> {
        Box::new(std::iter::empty())
    }

    /// Whether a caller gets the definitions of tools that most callers get, which [`shared_tools`](Self::shared_tools) returns.
    fn shares_tools(&self, _caller: &Caller) -> bool {
        false
    }

    /// Returns all tools with the definitions that most callers get, in a stable order. The result can be cached until `version` changes.
    /// The code that shows the tools applies the rights.
    fn shared_tools(&self) -> Box<dyn Iterator<Item = Listed> + '_> {
        Box::new(std::iter::empty())
    }

    /// Returns the input schema of a tool as a caller gets it. Returns `None` if clients do not have to repeat arguments of the tool in
    /// headers (`x-mcp-header`).
    fn repeated_in_headers(&self, _tool: &str, _caller: &Caller) -> Option<Map<String, Value>> {
        None
    }

    /// Whether the source has resources.
    fn has_resources(&self) -> bool {
        false
    }

    /// Returns the resources and resource templates.
    fn resources(&self, _caller: &Caller) -> Vec<ListedResource> {
        Vec::new()
    }

    /// Whether the source has prompts.
    fn has_prompts(&self) -> bool {
        false
    }

    /// Returns the prompts.
    fn prompts(&self, _caller: &Caller) -> Vec<ListedPrompt> {
        Vec::new()
    }

    /// Whether the source completes arguments of prompts or of resource templates.
    fn has_completions(&self) -> bool {
        false
    }

    /// Returns a receiver of the version of the lists, so that clients are told about changes. Returns `None` if the lists never change.
    fn changes(&self) -> Option<watch::Receiver<u64>> {
        None
    }

    /// Returns the announcements of changed resources, if clients can subscribe to them.
    fn updates(&self) -> Option<&ResourceUpdates> {
        None
    }

    /// Watches a resource for a caller that has subscribed to it, so that its changes are announced. Returns `None` if the source announces
    /// all changes anyway.
    fn watch(&self, _uri: &str, _caller: &Caller) -> Option<ResourceWatch> {
        None
    }

    /// Tells the source that the roots of a client have changed.
    fn roots_changed(&self, _caller: &Caller) {}

    /// Returns the feed of log messages between calls, if the source has one.
    fn logs(&self) -> Option<&LogFeed> {
        None
    }

    /// Whether the source sends log messages to clients.
    fn has_logs(&self) -> bool {
        false
    }

    /// Returns the effect of a request, if this source answers it.
    fn effect(&self, request: &SourceRequest) -> Option<Effect>;

    /// Returns the approval rule of a request: always, never, or depending on its effect.
    fn ask(&self, _request: &SourceRequest) -> Ask {
        Ask::ByEffect
    }

    /// Returns the name of the called tool, if the request is for an operation of a merged tool.
    fn called(&self) -> Option<&str> {
        None
    }

    /// Returns the source's own executor, which applies the policies, if the source has one. Otherwise the executor of the service calls
    /// [`prepare`](Self::prepare) and [`send`](Self::send).
    fn executor(&self) -> Option<&dyn SourceExecutor> {
        None
    }

    /// Prepares the whole request, without side effects and without the network.
    fn prepare<'a>(&'a self, request: SourceRequest, call: &'a ActiveCall) -> CallFuture<'a, Prepared>;

    /// Authenticates and sends a prepared request.
    fn send<'a>(&'a self, prepared: Prepared, call: &'a ActiveCall) -> CallFuture<'a, Answered>;

    /// Waits for a job that an answer started.
    fn follow<'a>(&'a self, answered: Answered, _wait: JobWait<'a>) -> Pending<'a, Answered> {
        Box::pin(std::future::ready(answered))
    }

    /// Formats an answer for the caller.
    fn shape<'a>(&'a self, answered: Answered, _call: &'a ActiveCall) -> CallFuture<'a, SourceResponse> {
        Box::pin(std::future::ready(answered.into_response()))
    }
}
