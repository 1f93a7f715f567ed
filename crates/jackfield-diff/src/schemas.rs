//! The schemas of two connectors.

use crate::schema::SchemaComparer;

/// The schemas of both connectors, ready to be compared.
pub(crate) struct Schemas<'m> {
    /// Schemas of arguments.
    pub(crate) sent: SchemaComparer<'m>,
    /// Schemas of replies, as the documents declare them.
    pub(crate) received: SchemaComparer<'m>,
    /// Output schemas that tools declare.
    pub(crate) promised: SchemaComparer<'m>,
}
