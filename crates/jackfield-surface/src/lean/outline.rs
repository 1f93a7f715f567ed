//! Moves repeated schemas into the pool, such as a list of a hundred values that six properties have.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::{Arg, Connector, Defs, Schema};
use serde_json::{Value, json};

use super::weigh::{Weighed, outermost, outermost_mut, within};
use crate::cores;

/// The minimum number of tokens of a schema that is moved into the pool.
const WORTH: usize = 12;
/// The number of tokens of a generated name in a reference and in `$defs`.
const REFERENCE: usize = 9;
const ENTRY: usize = 5;

/// Moves schemas that a tool repeats into the pool. First, repeated parts of shared schemas are moved if this saves tokens over all tools.
/// Then schemas in the arguments of each tool are moved.
pub(super) fn outline(connector: &mut Connector) {
    let mut pool = std::mem::take(&mut connector.pool.send);
    let mut moved = Moved::default();
    out_of_pool(connector, &mut pool, &mut moved);
    out_of_args(connector, &mut pool, &mut moved);
    connector.pool.send = pool;
}

fn out_of_pool(connector: &Connector, pool: &mut Defs, moved: &mut Moved) {
    let weighed: BTreeMap<String, Vec<Weighed>> =
        pool.iter().map(|(name, schema)| (name.clone(), within(schema.as_value()))).collect();
    let links = links(pool);
    let tools: Vec<BTreeSet<&str>> = connector.operations().map(|it| reached(&it.args, &links)).collect();
    let count = |among: Option<&Bills>| {
        let mut bills = Bills::default();
        for tool in &tools {
            bills.join(Bills::of(tool.iter().filter_map(|name| weighed.get(*name)), among));
        }
        bills.worth()
    };
    // A copy within another copy that is moved does not count, because it is moved together with the outer copy.
    let found = count(Some(&count(None)));
    for (name, all) in weighed.iter().filter(|_| !found.0.is_empty()) {
        // The schema stays in the pool meanwhile, so that its name is not assigned to another schema.
        let Some(mut schema) = pool.get(name).cloned() else { continue };
        schema.edit(|value| moved.take(&found, pool, value, name, all));
        pool.insert(name.clone(), schema);
    }
}

fn out_of_args(connector: &mut Connector, pool: &mut Defs, moved: &mut Moved) {
    let links = links(pool);
    let repeated = cores::each(connector, |(), _, operation| {
        let weighed: Vec<_> = operation.args.iter().map(|arg| within(arg.schema.as_value())).collect();
        // A schema that is already in the pool, and that the tool needs anyway, takes no additional entry.
        let reached = reached(&operation.args, &links);
        let count = |among: Option<&Bills>| {
            let mut bills = Bills::of(&weighed, among);
            for (hash, bill) in &mut bills.0 {
                let known = moved.names.get(hash).is_some_and(|name| reached.contains(name.as_str()));
                bill.entries = usize::from(!known);
            }
            bills.worth()
        };
        (count(Some(&count(None))), weighed)
    });
    drop(links);
    let operations = connector.groups.iter_mut().flat_map(|group| &mut group.operations);
    for (operation, (found, weighed)) in
        operations.zip(repeated).filter(|(_, (found, _))| !found.0.is_empty())
    {
        for (arg, all) in operation.args.iter_mut().zip(&weighed) {
            let name = arg.name.to_string();
            arg.schema.edit(|value| moved.take(&found, pool, value, &name, all));
        }
    }
}

/// Returns the references in each shared schema.
fn links(pool: &Defs) -> BTreeMap<String, Vec<String>> {
    let owned = |refs: Vec<&str>| refs.into_iter().map(str::to_owned).collect();
    pool.iter().map(|(name, schema)| (name.clone(), owned(schema.refs()))).collect()
}

/// Returns the shared schemas to which arguments refer, directly or indirectly.
fn reached<'s>(args: &'s [Arg], links: &'s BTreeMap<String, Vec<String>>) -> BTreeSet<&'s str> {
    let mut found = BTreeSet::new();
    let mut waiting: Vec<&str> = args.iter().flat_map(|arg| arg.schema.refs()).collect();
    while let Some(name) = waiting.pop() {
        if found.insert(name) {
            waiting.extend(links.get(name).into_iter().flatten().map(String::as_str));
        }
    }
    found
}

/// The tokens that repeated schemas take, by hash.
#[derive(Default)]
struct Bills(BTreeMap<u64, Bill>);

struct Bill {
    price: usize,
    /// The number of occurrences of the schema in the list.
    times: usize,
    /// The number of tools that would need an entry in `$defs`.
    entries: usize,
}

impl Bills {
    /// Counts the tokens for one tool: of every copy, or only of the outermost copies.
    fn of<'w>(lists: impl IntoIterator<Item = &'w Vec<Weighed>>, among: Option<&Self>) -> Self {
        let mut bills = Self::default();
        for all in lists {
            outermost(all, |one| {
                let counts = one.price >= WORTH && among.is_none_or(|among| among.0.contains_key(&one.hash));
                if counts {
                    let none = Bill { price: one.price, times: 0, entries: 1 };
                    bills.0.entry(one.hash).or_insert(none).times += 1;
                }
                counts && among.is_some()
            });
        }
        bills
    }

    fn join(&mut self, other: Self) {
        for (hash, bill) in other.0 {
            let own = self.0.entry(hash).or_insert(Bill { price: bill.price, times: 0, entries: 0 });
            own.times += bill.times;
            own.entries += bill.entries;
        }
    }

    /// Keeps the schemas for which references and pool entries take fewer tokens than copies.
    fn worth(mut self) -> Self {
        self.0.retain(|_, bill| {
            bill.times * bill.price > bill.times * REFERENCE + bill.entries * (bill.price + ENTRY)
        });
        self
    }
}

/// The schemas that were moved into the pool.
#[derive(Default)]
struct Moved {
    /// The pool name by hash. A different schema with the same hash gets a name of its own.
    names: BTreeMap<u64, String>,
    /// The last number that was appended to each name.
    numbers: BTreeMap<String, usize>,
}

impl Moved {
    /// Moves the selected schemas out of a schema.
    fn take(&mut self, found: &Bills, pool: &mut Defs, schema: &mut Value, name: &str, all: &[Weighed]) {
        outermost_mut(schema, name, &mut &*all, &mut |one, name, schema| {
            let known = found.0.contains_key(&one.hash);
            if known {
                let name = self.store(pool, one.hash, name, schema.take());
                *schema = json!({ "$ref": format!("#/$defs/{name}") });
            }
            known
        });
    }

    /// Returns the pool name of a schema, made from the place of its first occurrence.
    fn store(&mut self, pool: &mut Defs, hash: u64, place: &str, schema: Value) -> String {
        let schema = Schema::new(schema);
        if let Some(name) = self.names.get(&hash)
            && pool.get(name) == Some(&schema)
        {
            return name.clone();
        }
        let spelled =
            |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '_' };
        let stem: String = place.chars().map(spelled).take(40).collect();
        let number = self.numbers.entry(stem.clone()).or_default();
        let name = loop {
            *number += 1;
            let name =
                if *number == 1 && !stem.is_empty() { stem.clone() } else { format!("{stem}_{number}") };
            if !pool.contains_key(&name) {
                break name;
            }
        };
        pool.insert(name.clone(), schema);
        self.names.insert(hash, name.clone());
        name
    }
}
