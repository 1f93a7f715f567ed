//! The alternatives of schemas: `anyOf` and `oneOf`.

use std::collections::{BTreeMap, VecDeque};

use jackfield_model::{Defs, Schema};
use serde_json::Value;

use super::found::{Found, Shift};
use super::types::Types;
use super::values;
use super::view::{TEXTS, View};
use super::walk::Walk;
use crate::Phrase;

/// The maximum number of alternatives that are compared with a schema without alternatives.
const MOST_TRIED: usize = 20;
/// The maximum number of properties that the description of an alternative names.
const MOST_NAMED: usize = 3;
/// The maximum number of characters in the description of an alternative.
const LONGEST_FORM: usize = 60;

impl<'s> Walk<'_, 's> {
    /// Compares a schema that consists only of alternatives with a schema without alternatives, which may be one of
    /// these alternatives. Returns whether the comparison is complete.
    pub(super) fn compare_plain_with_branches(
        &mut self,
        path: &str,
        within: Option<&'s str>,
        old: &View<'s>,
        new: &View<'s>,
    ) -> bool {
        let (is_old, plain, branches, defs) = match (old.has_branches(), new.has_branches()) {
            (false, true) => (true, old, new, self.comparer.new),
            (true, false) => (false, new, old, self.comparer.old),
            _ => return false,
        };
        let list = branches.branches("anyOf").or_else(|| branches.branches("oneOf"));
        let (Some(list), Some(whole)) = (list.filter(|_| has_only_branches(branches, defs)), plain.whole)
        else {
            return false;
        };
        let list = flattened(list);
        let tried = &list[..list.len().min(MOST_TRIED)];
        let fits = |branch: &&'s Value| match is_old {
            true => self.comparer.takes_all(whole, branch),
            false => self.comparer.takes_all(branch, whole),
        };
        let is_same = |branch: &&'s Value| match is_old {
            true => !self.comparer.differs(whole, branch),
            false => !self.comparer.differs(branch, whole),
        };
        // `compare_values` compares alternatives that are only values or types.
        let is_listing = values::listed(branches).is_some() || self.comparer.types(branches).1;
        if !is_old && !is_listing && list.len() <= MOST_TRIED && list.iter().all(fits) {
            // The schema without alternatives may have the types of all alternatives together, although no single alternative has all of
            // them.
            let types = list.iter().fold(Types::NONE, |all, branch| all.or(View::of(branch, defs).types()));
            self.compare_types(path, types, plain.types());
            for branch in list {
                self.push_part(path, within, branch, whole);
            }
            return true;
        }
        let one = tried.iter().position(is_same);
        // An alternative that refers to the same shared schema is the same alternative, even if the shared schema changed.
        let is_named = |branch: &&'s Value| plain.name.is_some() && View::of(branch, defs).name == plain.name;
        let one = one.or_else(|| tried.iter().position(is_named));
        let one = one.or_else(|| if is_old && !is_listing { tried.iter().position(fits) } else { None });
        let Some(at) = one else {
            if is_listing {
                return false;
            }
            let types = plain.types().schemas();
            if plain.has_only_types() && plain.types() != Types::ANY && types.len() > 1 {
                let (before, after) = if is_old { (types, list) } else { (list, types) };
                self.pair(path, within, before, after);
                return true;
            }
            let forms = |view: &View<'s>| match view.has_branches() {
                true => Some(list.iter().map(|branch| form(branch)).collect::<Vec<_>>().join(", ")),
                false => view.whole.map(form),
            };
            self.add(Found::new(path, Shift::Changed, "forms", forms(old), forms(new)));
            return true;
        };
        match is_old {
            true => self.push_alternative(path, within, whole, list[at]),
            false => self.push_alternative(path, within, list[at], whole),
        }
        let others = list.iter().enumerate().filter(|(other, _)| *other != at);
        let names: Vec<String> = others.map(|(_, branch)| form(branch)).collect();
        if !names.is_empty() {
            self.forms(path, if is_old { Shift::Widened } else { Shift::Narrowed }, &names);
        }
        true
    }

    /// Compares the alternatives of two schemas.
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
            // A value may match several alternatives of `anyOf`, but only one of `oneOf`.
            let shift = if next_one.is_some() { Shift::Narrowed } else { Shift::Widened };
            let words = |exactly: bool| Some(if exactly { "exactly one" } else { "at least one" }.to_owned());
            self.add(Found::new(
                path,
                shift,
                "alternatives that have to match:",
                words(one.is_some()),
                words(next_one.is_some()),
            ));
            let (before, after) = (any.or(one), next_any.or(next_one));
            self.compare_lists_of_branches(path, within, before.map(|it| it.1), after.map(|it| it.1));
            return;
        }
        self.compare_lists_of_branches(path, within, any.map(|it| it.1), next_any.map(|it| it.1));
        self.compare_lists_of_branches(path, within, one.map(|it| it.1), next_one.map(|it| it.1));
    }

    fn compare_lists_of_branches(
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
                    "number of alternatives of which one has to match",
                    None,
                    count,
                ));
            }
            (Some(list), None) => {
                let count = Some(list.len().to_string());
                return self.add(Found::new(
                    path,
                    Shift::Widened,
                    "number of alternatives of which one has to match",
                    count,
                    None,
                ));
            }
            (Some(old), Some(new)) => (old, new),
        };
        self.pair(path, within, flattened(old), flattened(new));
    }

    /// Pairs each old alternative with the new alternative that replaced it.
    fn pair(
        &mut self,
        path: &str,
        within: Option<&'s str>,
        mut before: Vec<&'s Value>,
        mut after: Vec<&'s Value>,
    ) {
        let are_single = before.len() == 1 && after.len() == 1;
        // The most specific sign that two alternatives are the same comes first. An alternative may be a reference in
        // one document and inline in the other.
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
            let types =
                View::of(one, self.comparer.old).types().and(View::of(other, self.comparer.new).types());
            // If a schema has several alternatives, the last two are paired only if they have a common type.
            if are_single || types != Types::NONE {
                self.push(path.to_owned(), within, one, other);
                return;
            }
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

/// Returns the properties that allow only one value, because they distinguish alternatives.
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

/// Returns the names of the properties.
fn properties(branch: &Value) -> Option<String> {
    let mut names: Vec<&String> = branch.get("properties")?.as_object()?.keys().collect();
    names.sort();
    Some(format!("{names:?}"))
}

/// Returns the schema to which an alternative refers, or the alternative itself.
fn resolved<'v>(branch: &'v Value, defs: &'v Defs) -> &'v Value {
    let name = branch.get("$ref").and_then(Value::as_str).and_then(|it| it.strip_prefix("#/$defs/"));
    name.and_then(|name| defs.get(name)).map_or(branch, Schema::as_value)
}

/// Returns the type of an alternative.
fn kind(branch: &Value) -> String {
    branch.get("type").map(ToString::to_string).unwrap_or_default()
}

/// Describes an alternative in a few words.
fn form(branch: &Value) -> String {
    let title = branch.get("title").and_then(Value::as_str).map(str::to_owned);
    let text = title.or_else(|| reference(branch)).or_else(|| constants(branch)).or_else(|| combined(branch));
    text.or_else(|| typed(branch))
        .unwrap_or_else(|| crate::phrase::truncated(&branch.to_string(), LONGEST_FORM))
}

/// Returns the name of the shared schema to which an alternative refers.
fn reference(branch: &Value) -> Option<String> {
    Some(branch.get("$ref")?.as_str()?.strip_prefix("#/$defs/")?.to_owned())
}

/// Describes the schemas that an alternative combines.
fn combined(branch: &Value) -> Option<String> {
    let names = branch.get("allOf")?.as_array()?.iter().map(|part| {
        let title = part.get("title").and_then(Value::as_str).map(str::to_owned);
        title.or_else(|| reference(part)).or_else(|| typed(part))
    });
    let names: Vec<String> = names.flatten().collect();
    (!names.is_empty()).then(|| names.join(" and "))
}

/// Describes the types of an alternative, with the first properties of an object, or the items of an array.
fn typed(branch: &Value) -> Option<String> {
    if let (None, Some(required)) = (branch.get("type"), branch.get("required").and_then(Value::as_array)) {
        let names: Vec<&str> = required.iter().filter_map(Value::as_str).collect();
        return (!names.is_empty()).then(|| format!("object with {}", some(&names)));
    }
    let types = Types::of_keyword(Some(branch.get("type")?)).words();
    if let Some(items) = branch.get("items") {
        let title = items.get("title").and_then(Value::as_str).map(str::to_owned);
        let kind = || Some(Types::of_keyword(Some(items.get("type")?)).words());
        let words = title.or_else(|| reference(items)).or_else(kind);
        return Some(words.map_or_else(|| types.clone(), |words| format!("{types} of {words}")));
    }
    let properties = branch.get("properties").and_then(Value::as_object).filter(|all| !all.is_empty());
    let Some(properties) = properties else { return Some(types) };
    let names: Vec<&str> = properties.keys().map(String::as_str).collect();
    Some(format!("{types} with {}", some(&names)))
}

/// Joins the first few names.
fn some(names: &[&str]) -> String {
    let more = if names.len() > MOST_NAMED { ", …" } else { "" };
    format!("{}{more}", names[..names.len().min(MOST_NAMED)].join(", "))
}

/// Whether a schema restricts values only by alternatives. It may also restrict types if the alternatives repeat these types.
fn has_only_branches(view: &View<'_>, defs: &Defs) -> bool {
    let is_repeated = |branch: &Value| view.types().contains(View::of(branch, defs).types());
    let branches = view.branches("anyOf").or_else(|| view.branches("oneOf"));
    let branches = branches.filter(|branches| branches.len() <= MOST_TRIED);
    view.has_only_branches()
        && (view.types() == Types::ANY || branches.is_some_and(|branches| branches.iter().all(is_repeated)))
}

/// Returns the alternatives. An alternative that consists only of nested alternatives is replaced by the nested alternatives.
fn flattened<'s>(list: &'s [Value]) -> Vec<&'s Value> {
    let mut found = Vec::new();
    let mut waiting: Vec<&'s Value> = list.iter().rev().collect();
    while let Some(branch) = waiting.pop() {
        let map = branch.as_object().filter(|map| {
            let is_alternatives = |key: &&String| !TEXTS.contains(&key.as_str());
            let mut own = map.keys().filter(is_alternatives);
            matches!((own.next().map(String::as_str), own.next()), (Some("anyOf" | "oneOf"), None))
        });
        let inner =
            map.and_then(|map| map.get("anyOf").or_else(|| map.get("oneOf"))).and_then(Value::as_array);
        match inner {
            Some(inner) => waiting.extend(inner.iter().rev()),
            None => found.push(branch),
        }
    }
    found
}
