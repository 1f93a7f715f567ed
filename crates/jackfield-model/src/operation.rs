use std::fmt;

use jackfield_recipe::Alternative;

use crate::{
    ArgName, Ask, Caching, Effect, Job, MergedInto, NameError, Paging, Place, Preset, Requirement, Resource,
    Schema, Server, Step, WireName,
};

/// An operation of the document, which becomes a tool.
#[derive(Clone, Debug)]
pub struct Operation {
    /// `operationId`, if the document has one.
    pub id: Option<WireName>,
    /// The HTTP method.
    pub method: Method,
    /// The path template, as in `/books/{id}`.
    pub path: String,
    /// The file and JSON Pointer of the operation.
    pub place: Place,
    /// The texts and names from which the effect is derived.
    pub stated: Stated,
    /// The title on one line: the summary, or a text made from method and path.
    pub title: String,
    /// The document's description, without the title.
    pub description: String,
    /// Whether the name and the description already contain the title, so that tool lists omit the title.
    pub title_is_said: bool,
    /// Whether the document marks the operation as deprecated.
    pub deprecated: bool,
    /// The effect of the operation on the service.
    pub effect: Effect,
    /// Whether calls wait for approval by a person, regardless of the effect.
    pub ask: Ask,
    /// Whether the operation is idempotent.
    pub idempotent: bool,
    /// The header with which the service recognises a retried request, if the document declares one.
    pub idempotency_key: Option<WireName>,
    /// The pagination of the reply, if it is known.
    pub paging: Option<Paging>,
    /// Whether the replies of the operation are cached.
    pub caching: Caching,
    /// The way to read the status of the job, if the operation starts a job.
    pub job: Option<Job>,
    /// The resource through which clients can read the reply, if connector.toml declares one.
    pub resource: Option<Resource>,
    /// The tool into which the operation is merged, if clients call it through that tool.
    pub merged: Option<MergedInto>,
    /// The reason for the effect, in a few words.
    pub because: String,
    /// The server of the operation, if it differs from the connector's.
    pub server: Option<Server>,
    /// The properties of the tool's input, in display order.
    pub args: Vec<Arg>,
    /// The argument with which a call chooses the parts of the reply to return. It is not sent to the service.
    pub reply_fields: Option<ArgName>,
    /// The minimum number of arguments, if it exceeds the number of required arguments.
    pub fewest_args: usize,
    /// The values of arguments that connector.toml sets.
    pub presets: Vec<Preset>,
    /// The steps that build a request from the arguments.
    pub recipe: Vec<Step>,
    /// The request body, if any.
    pub body: Option<Body>,
    /// The declared responses, in the order of the document.
    pub replies: Vec<Reply>,
    /// The media types in the `accept` header, taken from all responses. Empty if any type is accepted.
    pub accepts: Vec<String>,
    /// The output schema, if the tool declares one. The root of the schema is an object, and references lead
    /// to the pool's `output`.
    pub output: Option<Schema>,
    /// The security requirement alternatives. Empty if the operation needs no credential.
    pub security: Vec<Requirement>,
}

impl Operation {
    /// Creates an operation without arguments, descriptions and responses, and with the strongest effect.
    pub fn new(method: Method, path: impl Into<String>, place: Place) -> Self {
        Self {
            id: None,
            idempotent: method.is_idempotent(),
            method,
            path: path.into(),
            place,
            stated: Stated::default(),
            title: String::new(),
            description: String::new(),
            title_is_said: false,
            deprecated: false,
            effect: Effect::Destroy,
            ask: Ask::default(),
            idempotency_key: None,
            paging: None,
            caching: Caching::Off,
            job: None,
            resource: None,
            merged: None,
            because: String::new(),
            server: None,
            args: Vec::new(),
            reply_fields: None,
            fewest_args: 0,
            presets: Vec::new(),
            recipe: Vec::new(),
            body: None,
            replies: Vec::new(),
            accepts: Vec::new(),
            output: None,
            security: Vec::new(),
        }
    }

    /// Whether clients can call the operation as a tool. Otherwise it is only a resource.
    pub fn is_tool(&self) -> bool {
        self.resource.as_ref().is_none_or(|resource| resource.is_tool)
    }

    /// Returns the route, such as `GET /books/{id}`.
    pub fn route(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Returns the arguments by whose presence a merged tool selects this operation.
    pub fn alternative(&self) -> Alternative<'_> {
        let (required, optional): (Vec<&Arg>, Vec<&Arg>) = self.args.iter().partition(|arg| arg.required);
        fn names(args: Vec<&Arg>) -> Vec<&str> {
            args.into_iter().map(|arg| arg.name.as_str()).collect()
        }
        Alternative { required: names(required), optional: names(optional) }
    }
}

/// The facts that the document states about an operation. Texts are neither cleaned nor shortened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stated {
    /// The path, as the key of the path item spells it.
    pub path: String,
    /// The tags.
    pub tags: Vec<String>,
    /// The summary.
    pub summary: String,
    /// The first sentence of the description.
    pub sentence: String,
    /// The header `Authorization`, if the document declares it as a parameter. Only authentication sets it, so it is not an argument.
    pub authorization: Option<StatedHeader>,
    /// The facts about pagination that extensions and headers state.
    pub paging: StatedPaging,
    /// Whether the service supports conditional requests: the operation declares a 304 response, or a header or parameter with a version.
    pub has_versions: bool,
    /// The facts about a job that responses and extensions state.
    pub job: StatedJob,
    /// The facts about the tool that extensions state.
    pub tool: StatedTool,
}

/// The facts about the tool of an operation that extensions such as `x-mcp` state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatedTool {
    /// The name.
    pub name: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// The effect. It counts only if it is stronger than the effect derived from the operation.
    pub effect: Option<Effect>,
    /// The keys that are ignored, because documents must not set them.
    pub ignored: Vec<String>,
}

/// The facts about pagination that the extensions and headers of an operation state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatedPaging {
    /// The strings in extensions such as `x-ms-pageable`, each with its key.
    pub values: Vec<(String, String)>,
    /// Whether a successful response declares the header `Link`.
    pub has_link_header: bool,
}

/// The facts about a job that an operation states: headers and links of its 202 response, and extensions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatedJob {
    /// Whether the 202 response declares a header with the URL of the status.
    pub has_header: bool,
    /// Whether `x-ms-long-running-operation` says that the operation starts a job.
    pub is_long_running: bool,
    /// The option `final-state-via` of the extension `x-ms-long-running-operation`.
    pub final_state: Option<String>,
    /// The links of the 202 response to operations.
    pub links: Vec<StatedLink>,
}

/// A link of a response, which passes values of the response to another operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatedLink {
    /// `operationId`, or the route in `operationRef`, as in `GET /jobs/{id}`.
    pub operation: String,
    /// The names of parameters of the linked operation, each with its runtime expression.
    pub parameters: Vec<(String, String)>,
}

/// A header that the document declares as a parameter but that is not an argument.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatedHeader {
    /// The description of the header.
    pub description: String,
    /// Whether requests require the header.
    pub required: bool,
}

/// An HTTP method: an upper-case token.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Method(String);

impl Method {
    /// Checks that the text is an HTTP token.
    ///
    /// # Errors
    /// Returns an error if the text is empty, or contains a character that is invalid in a method.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let token = !text.is_empty()
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
        if token { Ok(Self(text.to_owned())) } else { Err(NameError::new(text, "an HTTP method")) }
    }

    /// Converts the method to upper case, because the keys of a path item are methods in lower case.
    #[must_use]
    pub fn to_uppercase(&self) -> Self {
        Self(self.0.to_ascii_uppercase())
    }

    /// Returns the method as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether HTTP defines the method as safe.
    pub fn is_safe(&self) -> bool {
        matches!(self.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE" | "QUERY")
    }

    /// Whether HTTP defines the method as idempotent, so that a client may repeat it.
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
    /// The name of the argument.
    pub name: ArgName,
    /// Whether the argument is required.
    pub required: bool,
    /// The schema, with its description.
    pub schema: Schema,
}

impl Arg {
    /// Creates the argument with which a call chooses the parts of the reply to return.
    pub fn of_reply_fields(name: ArgName) -> Self {
        let schema = serde_json::json!({
            "type": "array",
            "items": { "type": "string" },
            "description": "Parts of the reply to return, such as `items.id`; without it, the whole reply.",
        });
        Self { name, required: false, schema: Schema::new(schema) }
    }
}

/// A request body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The media type in `content-type`.
    pub media_type: String,
    /// Whether the body is required.
    pub required: bool,
}

/// The statuses for which a response is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// One status code.
    Code(u16),
    /// A range of status codes, such as `2XX`, which is `Range(2)`.
    Range(u8),
    /// Every status for which no other response is declared.
    Default,
}

/// A declared response.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The statuses for which the response is declared.
    pub status: Status,
    /// The media type of the body. None if the response has no body.
    pub media_type: Option<String>,
    /// The schema of the body, without `writeOnly` properties.
    pub schema: Option<Schema>,
    /// An example of the body.
    pub example: Option<serde_json::Value>,
}
