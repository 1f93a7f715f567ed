//! Decides which shared schemas stay in the pool, and which are inlined.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::{Arg, Connector, Defs, subschemas};
use serde_json::Value;

use super::price;
use super::reference::may_replace;

/// The maximum number of tokens of an inlined schema. Inlining larger schemas saves little, and their text is better
/// stored once.
const LARGE: usize = 512;
/// The maximum number of tokens of all copies of a schema to which each tool refers once. A single copy may
/// have any size.
const COPIES: usize = 8 * LARGE;

/// The shared schemas of a connector, with their token counts and references.
pub(super) struct Shared {
    defs: BTreeMap<String, Def>,
    /// Every schema comes after the schemas to which it refers, except for circular references.
    order: Vec<String>,
}

struct Def {
    refs: Refs,
    price: usize,
    /// The tokens of the entry in `$defs` without the schema.
    entry: usize,
    reference: usize,
    /// `args`: the number of arguments that refer to the schema, over all tools. `tools`: the number of tools that reach the schema.
    args: usize,
    tools: usize,
    /// Whether the schema refers to itself, directly or indirectly.
    circular: bool,
    /// Whether a reference to the schema has siblings that cannot be merged with the schema, so that the
    /// reference has to stay.
    pinned: bool,
}

/// The number of references to each shared schema.
#[derive(Default)]
struct Refs {
    times: BTreeMap<String, usize>,
    /// The schemas whose references have siblings that cannot be merged.
    pinned: BTreeSet<String>,
}

impl Refs {
    fn read(&mut self, schema: &Value, pool: &Defs) {
        let Value::Object(map) = schema else { return };
        let name = map.get("$ref").and_then(Value::as_str);
        if let Some(name) = name.and_then(|text| text.strip_prefix("#/$defs/")) {
            *self.times.entry(name.to_owned()).or_default() += 1;
            if !pool.get(name).is_some_and(|target| may_replace(map, target)) {
                self.pinned.insert(name.to_owned());
            }
        }
        subschemas(map, |_, _, schema| self.read(schema, pool));
    }

    fn of(args: &[Arg], pool: &Defs) -> Self {
        let mut refs = Self::default();
        args.iter().for_each(|arg| refs.read(arg.schema.as_value(), pool));
        refs
    }
}

impl Def {
    /// Whether the inlined schema takes fewer tokens than that many references and pool entries.
    fn pays_in_place(&self, references: usize, entries: usize) -> bool {
        let entries = if self.pinned { 0 } else { entries };
        let in_pool = references
            .saturating_mul(self.reference)
            .saturating_add(entries.saturating_mul(self.entry + self.price));
        let is_small = self.price <= LARGE
            || references == 1 && (self.tools == 1 || self.price.saturating_mul(self.tools) <= COPIES);
        !self.circular && is_small && references.saturating_mul(self.price) <= in_pool
    }
}

impl Shared {
    pub(super) fn of(connector: &Connector) -> Self {
        let mut defs: BTreeMap<String, Def> = BTreeMap::new();
        for (name, schema) in &connector.pool.send {
            let mut refs = Refs::default();
            refs.read(schema.as_value(), &connector.pool.send);
            let def = Def {
                refs,
                price: price::of(schema.as_value()),
                entry: price::entry(name, 0),
                reference: price::reference(name),
                args: 0,
                tools: 0,
                circular: false,
                pinned: false,
            };
            defs.insert(name.clone(), def);
        }
        let mut shared = Self { order: Vec::new(), defs };
        shared.sort();
        for operation in connector.operations() {
            shared.count(&operation.args, &connector.pool.send);
        }
        let pinned: Vec<String> = shared.defs.values().flat_map(|def| def.refs.pinned.clone()).collect();
        for name in pinned {
            shared.change(&name, |def| def.pinned = true);
        }
        shared
    }

    /// Returns the schemas, each after the schemas to which it refers.
    pub(super) fn leaves_first(&self) -> impl Iterator<Item = &str> {
        self.order.iter().map(String::as_str)
    }

    fn change(&mut self, name: &str, change: impl FnOnce(&mut Def)) {
        if let Some(def) = self.defs.get_mut(name) {
            change(def);
        }
    }

    /// Finds the order of the schemas, and the schemas that refer to themselves. A cycle is detected when the search visits a schema again
    /// that it has not left yet.
    fn sort(&mut self) {
        enum Visit<'n> {
            Enter(&'n str),
            Leave(&'n str),
        }
        let (mut order, mut circular) = (Vec::new(), Vec::new());
        // The schemas that were visited, each with whether it is still being visited.
        let mut met: BTreeMap<&str, bool> = BTreeMap::new();
        let mut waiting: Vec<Visit<'_>> = self.defs.keys().rev().map(|name| Visit::Enter(name)).collect();
        while let Some(visit) = waiting.pop() {
            match visit {
                Visit::Leave(name) => {
                    met.insert(name, false);
                    order.push(name.to_owned());
                }
                Visit::Enter(name) => match met.get(name) {
                    Some(true) => circular.push(name.to_owned()),
                    Some(false) => {}
                    None => {
                        met.insert(name, true);
                        waiting.push(Visit::Leave(name));
                        let refs = self.defs.get(name).into_iter().flat_map(|def| def.refs.times.keys());
                        waiting.extend(refs.rev().map(|name| Visit::Enter(name)));
                    }
                },
            }
        }
        self.order = order;
        circular.iter().for_each(|name| self.change(name, |def| def.circular = true));
    }

    /// Counts the references of a tool, and the schemas that it reaches.
    fn count(&mut self, args: &[Arg], pool: &Defs) {
        let refs = Refs::of(args, pool);
        let reached: Vec<String> = self.reached(&refs).into_iter().map(str::to_owned).collect();
        for name in reached {
            self.change(&name, |def| {
                def.tools += 1;
                def.args += refs.times.get(&name).copied().unwrap_or_default();
                def.pinned |= refs.pinned.contains(&name);
            });
        }
    }

    fn reached<'s>(&'s self, refs: &'s Refs) -> BTreeSet<&'s str> {
        let mut found: BTreeSet<&str> = BTreeSet::new();
        let mut waiting: Vec<&String> = refs.times.keys().collect();
        while let Some(name) = waiting.pop() {
            if found.insert(name) {
                waiting.extend(self.defs.get(name).into_iter().flat_map(|def| def.refs.times.keys()));
            }
        }
        found
    }

    /// Selects the schemas that are inlined within the pool. Other schemas do not refer to them afterwards.
    pub(super) fn place_in_pool(&mut self) -> BTreeSet<String> {
        let mut users: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, def) in &self.defs {
            for used in def.refs.times.keys() {
                users.entry(used.clone()).or_default().push(name.clone());
            }
        }
        let mut placed = BTreeSet::new();
        for name in self.order.clone() {
            let Some(users) = users.get(&name) else { continue };
            let uses = |user: &String| {
                let user = self.defs.get(user)?;
                Some(user.tools.saturating_mul(*user.refs.times.get(&name)?))
            };
            let within: usize = users.iter().filter_map(uses).sum();
            let Some(def) = self.defs.get(&name) else { continue };
            if !def.pays_in_place(within + def.args, def.tools) {
                continue;
            }
            let (inner, price, reference) = (def.refs.times.clone(), def.price, def.reference);
            for user in users.clone() {
                let Some(user) = self.defs.get_mut(&user) else { continue };
                let Some(times) = user.refs.times.remove(&name) else { continue };
                user.price = (user.price + times * price).saturating_sub(times * reference);
                for (inner, count) in &inner {
                    let needed = user.refs.times.entry(inner.clone()).or_default();
                    *needed = needed.saturating_add(times.saturating_mul(*count));
                }
            }
            placed.insert(name);
        }
        placed
    }

    /// Selects the schemas that are inlined in the arguments of a tool.
    pub(super) fn place_in_args(&self, args: &[Arg], pool: &Defs) -> BTreeSet<&str> {
        let refs = Refs::of(args, pool);
        let reached = self.reached(&refs);
        let mut from_args = refs.times.clone();
        let mut from_pool: BTreeMap<&str, usize> = BTreeMap::new();
        for def in reached.iter().filter_map(|name| self.defs.get(*name)) {
            for (name, times) in &def.refs.times {
                *from_pool.entry(name).or_default() += times;
            }
        }
        let mut placed = BTreeSet::new();
        // Each schema comes before the schemas to which it refers, so that all references to a schema are known when
        // it is visited.
        for name in self.order.iter().rev().filter(|name| reached.contains(name.as_str())) {
            let (Some(def), Some(&times)) = (self.defs.get(name), from_args.get(name)) else { continue };
            let alone = from_pool.get(name.as_str()).is_none_or(|times| *times == 0);
            if !def.pays_in_place(times, usize::from(alone)) {
                continue;
            }
            for (inner, count) in &def.refs.times {
                let needed = from_args.entry(inner.clone()).or_default();
                *needed = needed.saturating_add(times.saturating_mul(*count));
                if alone && let Some(needed) = from_pool.get_mut(inner.as_str()) {
                    *needed = needed.saturating_sub(*count);
                }
            }
            placed.insert(name.as_str());
        }
        placed
    }
}
