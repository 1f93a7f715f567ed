//! A request body as the document describes it, in whatever dialect.

use jackfield_model::Encoding;

use crate::document::Node;
use crate::lower::media::Kind;
use crate::lower::shape;

/// A body as the document describes it, in whatever dialect.
pub(crate) struct Sketch<'d> {
    /// What goes into the header.
    pub(crate) media_type: String,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    pub(crate) description: String,
    pub(crate) content: Content<'d>,
}

/// What a body is made of.
pub(crate) enum Content<'d> {
    /// What a schema says, and what is said of the encoding of its properties.
    Schema { schema: Option<Node<'d>>, encodings: Option<Node<'d>> },
    /// What a schema says of each item of a sequence.
    Items(Node<'d>),
    /// Fields that are listed one by one.
    Fields(Vec<Field<'d>>),
}

/// A field that is listed, not a property of a schema.
pub(crate) struct Field<'d> {
    pub(crate) node: Node<'d>,
    pub(crate) name: String,
    pub(crate) required: bool,
    pub(crate) encoding: Option<Encoding>,
}

impl Content<'_> {
    /// Whether there is more than a text: XML and lines of JSON that nothing describes are written by the model.
    pub(crate) fn is_structured(&self) -> bool {
        match self {
            Content::Items(_) | Content::Fields(_) => true,
            Content::Schema { schema, .. } => schema.as_ref().is_some_and(shape::is_structured),
        }
    }
}
