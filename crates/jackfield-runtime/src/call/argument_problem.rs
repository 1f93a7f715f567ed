//! Problems of arguments that cannot be put into a request.

use std::fmt;

use jackfield_recipe::{InvalidReplyPath, Location};
use serde_json::Number;

use crate::call::body::{BytesError, XmlError};
use crate::common::text::amount;

/// A problem of an argument, displayed as text that follows the argument's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ArgumentProblem {
    Required,
    /// The value is empty, so a path segment would be empty.
    EmptySegment,
    /// The value turns a path segment into `.` or `..`, or makes the segment empty.
    PathSegment(String),
    /// No argument sets a path variable.
    UnfilledVariable,
    /// An item contains the character that separates items.
    DividedItem(char),
    HeaderCharacter,
    HeaderSpace,
    CookieCharacter,
    /// The argument sets a header, parameter or cookie that belongs to a credential.
    Imitates(Imitation),
    /// The argument adds, through the path, a query parameter that belongs to a credential.
    ImitatesInPath,
    NoObject,
    NoBytes,
    NoText,
    /// The argument sets a header of a multipart part, but the part was not given.
    AbsentPart(String),
    Bytes(BytesError),
    Xml(XmlError),
    LostDigits(LostDigits),
    /// The argument selects the fields of the reply, and one of its paths is invalid.
    ReplyPath(InvalidReplyPath),
    /// The argument selects more than this number of fields of the reply.
    ManyPaths(usize),
    /// The prompt has no such argument. Contains a similar argument name, if there is one.
    Unknown(Option<String>),
    /// The argument of a prompt has a value other than these allowed values.
    OtherValue(Vec<String>),
    /// The argument makes the text of a prompt longer than this number of bytes.
    Long(usize),
    /// The argument names a file in which the reply cannot be stored.
    Save(String),
}

impl fmt::Display for ArgumentProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Required => f.write_str("is required"),
            Self::EmptySegment => f.write_str("is empty, so the path would address another resource"),
            Self::PathSegment(segment) => {
                write!(f, "makes the path segment `{segment}`, which would address another resource")
            }
            Self::UnfilledVariable => f.write_str("is a path variable without a value"),
            Self::DividedItem(divider) => write!(
                f,
                "has an item that contains {divider:?}, which separates the items and cannot be escaped here"
            ),
            Self::HeaderCharacter => {
                f.write_str("contains a line break or control character, which is not allowed in a header")
            }
            Self::HeaderSpace => f.write_str("begins or ends with a space, which HTTP removes from a header"),
            Self::CookieCharacter => {
                f.write_str("contains a character that is not allowed in a cookie; percent-encode it")
            }
            Self::Imitates(imitation) => imitation.fmt(f),
            Self::ImitatesInPath => f.write_str("sets a query parameter that a credential sets"),
            Self::NoObject => f.write_str("must be an object, because its properties are sent"),
            Self::NoText => f.write_str("must be a string"),
            Self::NoBytes => f.write_str("must be a string: bytes in base64, or a data URI"),
            Self::AbsentPart(part) => write!(f, "is a header of `{part}`, which was not given"),
            Self::Bytes(error) => error.fmt(f),
            Self::Xml(error) => error.fmt(f),
            Self::LostDigits(error) => error.fmt(f),
            Self::ReplyPath(invalid) => {
                write!(
                    f,
                    "has an item that is not a path such as `items.id`, `items[].owner` or `*`: {invalid}"
                )
            }
            Self::Unknown(near) => {
                f.write_str("is not an argument")?;
                near.as_ref().map_or(Ok(()), |near| write!(f, "; did you mean `{near}`?"))
            }
            Self::OtherValue(values) => write!(f, "has to be one of `{}`", values.join("`, `")),
            Self::Long(most) => write!(f, "makes the text longer than {}", amount(*most)),
            Self::Save(problem) => f.write_str(problem),
            Self::ManyPaths(most) => write!(f, "can have at most {most} items; select whole objects instead"),
        }
    }
}

impl From<BytesError> for ArgumentProblem {
    fn from(error: BytesError) -> Self {
        Self::Bytes(error)
    }
}

impl From<XmlError> for ArgumentProblem {
    fn from(error: XmlError) -> Self {
        Self::Xml(error)
    }
}

/// An argument name that a service could take for the name of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Imitation {
    pub(crate) location: Location,
    /// The header, parameter or cookie name of the credential.
    pub(crate) wire: String,
    pub(crate) scheme: String,
}

impl fmt::Display for Imitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { location, wire, scheme } = self;
        let kind = match location {
            Location::Query => "query parameter",
            Location::Cookie => "cookie",
            Location::Header | Location::Path => "header",
        };
        write!(
            f,
            "sets the {kind} `{wire}`, which belongs to the credential of `{scheme}`; leave the argument out"
        )
    }
}

/// An integer that does not fit into 64 bits. The JSON parser has converted it to a double, so its last digits are lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LostDigits {
    /// The number as the parser returned it.
    pub(crate) number: Number,
    /// The path of the number within the argument.
    pub(crate) path: Vec<String>,
    /// Whether the schema also accepts a string.
    pub(crate) takes_text: bool,
}

impl fmt::Display for LostDigits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_slice() {
            [] => f.write_str("is")?,
            path => write!(f, "has at `/{}`", path.join("/"))?,
        }
        let double = self.number.as_f64().unwrap_or_default();
        let remedy = if self.takes_text {
            "give it as a string of digits, in quotes"
        } else {
            "give an integer from -9223372036854775808 to 18446744073709551615; if the service accepts longer integers as strings, \
             its document has to say so with `type: string`"
        };
        write!(
            f,
            " an integer that does not fit into 64 bits (about {double:e}), so its last digits were lost: {remedy}"
        )
    }
}
