//! The body of a request under construction.

mod content;
mod decode;
mod fill;
mod multipart;
mod xml;

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::call::args::ArgError;
use crate::call::outgoing_body::OutgoingBody;

pub(crate) use content::Content;
pub(crate) use decode::BytesError;
pub(crate) use multipart::Part;
pub(crate) use xml::XmlError;

/// The kinds of body that mapping functions can fill.
#[derive(Default)]
pub(crate) enum Body {
    #[default]
    None,
    /// A JSON value, serialized in the request's [`Spelling`].
    Json(Value),
    /// The encoded pairs of a form.
    Form(Vec<(String, String)>),
    Multipart(Vec<Part>),
    Raw(Content),
}

/// The format in which a JSON value is serialized.
#[derive(Clone, Debug, Default)]
pub(crate) enum Spelling {
    #[default]
    Json,
    /// JSON lines: a line for each item of an array.
    Lines,
    /// XML. The string is the schema, reduced to the keywords that XML needs.
    Xml(String),
}

impl Body {
    /// Returns the properties of the JSON body. A body of another kind is replaced by an empty object.
    pub(crate) fn fields(&mut self) -> &mut Map<String, Value> {
        if !matches!(self, Self::Json(Value::Object(_))) {
            *self = Self::Json(Value::Object(Map::new()));
        }
        match self {
            Self::Json(Value::Object(fields)) => fields,
            _ => unreachable!("the body was set to an object above"),
        }
    }

    /// Returns the pairs of the form body. A body of another kind is replaced by an empty form.
    pub(crate) fn pairs(&mut self) -> &mut Vec<(String, String)> {
        if !matches!(self, Self::Form(_)) {
            *self = Self::Form(Vec::new());
        }
        match self {
            Self::Form(pairs) => pairs,
            _ => unreachable!("the body was set to a form above"),
        }
    }

    /// Returns the parts of the multipart body. A body of another kind is replaced by a multipart body without parts.
    pub(crate) fn parts(&mut self) -> &mut Vec<Part> {
        if !matches!(self, Self::Multipart(_)) {
            *self = Self::Multipart(Vec::new());
        }
        match self {
            Self::Multipart(parts) => parts,
            _ => unreachable!("the body was set to parts above"),
        }
    }

    /// Serializes the body, and returns it with its final media type. `named` is the media type in the document.
    pub(crate) fn finish(
        self,
        spelling: &Spelling,
        named: Option<&str>,
    ) -> Result<Option<(String, OutgoingBody)>, ArgError> {
        Ok(match self {
            Self::None => None,
            Self::Json(value) => {
                let (media_type, text) = match spelling {
                    Spelling::Json => ("application/json", value.to_string()),
                    Spelling::Lines => ("application/x-ndjson", lines(&value)),
                    Spelling::Xml(shape) => (
                        "application/xml",
                        xml::write(shape, &value).map_err(|error| ArgError::new("body", error))?,
                    ),
                };
                Some((media_type.to_owned(), Bytes::from(text).into()))
            }
            Self::Form(pairs) => {
                let text: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
                let text = Bytes::from(text.join("&"));
                Some(("application/x-www-form-urlencoded".to_owned(), text.into()))
            }
            Self::Multipart(parts) => Some(multipart::join(parts, named.unwrap_or(multipart::FORM))),
            Self::Raw(content) => Some((content.media_type, content.bytes.into())),
        })
    }
}

/// Serializes the items of an array as JSON lines. Any other value becomes one line.
fn lines(value: &Value) -> String {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    items.iter().map(|item| format!("{item}\n")).collect()
}
