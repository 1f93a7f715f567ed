//! What a tool says twice it says once, in the pool: the same list of a hundred values under six properties.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::{Arg, Connector, Defs, Schema};
use serde_json::{Value, json};

use super::cores;
use super::weigh::{Weighed, outermost, outermost_mut, within};

/// A schema below this price is never worth a name.
const WORTH: usize = 12;
/// What a made name costs in a reference, and in `$defs`.
const REFERENCE: usize = 9;
const ENTRY: usize = 5;

/// Moves into the pool what stands more than once in what a tool sends: first out of the pool's own schemas, as all
/// tools together pay for them, then out of the arguments of each tool.
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
    // Copies within copies are moved with them: what counts is how many are left beside.
    let found = count(Some(&count(None)));
    for (name, all) in weighed.iter().filter(|_| !found.0.is_empty()) {
        // It stays where it is meanwhile: its name is taken.
        let Some(mut schema) = pool.get(name).cloned() else { continue };
        schema.edit(|value| moved.take(&found, pool, value, name, all));
        pool.insert(name.clone(), schema);
    }
}

fn out_of_args(connector: &mut Connector, pool: &mut Defs, moved: &mut Moved) {
    let links = links(pool);
    let repeated = cores::each(connector, |(), _, operation| {
        let weighed: Vec<_> = operation.args.iter().map(|arg| within(arg.schema.as_value())).collect();
        // What the pool has a name for, and the tool needs anyway, has its entry already.
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

/// What each shared schema refers to.
fn links(pool: &Defs) -> BTreeMap<String, Vec<String>> {
    let owned = |refs: Vec<&str>| refs.into_iter().map(str::to_owned).collect();
    pool.iter().map(|(name, schema)| (name.clone(), owned(schema.refs()))).collect()
}

/// The shared schemas that arguments refer to, and those that these refer to.
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

/// What copies cost, by what they hash to.
#[derive(Default)]
struct Bills(BTreeMap<u64, Bill>);

struct Bill {
    price: usize,
    /// How often they stand in the list.
    times: usize,
    /// How many tools would get an entry in their `$defs`.
    entries: usize,
}

impl Bills {
    /// The bills of one tool: for every copy, or for the outermost of those that are among others.
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

    /// Those where references, and one in the pool of each tool, cost less.
    fn worth(mut self) -> Self {
        self.0.retain(|_, bill| {
            bill.times * bill.price > bill.times * REFERENCE + bill.entries * (bill.price + ENTRY)
        });
        self
    }
}

/// What was moved into the pool.
#[derive(Default)]
struct Moved {
    /// By what they hash to; another that hashes to the same gets a name of its own.
    names: BTreeMap<u64, String>,
    /// The last number behind each name.
    numbers: BTreeMap<String, usize>,
}

impl Moved {
    /// Moves what was found worth it out of a schema.
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

    /// The name of a schema in the pool, after where it stood first.
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
