//! Visits the schemas of which one schema is composed.

use std::collections::HashSet;

use serde_json::Value;

use super::counter::{LONGEST_WALK, Limit};
use crate::document::Node;

/// A walk over the schemas of which one schema is composed. It visits each schema once, up to a limit.
#[derive(Default)]
pub(crate) struct Walk {
    seen: HashSet<*const Value>,
}

impl Walk {
    pub(crate) fn new() -> Self {
        Self { seen: HashSet::new() }
    }

    /// Whether the walk has visited the node.
    pub(crate) fn knows(&self, node: &Node<'_>) -> bool {
        self.seen.contains(&std::ptr::from_ref(node.value))
    }

    /// Resolves the node and visits it. Returns `None` if the node was visited before, if its reference does
    /// not resolve, and beyond the limit.
    pub(crate) fn enter<'d>(&mut self, node: &Node<'d>) -> Option<Node<'d>> {
        let target = node.resolve().ok()?;
        let budget = &target.document.budget;
        budget.take(1);
        if self.seen.contains(&std::ptr::from_ref(target.value)) {
            return None;
        }
        let limit = if self.seen.len() >= LONGEST_WALK { Some(Limit::Walk) } else { None };
        if let Some(limit) = limit.or_else(|| (!budget.has_schemas()).then_some(Limit::Document)) {
            budget.exceed(target.place(), limit);
            return None;
        }
        self.seen.insert(std::ptr::from_ref(target.value));
        Some(target)
    }
}
