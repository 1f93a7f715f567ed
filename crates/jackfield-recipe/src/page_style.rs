//! The pagination styles of lists.

/// The way in which a client requests the next page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PageStyle {
    /// An argument takes the page number.
    Page,
    /// An argument takes the offset: the number of items before the page.
    Offset,
    /// An argument takes a cursor from the previous reply.
    Token,
    /// An argument takes the identifier of the last item in the previous reply.
    LastItem,
    /// The body of the reply contains the URL of the next page.
    Address,
    /// The `Link` header contains the URL of the next page.
    Link,
}

impl PageStyle {
    /// Returns the name of the style, for reports.
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
