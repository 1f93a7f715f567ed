//! The request body of an operation in a form that is common to all versions of OpenAPI.

use jackfield_model::Encoding;

use crate::document::Node;
use crate::lower::media::Kind;
use crate::lower::shape;

/// The request body of an operation, whatever version of OpenAPI describes it.
pub(crate) struct Sketch<'d> {
    /// The value of `content-type`.
    pub(crate) media_type: String,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    pub(crate) description: String,
    pub(crate) content: Content<'d>,
}

/// The content of a body.
pub(crate) enum Content<'d> {
    /// A schema, and the Encoding Objects of its properties.
    Schema { schema: Option<Node<'d>>, encodings: Option<Node<'d>> },
    /// The schema of each item in a sequence.
    Items(Node<'d>),
    /// A list of fields.
    Fields(Vec<Field<'d>>),
}

/// A field that is declared separately, and not as a property of a schema.
pub(crate) struct Field<'d> {
    pub(crate) node: Node<'d>,
    pub(crate) name: String,
    pub(crate) required: bool,
    pub(crate) encoding: Option<Encoding>,
}

impl Content<'_> {
    /// Whether the content has a structure. Without a structure, the model writes XML and JSON Lines as text.
    pub(crate) fn is_structured(&self) -> bool {
        match self {
            Content::Items(_) | Content::Fields(_) => true,
            Content::Schema { schema, .. } => schema.as_ref().is_some_and(shape::is_structured),
        }
    }
}
