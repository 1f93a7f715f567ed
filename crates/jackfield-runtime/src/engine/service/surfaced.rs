//! The surface of a service: the tools that clients see, and the calls that clients make through the search tools.

use std::borrow::Cow;
use std::sync::Arc;

use jackfield_recipe::{Effect, SurfaceKind, nearest};

use super::Service;
use crate::common::caller::{Caller, Channel};
use crate::engine::context::CallContext;
use crate::engine::custom::CustomTool;
use crate::engine::error::CallError;
use crate::engine::listing::Listed;
use crate::engine::outcome::Outcome;
use crate::engine::request::{SourceRequest, SourceResponse};
use crate::engine::search::SearchDocument;
use crate::engine::surface::catalog::Catalog;
use crate::engine::surface::catalog_entry::CatalogEntry;
use crate::engine::surface::describe::describe;
use crate::engine::surface::error::SurfaceError;
use crate::engine::surface::hits::search;
use crate::engine::surface::instructions::instructions;
#[cfg(feature = "encoder")]
use crate::engine::surface::learning::Learning;
use crate::engine::surface::learning::similarities;
use crate::engine::surface::promoted::promoted;
use crate::engine::surface::search_surface::SearchSurface;
use crate::engine::surface::surface_tool::{SurfaceRequest, SurfaceTool};
use crate::engine::unknown::UnknownName;

const SHORT_LIST: usize = SurfaceKind::SHORT_LIST;
/// The number of bytes of a list that count as one token, for tools whose tokens were not counted.
const BYTES_OF_TOKEN: usize = 4;
/// The number of tokens for the annotations and keys of a list entry.
const ENTRY_TOKENS: usize = 40;

impl Service {
    /// Sets the tools that clients see. `tokens` is the number of tokens of the complete list of tools. If it is `None`, the number is
    /// computed, with estimates for tools without a token count.
    ///
    /// [`surface_notes`](Self::surface_notes) reports which surface was chosen.
    #[must_use]
    pub fn with_surface(mut self, kind: SurfaceKind, tokens: Option<usize>) -> Self {
        let mut notes = Vec::new();
        let kind = match kind {
            SurfaceKind::Auto => {
                let tokens = tokens.unwrap_or_else(|| self.tokens());
                let (chosen, note) = choose(tokens, self.own_count());
                notes.push(note);
                chosen
            }
            kind => kind,
        };
        self.surface = None;
        if matches!(kind, SurfaceKind::Search | SurfaceKind::Promoted) {
            let catalog = Catalog::new(self.documents());
            notes.extend(catalog.renamed().map(|entry| {
                let CatalogEntry { name, shown_name, .. } = entry;
                format!("the tool `{name}` is called `{shown_name}`, because the search surface has a tool `{name}`")
            }));
            let promoted = match kind {
                SurfaceKind::Promoted => promoted(self.connector()),
                _ => Vec::new(),
            };
            self.surface = Some(Arc::new(SearchSurface::new(catalog, promoted)));
        }
        self.surface_notes = notes.into();
        self
    }

    /// Sets the encoder with which the search also ranks tools by meaning. Set the surface first.
    ///
    /// The vectors of the tools come from the cache of the encoder, or are computed on a separate thread.
    /// Until they are complete, the search ranks by words.
    #[cfg(feature = "encoder")]
    #[must_use]
    pub fn with_encoder(mut self, encoder: Arc<crate::engine::search::Encoder>) -> Self {
        let learning = Learning::new(encoder);
        if let Some(surface) = &self.surface {
            learning.start(surface.own(), Learning::texts(&self.documents()));
        }
        self.learning = Some(Arc::new(learning));
        self
    }

    /// Whether the vectors of the tools are complete, so that the search also ranks by meaning.
    pub fn ranks_by_meaning(&self) -> bool {
        self.surface.as_ref().is_some_and(|surface| surface.own().index.ranks_by_meaning())
    }

    /// Returns notes for the user about the choice of the surface, one line each.
    pub fn surface_notes(&self) -> &[String] {
        &self.surface_notes
    }

    /// Returns the instructions for clients: the instructions of connector.toml, or else the description of the document. With a search
    /// surface, the instructions say first how to use the search.
    pub fn instructions(&self) -> Cow<'_, str> {
        match &self.surface {
            None => match self.connector().instructions {
                "" => self.connector().description.into(),
                written => written.into(),
            },
            Some(_) => instructions(self.connector(), self.own_count()).into(),
        }
    }

    /// Returns the number of generated and hand-written tools.
    pub(crate) fn own_count(&self) -> usize {
        self.connector().called_tools().count() + self.merged.len() + self.custom.len()
    }

    /// Whether clients find tools with a search.
    pub fn has_search(&self) -> bool {
        self.surface.is_some()
    }

    /// Returns the number of tokens of a list of all generated and hand-written tools.
    fn tokens(&self) -> usize {
        let caller = Caller::local(Channel::CommandLine);
        let estimate = |listed: Listed| {
            let Listed { name, title, description, input, output, .. } = listed;
            let schemas = serde_json::to_string(&(input, output)).unwrap_or_default();
            let bytes = name.len() + title.len() + description.len() + schemas.len();
            bytes / BYTES_OF_TOKEN + ENTRY_TOKENS
        };
        let generated = self.connector().called_tools().map(|tool| match tool.tokens {
            0 => estimate(self.api.listed(tool, &caller)),
            counted => counted,
        });
        let merged = self.merged.iter().map(|tool| match tool.get().tokens {
            0 => estimate(self.api.listed_merge(tool, &caller)),
            counted => counted,
        });
        let custom = self.custom.iter().filter_map(|tool| self.own_tool(&tool.name, &caller)).map(estimate);
        generated.chain(merged).chain(custom).sum()
    }

    /// Returns the generated and hand-written tools as documents for the search index.
    fn documents(&self) -> Vec<(CatalogEntry, SearchDocument)> {
        let groups = self.connector().groups.iter();
        let generated = groups.flat_map(|group| {
            group.tools.iter().filter_map(move |row| match row.merged {
                None => row.is_tool().then(|| CatalogEntry::of_row(group, row)),
                Some(_) => self.merge_at(row).map(|tool| CatalogEntry::of_merge(group, tool)),
            })
        });
        generated.chain(self.custom.iter().map(|tool: &CustomTool| CatalogEntry::of_custom(tool))).collect()
    }

    /// Returns the catalog of all tools, including the tools of other sources that the caller may see.
    pub(super) fn catalog(&self, surface: &SearchSurface, caller: &Caller) -> Arc<Catalog> {
        let others: Vec<Listed> = self.other_tools(caller).collect();
        // A source may have only resources and prompts, so there may be no further tools.
        if others.is_empty() {
            return Arc::clone(surface.own());
        }
        surface.with(&others, || self.documents(), self.learning.as_deref())
    }

    /// Returns the list of a search surface. It does not change during a conversation.
    pub(super) fn surface_list(&self, surface: &SearchSurface, caller: &Caller) -> Vec<Listed> {
        let catalog = self.catalog(surface, caller);
        let fixed = self.offered(&catalog, caller).map(SurfaceTool::listed);
        let entries = surface.promoted.iter().filter_map(|name| {
            let entry = surface.own().entries.iter().find(|entry| entry.name == *name)?;
            self.may(caller, entry).then_some(entry)
        });
        let promoted = entries.filter_map(|entry| {
            let tool = self.own_tool(&entry.name, caller)?;
            Some(Listed { name: entry.shown_name.clone(), ..tool })
        });
        fixed.chain(promoted).collect()
    }

    /// Returns the tools of the surface for a caller. `call_write` is omitted if the caller may call no tool that writes.
    fn offered(&self, catalog: &Catalog, caller: &Caller) -> impl Iterator<Item = SurfaceTool> {
        let writes = self.offers_writes(catalog, caller);
        SurfaceTool::ALL.into_iter().filter(move |tool| writes || *tool != SurfaceTool::CallWrite)
    }

    /// Whether a caller may call any tool whose effect is not `read`.
    pub(super) fn offers_writes(&self, catalog: &Catalog, caller: &Caller) -> bool {
        let has_permit = self.api.executor().policies().permit.is_some();
        let is_write = |entry: &CatalogEntry| entry.effect != Effect::Read && self.may(caller, entry);
        !has_permit || catalog.entries.iter().any(is_write)
    }

    /// Returns the tool named `name` in the list of a search surface.
    pub(super) fn surface_tool(&self, surface: &SearchSurface, name: &str) -> Option<Listed> {
        if let Some(tool) = SurfaceTool::of(name) {
            return Some(tool.listed());
        }
        let entry = surface.own().get(name).filter(|entry| surface.promoted.contains(&entry.name))?;
        Some(Listed {
            name: name.to_owned(),
            ..self.own_tool(&entry.name, &Caller::local(Channel::CommandLine))?
        })
    }

    /// Answers a request from a client that sees a search surface.
    ///
    /// A call with `call_read` or `call_write` is replaced by a call of the named tool before any policy decides about it.
    pub(super) async fn run_surfaced(
        &self,
        surface: &SearchSurface,
        request: SourceRequest,
        context: &CallContext,
    ) -> Outcome {
        let SourceRequest::CallTool { name, mut arguments } = request else {
            return self.run_found(request, context).await;
        };
        let catalog = self.catalog(surface, context.caller());
        let is_offered = |tool: &SurfaceTool| {
            *tool != SurfaceTool::CallWrite || self.offers_writes(&catalog, context.caller())
        };
        let offered = SurfaceTool::of(&name).filter(is_offered);
        let Some(tool) = offered else {
            return match catalog.get(&name).filter(|entry| surface.promoted.contains(&entry.name)) {
                Some(entry) => {
                    let request = SourceRequest::CallTool { name: entry.name.clone(), arguments };
                    let mut outcome = self.run_found(request, context).await;
                    if let Err(CallError::NotPermitted(unknown)) = &mut outcome.result {
                        *unknown = self.unlisted(&catalog, &name, context.caller());
                    }
                    outcome
                }
                None => self.refuse_unlisted(&catalog, name, context).await,
            };
        };
        let parsed = match tool.parse(&mut arguments) {
            Ok(parsed) => parsed,
            Err(error) => {
                let request = SourceRequest::CallTool { name, arguments };
                return self.refuse(&request, None, CallError::Arguments(error), context).await;
            }
        };
        match parsed {
            SurfaceRequest::Search { query, limit } => {
                let request = SourceRequest::CallTool { name, arguments };
                let answer = async {
                    let near = similarities(&catalog, &query).await;
                    let allowed = |entry: &CatalogEntry| self.may(context.caller(), entry);
                    Ok(SourceResponse::Tool(search(&catalog, &query, near.as_deref(), limit, allowed)))
                };
                self.api.executor().answer_here(&request, context, answer).await
            }
            SurfaceRequest::Describe { name: described, part } => {
                let request = SourceRequest::CallTool { name, arguments };
                let answer = async {
                    let entry = catalog.get(&described).filter(|entry| self.may(context.caller(), entry));
                    let tool = entry.and_then(|entry| self.any_tool(&entry.name, context.caller()));
                    let Some((entry, tool)) = entry.zip(tool) else {
                        if let Some(withheld) = self.withheld_from(&described, context.caller()) {
                            return Err(withheld);
                        }
                        let unknown = self.unknown_in(&catalog, &described, context.caller());
                        return Err(CallError::Surface(SurfaceError::NoTool(unknown)));
                    };
                    describe(entry, &tool, &part).map(SourceResponse::Tool).map_err(CallError::Surface)
                };
                self.api.executor().answer_here(&request, context, answer).await
            }
            SurfaceRequest::Call { name, arguments, reads_only } => {
                let Some(entry) = catalog.get(&name) else {
                    let unknown = || SurfaceError::NoTool(self.unknown_in(&catalog, &name, context.caller()));
                    let withheld = self.withheld_from(&name, context.caller());
                    let error = withheld.unwrap_or_else(|| CallError::Surface(unknown()));
                    let request = SourceRequest::CallTool { name, arguments };
                    return self.refuse(&request, None, error, context).await;
                };
                let request = SourceRequest::CallTool { name: entry.name.clone(), arguments };
                if reads_only && entry.effect != Effect::Read && self.may(context.caller(), entry) {
                    let error = CallError::Surface(SurfaceError::NotARead { tool: name });
                    return self.refuse(&request, Some(entry.effect), error, context).await;
                }
                let mut outcome = self.run_found(request, context).await;
                // A call of a hidden tool gets the same answer as a call of an unknown tool. Only the audit records distinguish the two.
                if let Err(CallError::NotPermitted(_)) = outcome.result {
                    let unknown = self.unknown_in(&catalog, &name, context.caller());
                    outcome.result = Err(CallError::Surface(SurfaceError::NoTool(unknown)));
                }
                outcome
            }
        }
    }

    /// Refuses a direct call of a tool that is not in the list, because the client has approved only listed
    /// tools.
    async fn refuse_unlisted(&self, catalog: &Catalog, name: String, context: &CallContext) -> Outcome {
        let withheld = self.withheld_from(&name, context.caller());
        let unlisted = || CallError::Unknown(self.unlisted(catalog, &name, context.caller()));
        let error = withheld.unwrap_or_else(unlisted);
        let request = SourceRequest::CallTool { name, arguments: serde_json::Map::new() };
        self.refuse(&request, None, error, context).await
    }

    /// Returns the error for a direct call of a tool that is not in the list of a caller.
    fn unlisted(&self, catalog: &Catalog, name: &str, caller: &Caller) -> UnknownName {
        match catalog.get(name).filter(|entry| self.may(caller, entry)) {
            Some(entry) => {
                let call =
                    if entry.effect == Effect::Read { SurfaceTool::CallRead } else { SurfaceTool::CallWrite };
                UnknownName::tool(name).with_advice(format!("call it with `{}`", call.name()))
            }
            None => {
                let listed = self.offered(catalog, caller).map(SurfaceTool::name);
                UnknownName::tool(name).with_near(nearest(name, listed))
            }
        }
    }

    async fn refuse(
        &self,
        request: &SourceRequest,
        effect: Option<Effect>,
        error: CallError,
        context: &CallContext,
    ) -> Outcome {
        Outcome::failed(self.api.executor().refuse(request, effect, error, context).await)
    }

    /// Returns the error for an unknown tool. It suggests the tool with the nearest name, or else the best search hit for the words of the
    /// name.
    fn unknown_in(&self, catalog: &Catalog, name: &str, caller: &Caller) -> UnknownName {
        let asked = Effect::asked_by(name);
        let may = |entry: &CatalogEntry| entry.effect <= asked && self.may(caller, entry);
        let names = catalog.entries.iter().filter(|entry| may(entry)).map(|entry| entry.shown_name.as_str());
        let best = || {
            let hits =
                catalog.index.search_with(None, name, 1, |at| catalog.entries.get(at).is_some_and(may));
            let entry = catalog.entries.get(hits.first()?.document)?;
            Some(entry.shown_name.as_str())
        };
        UnknownName::tool(name).with_near(nearest(name, names).or_else(best))
    }

    fn may(&self, caller: &Caller, entry: &CatalogEntry) -> bool {
        self.permits(caller, &entry.name, entry.effect)
    }

    /// Returns the tool named `name`, in the service itself or in another source.
    pub(super) fn any_tool(&self, name: &str, caller: &Caller) -> Option<Listed> {
        self.own_tool(name, caller).or_else(|| self.other_tools(caller).find(|tool| tool.name == name))
    }
}

/// Chooses between a list of every tool and a list of the search tools, by the number of tokens of the full list. Returns the choice and a
/// note for the user.
fn choose(tokens: usize, tools: usize) -> (SurfaceKind, String) {
    if tokens <= SHORT_LIST {
        let note = format!(
            "surface auto: every tool is listed, because {tools} tools take {tokens} tokens of {SHORT_LIST}; \
             `--surface search` lists a search instead"
        );
        return (SurfaceKind::Each, note);
    }
    let note = format!(
        "surface auto: a search is listed, because {tools} tools take {tokens} tokens, more than {SHORT_LIST}; \
         `--surface each` lists every tool"
    );
    (SurfaceKind::Search, note)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::environment::Environment;
    use crate::engine::api::Api;
    use crate::engine::custom_prompt::CustomPrompt;
    use crate::engine::custom_set::Custom;
    use crate::v1::Connector;

    #[test]
    fn source_without_tools_does_not_create_another_search_catalog() {
        static SHOP: Connector = Connector::new("shop");
        let custom = Custom::new().prompts([CustomPrompt::new("greet", |_| async { Ok(Vec::new()) })]);
        let api = Api::new(&SHOP, Environment::of([] as [(&str, &str); 0]));
        let service = Service::new(api, custom).unwrap().with_surface(SurfaceKind::Search, None);
        let surface = service.surface.as_ref().unwrap();
        let catalog = service.catalog(surface, &Caller::local(Channel::Stdio));
        assert!(Arc::ptr_eq(&catalog, surface.own()));
    }

    #[test]
    fn auto_surface_lists_every_tool_up_to_ten_thousand_tokens() {
        let (kind, note) = choose(10_000, 20);
        assert_eq!(kind, SurfaceKind::Each);
        assert!(note.contains("20 tools") && note.contains("--surface search"), "{note}");
        let (kind, note) = choose(10_001, 20);
        assert_eq!(kind, SurfaceKind::Search);
        assert!(note.contains("10001 tokens") && note.contains("--surface each"), "{note}");
    }
}
