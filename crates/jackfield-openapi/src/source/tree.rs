//! The tree: one visitor that builds JSON values from either format, within limits, and notes what was lost.

use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

use super::merge;

/// Oddities beyond this many are counted, not kept.
const KEPT: usize = 100;

/// What all nodes of one tree share while it is built.
#[derive(Debug)]
pub(super) struct Build {
    /// How the keys of mappings are read.
    keys: Keys,
    /// Containers that are open.
    depth: usize,
    /// Containers that may be open.
    deepest: usize,
    /// Nodes that may still come.
    nodes: usize,
    /// Which limit ended the building, if one did: serde's errors carry text alone.
    pub(super) exceeded: Option<Exceeded>,
    /// Whether reading a key failed: it may be a list or a mapping.
    pub(super) stopped_at_key: bool,
    /// What was lost, in the order of the document.
    pub(super) oddities: Vec<Oddity>,
    /// How many more were lost.
    pub(super) unkept: usize,
}

/// How the keys of mappings are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    /// Text, as JSON has them.
    Json,
    /// Scalars as they are written, and `<<` merges.
    Yaml,
    /// Anything; numbers are then spelled as JSON spells them, since only their value is told.
    YamlOfAnyType,
}

/// A limit that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exceeded {
    Depth,
    Nodes,
}

/// Something that a JSON value cannot hold.
#[derive(Debug)]
pub(super) struct Oddity {
    pub(super) loss: Loss,
    /// From the innermost token to the outermost: every node adds its own on the way out, so that nodes without
    /// oddities pay nothing for knowing their path.
    pub(super) path: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// The first of two values under one key.
    Overwritten,
    /// An entry whose key is a list or a mapping.
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
        E::custom("a limit was reached")
    }

    #[cold]
    fn lose(&mut self, loss: Loss, path: Vec<String>) {
        if self.oddities.len() < KEPT {
            self.oddities.push(Oddity { loss, path });
        } else {
            self.unkept += 1;
        }
    }

    /// Adds `token` to the path of every oddity after the first `before`.
    fn lead(&mut self, before: usize, token: impl Fn() -> String) {
        for oddity in self.oddities.iter_mut().skip(before) {
            oddity.path.push(token());
        }
    }
}

/// The seed of one node.
pub(super) struct Node<'a>(pub(super) &'a mut Build);

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.0.count()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Value, E> {
        self.visit_f64(value as f64)
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Value, E> {
        self.visit_f64(value as f64)
    }

    /// JSON has neither infinity nor NaN, so YAML's become null.
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    /// A value with a tag such as `!Ref`, which says nothing to OpenAPI.
    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Value, A::Error> {
        let (IgnoredAny, value) = data.variant()?;
        value.newtype_variant_seed(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let build = self.0;
        build.enter()?;
        let mut items = Vec::new();
        loop {
            let before = build.oddities.len();
            let Some(item) = seq.next_element_seed(Node(build))? else { break };
            build.lead(before, || items.len().to_string());
            items.push(item);
        }
        build.leave();
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let build = self.0;
        build.enter()?;
        let mut object = Map::new();
        let mut merged = Vec::new();
        while let Some(key) =
            map.next_key_seed(Key(build.keys)).inspect_err(|_| build.stopped_at_key = true)?
        {
            let Some(key) = key else {
                map.next_value::<IgnoredAny>()?;
                build.lose(Loss::Keyless, Vec::new());
                continue;
            };
            let before = build.oddities.len();
            let value = map.next_value_seed(Node(build))?;
            build.lead(before, || key.clone());
            if key == merge::KEY && build.keys != Keys::Json && merge::is_mergeable(&value) {
                merged.push(value);
                continue;
            }
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
        merge::merge(&mut object, merged);
        build.leave();
        Ok(Value::Object(object))
    }
}

/// The seed of a key; none is a list or a mapping, which is no key in JSON.
#[derive(Clone, Copy)]
struct Key(Keys);

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        match self.0 {
            // Asked for text, the YAML reader gives every scalar as it is written: `200`, `1.10`, `on`.
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
