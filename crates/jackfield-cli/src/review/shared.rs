//! The schemas that several tools share. The page shows each of them once.

use std::collections::HashMap;

use serde_json::Value;

/// A shared schema.
pub(super) struct Definition {
    pub(super) name: String,
    pub(super) schema: Value,
    /// The number of tools whose list entries contain the schema.
    pub(super) tools: usize,
}

/// The shared schemas of all tools, in the order in which tools refer to them.
#[derive(Default)]
pub(super) struct Definitions {
    all: Vec<Definition>,
    known: HashMap<(String, String), usize>,
    /// The first definition of each name, for references from one definition to another.
    first: HashMap<String, usize>,
}

/// A map from the name in each reference of a schema to the index of the definition.
pub(super) type Meanings = HashMap<String, usize>;

impl Definitions {
    /// Removes the `$defs` from a schema, and stores each distinct definition once. Schemas of other servers call them `definitions` too.
    pub(super) fn take(&mut self, schema: &mut Value) -> Meanings {
        let mut meanings = Meanings::new();
        let Some(schema) = schema.as_object_mut() else { return meanings };
        for key in ["$defs", "definitions"] {
            if let Some(Value::Object(_)) = schema.get(key)
                && let Some(Value::Object(defs)) = schema.shift_remove(key)
            {
                meanings
                    .extend(defs.into_iter().map(|(name, schema)| (name.clone(), self.add(name, schema))));
            }
        }
        meanings
    }

    fn add(&mut self, name: String, schema: Value) -> usize {
        let at = self.all.len();
        let at = *self.known.entry((name.clone(), schema.to_string())).or_insert(at);
        if at == self.all.len() {
            self.first.entry(name.clone()).or_insert(at);
            self.all.push(Definition { name, schema, tools: 0 });
        }
        self.all[at].tools += 1;
        at
    }

    pub(super) fn all(&self) -> &[Definition] {
        &self.all
    }

    /// Returns the map for references within definitions.
    pub(super) const fn meanings(&self) -> &Meanings {
        &self.first
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn definitions_are_shared_only_if_they_are_equal() {
        let mut definitions = Definitions::default();
        let schema = |kind: &str| json!({ "type": "object", "$defs": { "A": { "type": kind } } });
        let mut given = [schema("string"), schema("string"), schema("integer")];
        let found: Vec<usize> = given.iter_mut().map(|schema| definitions.take(schema)["A"]).collect();
        assert_eq!(found, [0, 0, 1]);
        assert_eq!(given[0], json!({ "type": "object" }));
        assert_eq!(definitions.all().iter().map(|it| it.tools).collect::<Vec<_>>(), [2, 1]);
    }
}
