//! The types of schemas, and the values that schemas list.

use std::collections::BTreeSet;

use serde_json::Value;

use super::found::{Found, Shift};
use super::types::Types;
use super::view::{TEXTS, View};
use super::walk::{SchemaComparer, Walk};
use crate::Phrase;

/// The maximum number of listed values that one line of the report names.
const MOST_NAMED: usize = 5;
/// The maximum number of characters of a value in a report.
const LONGEST: usize = 2_000;

/// Converts a value to text. A string is shown without quotes; the empty string and other values are shown as JSON.
pub(super) fn text(value: &Value) -> String {
    let text = match value {
        Value::String(text) if !text.is_empty() => text.clone(),
        value => value.to_string(),
    };
    crate::phrase::truncated(&text, LONGEST)
}

impl<'s> SchemaComparer<'s> {
    /// Returns the types of a schema, and whether its alternatives restrict only the type.
    pub(super) fn types(&self, view: &View<'s>) -> (Types, bool) {
        let own = view.types();
        let branches = view.branches("anyOf").or_else(|| view.branches("oneOf"));
        let Some(branches) = branches.filter(|_| view.get("type").is_none()) else { return (own, false) };
        let mut all = Types::NONE;
        for branch in branches {
            let Value::Object(map) = branch else { return (own, false) };
            let is_type = |keyword: &String| keyword == "type" || TEXTS.contains(&keyword.as_str());
            if !map.contains_key("type") || !map.keys().all(is_type) {
                return (own, false);
            }
            all = all.or(Types::of_keyword(map.get("type")));
        }
        (all, true)
    }
}

/// Returns the values that a schema lists with `enum`, `const`, or alternatives that are constants.
pub(super) fn listed<'s>(view: &View<'s>) -> Option<Vec<&'s Value>> {
    if let Some(value) = view.get("const") {
        return Some(vec![value]);
    }
    if let Some(Value::Array(values)) = view.get("enum") {
        return Some(values.iter().collect());
    }
    let branches = view.branches("oneOf").or_else(|| view.branches("anyOf"))?;
    let mut values = Vec::new();
    for branch in branches {
        let map = branch.as_object()?;
        let is_listing = |keyword: &String| {
            matches!(keyword.as_str(), "const" | "enum" | "type") || TEXTS.contains(&keyword.as_str())
        };
        if !map.keys().all(is_listing) {
            return None;
        }
        match (map.get("const"), map.get("enum")) {
            (Some(value), None) => values.push(value),
            (None, Some(Value::Array(list))) => values.extend(list),
            _ => return None,
        }
    }
    Some(values)
}

/// The result of a comparison of types and listed values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compared {
    /// No value fits both schemas.
    Disjoint,
    /// Only one schema lists its values. The list is more exact than the restrictions of the other schema.
    OneListed,
    /// The alternatives of both schemas are only values or types, which were compared. The types are those that both schemas accept.
    Listed(Types),
    /// Only types and listed values were compared. Both schemas accept these types.
    Types(Types),
}

impl<'s> Walk<'_, 's> {
    /// Compares types and listed values.
    pub(super) fn compare_values(&mut self, path: &str, old: &View<'s>, new: &View<'s>) -> Compared {
        let (list, next_list) = (listed(old), listed(new));
        let ((mut types, only_types), (mut next_types, next_only_types)) =
            (self.comparer.types(old), self.comparer.types(new));
        let of =
            |values: &[&Value]| values.iter().fold(Types::NONE, |all, value| all.or(Types::of_value(value)));
        if let Some(values) = &list {
            types = of(values);
        }
        if let Some(values) = &next_list {
            next_types = of(values);
        }
        let (lists, next_lists) = (list.is_some(), next_list.is_some());
        match (list, next_list) {
            (Some(before), Some(after)) => {
                self.compare_lists(path, &before, &after);
                self.compare_types_of_listed(path, old, new, &before, &after);
            }
            (None, None) if self.has_own_types(old, new) => self.compare_types(path, types, next_types),
            (None, None) => {}
            (Some(before), None) => {
                // Other restrictions may exclude some of the listed values.
                let shift = if new.has_only_types() { Shift::Widened } else { Shift::Changed };
                self.one_list(path, shift, types, next_types, Some(&before), None);
            }
            (None, Some(after)) => {
                self.one_list(path, Shift::Narrowed, types, next_types, None, Some(&after));
            }
        }
        let is_consumed = |view: &View<'_>, lists: bool, types: bool| !view.has_branches() || lists || types;
        let common = types.and(next_types);
        if common == Types::NONE {
            Compared::Disjoint
        } else if lists != next_lists {
            Compared::OneListed
        } else if is_consumed(old, lists, only_types) && is_consumed(new, next_lists, next_only_types) {
            Compared::Listed(common)
        } else {
            Compared::Types(common)
        }
    }

    pub(super) fn compare_types(&mut self, path: &str, before: Types, after: Types) {
        if before == after {
            return;
        }
        let shift = match (before.contains(after), after.contains(before)) {
            (true, _) => Shift::Narrowed,
            (_, true) => Shift::Widened,
            _ => Shift::Changed,
        };
        self.add(Found::new(path, shift, "type", Some(before.words()), Some(after.words())));
    }

    /// Compares the types that two schemas declare in addition to listed values. They matter only if a value in both
    /// lists does not have one of them.
    fn compare_types_of_listed(
        &mut self,
        path: &str,
        old: &View<'s>,
        new: &View<'s>,
        before: &[&'s Value],
        after: &[&'s Value],
    ) {
        if old.types() == new.types() {
            return;
        }
        let next: BTreeSet<String> = after.iter().map(|value| value.to_string()).collect();
        let fits = |view: &View<'_>, value: &Value| view.types().contains(Types::of_value(value));
        let is_other = |value: &&&Value| fits(old, value) != fits(new, value);
        if before.iter().filter(is_other).any(|value| next.contains(&value.to_string())) {
            self.compare_types(path, old.types(), new.types());
        }
    }

    fn compare_lists(&mut self, path: &str, before: &[&'s Value], after: &[&'s Value]) {
        let texts = |values: &[&Value]| values.iter().map(|value| value.to_string()).collect::<Vec<_>>();
        let (old, new) = (texts(before), texts(after));
        let (known, next): (BTreeSet<&String>, BTreeSet<&String>) =
            (old.iter().collect(), new.iter().collect());
        let only = |list: &[&'s Value], texts: &[String], other: &BTreeSet<&String>| -> Vec<String> {
            list.iter().zip(texts).filter(|(_, it)| !other.contains(it)).map(|(it, _)| text(it)).collect()
        };
        let (gone, come) = (only(before, &old, &next), only(after, &new, &known));
        let shift = match (gone.is_empty(), come.is_empty()) {
            (true, true) if old == new || !self.has_texts => return,
            (true, true) => Shift::Wording,
            (false, true) => Shift::Narrowed,
            (true, false) => Shift::Widened,
            (false, false) => Shift::Changed,
        };
        let mut phrase = Phrase::default();
        let is_reply = self.is_reply;
        if !gone.is_empty() {
            phrase.say(if is_reply { "no longer has " } else { "no longer takes " });
            phrase.list(gone.iter().map(String::as_str), MOST_NAMED);
        }
        if !come.is_empty() {
            phrase.say(if gone.is_empty() { "" } else { ", " });
            phrase.say(if is_reply { "may also be " } else { "also takes " });
            phrase.list(come.iter().map(String::as_str), MOST_NAMED);
        }
        if shift == Shift::Wording {
            phrase.say("values are listed in another order");
        }
        let all = |texts: &[String]| Some(crate::phrase::truncated(&texts.join(", "), LONGEST));
        self.add(Found::new(path, shift, "values", all(&old), all(&new)).with_phrase(phrase));
    }

    /// Compares two schemas of which only one lists its values.
    fn one_list(
        &mut self,
        path: &str,
        shift: Shift,
        types: Types,
        next_types: Types,
        before: Option<&[&'s Value]>,
        after: Option<&[&'s Value]>,
    ) {
        let fits = match shift {
            Shift::Widened => next_types.contains(types),
            Shift::Narrowed => types.contains(next_types),
            _ => false,
        };
        let shift = if fits { shift } else { Shift::Changed };
        let words = |types: Types, values: Option<&[&Value]>| match values {
            None => format!("any {}", types.words()).replace("any any", "any"),
            Some(values) => {
                let list: Vec<String> = values.iter().take(20).map(|value| text(value)).collect();
                let more = if values.len() > list.len() { ", …" } else { "" };
                format!("{}{more}", list.join(", "))
            }
        };
        let (before, after) = (words(types, before), words(next_types, after));
        self.add(Found::new(path, shift, "values", Some(before), Some(after)));
    }
}
