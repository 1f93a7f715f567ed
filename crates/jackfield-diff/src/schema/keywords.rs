//! Compares the keywords of two schemas. Schemas within them are compared later.

use std::collections::BTreeSet;

use serde_json::Value;

use super::found::{Found, Shift};
use super::values::{self, Compared};
use super::view::{self, View};
use super::walk::Walk;

impl<'s> Walk<'_, 's> {
    /// Compares the keywords of two schemas, and queues the schemas within them for comparison.
    pub(super) fn compare(&mut self, path: &str, within: Option<&'s str>, old: &View<'s>, new: &View<'s>) {
        self.compare_texts(path, old, new);
        self.compare_defaults(path, old, new);
        if self.compare_plain_with_branches(path, within, old, new) {
            return;
        }
        match self.compare_values(path, old, new) {
            // If the schemas have no common type, their restrictions cannot be compared. If only one schema lists its values, the list
            // replaces the restrictions.
            Compared::Disjoint | Compared::OneListed => {}
            Compared::Listed(common) => {
                self.compare_bounds(path, old, new, common);
                self.compare_members(path, within, old, new, common);
            }
            Compared::Types(common) => {
                self.compare_bounds(path, old, new, common);
                self.compare_members(path, within, old, new, common);
                self.compare_branches(path, within, old, new);
            }
        }
        self.compare_others(path, old, new);
    }

    fn compare_texts(&mut self, path: &str, old: &View<'s>, new: &View<'s>) {
        if !self.has_texts || !self.has_own_texts(old, new) {
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

    fn compare_defaults(&mut self, path: &str, old: &View<'s>, new: &View<'s>) {
        let (before, after) = (old.get("default"), new.get("default"));
        if before != after && !self.is_reply && self.has_own_texts(old, new) {
            let texts = [before, after].map(|value| value.map(values::text));
            // A string and a number have the same text if the string is spelled like the number.
            let are_alike = texts[0] == texts[1];
            let [before, after] = match are_alike {
                true => [before, after].map(|value| value.map(ToString::to_string)),
                false => texts,
            };
            self.add(Found::new(path, Shift::Default, "default", before, after));
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
                // These keywords only restrict values.
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
        if !self.have_same_conflicts(old, new) {
            self.add(Found::new(path, Shift::Changed, "schemas combined by allOf", None, None));
        }
    }

    /// Whether both schemas have the same keywords that cannot be merged, in any order.
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
                        // The values are the schemas of a property, or a reference that does not resolve.
                        "properties" | "$ref" => self.comparer.is_same(value, other.1),
                        keyword => self.comparer.is_same_keyword(keyword, value, other.1),
                    }
            };
            left.iter().position(is_same).map(|at| left.swap_remove(at)).is_some()
        })
    }
}
