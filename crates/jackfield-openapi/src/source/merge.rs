//! YAML's merge key, `<<`.

use serde_json::{Map, Value};

/// The key whose mappings are merged into the mapping that contains it.
pub(super) const KEY: &str = "<<";

/// A value under a merge key. Its own merge keys have been parsed but not applied yet.
#[derive(Debug)]
pub(super) enum Unmerged {
    Mapping(Mapping),
    /// A list of mappings.
    Mappings(Vec<Mapping>),
    /// A value that cannot be merged. It becomes an entry with the key `<<`.
    Other(Value),
}

impl Unmerged {
    pub(super) fn list(items: Vec<Self>) -> Self {
        if items.iter().all(|item| matches!(item, Self::Mapping(_))) {
            let mapping = |item| if let Self::Mapping(mapping) = item { Some(mapping) } else { None };
            Self::Mappings(items.into_iter().filter_map(mapping).collect())
        } else {
            Self::Other(items.into_iter().map(Self::into_value).collect())
        }
    }

    pub(super) fn into_value(self) -> Value {
        match self {
            Self::Mapping(mapping) => Value::Object(mapping.into_object()),
            Self::Mappings(list) => list.into_iter().map(Mapping::into_object).collect(),
            Self::Other(value) => value,
        }
    }
}

impl From<Value> for Unmerged {
    fn from(value: Value) -> Self {
        Self::Other(value)
    }
}

/// A mapping, and the mappings that it merges.
///
/// Sources are collected in a list until the last mapping is complete. If each mapping were merged
/// immediately, an alias to a chain of merges would copy the entries of the first mapping once per mapping
/// in the chain.
#[derive(Debug)]
pub(super) struct Mapping {
    own: Map<String, Value>,
    /// Later mappings take precedence, so that a chain grows by appending.
    inherited: Vec<Map<String, Value>>,
}

impl Mapping {
    /// Creates a mapping that merges `sources`. If several of them have a key, the first one takes precedence.
    pub(super) fn new(own: Map<String, Value>, sources: Vec<Self>) -> Self {
        let mut inherited = Vec::new();
        for source in sources.into_iter().rev() {
            if inherited.is_empty() {
                inherited = source.inherited;
            } else {
                inherited.extend(source.inherited);
            }
            inherited.push(source.own);
        }
        Self { own, inherited }
    }

    /// Adds the inherited entries whose keys the mapping does not have.
    pub(super) fn into_object(self) -> Map<String, Value> {
        let mut object = self.own;
        for (key, value) in self.inherited.into_iter().rev().flatten() {
            #[cfg(test)]
            MERGED.set(MERGED.get() + 1);
            object.entry(key).or_insert(value);
        }
        object
    }
}

#[cfg(test)]
thread_local! {
    /// The number of entries that were merged on this thread.
    pub(super) static MERGED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{Mapping, Unmerged};

    fn mapping(value: Value, sources: Vec<Mapping>) -> Mapping {
        let Value::Object(own) = value else { unreachable!() };
        Mapping::new(own, sources)
    }

    #[test]
    fn keys_of_a_mapping_precede_and_override_merged_keys() {
        let a = mapping(json!({"a": 2, "b": 2}), vec![mapping(json!({"c": 4, "d": 4}), vec![])]);
        let c = mapping(json!({"a": 3, "c": 3, "e": 3}), vec![]);
        let object = mapping(json!({"b": 1}), vec![a, c]).into_object();
        assert_eq!(Value::Object(object).to_string(), r#"{"b":1,"a":2,"c":4,"d":4,"e":3}"#);
    }

    #[test]
    fn list_with_values_other_than_mappings_is_not_merged() {
        let empty = || Unmerged::Mapping(Mapping::new(Map::new(), Vec::new()));
        assert!(matches!(Unmerged::list(vec![empty(), empty()]), Unmerged::Mappings(_)));
        assert!(matches!(Unmerged::list(vec![empty(), json!(1).into()]), Unmerged::Other(_)));
        let nested = Unmerged::list(vec![Unmerged::list(vec![empty()])]);
        assert_eq!(nested.into_value(), json!([[{}]]));
    }
}
