//! The resources, prompts and pages of connector.toml, as a caller may see them.

use std::borrow::Cow;

use jackfield_recipe::{Effect, TemplateValues};

use super::{FoundSource, Service, ToolEntry};
use crate::call::rows::Prompt;
use crate::common::caller::Caller;
use crate::engine::api::generated::GeneratedTool;
use crate::engine::contents::completion_values::beginning_with;
use crate::engine::contents::page_address::PageAddress;
use crate::engine::contents::pages::{OTHERS, PageTool, Pages};
use crate::engine::contents::prompts::{self, PromptSource};
use crate::engine::contents::resources::OperationResource;
use crate::engine::contents::tool_contents::contents;
use crate::engine::context::CallContext;
use crate::engine::error::CallError;
use crate::engine::listing::{ListedPrompt, ListedResource};
use crate::engine::outcome::Outcome;
use crate::engine::request::{Reference, SourceRequest, SourceResponse, TargetKind};
use crate::engine::unknown::UnknownName;
use crate::reply::content::ResourceContents;

const MARKDOWN: &str = "text/markdown";

/// The subject of a request that is not a tool call.
enum Declared<'s> {
    /// An operation that is a resource, with the values of its template variables.
    Resource(&'s OperationResource, TemplateValues),
    Page(PageAddress),
    /// The prompt with this index in connector.toml.
    Prompt(usize),
    /// A template variable of an operation that is a resource.
    Variable(&'s OperationResource),
    Groups,
    Tools,
}

impl Service {
    /// Returns the resources of connector.toml that a caller may see: pages first, then operations in the order of the tools.
    pub(super) fn declared_resources(&self, caller: &Caller) -> Vec<ListedResource> {
        let mut listed = Vec::new();
        if self.connector().documentation && self.has_tools(caller) {
            listed.extend(self.listed_pages());
        }
        let resources = self.resources.iter().filter(|it| self.may_read(caller, it));
        listed.extend(resources.flat_map(OperationResource::listed));
        listed
    }

    fn listed_pages(&self) -> [ListedResource; 4] {
        let name = self.connector().name;
        let page = |uri: String, is_template, word: &str, title: &str, about: &str| ListedResource {
            uri,
            is_template,
            name: word.to_owned(),
            title: title.to_owned(),
            description: about.to_owned(),
            media_type: Some(MARKDOWN.to_owned()),
            further: serde_json::Map::new(),
        };
        [
            page(
                PageAddress::Overview.of(name),
                false,
                "overview",
                "Overview",
                "What the connector is, and its tools",
            ),
            page(
                PageAddress::Auth.of(name),
                false,
                "auth",
                "Credentials and scopes",
                "The credentials and scopes that tools need",
            ),
            page(PageAddress::tool_template(name), true, "tool", "A tool", "The page of a tool, by its name"),
            page(
                PageAddress::group_template(name),
                true,
                "group",
                "A group of tools",
                "The tools of a group, by its tag",
            ),
        ]
    }

    /// Returns the prompts of connector.toml that a caller may use.
    pub(super) fn declared_prompts(&self, caller: &Caller) -> Vec<ListedPrompt> {
        let prompts = self.connector().prompts.iter();
        prompts.filter(|prompt| self.may_use(caller, prompt)).map(prompts::listed).collect()
    }

    /// Whether there are values that complete an argument of a prompt, a template variable of a resource, or the URI of a documentation
    /// page.
    pub(super) fn has_declared_completions(&self) -> bool {
        let connector = self.connector();
        let arguments = connector.prompts.iter().flat_map(|prompt| prompt.arguments);
        connector.documentation
            || arguments.into_iter().any(|argument| !argument.values.is_empty())
            || self.resources.iter().any(|resource| resource.completes_any(connector))
    }

    /// Whether connector.toml declares anything besides tools. If it does not, requests go directly to the sources.
    pub(super) fn declares_contents(&self) -> bool {
        let connector = self.connector();
        connector.documentation || !connector.prompts.is_empty() || !self.resources.is_empty()
    }

    /// Answers a request about a resource, prompt or page of connector.toml. Returns the request as an error if it is about something else.
    pub(super) async fn run_declared(
        &self,
        request: SourceRequest,
        context: &CallContext,
    ) -> Result<Outcome, SourceRequest> {
        let caller = context.caller();
        let Some(declared) = self.declared(&request) else { return Err(request) };
        match declared {
            Declared::Resource(resource, values) => Ok(self.read(resource, values, &request, context).await),
            Declared::Page(page) => {
                let answer = || {
                    let text = self.page(&page, caller)?;
                    let contents = ResourceContents::text(request.target().1, text);
                    Some(SourceResponse::Resource(vec![contents.with_media_type(MARKDOWN)]))
                };
                Ok(self.answer_offered(&request, context, answer).await)
            }
            Declared::Prompt(at) => {
                let prompt = &self.connector().prompts[at];
                let tools = prompts::tools(prompt);
                if !self.has_all(caller, &tools) {
                    return Ok(self.hidden(&request, context).await);
                }
                let renamed =
                    tools.iter().map(|name| ((*name).to_owned(), self.shown_name(name).into_owned()));
                let renamed = renamed.filter(|(name, shown)| name != shown).collect();
                let source = PromptSource { rows: self.rows().clone(), at, renamed };
                Ok(self.run_with(&source, request, context).await)
            }
            Declared::Variable(resource) => {
                let answer = || {
                    let SourceRequest::Complete { argument, value, .. } = &request else { return None };
                    let values = || resource.completions(self.connector(), argument, value);
                    self.may_read(caller, resource).then(|| SourceResponse::Completion(values().into()))
                };
                Ok(self.answer_offered(&request, context, answer).await)
            }
            Declared::Groups | Declared::Tools => {
                let answer = || {
                    let SourceRequest::Complete { argument, value, .. } = &request else { return None };
                    let pages = self.has_tools(caller).then(|| self.pages(caller))?;
                    let values = match (&declared, argument.as_str()) {
                        (Declared::Groups, "group") => {
                            beginning_with(value, pages.groups().iter().map(|(tag, _)| *tag))
                        }
                        (Declared::Tools, "tool") => {
                            beginning_with(value, pages.tools.iter().map(|tool| tool.name.as_ref()))
                        }
                        _ => Vec::new(),
                    };
                    Some(SourceResponse::Completion(values.into()))
                };
                Ok(self.answer_offered(&request, context, answer).await)
            }
        }
    }

    /// Returns the subject of a request, if it is a resource, prompt or page of connector.toml. The result does not depend on the caller.
    fn declared(&self, request: &SourceRequest) -> Option<Declared<'_>> {
        let connector = self.connector();
        let prompt = |name: &str| {
            let at = connector.prompts.iter().position(|prompt| prompt.name == name);
            at.map(Declared::Prompt)
        };
        match request {
            SourceRequest::CallTool { .. } => None,
            SourceRequest::ReadResource { uri } => {
                if connector.documentation
                    && let Some(page) = PageAddress::parse(connector.name, uri)
                {
                    return Some(Declared::Page(page));
                }
                self.resources.find(uri).map(|(resource, values)| Declared::Resource(resource, values))
            }
            SourceRequest::GetPrompt { name, .. } => prompt(name),
            SourceRequest::Complete { reference: Reference::Prompt(name), .. } => prompt(name),
            SourceRequest::Complete { reference: Reference::Template(uri), .. } => {
                if connector.documentation && *uri == PageAddress::tool_template(connector.name) {
                    return Some(Declared::Tools);
                }
                if connector.documentation && *uri == PageAddress::group_template(connector.name) {
                    return Some(Declared::Groups);
                }
                self.resources.with_template(uri).map(Declared::Variable)
            }
        }
    }

    /// Reads a resource by a call of its operation, with the same permissions, limits, approvals, credentials, audit records and reply
    /// rules as a tool call.
    async fn read(
        &self,
        resource: &OperationResource,
        values: TemplateValues,
        request: &SourceRequest,
        context: &CallContext,
    ) -> Outcome {
        let tool = resource.tool.clone();
        let call = SourceRequest::CallTool {
            name: tool.get().name.to_owned(),
            arguments: resource.arguments(self.connector(), values),
        };
        let source = FoundSource::Generated(GeneratedTool { api: &self.api, tool });
        let mut outcome = self.run_with(source.source(), call, context).await;
        let (_, uri) = request.target();
        outcome.result = match outcome.result {
            Ok(SourceResponse::Tool(result)) => {
                let found = contents(uri, resource.row().media_type, result, outcome.status);
                found.map(SourceResponse::Resource)
            }
            Err(CallError::NotPermitted(_)) => Err(CallError::NotPermitted(UnknownName::target_of(request))),
            other => other,
        };
        outcome
    }

    /// Answers a request about documentation or completions. If `answer` returns `None`, the caller may not see the target, and the request
    /// fails like a request for an unknown name.
    async fn answer_offered(
        &self,
        request: &SourceRequest,
        context: &CallContext,
        answer: impl FnOnce() -> Option<SourceResponse>,
    ) -> Outcome {
        let hidden = || CallError::NotPermitted(UnknownName::target_of(request));
        let answer = async { answer().ok_or_else(hidden) };
        self.api.executor().answer_here(request, context, answer).await
    }

    /// Refuses a request for a target that the caller may not see, like a request for an unknown name.
    async fn hidden(&self, request: &SourceRequest, context: &CallContext) -> Outcome {
        let error = CallError::NotPermitted(UnknownName::target_of(request));
        let refused = self.api.executor().refuse(request, Some(Effect::Read), error, context).await;
        Outcome::failed(refused)
    }

    fn may_read(&self, caller: &Caller, resource: &OperationResource) -> bool {
        // The right to the operation counts, and not the right to its name. A merged tool may have the same name, and is visible if the
        // caller may call any of its operations.
        self.permits_row(caller, resource.tool.get())
    }

    /// Whether a caller may use a prompt: the caller must be allowed to see the prompt, and each tool that its text names.
    fn may_use(&self, caller: &Caller, prompt: &Prompt<'_>) -> bool {
        self.permits_kind(caller, TargetKind::Prompt, prompt.name)
            && self.has_all(caller, &prompts::tools(prompt))
    }

    fn has_all(&self, caller: &Caller, tools: &[&str]) -> bool {
        tools.iter().all(|name| match self.by_name.get(*name) {
            Some(ToolEntry::Generated(tool)) => self.permits(caller, name, tool.get().effect),
            Some(ToolEntry::Merged(at)) => {
                self.merged.get(*at).is_some_and(|tool| self.permits(caller, name, tool.effect()))
            }
            Some(ToolEntry::Custom(at)) => {
                self.custom.get(*at).is_some_and(|tool| self.permits(caller, name, tool.effect))
            }
            None => false,
        })
    }

    /// Whether a caller may see any tool. If not, the caller sees no pages either.
    fn has_tools(&self, caller: &Caller) -> bool {
        let generated = self.connector().called_tools().map(|tool| (tool.name, tool.effect));
        let custom = self.custom.iter().map(|tool| (tool.name.as_str(), tool.effect));
        generated.chain(self.merges()).chain(custom).any(|(name, effect)| self.permits(caller, name, effect))
            || self.other_tools(caller).next().is_some()
    }

    /// Returns the text of a page, or `None` if the caller may not see the subject of the page.
    fn page(&self, page: &PageAddress, caller: &Caller) -> Option<String> {
        if !self.has_tools(caller) {
            return None;
        }
        let pages = self.pages(caller);
        match page {
            PageAddress::Overview => Some(pages.overview()),
            PageAddress::Auth => Some(pages.auth()),
            PageAddress::Group(tag) => pages.group(tag),
            PageAddress::Tool(name) => {
                let own = pages.tools.iter().find(|tool| tool.name == *name)?;
                let listed = self.any_tool(&own.own_name, caller)?;
                Some(pages.tool(own, &listed))
            }
        }
    }

    /// Returns the facts for the pages that a caller reads.
    fn pages<'s>(&'s self, caller: &'s Caller) -> Pages<'s> {
        let mut tools = Vec::new();
        for group in self.connector().groups {
            let shown = group.tools.iter().filter_map(|row| match row.merged {
                None => row.is_tool().then(|| PageTool {
                    name: self.shown_name(row.name),
                    own_name: row.name.into(),
                    title: row.title.into(),
                    description: row.description.into(),
                    effect: row.effect,
                    group: group.tag,
                    rows: vec![row],
                }),
                Some(_) => self.merge_at(row).map(|tool| PageTool {
                    name: self.shown_name(tool.get().name),
                    own_name: tool.get().name.into(),
                    title: tool.summary().into(),
                    description: tool.get().description.into(),
                    effect: tool.effect(),
                    group: group.tag,
                    rows: tool
                        .operations()
                        .map(|row| row.get())
                        .filter(|row| self.permits_row(caller, row))
                        .collect(),
                }),
            });
            tools.extend(shown.filter(|tool| self.permits(caller, &tool.own_name, tool.effect)));
        }
        let custom = self.custom.iter().filter(|tool| self.permits(caller, &tool.name, tool.effect));
        tools.extend(custom.map(|tool| PageTool {
            name: self.shown_name(&tool.name),
            own_name: tool.name.as_str().into(),
            title: tool.title.as_str().into(),
            description: tool.description.as_str().into(),
            effect: tool.effect,
            group: OTHERS,
            rows: Vec::new(),
        }));
        tools.extend(self.other_tools(caller).map(|tool| PageTool {
            name: tool.name.clone().into(),
            own_name: tool.name.into(),
            title: tool.title.into(),
            description: tool.description.into(),
            effect: tool.effect,
            group: OTHERS,
            rows: Vec::new(),
        }));
        let resources = self.resources.iter().filter(|it| self.may_read(caller, it));
        let prompts = self.prompts(caller).into_iter().map(|prompt| {
            let name = self.api.name_for_clients(TargetKind::Prompt, &prompt.name).into_owned();
            (name, prompt.title)
        });
        Pages {
            connector: self.connector(),
            api: &self.api,
            tools,
            resources: resources.map(OperationResource::row).collect(),
            prompts: prompts.collect(),
            has_search: self.has_search(),
        }
    }

    /// Returns the name by which clients call a tool.
    fn shown_name<'n>(&self, name: &'n str) -> Cow<'n, str> {
        let surface = self.surface.as_ref();
        let renamed = surface.and_then(|surface| surface.own().renamed().find(|entry| entry.name == name));
        renamed.map_or_else(
            || self.api.name_for_clients(TargetKind::Tool, name),
            |entry| Cow::Owned(entry.shown_name.clone()),
        )
    }
}
