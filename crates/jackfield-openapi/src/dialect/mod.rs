//! The versions of OpenAPI, and how older versions are parsed.
//!
//! The document is not rewritten: every node keeps its place. This module converts the parts that Swagger 2.0 writes in another form to the
//! form of OpenAPI 3, for lowering.

pub(crate) mod swagger2;
pub(crate) mod version;

/// A supported version of OpenAPI.
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
    /// Returns the version, such as `3.1`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Swagger2 => "2.0",
            Self::V30 => "3.0",
            Self::V31 => "3.1",
            Self::V32 => "3.2",
        }
    }

    /// Whether keywords beside a `$ref` apply, as in JSON Schema 2020-12.
    pub(crate) const fn has_siblings(self) -> bool {
        matches!(self, Self::V31 | Self::V32)
    }
}
