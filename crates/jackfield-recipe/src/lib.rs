//! The words in which an HTTP request is described.
//!
//! A tool call becomes a request by a short list of [`Step`]s, the recipe of its operation. The generator prints one
//! line of Rust per step; `jackfield preview` interprets the same steps. Both end in the same runtime methods, so what
//! was tried is what is generated.
//!
//! This crate is a leaf without dependencies: build time and run time share it and nothing else. So it also holds the
//! vocabulary of security ([`SchemeKind`], [`CredentialField`], [`WireSlot`], [`Setting`]), the two helpers of messages that both
//! sides print, [`nearest`] and [`shell_quoted`], percent-encoding, and the one way to tell the [origin](origin_of) of an address.

mod address;
mod credential_field;
mod digits;
mod display;
mod environment;
mod location;
mod nearest;
mod oauth;
mod origin;
mod percent;
mod scheme_kind;
mod shell;
mod slot;
mod variable;
pub mod verbs;
mod visible;
mod xml;

pub use address::AddressClass;
pub use credential_field::CredentialField;
pub use digits::{decimal_number, hex_encode, hex_number};
pub use environment::{Setting, file_variable, variable_prefix};
pub use location::Location;
pub use nearest::nearest;
pub use oauth::{ClientAuthentication, FlowKind};
pub use origin::{AddressVariable, origin_fits, origin_of, server_origins};
pub use percent::{is_percent_escape, percent_decode, percent_decode_lenient, push_percent_escape};
pub use scheme_kind::SchemeKind;
pub use shell::shell_quoted;
pub use slot::WireSlot;
pub use variable::stays_in_place;
pub use visible::{is_invisible, visible, visible_line};
pub use xml::is_xml_name;

/// What an operation does to the service, as far as a person who approves it is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Looks, and changes nothing.
    Read,
    /// Creates or changes something.
    Write,
    /// Removes something, or cannot be undone.
    Destroy,
}

/// How a value is spelled, in OpenAPI's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Style {
    /// `3,4,5`
    Simple,
    /// `.3.4.5`
    Label,
    /// `;id=3;id=4`
    Matrix,
    /// `id=3&id=4`
    Form,
    /// `id=3%204`
    SpaceDelimited,
    /// `id=3%7C4`
    PipeDelimited,
    /// `id=3%094`, which only Swagger 2.0 has.
    TabDelimited,
    /// `id[role]=admin`
    DeepObject,
    /// `id=3; id=4`, where nothing is escaped.
    Cookie,
    /// The JSON text of the value, for parameters that declare `content`.
    Json,
}

/// How one input is written: its style and the switches beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Encoding {
    /// The spelling.
    pub style: Style,
    /// One pair per element, instead of one joined value.
    pub explode: bool,
    /// Reserved characters travel as they are, where that cannot change the request's shape.
    pub reserved: bool,
    /// How lists within the list are joined, from the outside in. Deeper lists travel as JSON text.
    pub inner: [Option<Style>; 3],
}

impl Encoding {
    /// `simple`, the default of paths and headers.
    pub const SIMPLE: Self = Self::of(Style::Simple, false);
    /// `label`
    pub const LABEL: Self = Self::of(Style::Label, false);
    /// `matrix`
    pub const MATRIX: Self = Self::of(Style::Matrix, false);
    /// `form` with `explode`, the default of queries and cookies.
    pub const FORM: Self = Self::of(Style::Form, true);
    /// `form` without `explode`: `id=3,4,5`
    pub const JOINED: Self = Self::of(Style::Form, false);
    /// `spaceDelimited`
    pub const SPACES: Self = Self::of(Style::SpaceDelimited, false);
    /// `pipeDelimited`
    pub const PIPES: Self = Self::of(Style::PipeDelimited, false);
    /// `tsv` of Swagger 2.0
    pub const TABS: Self = Self::of(Style::TabDelimited, false);
    /// `cookie`, which OpenAPI 3.2 brought.
    pub const COOKIE: Self = Self::of(Style::Cookie, false);
    /// `deepObject`
    pub const DEEP: Self = Self::of(Style::DeepObject, true);
    /// The JSON text.
    pub const JSON: Self = Self::of(Style::Json, false);

    const fn of(style: Style, explode: bool) -> Self {
        Self { style, explode, reserved: false, inner: [None; 3] }
    }

    /// The encoding of a parameter that declares none.
    pub const fn default_of(location: Location) -> Self {
        match location {
            Location::Path | Location::Header => Self::SIMPLE,
            Location::Query | Location::Cookie => Self::FORM,
        }
    }

    /// The same, one pair per element.
    pub const fn exploded(self) -> Self {
        Self { explode: true, ..self }
    }

    /// The same, with reserved characters left as they are.
    pub const fn reserved(self) -> Self {
        Self { reserved: true, ..self }
    }

    /// Encodes a list of lists, which are joined as `inner` joins: `Encoding::PIPES.of_lists(Encoding::JOINED)` is
    /// `a,b|c`. Each further call goes one list deeper; Swagger 2.0 alone has this.
    pub const fn of_lists(self, inner: Self) -> Self {
        let style = Some(inner.style);
        let inner = match self.inner {
            [None, _, _] => [style, None, None],
            [first, None, _] => [first, style, None],
            [first, second, None] => [first, second, style],
            full => full,
        };
        Self { inner, ..self }
    }
}

/// What a step puts into the request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Input {
    /// An argument of the tool.
    Arg {
        /// Its name in the tool's input schema.
        arg: String,
        /// Whether the request cannot be made without it.
        required: bool,
    },
    /// The one value that the document allows, as JSON text: nobody is asked for it.
    Fixed {
        /// The text.
        json: String,
    },
}

impl Input {
    /// The argument of that name.
    pub fn arg(arg: impl Into<String>, required: bool) -> Self {
        Self::Arg { arg: arg.into(), required }
    }
}

/// One step of a recipe: take an argument, put it into the request.
///
/// `wire` is always the name that the service knows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Fills a variable of the path template.
    Path {
        /// The variable between the braces.
        wire: String,
        /// The argument.
        input: Input,
        /// `simple`, `label` or `matrix`; in Swagger 2.0 also values that spaces, tabs or pipes divide.
        encoding: Encoding,
    },
    /// Adds to the query string.
    Query {
        /// The parameter's name.
        wire: String,
        /// The argument.
        input: Input,
        /// `form`, `spaceDelimited`, `pipeDelimited`, `deepObject` or JSON.
        encoding: Encoding,
    },
    /// Adds a header.
    Header {
        /// The field's name.
        wire: String,
        /// The argument.
        input: Input,
        /// `simple` or JSON; in Swagger 2.0 also values that spaces, tabs or pipes divide.
        encoding: Encoding,
    },
    /// Adds a pair to the `Cookie` header.
    Cookie {
        /// The cookie's name.
        wire: String,
        /// The argument.
        input: Input,
        /// `form`, `cookie` or JSON.
        encoding: Encoding,
    },
    /// Makes the argument the whole query string, as `in: querystring` asks.
    QueryString {
        /// The argument.
        input: Input,
        /// `form` for an object's fields, or JSON.
        encoding: Encoding,
        /// The fields that are spelled otherwise.
        fields: Vec<(String, Encoding)>,
    },
    /// Names the media type of the body, where the step that fills it implies another. Of bytes it may name several, or
    /// a range such as `image/*`: what the bytes are decides.
    ContentType {
        /// What goes into the header.
        media_type: String,
    },
    /// Writes what would be JSON as XML.
    Xml {
        /// The schema as JSON, cut down to what it says of XML.
        shape: String,
    },
    /// Writes what would be a JSON list as one line of JSON for each item.
    JsonLines,
    /// Declares that the body is a JSON object, sent even when no field of it is given.
    JsonObject,
    /// Sets one property of a JSON object body.
    JsonField {
        /// The property's name.
        wire: String,
        /// The argument.
        input: Input,
    },
    /// Sends the argument as the whole JSON body.
    JsonBody {
        /// The argument.
        input: Input,
    },
    /// Declares that the body is a form, sent even when no field of it is given.
    Form,
    /// Writes objects in the fields of a form as JSON text, instead of in brackets.
    FormJson,
    /// Adds a field to a form.
    FormField {
        /// The field's name.
        wire: String,
        /// The argument.
        input: Input,
        /// `form`, `spaceDelimited`, `pipeDelimited`, `deepObject` or JSON; without it lists repeat the name, and what is
        /// deeper stands in brackets.
        encoding: Option<Encoding>,
    },
    /// Sends the argument's own fields as a form: lists as repeated names, what is deeper in brackets.
    FormBody {
        /// The argument.
        input: Input,
        /// The fields that are spelled otherwise.
        fields: Vec<(String, Encoding)>,
    },
    /// Declares that the body is made of parts, sent even when none is given.
    Multipart,
    /// Adds a part to a body made of parts.
    Part {
        /// The part's name.
        wire: String,
        /// The argument.
        input: Input,
        /// How the argument becomes the part.
        payload: Payload,
        /// The media type of the part; empty for what the payload implies.
        media_type: String,
    },
    /// Adds a part for each pair that a form would have.
    PartFields {
        /// The field's name.
        wire: String,
        /// The argument.
        input: Input,
        /// `form`, `spaceDelimited`, `pipeDelimited` or `deepObject`.
        encoding: Encoding,
    },
    /// Adds a part that is XML.
    XmlPart {
        /// The part's name.
        wire: String,
        /// The argument.
        input: Input,
        /// The media type of the part.
        media_type: String,
        /// The schema as JSON, cut down to what it says of XML.
        shape: String,
    },
    /// Adds a header to the parts of one name.
    PartHeader {
        /// The name of the parts.
        part: String,
        /// The header's name.
        wire: String,
        /// The argument.
        input: Input,
        /// `simple` or JSON.
        encoding: Encoding,
    },
    /// Sends the argument's own fields as parts, what is no scalar as JSON.
    MultipartBody {
        /// The argument.
        input: Input,
        /// The parts that are made otherwise, each with its media type.
        parts: Vec<(String, Payload, String)>,
    },
    /// Sends the argument as the whole body, as text or as bytes.
    RawBody {
        /// The argument.
        input: Input,
        /// How the argument becomes the body.
        payload: Payload,
    },
}

/// How an argument becomes bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Payload {
    /// A text as it is; what is no text, as JSON.
    Text,
    /// JSON.
    Json,
    /// Bytes, which the model gives in base64, as a data URI, or as a file that the user has allowed.
    Bytes,
}

/// What tools say of arguments that are bytes. Where the user has allowed files, the runtime adds to it.
pub const BYTES: &str = "Bytes in base64, or a data URI; other text is sent as it is.";

impl Step {
    /// What this step puts into the request, if it puts anything.
    pub const fn input(&self) -> Option<&Input> {
        match self {
            Self::Path { input, .. }
            | Self::Query { input, .. }
            | Self::Header { input, .. }
            | Self::Cookie { input, .. }
            | Self::QueryString { input, .. }
            | Self::JsonField { input, .. }
            | Self::JsonBody { input }
            | Self::FormField { input, .. }
            | Self::FormBody { input, .. }
            | Self::Part { input, .. }
            | Self::PartFields { input, .. }
            | Self::XmlPart { input, .. }
            | Self::PartHeader { input, .. }
            | Self::MultipartBody { input, .. }
            | Self::RawBody { input, .. } => Some(input),
            Self::ContentType { .. }
            | Self::Xml { .. }
            | Self::JsonLines
            | Self::JsonObject
            | Self::Form
            | Self::FormJson
            | Self::Multipart => None,
        }
    }
}
