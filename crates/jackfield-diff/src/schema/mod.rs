//! Compares JSON Schemas (2020-12) by the values that they take.
//!
//! The comparison is structural. Where it cannot decide whether a schema takes more or fewer values, it says that the schema changed. It
//! visits each pair of schemas once for each argument, so that recursive schemas end, and it counts its steps.

mod bounds;
mod branches;
mod found;
mod members;
mod same;
mod values;
mod view;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use jackfield_model::Defs;
use serde_json::Value;

pub(crate) use found::{Found, Shift};

use values::Compared;
use view::View;

/// The most steps of all comparisons of two connectors. A step visits a schema or a property. The schemas of 1,223 tools with a
/// changed schema that most of them use take 300,000.
const MOST_STEPS: usize = 4_000_000;

/// The most bytes of a path. Longer ones lose their middle.
const LONGEST_PATH: usize = 400;

/// The shared schemas of two connectors, and the steps that are left.
pub(crate) struct SchemaComparer<'s> {
    old: &'s Defs,
    new: &'s Defs,
    /// The names of schemas that are equal in both, with all schemas to which they refer.
    equal: BTreeSet<&'s str>,
    steps: Cell<usize>,
    /// The pairs that were found to be equal or not, by address.
    known: RefCell<HashMap<(usize, usize), bool>>,
}

/// A pair of schemas that still has to be compared.
struct Pair<'s> {
    path: String,
    within: Option<&'s str>,
    old: &'s Value,
    new: &'s Value,
}

/// The comparison of one argument or reply.
struct Walk<'c, 's> {
    comparer: &'c SchemaComparer<'s>,
    waiting: VecDeque<Pair<'s>>,
    visited: HashSet<(usize, usize)>,
    found: Vec<Found>,
    has_texts: bool,
    is_reply: bool,
}

impl<'s> SchemaComparer<'s> {
    /// Prepares the comparison of schemas that refer to these shared schemas.
    pub(crate) fn new(old: &'s Defs, new: &'s Defs) -> Self {
        Self {
            old,
            new,
            equal: same::equal_names(old, new),
            steps: Cell::new(MOST_STEPS),
            known: RefCell::default(),
        }
    }

    /// The differences between two schemas. Texts are compared if `has_texts`. In a reply, paths begin at the nearest shared schema.
    pub(crate) fn compare(
        &self,
        old: &'s Value,
        new: &'s Value,
        has_texts: bool,
        is_reply: bool,
    ) -> Vec<Found> {
        if self.is_same(old, new) {
            return Vec::new();
        }
        let mut walk = Walk::new(self, has_texts, is_reply);
        walk.push(String::new(), None, old, new);
        walk.run(usize::MAX);
        if walk.found.is_empty() && has_texts {
            let words = "written in another way, with the same values";
            walk.found.push(Found::new("", Shift::Wording, words, None, None));
        }
        walk.found
    }

    /// Whether a comparison without texts finds any difference.
    fn differs(&self, old: &'s Value, new: &'s Value) -> bool {
        if self.is_same(old, new) {
            return false;
        }
        let mut walk = Walk::new(self, false, false);
        walk.push(String::new(), None, old, new);
        walk.run(1);
        !walk.found.is_empty()
    }

    /// Takes steps, and returns whether any are left.
    fn step(&self, count: usize) -> bool {
        let left = self.steps.get();
        self.steps.set(left.saturating_sub(count));
        left > count
    }
}

impl<'c, 's> Walk<'c, 's> {
    fn new(comparer: &'c SchemaComparer<'s>, has_texts: bool, is_reply: bool) -> Self {
        Self {
            comparer,
            waiting: VecDeque::new(),
            visited: HashSet::new(),
            found: Vec::new(),
            has_texts,
            is_reply,
        }
    }

    /// Compares two schemas later, unless they are equal.
    fn push(&mut self, path: String, within: Option<&'s str>, old: &'s Value, new: &'s Value) {
        if !self.visited.insert(addresses(old, new)) || self.comparer.is_same(old, new) {
            return;
        }
        self.waiting.push_back(Pair { path: shortened(path), within, old, new });
    }

    /// Compares until nothing is left, or that many differences are found.
    fn run(&mut self, most: usize) {
        while let Some(Pair { path, within, old, new }) = self.waiting.pop_front() {
            let Some((old, new)) = self.views(old, new) else {
                let words = "too large to be compared in full";
                self.found.push(Found::new(&path, Shift::Changed, words, None, None));
                return;
            };
            // The fields of a shared schema are named within it, so that all tools that use it have the same line.
            let (path, within) = match (&old.name, &new.name) {
                (Some(before), Some(after)) if self.is_reply && before == after => {
                    (String::new(), Some(*after))
                }
                _ => (path, within),
            };
            let first = self.found.len();
            self.compare(&path, within, &old, &new);
            for found in self.found[first..].iter_mut().filter(|found| found.within.is_none()) {
                found.within = within.map(str::to_owned);
            }
            if self.found.len() >= most {
                return;
            }
        }
    }

    fn views(&self, old: &'s Value, new: &'s Value) -> Option<(View<'s>, View<'s>)> {
        let (before, after) = (View::of(old, self.comparer.old), View::of(new, self.comparer.new));
        self.comparer.step(before.size() + after.size()).then_some((before, after))
    }

    fn add(&mut self, found: Found) {
        self.found.push(found);
    }

    /// Compares everything that two schemas say themselves, and pushes the schemas within them.
    fn compare(&mut self, path: &str, within: Option<&'s str>, old: &View<'s>, new: &View<'s>) {
        self.compare_texts(path, old, new);
        if self.compare_plain_with_branches(path, old, new) {
            return;
        }
        match self.compare_values(path, old, new) {
            // The restrictions of one type say nothing about another.
            Compared::Disjoint | Compared::OneListed => {}
            Compared::Listed => {
                self.compare_bounds(path, old, new);
                self.compare_members(path, within, old, new);
            }
            Compared::Types => {
                self.compare_bounds(path, old, new);
                self.compare_members(path, within, old, new);
                self.compare_branches(path, within, old, new);
            }
        }
        self.compare_others(path, old, new);
    }

    fn compare_texts(&mut self, path: &str, old: &View<'s>, new: &View<'s>) {
        if !self.has_texts {
            return;
        }
        for keyword in view::TEXTS {
            let (before, after) = (old.get(keyword), new.get(keyword));
            if before != after {
                let text = |value: Option<&Value>| value.map(values::text);
                self.add(Found::text(path, keyword, text(before), text(after)));
            }
        }
    }

    /// Compares the keywords that have no rule of their own.
    fn compare_others(&mut self, path: &str, old: &View<'s>, new: &View<'s>) {
        let keywords: BTreeSet<&str> = old.keywords().chain(new.keywords()).collect();
        for keyword in keywords.into_iter().filter(|keyword| !view::KNOWN.contains(keyword)) {
            let (before, after) = (old.get(keyword), new.get(keyword));
            let is_same = match (before, after) {
                (Some(before), Some(after)) => self.comparer.is_same_keyword(keyword, before, after),
                _ => false,
            };
            if is_same {
                continue;
            }
            let shift = match keyword {
                // These only restrict values.
                "not"
                | "contains"
                | "dependentRequired"
                | "dependentSchemas"
                | "dependencies"
                | "unevaluatedProperties"
                | "unevaluatedItems" => match (before, after) {
                    (None, _) => Shift::Narrowed,
                    (_, None) => Shift::Widened,
                    _ => Shift::Changed,
                },
                "if" | "then" | "else" => Shift::Changed,
                _ => Shift::Unknown,
            };
            let text = |value: Option<&Value>| value.map(values::text);
            self.add(Found::new(path, shift, view::known_word(keyword), text(before), text(after)));
        }
        let (before, after) = (old.get("default"), new.get("default"));
        if before != after && !self.is_reply {
            let text = |value: Option<&Value>| value.map(values::text);
            self.add(Found::new(path, Shift::Default, "default", text(before), text(after)));
        }
        if !self.have_same_conflicts(old, new) {
            self.add(Found::new(path, Shift::Changed, "combined schemas", None, None));
        }
    }

    /// Whether both have the same keywords that cannot be merged, in any order.
    fn have_same_conflicts(&self, old: &View<'s>, new: &View<'s>) -> bool {
        let (before, after) = (old.conflicts(), new.conflicts());
        let most = 50;
        if before.len() != after.len() || before.len() > most {
            return before.is_empty() && after.is_empty();
        }
        let mut left: Vec<&(&str, &Value)> = after.iter().collect();
        before.iter().all(|(keyword, value)| {
            let is_same = |other: &&(&'s str, &'s Value)| {
                other.0 == *keyword
                    && match *keyword {
                        // These are the schemas of one property, or a reference without a target.
                        "properties" | "$ref" => self.comparer.is_same(value, other.1),
                        keyword => self.comparer.is_same_keyword(keyword, value, other.1),
                    }
            };
            left.iter().position(is_same).map(|at| left.swap_remove(at)).is_some()
        })
    }
}

fn addresses(old: &Value, new: &Value) -> (usize, usize) {
    (std::ptr::from_ref(old).addr(), std::ptr::from_ref(new).addr())
}

fn shortened(path: String) -> String {
    if path.len() <= LONGEST_PATH {
        return path;
    }
    let start = (0..=LONGEST_PATH / 4).rev().find(|at| path.is_char_boundary(*at)).unwrap_or(0);
    let wanted = path.len() - LONGEST_PATH / 2;
    let end = (wanted..path.len()).find(|at| path.is_char_boundary(*at)).unwrap_or(path.len());
    format!("{}…{}", &path[..start], &path[end..])
}

#[cfg(test)]
mod tests;
