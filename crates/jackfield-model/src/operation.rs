use std::fmt;

use crate::{ArgName, Effect, NameError, Place, Requirement, Schema, Server, Step, WireName};

/// One method under one path: what becomes a tool.
#[derive(Clone, Debug)]
pub struct Operation {
    /// `operationId`, where the document gives one.
    pub id: Option<WireName>,
    /// The HTTP method.
    pub method: Method,
    /// The path template, as in `/books/{id}`.
    pub path: String,
    /// Where it was written.
    pub place: Place,
    /// The document's own texts, from which the effect is judged.
    pub stated: Stated,
    /// One line: the summary, else made from method and path.
    pub title: String,
    /// What the document says beyond the title.
    pub description: String,
    /// Whether name and description say what the title does, so that lists go without it.
    pub title_is_said: bool,
    /// Whether its owner discourages its use.
    pub deprecated: bool,
    /// What it does to the service.
    pub effect: Effect,
    /// Whether doing it twice is doing it once.
    pub idempotent: bool,
    /// What that is believed for, in a few words.
    pub because: String,
    /// The base address, where it is not the connector's.
    pub server: Option<Server>,
    /// The properties of the tool's input, in the order they are shown.
    pub args: Vec<Arg>,
    /// How many of them there have to be, where those that are required do not say it all.
    pub fewest_args: usize,
    /// How the arguments become a request.
    pub recipe: Vec<Step>,
    /// The payload, where there is one.
    pub body: Option<Body>,
    /// What may come back, in the order of the document.
    pub replies: Vec<Reply>,
    /// The media types that are asked for: those of all replies. None where any will do.
    pub accepts: Vec<String>,
    /// What the structured content of a success looks like, where that is promised: an object at its root, which
    /// refers to the pool's `output`.
    pub output: Option<Schema>,
    /// The alternatives that authenticate it; none at all means that nothing is needed.
    pub security: Vec<Requirement>,
}

impl Operation {
    /// `GET /books/{id}`: the name that every operation has.
    pub fn route(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// The texts of an operation as the document has them, before anything is cleaned or shortened.
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
    /// Checks that the text is a token of HTTP and takes it as it is.
    ///
    /// # Errors
    /// The text is empty or holds a character that no method may hold.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let token = !text.is_empty()
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
        if token { Ok(Self(text.to_owned())) } else { Err(NameError::new(text, "an HTTP method")) }
    }

    /// The same in upper case: the keys of a path item are methods in lower case.
    #[must_use]
    pub fn to_uppercase(&self) -> Self {
        Self(self.0.to_ascii_uppercase())
    }

    /// The spelling on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether HTTP calls it safe: it asks and changes nothing.
    pub fn is_safe(&self) -> bool {
        matches!(self.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE" | "QUERY")
    }

    /// Whether HTTP lets a client repeat it.
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
    /// What the model calls it.
    pub name: ArgName,
    /// Whether a call without it is refused.
    pub required: bool,
    /// What may be sent, with its description.
    pub schema: Schema,
}

/// The payload of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The media type it is sent as.
    pub media_type: String,
    /// Whether the service insists on it.
    pub required: bool,
}

/// The statuses that a reply is declared for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// One code.
    Code(u16),
    /// A hundred of codes: `2XX` is `Range(2)`.
    Range(u8),
    /// Every status not named otherwise.
    Default,
}

/// A declared reply.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// When it comes.
    pub status: Status,
    /// The media type of its body; none for an empty one.
    pub media_type: Option<String>,
    /// What the body looks like, without what is only ever sent.
    pub schema: Option<Schema>,
    /// A body that the document shows.
    pub example: Option<serde_json::Value>,
}
