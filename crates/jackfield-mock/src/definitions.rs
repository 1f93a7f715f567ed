use serde_json::{Map, Value};

/// The schemas that `#/$defs/NAME` refers to.
pub trait Definitions {
    /// Returns the schema with the given name.
    fn schema(&self, name: &str) -> Option<&Value>;
}

impl Definitions for Map<String, Value> {
    fn schema(&self, name: &str) -> Option<&Value> {
        self.get(name)
    }
}

/// Contains no schemas.
impl Definitions for () {
    fn schema(&self, _: &str) -> Option<&Value> {
        None
    }
}

/// The schemas in the `$defs` of a self-contained schema.
#[derive(Clone, Copy, Debug)]
pub struct OwnDefinitions<'s>(pub &'s Value);

impl Definitions for OwnDefinitions<'_> {
    fn schema(&self, name: &str) -> Option<&Value> {
        self.0.get("$defs")?.get(name)
    }
}
