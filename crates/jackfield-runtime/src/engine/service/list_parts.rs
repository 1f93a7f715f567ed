//! The list of tools in parts, of which those that all callers share are kept by whoever prints the list.

use std::collections::HashSet;

use jackfield_recipe::Effect;

use super::Service;
use crate::common::caller::Caller;
use crate::engine::custom_source::CustomSource;
use crate::engine::listing::Listed;
use crate::engine::source::Source;

/// A part of a list.
pub(crate) enum ListPart<'a> {
    /// Tools that the caller may see.
    Decided(Box<dyn Iterator<Item = Listed> + 'a>),
    /// The tools of the source with that number, whose definitions the caller shares with most callers. The caller might not be allowed
    /// to see all of them.
    Shared(usize, &'a dyn Source),
}

/// Decides which tools of shared parts a caller may see. The first of several tools of one name counts.
pub(crate) struct ListDecisions<'a> {
    service: &'a Service,
    caller: &'a Caller,
    seen: HashSet<String>,
}

impl Service {
    /// The parts of a caller's list, in order. `None` if clients see a search surface.
    pub(crate) fn list_parts<'a>(&'a self, caller: &'a Caller) -> Option<Vec<ListPart<'a>>> {
        if self.surface.is_some() {
            return None;
        }
        let mut parts = vec![ListPart::Decided(Box::new(self.own(caller)))];
        for (at, source) in self.sources.iter().enumerate() {
            parts.push(match source.shared_tools(caller) {
                Some(_) => ListPart::Shared(at, &**source),
                None => ListPart::Decided(Box::new(self.of_source(&**source, caller))),
            });
        }
        Some(parts)
    }

    /// Every tool that a caller may call. If several sources have a tool of one name, the first one counts.
    pub(super) fn each<'a>(&'a self, caller: &'a Caller) -> impl Iterator<Item = Listed> + 'a {
        let mut seen = HashSet::new();
        let others = self.sources.iter().flat_map(|source| self.of_source(&**source, caller));
        self.own(caller).chain(others.filter(move |tool| seen.insert(tool.name.clone())))
    }

    /// The generated and hand-written tools that a caller may call.
    fn own<'a>(&'a self, caller: &'a Caller) -> impl Iterator<Item = Listed> + 'a {
        let generated = self.connector().tools().filter_map(|tool| self.listed_row(tool, caller));
        let custom = self.custom.iter().filter(|tool| self.permits(caller, &tool.name, tool.effect));
        generated.chain(custom.map(|tool| CustomSource { api: &self.api, tool }.listed()))
    }

    /// The tools of another source that a caller may call.
    fn of_source<'a>(
        &'a self,
        source: &'a dyn Source,
        caller: &'a Caller,
    ) -> impl Iterator<Item = Listed> + 'a {
        // A source with an executor has the policies of this service, and has decided by them.
        let is_decided = source.executor().is_some();
        source.tools(caller).filter(move |tool| {
            !self.by_name.contains_key(&tool.name)
                && (is_decided || self.permits(caller, &tool.name, tool.effect))
        })
    }

    /// The tools of other sources. If several sources have a tool of one name, the first one counts.
    pub(super) fn other_tools<'a>(&'a self, caller: &'a Caller) -> impl Iterator<Item = Listed> + 'a {
        let mut seen = HashSet::new();
        let others = self.sources.iter().flat_map(|source| source.tools(caller));
        others.filter(move |tool| !self.by_name.contains_key(&tool.name) && seen.insert(tool.name.clone()))
    }

    /// The decisions for the shared parts of a caller's list.
    pub(crate) fn list_decisions<'a>(&'a self, caller: &'a Caller) -> ListDecisions<'a> {
        ListDecisions { service: self, caller, seen: HashSet::new() }
    }

    /// The tools of all sources, if the caller shares their definitions with most callers, and the service has no others.
    pub(crate) fn shared_tools(&self, caller: &Caller) -> Option<Box<dyn Iterator<Item = Listed> + '_>> {
        let has_own = !self.by_name.is_empty() || self.surface.is_some();
        let shared = self.sources.iter().map(|source| source.shared_tools(caller));
        let shared: Vec<_> = shared.collect::<Option<_>>().filter(|_| !has_own)?;
        Some(Box::new(shared.into_iter().flatten()))
    }
}

impl ListDecisions<'_> {
    /// Whether the caller sees a tool, which belongs to no earlier part.
    pub(crate) fn take(&mut self, name: &str, effect: Effect) -> bool {
        let is_new = !self.service.by_name.contains_key(name) && !self.seen.contains(name);
        if is_new {
            self.seen.insert(name.to_owned());
        }
        is_new && self.service.permits(self.caller, name, effect)
    }

    /// Whether a tool that was decided about belongs to no earlier part.
    pub(crate) fn is_first(&mut self, name: &str) -> bool {
        self.seen.insert(name.to_owned())
    }
}
