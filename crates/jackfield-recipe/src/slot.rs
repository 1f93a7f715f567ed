//! The slot of a credential in a request.

use std::fmt;

use crate::location::Location;

/// The slot of a credential: a header, query parameter or cookie, or the connection. Two credentials for the same slot cannot be sent
/// together. Names are compared with [`Location::is_same_name`].
///
/// ```
/// use jackfield_recipe::{Location, WireSlot};
///
/// assert_eq!(WireSlot::of_key(Location::Header, "X-Key"), WireSlot::of_key(Location::Header, "x-key"));
/// assert_ne!(WireSlot::of_key(Location::Query, "Key"), WireSlot::of_key(Location::Query, "key"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WireSlot(Repr);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Repr {
    /// The name of the header, in lower case.
    Header(String),
    Query(String),
    Cookie(String),
    Connection,
}

impl WireSlot {
    /// The header of every HTTP scheme and of every bearer token.
    pub const AUTHORIZATION: &'static str = "authorization";

    /// Returns the slot of an API key.
    pub fn of_key(location: Location, name: &str) -> Self {
        Self(match location {
            // A path cannot contain a key, so such a key is sent as a header.
            Location::Header | Location::Path => Repr::Header(Location::Header.folded(name).into_owned()),
            Location::Query => Repr::Query(name.to_owned()),
            Location::Cookie => Repr::Cookie(name.to_owned()),
        })
    }

    /// Returns the slot of a client certificate: the TLS connection.
    pub const fn connection() -> Self {
        Self(Repr::Connection)
    }

    /// Whether the credential must be a valid header value.
    pub const fn is_in_header(&self) -> bool {
        matches!(self.0, Repr::Header(_) | Repr::Cookie(_))
    }

    /// Whether the credential is a pair of the `Cookie` header.
    pub const fn is_cookie(&self) -> bool {
        matches!(self.0, Repr::Cookie(_))
    }
}

impl fmt::Display for WireSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Header(name) => write!(f, "header `{name}`"),
            Repr::Query(name) => write!(f, "query parameter `{name}`"),
            Repr::Cookie(name) => write!(f, "cookie `{name}`"),
            Repr::Connection => f.write_str("client certificate of the connection"),
        }
    }
}
