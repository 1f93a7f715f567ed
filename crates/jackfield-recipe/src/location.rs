/// The part of a request that an argument goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location {
    /// A variable of the path.
    Path,
    /// The query string.
    Query,
    /// A header.
    Header,
    /// A pair in the `Cookie` header.
    Cookie,
}
