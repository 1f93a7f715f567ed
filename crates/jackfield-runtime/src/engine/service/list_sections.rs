//! The list of tools in sections. The handler caches the text of the sections that most callers share.

use std::collections::HashSet;

use jackfield_recipe::Effect;

use super::Service;
use crate::common::caller::Caller;
use crate::engine::custom_source::CustomSource;
use crate::engine::listing::Listed;
use crate::engine::source::Source;

/// A section of a list.
pub(crate) enum ListSection<'a> {
    /// Tools that the caller may see.
    Decided(Box<dyn Iterator<Item = Listed> + 'a>),
    /// The tools of the source with that number. The caller gets the same definitions as most callers, but may not be allowed to see every
    /// tool.
    Shared(usize, &'a dyn Source),
}

/// Decides which tools of shared sections a caller may see. If several tools have the same name, the first one counts.
pub(crate) struct ListDecisions<'a> {
    service: &'a Service,
    caller: &'a Caller,
    seen: HashSet<String>,
}

impl Service {
    /// Returns the sections of a caller's list, in order. Returns `None` if clients see a search surface.
    pub(crate) fn list_sections<'a>(&'a self, caller: &'a Caller) -> Option<Vec<ListSection<'a>>> {
        if self.surface.is_some() {
            return None;
        }
        let own = std::iter::once(ListSection::Decided(Box::new(self.own(caller))));
        let others = self.sources.iter().enumerate().map(|(at, source)| match source.shares_tools(caller) {
            true => ListSection::Shared(at, &**source),
            false => ListSection::Decided(Box::new(self.of_source(&**source, caller))),
        });
        Some(own.chain(others).collect())
    }

    /// Returns every tool that a caller may call. If several sources have a tool of one name, the first one counts.
    pub(super) fn each<'a>(&'a self, caller: &'a Caller) -> impl Iterator<Item = Listed> + 'a {
        let mut seen = HashSet::new();
        let others = self.sources.iter().flat_map(|source| self.of_source(&**source, caller));
        self.own(caller).chain(others.filter(move |tool| seen.insert(tool.name.clone())))
    }

    /// Returns the generated and hand-written tools that a caller may call.
    fn own<'a>(&'a self, caller: &'a Caller) -> impl Iterator<Item = Listed> + 'a {
        let generated = self.connector().tools().filter_map(|tool| self.listed_row(tool, caller));
        let custom = self.custom.iter().filter(|tool| self.permits(caller, &tool.name, tool.effect));
        generated.chain(custom.map(|tool| CustomSource { api: &self.api, tool }.listed()))
    }

    /// Returns the tools of another source that a caller may call.
    pub(super) fn of_source<'a>(
        &'a self,
        source: &'a dyn Source,
        caller: &'a Caller,
    ) -> impl Iterator<Item = Listed> + 'a {
        // A source with its own executor has already applied the policies of this service.
        let is_decided = source.executor().is_some();
        source.tools(caller).filter(move |tool| {
            !self.by_name.contains_key(&tool.name)
                && (is_decided || self.permits(caller, &tool.name, tool.effect))
        })
    }

    /// Returns the tools of other sources. If several sources have a tool of one name, the first one counts.
    pub(super) fn other_tools<'a>(&'a self, caller: &'a Caller) -> impl Iterator<Item = Listed> + 'a {
        let mut seen = HashSet::new();
        let others = self.sources.iter().flat_map(|source| source.tools(caller));
        others.filter(move |tool| !self.by_name.contains_key(&tool.name) && seen.insert(tool.name.clone()))
    }

    /// Returns the decisions for the shared sections of a caller's list.
    pub(crate) fn list_decisions<'a>(&'a self, caller: &'a Caller) -> ListDecisions<'a> {
        ListDecisions { service: self, caller, seen: HashSet::new() }
    }

    /// Whether a caller gets the definitions that most callers get, and all tools belong to sources.
    pub(crate) fn shares_tools(&self, caller: &Caller) -> bool {
        let has_own = !self.by_name.is_empty() || self.surface.is_some();
        !has_own && self.sources.iter().all(|source| source.shares_tools(caller))
    }

    /// Returns the tools of all sources, with the definitions that most callers get.
    pub(crate) fn shared_tools(&self) -> impl Iterator<Item = Listed> {
        self.sources.iter().flat_map(|source| source.shared_tools())
    }
}

impl ListDecisions<'_> {
    /// Decides about a tool of a shared section: whether the caller may see it, and no earlier section has a tool of this name.
    pub(crate) fn take(&mut self, name: &str, effect: Effect) -> bool {
        let is_new = !self.service.by_name.contains_key(name) && !self.seen.contains(name);
        if is_new {
            self.seen.insert(name.to_owned());
        }
        is_new && self.service.permits(self.caller, name, effect)
    }

    /// Whether no earlier section has a tool of this name. The caller may already see the tool.
    pub(crate) fn is_first(&mut self, name: &str) -> bool {
        self.seen.insert(name.to_owned())
    }
}
