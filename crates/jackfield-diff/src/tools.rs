//! Finds the tool of the new connector that corresponds to each tool of the old connector.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jackfield_model::{Effect, Merge, Operation, ToolName, ToolSelection};

use crate::change::{Change, Changes};
use crate::{Class, Kind, Phrase};

/// An operation with its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tool<'m> {
    pub(crate) name: &'m str,
    pub(crate) group: &'m str,
    pub(crate) operation: &'m Operation,
}

impl Tool<'_> {
    /// Returns the route without the names of path variables, which requests do not contain.
    pub(crate) fn shape(&self) -> String {
        format!("{} {}", self.operation.method, path_shape(&self.operation.path))
    }
}

/// Returns a path without the names of its variables.
pub(crate) fn path_shape(path: &str) -> String {
    let mut shape = String::new();
    let mut is_inside = false;
    for c in path.chars() {
        match c {
            '{' => is_inside = true,
            '}' => {
                is_inside = false;
                shape.push_str("{}");
            }
            c if !is_inside => shape.push(c),
            _ => {}
        }
    }
    shape
}

/// The tool that had a name before a merged tool took it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameBefore {
    /// The name was free, or it belonged to a tool whose operation is part of the merge. The effect of that tool was not weaker.
    Free,
    /// The name belonged to a tool whose operation is part of the merge and whose effect was weaker.
    Weaker,
    /// The name belonged to a tool whose operation is not part of the merge.
    OtherTool,
}

/// The tools of two connectors.
#[derive(Debug, Default)]
pub(crate) struct Paired<'m> {
    /// The pairs of corresponding tools, in the order of the new connector.
    pub(crate) pairs: Vec<(Tool<'m>, Tool<'m>)>,
    removed: Vec<Tool<'m>>,
    added: Vec<Tool<'m>>,
    /// The names of old tools, each with the new name of the tool, or `None` if the tool was removed.
    names: BTreeMap<&'m str, Option<&'m str>>,
}

impl<'m> Paired<'m> {
    /// Pairs tools that have the same name and route. Remaining tools are paired by route, then by name, then by method and operationId.
    pub(crate) fn of(old: Vec<Tool<'m>>, new: Vec<Tool<'m>>) -> Self {
        let mut found: Vec<Option<usize>> = vec![None; new.len()];
        let mut is_free = vec![true; old.len()];
        let keys: [fn(&Tool<'_>) -> Option<String>; 5] = [
            |tool| Some(format!("{} {}", tool.name, tool.shape())),
            |tool| Some(tool.operation.route()),
            |tool| Some(tool.shape()),
            |tool| Some(tool.name.to_owned()),
            |tool| Some(format!("{} {}", tool.operation.method, tool.operation.id.as_ref()?.as_str())),
        ];
        for key in keys {
            let free = old.iter().enumerate().filter(|(at, _)| is_free[*at]);
            let mut known: HashMap<String, usize> = HashMap::new();
            for (at, tool) in free {
                if let Some(key) = key(tool) {
                    known.entry(key).or_insert(at);
                }
            }
            for (tool, found) in new.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
                if let Some(at) = key(tool).and_then(|key| known.remove(&key)) {
                    *found = Some(at);
                    is_free[at] = false;
                }
            }
        }
        let mut paired = Self::default();
        paired.names.extend(old.iter().map(|tool| (tool.name, None)));
        for (tool, found) in new.into_iter().zip(found) {
            match found {
                Some(at) => {
                    paired.names.insert(old[at].name, Some(tool.name));
                    paired.pairs.push((old[at], tool));
                }
                None => paired.added.push(tool),
            }
        }
        paired.removed =
            old.into_iter().zip(is_free).filter_map(|(tool, free)| free.then_some(tool)).collect();
        paired
    }

    /// Returns the new names of the old tools `names`. Removed tools are left out.
    pub(crate) fn renamed<'n>(&'n self, names: &'n [ToolName]) -> BTreeSet<&'n str> {
        names.iter().filter_map(|name| *self.names.get(name.as_str())?).collect()
    }

    /// Returns the tools of the old connector's `selection` that the new connector still has, by their new names.
    pub(crate) fn old_selection(&self, selection: &ToolSelection) -> BTreeSet<&str> {
        let all = self.pairs.iter().map(|(old, new)| (old.name, new.name));
        all.filter(|(old, _)| has(selection, old)).map(|(_, new)| new).collect()
    }

    /// Returns the tools of the new connector's `selection` that the old connector also has.
    pub(crate) fn new_selection(&self, selection: &ToolSelection) -> BTreeSet<&str> {
        self.pairs.iter().map(|(_, new)| new.name).filter(|new| has(selection, new)).collect()
    }

    /// Returns the tools that both connectors have, by their new names.
    pub(crate) fn kept(&self) -> BTreeSet<&str> {
        self.pairs.iter().map(|(_, new)| new.name).collect()
    }

    /// Returns what kind of tool of the old connector had the name of a new merged tool.
    pub(crate) fn name_before(&self, merge: &Merge) -> NameBefore {
        let is_part =
            |tool: &Tool<'_>| tool.operation.merged.as_ref().is_some_and(|merged| merged.tool == merge.name);
        let had_name = |tool: &Tool<'_>| tool.name == merge.name.as_str() && tool.operation.merged.is_none();
        match self.pairs.iter().find(|(old, _)| had_name(old)) {
            Some((_, new)) if !is_part(new) => NameBefore::OtherTool,
            Some((old, _)) if old.operation.effect < merge.effect => NameBefore::Weaker,
            None if self.removed.iter().any(had_name) => NameBefore::OtherTool,
            _ => NameBefore::Free,
        }
    }

    /// Reports tools that were added, removed or renamed.
    pub(crate) fn report(&self, changes: &mut Changes) {
        for tool in &self.removed {
            let phrase = tool_phrase("tool removed", tool);
            let change = Change::new(Class::Breaking, Kind::ToolRemoved, phrase);
            changes.add_of(tool.name, change.values(Some(&tool.operation.route()), None));
        }
        for tool in &self.added {
            let effect = tool.operation.effect;
            let mut phrase = tool_phrase(&format!("tool added ({})", effect.as_str()), tool);
            // A new tool that only reads cannot change the service; any other new tool lets a model do more than
            // before. Users grant permissions, approvals and limits to names, so a new tool with the name of another
            // tool would take them over.
            let class = if self.names.contains_key(tool.name) {
                phrase.say(", and another tool had this name before");
                Class::Security
            } else if effect == Effect::Read {
                Class::Behaviour
            } else {
                Class::Security
            };
            let change = Change::new(class, Kind::ToolAdded, phrase);
            changes.add_of(tool.name, change.values(None, Some(&tool.operation.route())));
        }
        for (old, new) in self.pairs.iter().filter(|(old, new)| old.name != new.name) {
            let mut phrase = Phrase::of(["tool renamed from ", old.name, ""]);
            // Users grant permissions, approvals and limits to names, so they would now apply to another operation.
            let class = if self.names.contains_key(new.name) {
                phrase.say(", and another tool had this name before");
                Class::Security
            } else {
                Class::Breaking
            };
            let change = Change::new(class, Kind::ToolRenamed, phrase).values(Some(old.name), Some(new.name));
            changes.add_of(new.name, change);
        }
    }
}

fn has(selection: &ToolSelection, name: &str) -> bool {
    match selection {
        ToolSelection::Except(others) => !others.iter().any(|other| other.as_str() == name),
        ToolSelection::Only(tools) => tools.iter().any(|tool| tool.as_str() == name),
    }
}

fn tool_phrase(words: &str, tool: &Tool<'_>) -> Phrase {
    Phrase::of([&format!("{words}: "), &tool.operation.route(), ""])
}
