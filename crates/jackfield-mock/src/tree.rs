//! Reads values in bracket notation, as in `filter[tags][0]=new`.

use serde_json::{Map, Value};

use crate::definitions::Definitions;
use crate::shape::Shape;

/// The maximum number of brackets in a name.
const MOST_DEPTH: usize = 32;

/// The pairs whose names begin with the same name, as a tree of their brackets.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    texts: Vec<String>,
    /// The children, in the order of the request.
    children: Vec<(String, Tree)>,
}

impl Tree {
    /// Adds a pair at the path of its brackets, such as `[b][0]`. Text that is not in brackets is a single key.
    pub(crate) fn add(&mut self, brackets: &str, text: String) {
        let mut keys = Vec::new();
        let mut rest = brackets;
        while let Some((key, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            keys.push(key);
            rest = after;
        }
        if !rest.is_empty() || keys.len() > MOST_DEPTH {
            keys = vec![brackets];
        }
        let mut place = self;
        for key in keys {
            let at = place.children.iter().position(|(known, _)| known == key);
            let at = at.unwrap_or_else(|| {
                place.children.push((key.to_owned(), Self::default()));
                place.children.len() - 1
            });
            place = &mut place.children[at].1;
        }
        place.texts.push(text);
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.children.is_empty()
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.children.iter().map(|(name, _)| name.as_str())
    }

    /// Returns the value of the pairs, with the types that the schema allows.
    pub(crate) fn value(&self, schema: &Value, defs: &dyn Definitions) -> Option<Value> {
        let shape = Shape::of(schema, defs);
        let mut candidates = Vec::new();
        match self.texts.as_slice() {
            [] => {}
            texts => {
                if let [text] = texts
                    && (shape.allows_scalars() || serde_json::from_str::<Value>(text).is_ok())
                {
                    candidates.push(shape.scalar(text));
                }
                if shape.allows("array") {
                    let item = Shape::of(shape.item(), defs);
                    candidates.push(texts.iter().map(|text| item.scalar(text)).collect());
                }
            }
        }
        if !self.children.is_empty() {
            let is_list = self.names().all(|name| name.is_empty() || name.parse::<usize>().is_ok());
            if is_list && shape.allows("array") {
                let item = shape.item();
                let items = self.children.iter();
                candidates.push(items.filter_map(|(_, child)| child.value(item, defs)).collect());
            }
            if shape.allows("object") {
                candidates.push(Value::Object(self.object(&shape, defs)));
            }
        }
        shape.choose(candidates)
    }

    /// Returns the children as the properties of an object.
    fn object(&self, shape: &Shape<'_>, defs: &dyn Definitions) -> Map<String, Value> {
        let children = self.children.iter();
        let values = children
            .filter_map(|(name, child)| Some((name.clone(), child.value(shape.any_property(name), defs)?)));
        with_empty(values.collect(), shape, defs)
    }
}

/// Adds the required properties for which a request contains nothing, such as empty arrays.
pub(crate) fn with_empty(
    mut object: Map<String, Value>,
    shape: &Shape<'_>,
    defs: &dyn Definitions,
) -> Map<String, Value> {
    let missing: Vec<&str> = shape.required().filter(|name| !object.contains_key(*name)).collect();
    for name in missing {
        if let Some(value) = shape.property(name).and_then(|schema| Shape::of(schema, defs).empty()) {
            object.insert(name.to_owned(), value);
        }
    }
    object
}
