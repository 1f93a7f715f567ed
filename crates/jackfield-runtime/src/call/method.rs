//! Names of HTTP methods.

use std::borrow::Cow;

/// The methods that OpenAPI documents can declare.
const KNOWN: [&str; 9] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "QUERY"];

/// The name of an HTTP method. Cloning the name of a known method does not allocate.
pub(crate) type MethodName = Cow<'static, str>;

/// Returns `text` as a method name, without allocating if the method is known.
pub(crate) fn method_name(text: &str) -> MethodName {
    match KNOWN.iter().find(|known| **known == text) {
        Some(known) => Cow::Borrowed(known),
        None => Cow::Owned(text.to_owned()),
    }
}
