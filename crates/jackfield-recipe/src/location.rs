use std::borrow::Cow;

/// The part of a request in which a parameter is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location {
    /// A path variable.
    Path,
    /// The query string.
    Query,
    /// A header.
    Header,
    /// A pair in the `Cookie` header.
    Cookie,
}

impl Location {
    /// Whether two names are equal at this location. Header names are case-insensitive (RFC 9110, section 5.1). The names of query
    /// parameters, cookies and path variables are case-sensitive.
    ///
    /// ```
    /// use jackfield_recipe::Location;
    ///
    /// assert!(Location::Header.is_same_name("X-Key", "x-key"));
    /// assert!(!Location::Query.is_same_name("Key", "key") && !Location::Cookie.is_same_name("Sid", "sid"));
    /// ```
    pub fn is_same_name(self, a: &str, b: &str) -> bool {
        self.folded(a) == self.folded(b)
    }

    /// Returns the name in the spelling that is compared at this location.
    pub(crate) fn folded(self, name: &str) -> Cow<'_, str> {
        match self {
            Self::Header if name.bytes().any(|byte| byte.is_ascii_uppercase()) => {
                Cow::Owned(name.to_ascii_lowercase())
            }
            _ => Cow::Borrowed(name),
        }
    }
}
