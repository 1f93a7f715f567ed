//! What a tool says twice it says once, in the pool: the same list of a hundred values under six properties.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jackfield_model::{Arg, Connector, Defs, Schema};
use serde_json::{Value, json};

use super::cores;
use super::schema::{children, with_value};

/// What a reference costs, in bytes that are as dear as those of a schema: they are cut into more tokens.
const REFERENCE: usize = 40;
/// A schema below this many bytes is never worth a name.
const WORTH: usize = 80;

/// Moves into the pool what stands more than once in the arguments of a tool.
pub(super) fn outline(connector: &mut Connector) {
    let repeated = cores::each(connector, |(), operation| {
        let mut found = Found::new();
        for arg in &operation.args {
            weigh(arg.schema.as_value(), Holds::Root, &mut found);
        }
        found.retain(|_, copies| copies.pay());
        found
    });
    let mut pool = Moved { pool: &mut connector.pool.send, names: BTreeMap::new(), numbers: BTreeMap::new() };
    let operations = connector.groups.iter_mut().flat_map(|group| &mut group.operations);
    for (operation, mut found) in operations.zip(repeated) {
        if found.is_empty() {
            continue;
        }
        // Copies within copies are moved with them: what counts is how many are left beside.
        found.values_mut().for_each(|copies| copies.times = 0);
        visit(&mut operation.args, &mut |hash, _, _| match found.get_mut(&hash) {
            Some(copies) => {
                copies.times += 1;
                true
            }
            None => false,
        });
        found.retain(|_, copies| copies.pay());
        visit(&mut operation.args, &mut |hash, name, schema| {
            let known = found.contains_key(&hash);
            if known {
                let name = pool.store(hash, name, schema.take());
                *schema = json!({ "$ref": format!("#/$defs/{name}") });
            }
            known
        });
    }
}

/// By what they hash to.
type Found = BTreeMap<u64, Copies>;

struct Copies {
    times: usize,
    size: usize,
}

impl Copies {
    /// Whether one in the pool and references to it cost less.
    const fn pay(&self) -> bool {
        self.size >= WORTH
            && self.times > 1
            && self.times * self.size > self.size + (self.times + 1) * REFERENCE
    }
}

/// What a value is to a schema that holds it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// The schema of an argument, which stays where it is.
    Root,
    Schema,
    /// A mapping of names to schemas.
    Schemas,
    Data,
}

/// Hashes a value, and notes every schema in it.
fn weigh(value: &Value, holds: Holds, found: &mut Found) -> (u64, usize) {
    let mut hasher = DefaultHasher::new();
    let mut size = 2;
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let below = match (holds, key.as_str()) {
                    (Holds::Data, _) => Holds::Data,
                    (Holds::Schemas, _) => Holds::Schema,
                    (_, "properties" | "patternProperties" | "dependentSchemas") => Holds::Schemas,
                    (
                        _,
                        "enum" | "const" | "default" | "examples" | "required" | "type" | "dependentRequired",
                    ) => Holds::Data,
                    _ => Holds::Schema,
                };
                let (hash, length) = weigh(value, below, found);
                (key, hash).hash(&mut hasher);
                size += key.len() + length + 4;
            }
        }
        Value::Array(items) => {
            let below = if holds == Holds::Data { holds } else { Holds::Schema };
            for item in items {
                let (hash, length) = weigh(item, below, found);
                hash.hash(&mut hasher);
                size += length + 1;
            }
        }
        Value::String(text) => {
            text.hash(&mut hasher);
            size += text.len();
        }
        other => other.to_string().hash(&mut hasher),
    }
    std::mem::discriminant(value).hash(&mut hasher);
    let hash = hasher.finish();
    if holds == Holds::Schema && value.is_object() && size >= WORTH {
        found.entry(hash).or_insert(Copies { times: 0, size }).times += 1;
    }
    (hash, size)
}

/// Calls for every schema below the arguments, with its hash and the nearest name; goes on below where it is told to.
fn visit(args: &mut [Arg], each: &mut dyn FnMut(u64, &str, &mut Value) -> bool) {
    fn below(value: &mut Value, name: &str, each: &mut dyn FnMut(u64, &str, &mut Value) -> bool) {
        let Value::Object(map) = value else { return };
        children(map, |own, child| {
            let name = own.unwrap_or(name);
            let (hash, size) = weigh(child, Holds::Schema, &mut Found::new());
            if size < WORTH || !each(hash, name, child) {
                below(child, name, each);
            }
        });
    }
    for arg in args {
        let name = arg.name.to_string();
        with_value(&mut arg.schema, |value| below(value, &name, each));
    }
}

/// The pool, and what was moved into it.
struct Moved<'p> {
    pool: &'p mut Defs,
    /// By what they hash to; another that hashes to the same gets a name of its own.
    names: BTreeMap<u64, String>,
    /// The last number behind each name.
    numbers: BTreeMap<String, usize>,
}

impl Moved<'_> {
    /// The name of a schema in the pool, after where it stood first.
    fn store(&mut self, hash: u64, place: &str, schema: Value) -> String {
        let schema = Schema::new(schema);
        if let Some(name) = self.names.get(&hash)
            && self.pool.get(name) == Some(&schema)
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
            if !self.pool.contains_key(&name) {
                break name;
            }
        };
        self.pool.insert(name.clone(), schema);
        self.names.insert(hash, name.clone());
        name
    }
}
