//! The steps that build an HTTP request, and the types that the generator and the runtime share.
//!
//! The recipe of an operation is a short list of [`Step`]s that convert the arguments of a tool call to a request. The generator prints
//! a line of Rust for each step. `jackfield preview` interprets the same steps. Both call the same runtime methods, so a preview
//! sends the same requests as the generated code.
//!
//! This crate has no dependencies, and is the only crate that the generator and the runtime share. So it also contains the security
//! types ([`SchemeKind`], [`CredentialField`], [`WireSlot`], [`Setting`]), two helpers for messages ([`nearest`] and
//! [`shell_quoted`]), percent-encoding, [names of secrets](names_secret), the comparison of URLs by [origin](origin_of), and the
//! syntax of [prompts](prompt_parts) and [resource templates](UriTemplate).

mod address;
mod alternative;
mod ask;
mod caching;
mod call_rate;
mod credential_field;
mod digits;
mod display;
mod environment;
mod glob;
mod job_result;
mod location;
mod nearest;
mod oauth;
mod origin;
mod page_style;
mod percent;
mod position;
mod prompt_text;
mod reply_path;
mod scheme_kind;
mod secret_name;
mod shell;
mod slot;
mod surface_kind;
mod upstream;
mod uri_template;
mod variable;
pub mod verbs;
mod visible;
mod words;
mod xml;

pub use address::AddressClass;
pub use alternative::{
    Alternative, MERGED_BY_ARGUMENTS, MERGED_BY_SELECTOR, alternatives_in_words, indistinct_alternatives,
    selected_alternatives,
};
pub use ask::Ask;
pub use caching::Caching;
pub use call_rate::{CallRate, InvalidCallRate};
pub use credential_field::CredentialField;
pub use digits::{decimal_number, hex_decode, hex_encode, hex_number};
pub use environment::{Setting, file_variable, variable_prefix};
pub use glob::fits_glob;
pub use job_result::JobResult;
pub use location::Location;
pub use nearest::nearest;
pub use oauth::{ClientAuthentication, FlowKind};
pub use origin::{AddressVariable, origin_fits, origin_of, server_origins};
pub use page_style::PageStyle;
pub use percent::{is_percent_escape, percent_decode, percent_decode_lenient, push_percent_escape};
pub use position::{TextProblem, line_and_column};
pub use prompt_text::{InvalidPromptText, PromptPart, prompt_parts};
pub use reply_path::{InvalidReplyPath, PathState, ReplyPath, USUAL_REPLY_BYTES, WalkedChild, WalkedKind};
pub use scheme_kind::SchemeKind;
pub use secret_name::names_secret;
pub use shell::shell_quoted;
pub use slot::WireSlot;
pub use surface_kind::{SurfaceKind, UnknownSurface};
pub use upstream::{RetryLimits, TimeLimits, is_idempotency_key};
pub use uri_template::{InvalidUriTemplate, TemplateValues, TemplateVariable, UriTemplate, VariableKind};
pub use variable::stays_in_place;
pub use visible::{is_invisible, visible, visible_line};
pub use xml::is_xml_name;

/// The effect of an operation on the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// The operation changes nothing.
    Read,
    /// The operation creates or changes something.
    Write,
    /// The operation removes something, or has consequences that cannot be undone.
    Destroy,
}

impl Effect {
    /// Returns the name of the effect in files, messages and records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Destroy => "destroy",
        }
    }
}

/// A serialization style, with the names of OpenAPI.
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
    /// `id=3%094`, which exists only in Swagger 2.0.
    TabDelimited,
    /// `id[role]=admin`
    DeepObject,
    /// `id=3; id=4`, unescaped.
    Cookie,
    /// The JSON text of the value, for parameters that declare `content`.
    Json,
}

/// The serialization of one value: its style and modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Encoding {
    /// The style.
    pub style: Style,
    /// Whether each element becomes a pair of its own, instead of one joined value.
    pub explode: bool,
    /// Whether reserved characters stay unescaped where they cannot change the structure of the request.
    pub reserved: bool,
    /// The styles that join nested arrays, the outermost first. Deeper arrays are sent as JSON text.
    pub inner: [Option<Style>; 3],
}

impl Encoding {
    /// `simple`, the default of path parameters and headers.
    pub const SIMPLE: Self = Self::of(Style::Simple, false);
    /// `label`
    pub const LABEL: Self = Self::of(Style::Label, false);
    /// `matrix`
    pub const MATRIX: Self = Self::of(Style::Matrix, false);
    /// `form` with `explode`, the default of query parameters and cookies.
    pub const FORM: Self = Self::of(Style::Form, true);
    /// `form` without `explode`: `id=3,4,5`
    pub const JOINED: Self = Self::of(Style::Form, false);
    /// `spaceDelimited`
    pub const SPACES: Self = Self::of(Style::SpaceDelimited, false);
    /// `pipeDelimited`
    pub const PIPES: Self = Self::of(Style::PipeDelimited, false);
    /// `tsv` of Swagger 2.0
    pub const TABS: Self = Self::of(Style::TabDelimited, false);
    /// `cookie`, which exists since OpenAPI 3.2.
    pub const COOKIE: Self = Self::of(Style::Cookie, false);
    /// `deepObject`
    pub const DEEP: Self = Self::of(Style::DeepObject, true);
    /// The JSON text.
    pub const JSON: Self = Self::of(Style::Json, false);

    const fn of(style: Style, explode: bool) -> Self {
        Self { style, explode, reserved: false, inner: [None; 3] }
    }

    /// Returns the encoding of a parameter that does not declare a style.
    pub const fn default_of(location: Location) -> Self {
        match location {
            Location::Path | Location::Header => Self::SIMPLE,
            Location::Query | Location::Cookie => Self::FORM,
        }
    }

    /// Returns this encoding with `explode`.
    pub const fn exploded(self) -> Self {
        Self { explode: true, ..self }
    }

    /// Returns this encoding with `allowReserved`.
    pub const fn reserved(self) -> Self {
        Self { reserved: true, ..self }
    }

    /// Encodes nested arrays with `inner`: `Encoding::PIPES.of_lists(Encoding::JOINED)` results in `a,b|c`. Each further call adds a
    /// level. Nested encodings exist only in Swagger 2.0.
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

/// The value that a step adds to the request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Input {
    /// An argument of the tool.
    Arg {
        /// The name in the tool's input schema.
        arg: String,
        /// Whether the request requires the argument.
        required: bool,
    },
    /// The only value that the document allows, as JSON text. The tool has no argument for the value.
    Fixed {
        /// The JSON text.
        json: String,
    },
}

impl Input {
    /// Creates an input from an argument.
    pub fn arg(arg: impl Into<String>, required: bool) -> Self {
        Self::Arg { arg: arg.into(), required }
    }
}

/// A step of a recipe, which adds a value to the request.
///
/// `wire` is always the name in the request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Sets a path variable.
    Path {
        /// The name of the variable in the path template.
        wire: String,
        /// The argument.
        input: Input,
        /// `simple`, `label` or `matrix`. In Swagger 2.0 also values separated by spaces, tabs or pipes.
        encoding: Encoding,
    },
    /// Adds a parameter to the query string.
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
        /// `simple` or JSON. In Swagger 2.0 also values separated by spaces, tabs or pipes.
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
    /// Uses the argument as the whole query string, for a parameter with `in: querystring`.
    QueryString {
        /// The argument.
        input: Input,
        /// `form` for the properties of an object, or JSON.
        encoding: Encoding,
        /// The fields whose encoding differs from `encoding`.
        fields: Vec<(String, Encoding)>,
    },
    /// Sets the media type of the body, if it differs from the default of the step that sets the body. For bytes, the text may list several
    /// media types, or be a range such as `image/*`. Then the media type depends on the content of the bytes.
    ContentType {
        /// The value of `Content-Type`.
        media_type: String,
    },
    /// Sends the JSON body as XML instead.
    Xml {
        /// The schema as JSON, reduced to the keywords that XML needs.
        shape: String,
    },
    /// Sends a JSON array as JSON lines: one line for each item.
    JsonLines,
    /// Sends a JSON object as the body, even if no property is set.
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
    /// Sends a form as the body, even if no field is set.
    Form,
    /// Sends objects in form fields as JSON text instead of in bracket notation.
    FormJson,
    /// Adds a field to a form.
    FormField {
        /// The field's name.
        wire: String,
        /// The argument.
        input: Input,
        /// `form`, `spaceDelimited`, `pipeDelimited`, `deepObject` or JSON. If `None`, an array repeats the name, and nested values use
        /// bracket notation.
        encoding: Option<Encoding>,
    },
    /// Sends the properties of the argument as a form. An array repeats the name, and nested values use bracket notation.
    FormBody {
        /// The argument.
        input: Input,
        /// The fields whose encoding differs from the default.
        fields: Vec<(String, Encoding)>,
    },
    /// Sends a multipart body, even if no part is set.
    Multipart,
    /// Adds a part to a multipart body.
    Part {
        /// The part's name.
        wire: String,
        /// The argument.
        input: Input,
        /// The conversion of the argument to the content of the part.
        payload: Payload,
        /// The media type of the part. If empty, the payload determines it.
        media_type: String,
    },
    /// Encodes the argument like a form field, and adds a part for each resulting pair.
    PartFields {
        /// The field's name.
        wire: String,
        /// The argument.
        input: Input,
        /// `form`, `spaceDelimited`, `pipeDelimited` or `deepObject`.
        encoding: Encoding,
    },
    /// Adds a part in XML.
    XmlPart {
        /// The part's name.
        wire: String,
        /// The argument.
        input: Input,
        /// The media type of the part.
        media_type: String,
        /// The schema as JSON, reduced to the keywords that XML needs.
        shape: String,
    },
    /// Adds a header to all parts with the same name.
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
    /// Sends the properties of the argument as parts. Objects and arrays are sent as JSON.
    MultipartBody {
        /// The argument.
        input: Input,
        /// The parts whose payload differs from the default: their names, payloads and media types.
        parts: Vec<(String, Payload, String)>,
    },
    /// Sends the argument as the whole body, as text or as bytes.
    RawBody {
        /// The argument.
        input: Input,
        /// The conversion of the argument to the body.
        payload: Payload,
    },
}

/// The conversion of an argument to bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Payload {
    /// A string unchanged, and any other value as JSON.
    Text,
    /// JSON.
    Json,
    /// Bytes, which the model provides as base64, as a data URI, or as the URL of a file that the user has allowed.
    Bytes,
}

/// The description of arguments that contain bytes. The runtime extends it if the user has allowed files.
pub const BYTES: &str = "Bytes in base64, or a data URI; other text is sent as it is.";

/// Returns the input of a step, as a shared or mutable reference like the step itself.
macro_rules! input_of {
    ($step:expr) => {
        match $step {
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
    };
}

impl Step {
    /// Returns the value that this step adds to the request, if there is one.
    pub const fn input(&self) -> Option<&Input> {
        input_of!(self)
    }

    /// Returns a mutable reference to the value that this step adds to the request, if there is one.
    pub const fn input_mut(&mut self) -> Option<&mut Input> {
        input_of!(self)
    }
}
