//! Names of HTTP methods.

use std::borrow::Cow;

/// The methods that OpenAPI documents can declare.
const KNOWN: [&str; 9] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "QUERY"];

/// The name of a method. Cloning one of the usual names allocates nothing.
pub(crate) type MethodName = Cow<'static, str>;

/// The name of that method.
pub(crate) fn method_name(text: &str) -> MethodName {
    match KNOWN.iter().find(|known| **known == text) {
        Some(known) => Cow::Borrowed(known),
        None => Cow::Owned(text.to_owned()),
    }
}
