//! How an operation divides a list into pages.

/// The way to the next page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PageStyle {
    /// An argument is the number of the page.
    Page,
    /// An argument is the number of items before the page.
    Offset,
    /// An argument takes a value of the previous reply, such as a cursor.
    Token,
    /// An argument takes the identifier of the last item of the previous reply.
    LastItem,
    /// The reply has the address of the next page.
    Address,
    /// The header `Link` has the address of the next page.
    Link,
}

impl PageStyle {
    /// The name, for reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Offset => "offset",
            Self::Token => "token",
            Self::LastItem => "last item",
            Self::Address => "address",
            Self::Link => "link",
        }
    }
}
