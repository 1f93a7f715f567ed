//! The tools, resources and prompts of a connector: generated, hand-written, and from other sources.

mod announced;
pub(crate) mod attach;
mod contents;
mod header_tools;
pub(crate) mod list_sections;
mod merged;
mod missing;
mod name_taken;
mod surfaced;
mod version;

pub use name_taken::NameTaken;
use name_taken::check_contents;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::Arc;

use jackfield_recipe::Effect;
use serde_json::{Map, Value};
use tokio::sync::watch;

use super::api::Api;
use super::api::generated::GeneratedTool;
use super::contents::resources::OperationResources;
use super::context::CallContext;
use super::custom::CustomTool;
use super::custom_contents::CustomContents;
use super::custom_set::Custom;
use super::custom_source::CustomSource;
use super::error::CallError;
use super::executor::Nesting;
use super::joined::attached_name::AttachedName;
#[cfg(feature = "serve")]
use super::known_tool::KnownTool;
use super::listing::{Listed, ListedPrompt, ListedResource};
use super::merged::MergedTool;
use super::outcome::Outcome;
use super::policy::Policies;
use super::request::{SourceRequest, SourceResponse, Target, TargetKind};
use super::source::Source;
use super::surface::learning::Learning;
use super::surface::search_surface::SearchSurface;
#[cfg(feature = "serve")]
use super::task::Tasks;
use super::unknown::UnknownName;
use crate::call::held_rows::{ConnectorRows, ToolHandle};
use crate::call::rows::Connector;
use crate::common::caller::{Caller, Channel};
use crate::reply::tool_result::ToolResult;

/// Everything that a connector serves: tools, resources and prompts.
#[derive(Clone)]
pub struct Service {
    api: Api,
    custom: Arc<[CustomTool]>,
    by_name: Arc<HashMap<String, ToolEntry>>,
    /// The merged tools, each of which calls one of several operations.
    merged: Arc<[MergedTool]>,
    /// The operations that are resources.
    resources: Arc<OperationResources>,
    sources: Arc<[Arc<dyn Source>]>,
    /// The names of the attached connectors.
    attached: Vec<AttachedName>,
    /// Whether hand-written code sends log messages.
    logs: bool,
    /// The search surface, if clients see it instead of all tools.
    surface: Option<Arc<SearchSurface>>,
    /// The encoder with which the search also ranks tools by meaning.
    learning: Option<Arc<Learning>>,
    surface_notes: Arc<[String]>,
    /// The number of services that this service has replaced. Cursors of lists of the replaced services are refused.
    generation: u64,
}

/// The definition of a tool: a row of a generated table, or an index into the merged or the hand-written tools.
#[derive(Clone, Debug)]
enum ToolEntry {
    Generated(ToolHandle),
    Merged(usize),
    Custom(usize),
}

/// The source that answers a request.
enum FoundSource<'a> {
    Generated(GeneratedTool<'a>),
    Custom(CustomSource<'a>),
    Other(&'a dyn Source),
}

impl FoundSource<'_> {
    fn source(&self) -> &dyn Source {
        match self {
            Self::Generated(source) => source,
            Self::Custom(source) => source,
            Self::Other(source) => *source,
        }
    }
}

impl Service {
    /// Creates a service from the generated tools of `api` and from hand-written tools, resources and
    /// prompts.
    ///
    /// # Errors
    /// Returns an error if two tools or prompts have the same name, or two resources the same URI.
    pub fn new(api: Api, custom: impl Into<Custom>) -> Result<Self, NameTaken> {
        let mut custom = custom.into();
        let (tools, logs) = (std::mem::take(&mut custom.tools), custom.logs);
        let resources = Arc::new(OperationResources::of(api.rows()));
        check_contents(api.connector(), &resources, &custom)?;
        let contents = CustomContents::of(&api, custom);
        let custom = tools;
        let (parts, generated): (Vec<ToolHandle>, Vec<ToolHandle>) =
            api.rows().tools().partition(|tool| tool.get().merged.is_some());
        let generated =
            generated.into_iter().map(|tool| (tool.get().name.to_owned(), ToolEntry::Generated(tool)));
        let merged: Arc<[MergedTool]> = MergedTool::all_of(api.rows()).into();
        let merges = merged.iter().enumerate();
        let merges = merges.map(|(at, tool)| (tool.get().name.to_owned(), ToolEntry::Merged(at)));
        let own = custom.iter().enumerate().map(|(at, tool)| (tool.name.clone(), ToolEntry::Custom(at)));
        let mut by_name = HashMap::new();
        // Rights and limits name the operations of merged tools, so no other tool may have their names.
        if let Some(taken) = custom.iter().find(|tool| parts.iter().any(|part| part.get().name == tool.name))
        {
            return Err(NameTaken::of(TargetKind::Tool, &taken.name));
        }
        for (name, entry) in generated.chain(merges).chain(own) {
            match by_name.entry(name) {
                Entry::Vacant(free) => free.insert(entry),
                Entry::Occupied(taken) => return Err(NameTaken::of(TargetKind::Tool, taken.key())),
            };
        }
        let (custom, by_name) = (custom.into(), by_name.into());
        let (sources, surface_notes) = (contents.into_iter().collect(), Arc::new([]));
        Ok(Self {
            api,
            custom,
            by_name,
            merged,
            resources,
            sources,
            attached: Vec::new(),
            logs,
            surface: None,
            learning: None,
            surface_notes,
            generation: 0,
        })
    }

    /// Adds a source. If an earlier source has a tool of the same name, the earlier tool is used.
    #[must_use]
    pub fn with_source(mut self, source: Arc<dyn Source>) -> Self {
        self.sources = self.sources.iter().cloned().chain([source]).collect();
        self
    }

    /// Returns the API behind the generated tools.
    pub const fn api(&self) -> &Api {
        &self.api
    }

    /// Returns the generated connector.
    pub fn connector(&self) -> &Connector<'_> {
        self.api.connector()
    }

    /// Returns the tables of the generated connector.
    pub fn rows(&self) -> &ConnectorRows {
        self.api.rows()
    }

    /// Returns the tools that a caller may see, in a stable order: generated tools, hand-written tools, and tools of other sources; or the
    /// tools of the search surface.
    pub fn list<'a>(&'a self, caller: &'a Caller) -> impl Iterator<Item = Listed> + 'a {
        let surfaced = self.surface.as_ref().map(|surface| self.surface_list(surface, caller));
        let each = surfaced.is_none().then(|| self.each(caller));
        surfaced.into_iter().flatten().chain(each.into_iter().flatten())
    }

    /// Returns all tools that rules about rights can name: generated tools, hand-written tools, and tools of other sources.
    #[cfg(feature = "serve")]
    pub(crate) fn known_tools(&self, caller: &Caller) -> Vec<KnownTool> {
        let untagged =
            |name: &str, effect| KnownTool { name: name.to_owned(), tag: None, effect, merged_into: None };
        let mut known = KnownTool::all_of(self.connector());
        known.extend(self.custom.iter().map(|tool| untagged(&tool.name, tool.effect)));
        known.extend(self.other_tools(caller).map(|tool| untagged(&tool.name, tool.effect)));
        known
    }

    /// Returns the store through which calls that wait for a person continue as tasks, if the server supports tasks.
    #[cfg(feature = "serve")]
    pub(crate) fn tasks(&self) -> Option<&Arc<dyn Tasks>> {
        self.api.executor().policies().tasks.as_ref()
    }

    /// Whether any source has resources.
    pub fn has_resources(&self) -> bool {
        let is_declared = self.connector().documentation || !self.resources.is_empty();
        is_declared || self.sources.iter().any(|source| source.has_resources())
    }

    /// Returns the resources that a caller may see.
    pub fn resources(&self, caller: &Caller) -> Vec<ListedResource> {
        let all = self.sources.iter().flat_map(|source| source.resources(caller));
        let others = all.filter(|it| self.permits_kind(caller, TargetKind::Resource, &it.uri));
        self.declared_resources(caller).into_iter().chain(others).collect()
    }

    /// Whether any source has prompts.
    pub fn has_prompts(&self) -> bool {
        !self.connector().prompts.is_empty() || self.sources.iter().any(|source| source.has_prompts())
    }

    /// Returns the prompts that a caller may see.
    pub fn prompts(&self, caller: &Caller) -> Vec<ListedPrompt> {
        let all = self.sources.iter().flat_map(|source| source.prompts(caller));
        let others = all.filter(|it| self.permits_kind(caller, TargetKind::Prompt, &it.name));
        self.declared_prompts(caller).into_iter().chain(others).collect()
    }

    /// Whether any source completes arguments.
    pub fn has_completions(&self) -> bool {
        self.has_declared_completions() || self.sources.iter().any(|source| source.has_completions())
    }

    /// Whether hand-written code or a source sends log messages to clients.
    pub fn has_logs(&self) -> bool {
        self.logs || self.sources.iter().any(|source| source.has_logs())
    }

    /// Returns receivers of new versions of the lists: one for each source whose lists change, and one for the permissions.
    pub(crate) fn changes(&self) -> Vec<watch::Receiver<u64>> {
        let permit = self.api.executor().policies().permit.as_ref();
        let of_permit = permit.and_then(|permit| permit.changes());
        self.source_changes().chain(of_permit).collect()
    }

    /// Returns receivers of new versions of the lists, one for each source whose lists change.
    pub(crate) fn source_changes(&self) -> impl Iterator<Item = watch::Receiver<u64>> {
        self.sources.iter().filter_map(|source| source.changes())
    }

    /// Returns the names of the attached connectors.
    pub(crate) fn attached(&self) -> &[AttachedName] {
        &self.attached
    }

    /// Returns the policies of every call.
    pub(crate) fn policies(&self) -> &Policies {
        self.api.executor().policies()
    }

    /// Whether different callers may see different lists.
    pub(crate) fn lists_depend_on_caller(&self) -> bool {
        self.api.executor().policies().permit.is_some()
    }

    /// Returns the tool named `name` in the list for clients: generated, hand-written, or part of the search surface.
    pub fn get(&self, name: &str) -> Option<Listed> {
        match &self.surface {
            Some(surface) => self.surface_tool(surface, name),
            None => self.own_tool(name, &Caller::local(Channel::CommandLine)),
        }
    }

    /// Returns the generated or hand-written tool named `name`.
    fn own_tool(&self, name: &str, caller: &Caller) -> Option<Listed> {
        match self.by_name.get(name)? {
            ToolEntry::Generated(tool) => tool.get().is_tool().then(|| self.api.listed(tool.get(), caller)),
            ToolEntry::Merged(at) => self.merged.get(*at).map(|tool| self.api.listed_merge(tool, caller)),
            ToolEntry::Custom(at) => {
                self.custom.get(*at).map(|tool| CustomSource { api: &self.api, tool }.listed())
            }
        }
    }

    /// Returns the generated tool named `name`.
    pub fn tool(&self, name: &str) -> Option<ToolHandle> {
        match self.by_name.get(name)? {
            ToolEntry::Generated(tool) => Some(tool.clone()),
            ToolEntry::Merged(_) | ToolEntry::Custom(_) => None,
        }
    }

    /// Calls a tool. A failed call is a result that a model can act on.
    ///
    /// # Errors
    /// Returns an error if there is no tool with that name.
    pub async fn call(
        &self,
        name: &str,
        arguments: Map<String, Value>,
        caller: &Caller,
    ) -> Result<ToolResult, UnknownName> {
        self.call_in(name, arguments, &CallContext::new(caller.clone())).await
    }

    /// Calls a tool in a context.
    ///
    /// # Errors
    /// Returns an error if there is no tool with that name.
    pub async fn call_in(
        &self,
        name: &str,
        arguments: Map<String, Value>,
        context: &CallContext,
    ) -> Result<ToolResult, UnknownName> {
        let request = SourceRequest::CallTool { name: name.to_owned(), arguments };
        match self.run(request, context).await.result {
            Ok(SourceResponse::Tool(result)) => Ok(result),
            Ok(_) => Err(UnknownName::tool(name)),
            Err(CallError::Unknown(unknown) | CallError::NotPermitted(unknown)) => Err(unknown),
            Err(error) => Ok(ToolResult::error(error.to_string())),
        }
    }

    /// Answers a request. Every call goes through this function.
    pub async fn run(&self, request: SourceRequest, context: &CallContext) -> Outcome {
        let is_call = matches!(request, SourceRequest::CallTool { .. });
        let request = match is_call || !self.declares_contents() {
            true => request,
            false => match Box::pin(self.run_declared(request, context)).await {
                Ok(outcome) => return outcome,
                Err(request) => request,
            },
        };
        match &self.surface {
            Some(surface) => self.run_surfaced(surface, request, context).await,
            None => self.run_found(request, context).await,
        }
    }

    /// Answers a request with the source that has the target of the request.
    async fn run_found(&self, request: SourceRequest, context: &CallContext) -> Outcome {
        let (kind, name) = request.target();
        if let (TargetKind::Tool, Some(tool)) = (kind, self.merged_tool(name)) {
            return self.run_merged(tool, request, context).await;
        }
        let Some(found) = self.find(&request) else {
            let caller = context.caller();
            let withheld = self.withheld_target(&request, caller);
            let error = withheld.unwrap_or_else(|| CallError::Unknown(self.unknown_to(&request, caller)));
            let refused = self.api.executor().refuse(&request, None, error, context);
            return Outcome::failed(refused.await);
        };
        if let Some(executor) = found.source().executor() {
            return executor.run(request, context).await;
        }
        self.run_with(found.source(), request, context).await
    }

    /// Answers a request with a source.
    async fn run_with(&self, source: &dyn Source, request: SourceRequest, context: &CallContext) -> Outcome {
        let executor = self.api.executor();
        let answered = executor.answer(source, request, context, Nesting::Outermost).await;
        let (answered, admitted) = match answered {
            Ok(answered) => answered,
            Err(error) => return Outcome::failed(self.hide(error, context.caller())),
        };
        let (code, status) = (Outcome::code_of(&answered), answered.status());
        let result = source.shape(answered, &admitted.call).await;
        Outcome { code, status, result }
    }

    fn find(&self, request: &SourceRequest) -> Option<FoundSource<'_>> {
        if let SourceRequest::CallTool { name, .. } = request {
            match self.by_name.get(name) {
                // An operation that is only a resource can be read, but not called.
                Some(ToolEntry::Generated(tool)) if !tool.get().is_tool() => return None,
                Some(ToolEntry::Generated(tool)) => {
                    return Some(FoundSource::Generated(GeneratedTool {
                        api: &self.api,
                        tool: tool.clone(),
                    }));
                }
                Some(ToolEntry::Merged(_)) => return None,
                Some(ToolEntry::Custom(at)) => {
                    let tool = self.custom.get(*at)?;
                    return Some(FoundSource::Custom(CustomSource { api: &self.api, tool }));
                }
                None => {}
            }
        }
        let mut sources = self.sources.iter();
        sources.find(|source| source.effect(request).is_some()).map(|source| FoundSource::Other(&**source))
    }

    /// Whether a caller may see a tool. A caller may see a merged tool if it may call one of the tool's operations.
    fn permits(&self, caller: &Caller, name: &str, effect: Effect) -> bool {
        match self.merged_tool(name) {
            Some(tool) => tool.operations().any(|tool| self.permits_row(caller, tool.get())),
            None => self.permits_name(caller, name, effect),
        }
    }

    fn permits_name(&self, caller: &Caller, name: &str, effect: Effect) -> bool {
        self.api.executor().lists(caller, Target { kind: TargetKind::Tool, name, effect })
    }

    /// Whether a caller may see a resource or a prompt. Both have the effect `Read`.
    pub(crate) fn permits_kind(&self, caller: &Caller, kind: TargetKind, name: &str) -> bool {
        self.api.executor().lists(caller, Target { kind, name, effect: Effect::Read })
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Service({} tools, {} sources)", self.by_name.len(), self.sources.len())
    }
}

#[cfg(test)]
mod tests;
