//! Dialects: what a document says it is, and how what only some dialects can say becomes one shape.
//!
//! Nothing is rewritten: every node keeps its place. Where a dialect writes a thing differently, the part of the
//! lowering that reads it asks here for the shape of OpenAPI 3.

pub(crate) mod swagger2;
pub(crate) mod version;

/// The dialects that are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dialect {
    /// Swagger 2.0.
    Swagger2,
    /// OpenAPI 3.0.
    V30,
    /// OpenAPI 3.1.
    V31,
    /// OpenAPI 3.2.
    V32,
}

impl Dialect {
    /// How people call it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Swagger2 => "2.0",
            Self::V30 => "3.0",
            Self::V31 => "3.1",
            Self::V32 => "3.2",
        }
    }

    /// Whether keywords beside a `$ref` count, as in JSON Schema 2020-12.
    pub(crate) const fn has_siblings(self) -> bool {
        matches!(self, Self::V31 | Self::V32)
    }
}
