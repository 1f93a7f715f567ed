//! Who a call is made for.

/// The one who calls: credentials are asked of their source with the caller in hand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Caller {
    /// The one user of a connector that is served over stdio or called from a shell.
    Local,
}
