use std::fmt;

use crate::{ArgName, Effect, NameError, Place, Requirement, Schema, Server, Step, WireName};

/// An operation: one method of one path, which becomes a tool.
#[derive(Clone, Debug)]
pub struct Operation {
    /// `operationId`, where the document gives one.
    pub id: Option<WireName>,
    /// The HTTP method.
    pub method: Method,
    /// The path template, as in `/books/{id}`.
    pub path: String,
    /// Where it is declared.
    pub place: Place,
    /// The document's texts that the effect is derived from.
    pub stated: Stated,
    /// One line: the summary, or method and path without one.
    pub title: String,
    /// The description beyond the title.
    pub description: String,
    /// Whether name and description already say what the title says, so that lists omit it.
    pub title_is_said: bool,
    /// Whether the document marks it as deprecated.
    pub deprecated: bool,
    /// Its effect on the service.
    pub effect: Effect,
    /// Whether repeating it has no further effect.
    pub idempotent: bool,
    /// Why it has this effect, in a few words.
    pub because: String,
    /// Its own base URL, if it differs from the connector's.
    pub server: Option<Server>,
    /// The properties of the tool's input, in the order they are shown.
    pub args: Vec<Arg>,
    /// The minimum number of arguments, if the required ones do not imply it.
    pub fewest_args: usize,
    /// How the arguments become a request.
    pub recipe: Vec<Step>,
    /// The body, if it sends one.
    pub body: Option<Body>,
    /// The declared responses, in document order.
    pub replies: Vec<Reply>,
    /// The media types for `Accept`; empty to accept any.
    pub accepts: Vec<String>,
    /// The output schema, if there is one: an object at its root, with references into the pool's `output`.
    pub output: Option<Schema>,
    /// The security alternatives; none if no credential is needed.
    pub security: Vec<Requirement>,
}

impl Operation {
    /// `GET /books/{id}`, which identifies every operation.
    pub fn route(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// The texts of an operation as written in the document, before cleaning and shortening.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stated {
    /// The key of the path item.
    pub path: String,
    /// The summary.
    pub summary: String,
    /// The first sentence of the description.
    pub sentence: String,
}

/// An HTTP method: an upper-case token.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Method(String);

impl Method {
    /// Checks that the text is an HTTP token.
    ///
    /// # Errors
    /// The text is empty or contains a character that HTTP methods cannot have.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let token = !text.is_empty()
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
        if token { Ok(Self(text.to_owned())) } else { Err(NameError::new(text, "an HTTP method")) }
    }

    /// The method in upper case. Path items spell methods in lower case.
    #[must_use]
    pub fn to_uppercase(&self) -> Self {
        Self(self.0.to_ascii_uppercase())
    }

    /// The method as sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether HTTP defines it as safe, so that it changes nothing.
    pub fn is_safe(&self) -> bool {
        matches!(self.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE" | "QUERY")
    }

    /// Whether HTTP defines it as idempotent, so that a client may repeat it.
    pub fn is_idempotent(&self) -> bool {
        self.is_safe() || matches!(self.as_str(), "PUT" | "DELETE")
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A property of the tool's input.
#[derive(Clone, Debug, PartialEq)]
pub struct Arg {
    /// The name that the model uses.
    pub name: ArgName,
    /// Whether a call without it is refused.
    pub required: bool,
    /// Its schema, with its description.
    pub schema: Schema,
}

/// The body of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The media type that is sent.
    pub media_type: String,
    /// Whether the document requires it.
    pub required: bool,
}

/// The status codes that a response is declared for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// One code.
    Code(u16),
    /// A range of codes: `2XX` is `Range(2)`.
    Range(u8),
    /// All codes that are not declared otherwise.
    Default,
}

/// A declared response.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// Its status codes.
    pub status: Status,
    /// The media type of its body; none without a body.
    pub media_type: Option<String>,
    /// The schema of its body, without `writeOnly` properties.
    pub schema: Option<Schema>,
    /// An example of its body from the document.
    pub example: Option<serde_json::Value>,
}
