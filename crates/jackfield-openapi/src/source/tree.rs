//! A visitor that builds a JSON value from either format within limits, and records entries that a JSON value
//! cannot contain.

use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

use super::merge::{self, Mapping, Unmerged};

/// The maximum number of [`Oddity`] values that are kept. Further values are only counted.
const KEPT: usize = 100;

/// The state while a tree is built.
#[derive(Debug)]
pub(super) struct Build {
    /// The way in which the keys of mappings are parsed.
    keys: Keys,
    /// The number of open lists and mappings.
    depth: usize,
    /// The maximum value of `depth`.
    deepest: usize,
    /// The number of values that the tree may still get.
    nodes: usize,
    /// The limit that was exceeded, if any. It is stored here because serde's errors contain only text.
    pub(super) exceeded: Option<Exceeded>,
    /// Whether parsing a key failed, because it may be a list or a mapping.
    pub(super) stopped_at_key: bool,
    /// The entries that could not be kept, in document order.
    pub(super) oddities: Vec<Oddity>,
    /// The number of additional entries that could not be kept.
    pub(super) unkept: usize,
}

/// The way in which the keys of mappings are parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    /// As strings, in JSON.
    Json,
    /// As scalars in their spelling. `<<` is a merge key.
    Yaml,
    /// As any value. Numbers are spelled as in JSON, because the parser returns only their value.
    YamlOfAnyType,
}

/// A limit that was exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exceeded {
    Depth,
    Nodes,
}

/// An entry that a JSON value cannot contain.
#[derive(Debug)]
pub(super) struct Oddity {
    pub(super) loss: Loss,
    /// The path of the entry, innermost token first. Each node adds its token when it ends, so that only entries that are recorded need
    /// paths.
    pub(super) path: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// The first value of a duplicate key is lost.
    Overwritten,
    /// The key of the entry is a list or a mapping.
    Keyless,
}

impl Build {
    pub(super) fn new(keys: Keys, deepest: usize, nodes: usize) -> Self {
        Self {
            keys,
            depth: 0,
            deepest,
            nodes,
            exceeded: None,
            stopped_at_key: false,
            oddities: Vec::new(),
            unkept: 0,
        }
    }

    fn count<E: Error>(&mut self) -> Result<(), E> {
        match self.nodes.checked_sub(1) {
            Some(left) => {
                self.nodes = left;
                Ok(())
            }
            None => Err(self.exceed(Exceeded::Nodes)),
        }
    }

    fn enter<E: Error>(&mut self) -> Result<(), E> {
        if self.depth == self.deepest {
            return Err(self.exceed(Exceeded::Depth));
        }
        self.depth += 1;
        Ok(())
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    #[cold]
    fn exceed<E: Error>(&mut self, limit: Exceeded) -> E {
        self.exceeded = Some(limit);
        E::custom("a limit was exceeded")
    }

    #[cold]
    fn lose(&mut self, loss: Loss, path: Vec<String>) {
        if self.oddities.len() < KEPT {
            self.oddities.push(Oddity { loss, path });
        } else {
            self.unkept += 1;
        }
    }

    /// Adds `token` to the path of each oddity after the first `before`.
    fn add_token(&mut self, before: usize, token: impl Fn() -> String) {
        for oddity in self.oddities.iter_mut().skip(before) {
            oddity.path.push(token());
        }
    }
}

/// The seed with which serde builds one node.
pub(super) struct Node<'a>(pub(super) &'a mut Build);

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        NodeVisitor { build: self.0, in_merge: false }.deserialize(deserializer).map(Unmerged::into_value)
    }
}

/// Builds one node. If a mapping has a merge key, its inherited entries are kept apart from its own.
struct NodeVisitor<'a> {
    build: &'a mut Build,
    in_merge: bool,
}

impl<'de> DeserializeSeed<'de> for NodeVisitor<'_> {
    type Value = Unmerged;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Unmerged, D::Error> {
        self.build.count()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NodeVisitor<'_> {
    type Value = Unmerged;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Unmerged, E> {
        Ok(Value::Bool(value).into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Unmerged, E> {
        Ok(Value::Number(value.into()).into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Unmerged, E> {
        Ok(Value::Number(value.into()).into())
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Unmerged, E> {
        self.visit_f64(value as f64)
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Unmerged, E> {
        self.visit_f64(value as f64)
    }

    /// Converts a number. Infinity and NaN in YAML become null, because JSON has neither.
    fn visit_f64<E>(self, value: f64) -> Result<Unmerged, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number).into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Unmerged, E> {
        Ok(Value::String(value.to_owned()).into())
    }

    fn visit_string<E>(self, value: String) -> Result<Unmerged, E> {
        Ok(Value::String(value).into())
    }

    fn visit_unit<E>(self) -> Result<Unmerged, E> {
        Ok(Value::Null.into())
    }

    fn visit_none<E>(self) -> Result<Unmerged, E> {
        Ok(Value::Null.into())
    }

    /// Ignores a tag such as `!Ref`, because tags have no meaning in OpenAPI.
    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Unmerged, A::Error> {
        let (IgnoredAny, value) = data.variant()?;
        value.newtype_variant_seed(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Unmerged, A::Error> {
        if self.in_merge {
            let read =
                |build: &mut Build, seq: &mut A| seq.next_element_seed(NodeVisitor { build, in_merge: true });
            items(self.build, seq, read).map(Unmerged::list)
        } else {
            let read = |build: &mut Build, seq: &mut A| seq.next_element_seed(Node(build));
            items(self.build, seq, read).map(|items| Value::Array(items).into())
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unmerged, A::Error> {
        let build = self.build;
        build.enter()?;
        let mut object = Map::new();
        let mut sources = Vec::new();
        while let Some(key) =
            map.next_key_seed(Key(build.keys)).inspect_err(|_| build.stopped_at_key = true)?
        {
            let Some(key) = key else {
                map.next_value::<IgnoredAny>()?;
                build.lose(Loss::Keyless, Vec::new());
                continue;
            };
            let before = build.oddities.len();
            let in_merge = key == merge::KEY && build.keys != Keys::Json;
            let value = map.next_value_seed(NodeVisitor { build, in_merge })?;
            build.add_token(before, || key.clone());
            let value = match value {
                Unmerged::Mapping(source) if in_merge => {
                    sources.push(source);
                    continue;
                }
                Unmerged::Mappings(list) if in_merge => {
                    sources.extend(list);
                    continue;
                }
                value => value.into_value(),
            };
            match object.entry(key) {
                Entry::Vacant(entry) => {
                    entry.insert(value);
                }
                Entry::Occupied(mut entry) => {
                    build.lose(Loss::Overwritten, vec![entry.key().clone()]);
                    entry.insert(value);
                }
            }
        }
        build.leave();
        Ok(Unmerged::Mapping(Mapping::new(object, sources)))
    }
}

/// Parses the items of a list.
fn items<'de, A: SeqAccess<'de>, T>(
    build: &mut Build,
    mut seq: A,
    read: impl Fn(&mut Build, &mut A) -> Result<Option<T>, A::Error>,
) -> Result<Vec<T>, A::Error> {
    build.enter()?;
    let mut items = Vec::new();
    loop {
        let before = build.oddities.len();
        let Some(item) = read(build, &mut seq)? else { break };
        build.add_token(before, || items.len().to_string());
        items.push(item);
    }
    build.leave();
    Ok(items)
}

/// The seed with which serde builds a key. A list or mapping results in `None`.
#[derive(Clone, Copy)]
struct Key(Keys);

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        match self.0 {
            // If a string is requested, the YAML parser returns scalars in their spelling: `200`, `1.10`,
            // `on`.
            Keys::Json | Keys::Yaml => deserializer.deserialize_str(self),
            Keys::YamlOfAnyType => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok(Some(text))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Self::Value, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Self::Value, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Some(Number::from_f64(value).map_or_else(|| value.to_string(), |number| number.to_string())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Some("null".to_owned()))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Self::Value, A::Error> {
        let (IgnoredAny, value) = data.variant()?;
        value.newtype_variant_seed(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::super::{Limits, parse};
    use super::merge::MERGED;

    /// Returns a mapping of 1000 keys, and a chain of mappings each of which merges the previous one.
    fn chain(links: usize) -> String {
        let mut text = "m0: &m0\n".to_owned();
        for key in 0..1000 {
            writeln!(text, "  k{key}: 1").unwrap();
        }
        for link in 1..=links {
            writeln!(text, "m{link}: &m{link} {{<<: *m{}, z{link}: 1}}", link - 1).unwrap();
        }
        text
    }

    #[test]
    fn merge_chain_copies_each_entry_once_per_alias() {
        MERGED.set(0);
        let root = parse("a.yaml", chain(100).as_bytes(), &Limits::default()).unwrap().root;
        let last = root["m100"].as_object().unwrap();
        assert_eq!(last.len(), 1100);
        assert!(last.keys().take(3).eq(["z100", "z99", "z98"]) && last.keys().next_back().unwrap() == "k999");
        assert_eq!(MERGED.get(), (1000..1100).sum::<usize>());
    }

    #[test]
    fn merge_chain_beyond_the_depth_limit_is_refused_early() {
        MERGED.set(0);
        parse("a.yaml", chain(249).as_bytes(), &Limits::default()).unwrap_err();
        assert!(MERGED.get() < 200_000, "{}", MERGED.get());
    }
}
