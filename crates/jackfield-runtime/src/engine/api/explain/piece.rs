//! A piece of a request, and its source.

use jackfield_recipe::Location;

/// A piece of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The part of the request.
    pub part: RequestPart,
    /// The name of the piece in the request. Empty if it has none.
    pub name: String,
    /// The value as it is sent. A property of a body is shown as JSON.
    pub value: String,
    /// The sources of the value.
    pub from: Vec<PieceSource>,
}

/// A part of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestPart {
    /// The method.
    Method,
    /// The base URL.
    BaseUrl,
    /// A segment of the path.
    Path,
    /// A query parameter.
    Query,
    /// A header.
    Header,
    /// A cookie.
    Cookie,
    /// The body, or a property, field or part of it.
    Body,
}

impl RequestPart {
    /// Returns the name of the part in output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Method => "method",
            Self::BaseUrl => "base URL",
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::Body => "body",
        }
    }
}

impl From<Location> for RequestPart {
    fn from(location: Location) -> Self {
        match location {
            Location::Path => Self::Path,
            Location::Query => Self::Query,
            Location::Header => Self::Header,
            Location::Cookie => Self::Cookie,
        }
    }
}

/// The source of a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PieceSource {
    /// The document: the operation itself determines the value.
    Document,
    /// An argument of the call. `wire` is the name of the parameter or property in the document.
    Argument {
        /// The name of the argument.
        argument: String,
        /// The name in the document.
        wire: String,
    },
    /// A constant. The tool has no argument for the parameter or property `wire`.
    Constant {
        /// The name in the document.
        wire: String,
    },
    /// A setting of the connector.
    Setting {
        /// The name of the header or query parameter.
        wire: String,
        /// The variable that replaces the value.
        variable: String,
        /// Whether the variable is set.
        is_set: bool,
    },
    /// The credential of a scheme.
    Credential {
        /// The name of the scheme.
        scheme: String,
    },
    /// The runtime.
    Runtime,
}
