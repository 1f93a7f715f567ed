//! How the list of an operation is divided into pages.

/// How the next page of a list is requested.
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
    /// The reply contains the URL of the next page.
    Address,
    /// The header `Link` contains the URL of the next page.
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
