use serde_json::{Map, Value};

/// The schemas to which `#/$defs/NAME` refers.
pub trait Definitions {
    /// The schema of that name.
    fn schema(&self, name: &str) -> Option<&Value>;
}

impl Definitions for Map<String, Value> {
    fn schema(&self, name: &str) -> Option<&Value> {
        self.get(name)
    }
}

/// No schemas.
impl Definitions for () {
    fn schema(&self, _: &str) -> Option<&Value> {
        None
    }
}

/// The schemas in the `$defs` of a schema that needs no others.
#[derive(Clone, Copy, Debug)]
pub struct OwnDefinitions<'s>(pub &'s Value);

impl Definitions for OwnDefinitions<'_> {
    fn schema(&self, name: &str) -> Option<&Value> {
        self.0.get("$defs")?.get(name)
    }
}
