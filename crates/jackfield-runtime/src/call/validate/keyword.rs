use serde_json::{Map, Value};

/// A keyword of a schema, with its operand.
#[derive(Clone, Copy)]
pub(super) struct Keyword<'s> {
    /// The schema that contains the keyword.
    pub(super) schema: &'s Map<String, Value>,
    pub(super) name: &'s str,
    pub(super) operand: &'s Value,
}

impl<'s> Keyword<'s> {
    /// Returns the keywords of a schema.
    pub(super) fn all_of(schema: &'s Map<String, Value>) -> impl Iterator<Item = Self> {
        schema.iter().map(move |(name, operand)| Self { schema, name, operand })
    }
}
