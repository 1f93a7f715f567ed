//! Finds the tool of the new list that corresponds to each tool of the old list.

use std::collections::{BTreeMap, HashMap, HashSet};

use jackfield_model::Effect;

use super::definition::{Definition, text};
use super::server::ListRules;
use crate::change::{Change, Changes};
use crate::texts::first_words;
use crate::{Class, Kind, Phrase};

/// A tool with its name.
pub(super) type NamedTool<'l> = (&'l str, &'l Definition);

/// The tools of two lists.
#[derive(Debug, Default)]
pub(super) struct PairedTools<'l> {
    /// The pairs of corresponding tools, in the order of the new list.
    pub(super) pairs: Vec<(NamedTool<'l>, NamedTool<'l>)>,
    pub(super) removed: Vec<NamedTool<'l>>,
    pub(super) added: Vec<NamedTool<'l>>,
    /// The names of the old tools.
    known: HashSet<&'l str>,
}

impl<'l> PairedTools<'l> {
    /// Pairs tools that have the same name and definition. Remaining tools are paired if everything except the name is equal, and then by
    /// name.
    pub(super) fn of(old: &[NamedTool<'l>], new: &[NamedTool<'l>]) -> Self {
        let places: HashMap<&str, usize> =
            old.iter().enumerate().map(|(at, (name, _))| (*name, at)).collect();
        let by_name = |tool: &NamedTool<'l>| places.get(tool.0).copied();
        let mut found: Vec<Option<usize>> = vec![None; new.len()];
        let mut is_free = vec![true; old.len()];
        for (tool, found) in new.iter().zip(&mut found) {
            *found = by_name(tool).filter(|at| old[*at].1 == tool.1);
            found.iter().for_each(|at| is_free[*at] = false);
        }
        let renamed = renamed(old, &is_free, new, &found);
        for (at, place) in renamed {
            found[at] = Some(place);
            is_free[place] = false;
        }
        for (tool, found) in new.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
            *found = by_name(tool).filter(|at| is_free[*at]);
            found.iter().for_each(|at| is_free[*at] = false);
        }
        let mut paired = Self { known: old.iter().map(|(name, _)| *name).collect(), ..Self::default() };
        for (tool, found) in new.iter().zip(found) {
            match found {
                Some(at) => paired.pairs.push((old[at], *tool)),
                None => paired.added.push(*tool),
            }
        }
        paired.removed = old.iter().zip(is_free).filter_map(|(tool, free)| free.then_some(*tool)).collect();
        paired
    }

    /// Reports tools that were added, removed or renamed.
    pub(super) fn report(&self, rules: &ListRules<'_>, changes: &mut Changes) {
        for (name, _) in &self.removed {
            let phrase = Phrase::of(["tool removed"]);
            let change = Change::new(Class::Breaking, Kind::ToolRemoved, phrase);
            changes.add_of(name, change.values(Some(name), None));
        }
        for (name, definition) in &self.added {
            let effect = (rules.effect)(name);
            let words = first_words(&text(definition, "description"));
            let mut phrase = Phrase::of([&format!("tool added ({}): ", effect.as_str())]);
            match words.as_str() {
                "" => phrase.say("no description"),
                words => phrase.quote(words),
            }
            // Users grant permissions and approvals to names, so a new tool with the name of another tool would take them over.
            let class = if self.known.contains(name) {
                phrase.say(", and the name belonged to another tool");
                Class::Security
            } else if effect == Effect::Read {
                Class::Behaviour
            } else {
                Class::Security
            };
            let change = Change::new(class, Kind::ToolAdded, phrase);
            changes.add_of(name, change.values(None, Some(name)));
        }
        for ((old, _), (new, _)) in self.pairs.iter().filter(|((old, _), (new, _))| old != new) {
            let mut phrase = Phrase::of(["tool renamed from ", old, ""]);
            let class = if self.known.contains(new) {
                phrase.say(", and the name belonged to another tool");
                Class::Security
            } else {
                Class::Breaking
            };
            let change = Change::new(class, Kind::ToolRenamed, phrase).values(Some(old), Some(new));
            changes.add_of(new, change);
        }
    }
}

/// Returns the indexes of renamed tools: those whose description only one free tool of each list has, and whose definitions are equal
/// except for the name.
fn renamed(
    old: &[NamedTool<'_>],
    is_free: &[bool],
    new: &[NamedTool<'_>],
    found: &[Option<usize>],
) -> Vec<(usize, usize)> {
    let free_old = old.iter().enumerate().filter(|(at, _)| is_free[*at]);
    let free_new = new.iter().enumerate().filter(|(at, _)| found[*at].is_none());
    let described = by_description(free_old);
    let mut pairs = Vec::new();
    for (text, at) in by_description(free_new) {
        let (Some(at), Some(Some(place))) = (at, described.get(text)) else { continue };
        let ((before_name, before), (after_name, after)) = (old[*place], new[at]);
        if before_name != after_name && is_equal_except_name(before, after) {
            pairs.push((at, *place));
        }
    }
    pairs
}

/// Returns the index of the tool with each description, or `None` if several tools have it.
fn by_description<'a, 'l: 'a>(
    tools: impl Iterator<Item = (usize, &'a NamedTool<'l>)>,
) -> BTreeMap<&'l str, Option<usize>> {
    let mut found = BTreeMap::new();
    for (at, (_, definition)) in tools {
        let description = definition.get("description").and_then(|it| it.as_str()).unwrap_or_default();
        if !description.trim().is_empty() {
            found.entry(description).and_modify(|known| *known = None).or_insert(Some(at));
        }
    }
    found
}

fn is_equal_except_name(old: &Definition, new: &Definition) -> bool {
    old.len() == new.len() && old.iter().all(|(key, value)| key == "name" || new.get(key) == Some(value))
}
