/// Where an input travels in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location {
    /// A variable of the path template.
    Path,
    /// The part behind `?`.
    Query,
    /// A header field.
    Header,
    /// A pair in the `Cookie` header.
    Cookie,
}
