//! The alternatives of schemas: `anyOf` and `oneOf`.

use std::collections::{BTreeMap, VecDeque};

use jackfield_model::{Defs, Schema};
use serde_json::Value;

use super::found::{Found, Shift};
use super::values;
use super::view::View;
use super::walk::Walk;
use crate::Phrase;

/// The most alternatives that are compared with a schema without alternatives.
const MOST_TRIED: usize = 20;
/// The most characters of an alternative in a line.
const LONGEST_FORM: usize = 60;

impl<'s> Walk<'_, 's> {
    /// Compares schemas of which only one has alternatives, and nothing else: the other may be one of them. Returns whether that is all.
    pub(super) fn compare_plain_with_branches(&mut self, path: &str, old: &View<'s>, new: &View<'s>) -> bool {
        let (shift, plain, branches) = match (old.has_branches(), new.has_branches()) {
            (false, true) if new.has_only_branches() => (Shift::Widened, old, new),
            (true, false) if old.has_only_branches() => (Shift::Narrowed, new, old),
            _ => return false,
        };
        let Some(list) = branches.branches("anyOf").or_else(|| branches.branches("oneOf")) else {
            return false;
        };
        let Some(whole) = plain.whole else { return false };
        let is_old = shift == Shift::Widened;
        let is_same = |branch: &&'s Value| match is_old {
            true => !self.comparer.differs(whole, branch),
            false => !self.comparer.differs(branch, whole),
        };
        let Some(at) = list.iter().take(MOST_TRIED).position(|branch| is_same(&branch)) else {
            // Lists of values and of types are compared as such.
            if values::listed(branches).is_some() || self.comparer.types(branches).1 {
                return false;
            }
            let forms = |view: &View<'s>| match view.has_branches() {
                true => Some(list.iter().map(form).collect::<Vec<_>>().join(", ")),
                false => view.whole.map(form),
            };
            self.add(Found::new(path, Shift::Changed, "forms", forms(old), forms(new)));
            return true;
        };
        let others = list.iter().enumerate().filter(|(other, _)| *other != at);
        let names: Vec<String> = others.map(|(_, branch)| form(branch)).collect();
        if names.is_empty() {
            return true;
        }
        self.forms(path, shift, &names);
        true
    }

    /// Compares the alternatives of both.
    pub(super) fn compare_branches(
        &mut self,
        path: &str,
        within: Option<&'s str>,
        old: &View<'s>,
        new: &View<'s>,
    ) {
        let of = |view: &View<'s>| {
            let list = |keyword: &'static str| view.branches(keyword).map(|list| (keyword, list));
            (list("anyOf"), list("oneOf"))
        };
        let ((any, one), (next_any, next_one)) = (of(old), of(new));
        let is_switch = any.is_some() != next_any.is_some() && one.is_some() != next_one.is_some();
        if is_switch && any.is_some() != one.is_some() {
            // Several alternatives may fit in `anyOf`, only one in `oneOf`.
            let shift = if next_one.is_some() { Shift::Narrowed } else { Shift::Widened };
            let words = |exactly: bool| Some(if exactly { "exactly one" } else { "at least one" }.to_owned());
            self.add(Found::new(
                path,
                shift,
                "forms that fit:",
                words(one.is_some()),
                words(next_one.is_some()),
            ));
            let (before, after) = (any.or(one), next_any.or(next_one));
            self.pair(path, within, before.map(|it| it.1), after.map(|it| it.1));
            return;
        }
        self.pair(path, within, any.map(|it| it.1), next_any.map(|it| it.1));
        self.pair(path, within, one.map(|it| it.1), next_one.map(|it| it.1));
    }

    /// Finds for each alternative the one that it became.
    fn pair(
        &mut self,
        path: &str,
        within: Option<&'s str>,
        old: Option<&'s Vec<Value>>,
        new: Option<&'s Vec<Value>>,
    ) {
        let (old, new) = match (old, new) {
            (None, None) => return,
            (None, Some(list)) => {
                let count = Some(list.len().to_string());
                return self.add(Found::new(
                    path,
                    Shift::Narrowed,
                    "forms of which one has to fit",
                    None,
                    count,
                ));
            }
            (Some(list), None) => {
                let count = Some(list.len().to_string());
                return self.add(Found::new(
                    path,
                    Shift::Widened,
                    "forms of which one has to fit",
                    count,
                    None,
                ));
            }
            (Some(old), Some(new)) => (old, new),
        };
        let mut before: Vec<&'s Value> = old.iter().collect();
        let mut after: Vec<&'s Value> = new.iter().collect();
        // The most exact sign of identity first. A form may be a reference in one document and written out in the other.
        let signs: [fn(&Value, &Defs) -> Option<String>; 7] = [
            |branch, _| Some(branch.to_string()),
            |branch, _| Some(branch.get("$ref")?.to_string()),
            |branch, defs| Some(resolved(branch, defs).to_string()),
            |branch, defs| constants(resolved(branch, defs)),
            |branch, defs| Some(resolved(branch, defs).get("title")?.to_string()),
            |branch, defs| properties(resolved(branch, defs)),
            |branch, defs| Some(kind(resolved(branch, defs))),
        ];
        for sign in signs {
            self.match_by(path, within, &mut before, &mut after, sign);
        }
        if let ([one], [other]) = (before.as_slice(), after.as_slice()) {
            self.push(path.to_owned(), within, one, other);
            return;
        }
        for (shift, list) in [(Shift::Narrowed, before), (Shift::Widened, after)] {
            let names: Vec<String> = list.into_iter().map(form).collect();
            if !names.is_empty() {
                self.forms(path, shift, &names);
            }
        }
    }

    fn match_by(
        &mut self,
        path: &str,
        within: Option<&'s str>,
        before: &mut Vec<&'s Value>,
        after: &mut Vec<&'s Value>,
        sign: fn(&Value, &Defs) -> Option<String>,
    ) {
        let mut waiting: BTreeMap<String, VecDeque<usize>> = BTreeMap::new();
        for (at, branch) in after.iter().enumerate() {
            if let Some(sign) = sign(branch, self.comparer.new) {
                waiting.entry(sign).or_default().push_back(at);
            }
        }
        let mut is_taken = vec![false; after.len()];
        before.retain(|branch| {
            let found = sign(branch, self.comparer.old).and_then(|sign| waiting.get_mut(&sign)?.pop_front());
            let Some(at) = found else { return true };
            is_taken[at] = true;
            self.push(path.to_owned(), within, branch, after[at]);
            false
        });
        let mut taken = is_taken.into_iter();
        after.retain(|_| !taken.next().unwrap_or_default());
    }

    fn forms(&mut self, path: &str, shift: Shift, names: &[String]) {
        let mut phrase = Phrase::of([match (shift, self.is_reply) {
            (Shift::Narrowed, false) => "no longer takes the form ",
            (_, false) => "also takes the form ",
            (Shift::Narrowed, true) => "no longer has the form ",
            (_, true) => "may also have the form ",
        }]);
        phrase.list(names.iter().map(String::as_str), 5);
        let all = Some(names.join(", "));
        let (before, after) = if shift == Shift::Narrowed { (all, None) } else { (None, all) };
        self.add(Found::new(path, shift, "type", before, after).with_phrase(phrase));
    }
}

/// The properties with only one value, which tell alternatives apart.
fn constants(branch: &Value) -> Option<String> {
    let properties = branch.get("properties")?.as_object()?;
    let only = properties.iter().filter_map(|(name, schema)| {
        let listed = schema.get("enum").and_then(Value::as_array).filter(|list| list.len() == 1);
        let value = schema.get("const").or_else(|| listed?.first())?;
        Some(format!("{name}={value}"))
    });
    let all: Vec<String> = only.collect();
    (!all.is_empty()).then(|| all.join(" "))
}

/// The names of the properties.
fn properties(branch: &Value) -> Option<String> {
    let mut names: Vec<&String> = branch.get("properties")?.as_object()?.keys().collect();
    names.sort();
    Some(format!("{names:?}"))
}

/// The schema to which an alternative refers, or the alternative itself.
fn resolved<'v>(branch: &'v Value, defs: &'v Defs) -> &'v Value {
    let name = branch.get("$ref").and_then(Value::as_str).and_then(|it| it.strip_prefix("#/$defs/"));
    name.and_then(|name| defs.get(name)).map_or(branch, Schema::as_value)
}

/// The type of an alternative.
fn kind(branch: &Value) -> String {
    branch.get("type").map(ToString::to_string).unwrap_or_default()
}

/// An alternative in a few words.
fn form(branch: &Value) -> String {
    let name = branch.get("$ref").and_then(Value::as_str).and_then(|it| it.strip_prefix("#/$defs/"));
    let title = branch.get("title").and_then(Value::as_str);
    let types = branch.get("type").map(super::values::text);
    let text = title.or(name).map(str::to_owned).or_else(|| constants(branch)).or(types);
    text.unwrap_or_else(|| crate::phrase::truncated(&branch.to_string(), LONGEST_FORM))
}
