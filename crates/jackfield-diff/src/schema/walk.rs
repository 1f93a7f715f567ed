//! Walks over pairs of schemas, and visits each pair once.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use jackfield_model::Defs;
use serde_json::Value;

use super::equal::equal_names;
use super::found::{Found, Shift};
use super::view::View;

/// The maximum number of steps of all comparisons of two connectors. A step visits a schema or a property. A connector with
/// 1,223 tools, most of which use a changed schema, takes 300,000.
pub(crate) const MOST_STEPS: usize = 4_000_000;

/// The maximum depth of nested trials, which recurse on the stack. A trial tests whether an alternative replaced a schema.
const MOST_TRIALS: usize = 6;

/// The maximum number of bytes of a path in a report. The middle of a longer path is left out.
const LONGEST_PATH: usize = 400;

/// The shared schemas of two connectors, and the steps that are left.
pub(crate) struct SchemaComparer<'s> {
    pub(super) old: &'s Defs,
    pub(super) new: &'s Defs,
    /// The names of shared schemas that are equal in both connectors, together with all schemas to which they refer.
    pub(super) equal: BTreeSet<&'s str>,
    pub(super) steps: Cell<usize>,
    /// For pairs of schemas, identified by their memory addresses, whether the two are equal.
    pub(super) known: RefCell<HashMap<(usize, usize), bool>>,
    /// The pairs of schemas that are being tested, identified by their memory addresses.
    trials: RefCell<Vec<((usize, usize), Trial)>>,
}

/// A question about two schemas, which a separate comparison answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trial {
    /// Whether both schemas accept the same values.
    Same,
    /// Whether the new schema accepts all values of the old schema.
    Wider,
}

/// A pair of schemas that still has to be compared.
struct Pair<'s> {
    path: String,
    within: Option<&'s str>,
    old: &'s Value,
    new: &'s Value,
}

/// The comparison of one argument or reply.
pub(super) struct Walk<'c, 's> {
    pub(super) comparer: &'c SchemaComparer<'s>,
    waiting: VecDeque<Pair<'s>>,
    visited: HashSet<(usize, usize)>,
    /// The pairs whose texts and defaults were already compared with the schemas around them.
    said: HashSet<(usize, usize)>,
    /// The pairs whose types were already compared together with the types of other alternatives.
    typed: HashSet<(usize, usize)>,
    found: Vec<Found>,
    pub(super) has_texts: bool,
    pub(super) is_reply: bool,
}

impl<'s> SchemaComparer<'s> {
    /// Prepares the comparison of schemas that refer to these shared schemas.
    pub(crate) fn new(old: &'s Defs, new: &'s Defs) -> Self {
        Self {
            old,
            new,
            equal: equal_names(old, new),
            steps: Cell::new(MOST_STEPS),
            known: RefCell::default(),
            trials: RefCell::default(),
        }
    }

    /// Limits the steps of all comparisons.
    pub(crate) fn with_steps(self, steps: usize) -> Self {
        self.steps.set(steps);
        self
    }

    /// Returns the number of steps that are left.
    pub(crate) const fn steps_left(&self) -> usize {
        self.steps.get()
    }

    /// Returns the differences between two schemas. Texts are compared if `has_texts`. In a reply, paths begin at the nearest shared
    /// schema.
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
        walk.run(|_| false);
        if walk.found.is_empty() && has_texts {
            let words = "written in another way, with the same values";
            walk.found.push(Found::new("", Shift::Wording, words, None, None));
        }
        walk.found
    }

    /// Whether a comparison without texts finds any difference.
    pub(super) fn differs(&self, old: &'s Value, new: &'s Value) -> bool {
        !self.finds_none(old, new, Trial::Same)
    }

    /// Whether the new schema accepts all values of the old schema, as far as a comparison can tell.
    pub(super) fn takes_all(&self, old: &'s Value, new: &'s Value) -> bool {
        self.finds_none(old, new, Trial::Wider)
    }

    fn finds_none(&self, old: &'s Value, new: &'s Value, trial: Trial) -> bool {
        if self.is_same(old, new) {
            return true;
        }
        let pair = (addresses(old, new), trial);
        // In a recursive schema, the same pair occurs within its own comparison. The outer comparison finds any difference.
        if self.trials.borrow().contains(&pair) {
            return true;
        }
        if self.trials.borrow().len() >= MOST_TRIALS {
            return false;
        }
        self.trials.borrow_mut().push(pair);
        let mut walk = Walk::new(self, false, false);
        walk.push(String::new(), None, old, new);
        let decides = |found: &Found| match trial {
            Trial::Same => true,
            Trial::Wider => {
                !matches!(found.shift, Shift::Added | Shift::Optional | Shift::Widened | Shift::Default)
            }
        };
        walk.run(decides);
        self.trials.borrow_mut().pop();
        !walk.found.iter().any(decides)
    }

    /// Uses up `count` steps, and returns whether any steps are left.
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
            said: HashSet::new(),
            typed: HashSet::new(),
            found: Vec::new(),
            has_texts,
            is_reply,
        }
    }

    /// Queues two schemas for comparison, unless they are equal.
    pub(super) fn push(&mut self, path: String, within: Option<&'s str>, old: &'s Value, new: &'s Value) {
        if !self.visited.insert(addresses(old, new)) || self.comparer.is_same(old, new) {
            return;
        }
        self.waiting.push_back(Pair { path: shortened(path), within, old, new });
    }

    /// Queues two schemas for comparison without their texts and defaults, which were compared already.
    pub(super) fn push_alternative(
        &mut self,
        path: &str,
        within: Option<&'s str>,
        old: &'s Value,
        new: &'s Value,
    ) {
        self.said.insert(addresses(old, new));
        self.push(path.to_owned(), within, old, new);
    }

    /// Queues two schemas for comparison without texts, defaults and types, which were compared together with other alternatives.
    pub(super) fn push_part(&mut self, path: &str, within: Option<&'s str>, old: &'s Value, new: &'s Value) {
        self.typed.insert(addresses(old, new));
        self.push_alternative(path, within, old, new);
    }

    /// Whether the types of two schemas have to be compared.
    pub(super) fn has_own_types(&self, old: &View<'s>, new: &View<'s>) -> bool {
        let pair = old.whole.zip(new.whole);
        pair.is_none_or(|(old, new)| !self.typed.contains(&addresses(old, new)))
    }

    /// Whether texts and defaults of two schemas have to be compared.
    pub(super) fn has_own_texts(&self, old: &View<'s>, new: &View<'s>) -> bool {
        let pair = old.whole.zip(new.whole);
        pair.is_none_or(|(old, new)| !self.said.contains(&addresses(old, new)))
    }

    /// Compares the queued pairs until none is left, or until a difference decides the trial.
    fn run(&mut self, decides: impl Fn(&Found) -> bool) {
        while let Some(Pair { path, within, old, new }) = self.waiting.pop_front() {
            let Some((old, new)) = self.views(old, new) else {
                let words = "too large to be compared in full";
                self.found.push(Found::new(&path, Shift::Changed, words, None, None));
                return;
            };
            // Paths within a shared schema begin at that schema, so that all tools that use it get the same line.
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
            if self.found[first..].iter().any(&decides) {
                return;
            }
        }
    }

    fn views(&self, old: &'s Value, new: &'s Value) -> Option<(View<'s>, View<'s>)> {
        let (before, after) = (View::of(old, self.comparer.old), View::of(new, self.comparer.new));
        self.comparer.step(before.size() + after.size()).then_some((before, after))
    }

    pub(super) fn add(&mut self, found: Found) {
        self.found.push(found);
    }
}

pub(super) fn addresses(old: &Value, new: &Value) -> (usize, usize) {
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
