//! The row that says how the list of a tool is divided into pages.

use jackfield_recipe::PageStyle;

/// How the list of a tool is divided into pages. Values in replies are named by JSON Pointers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging<'a> {
    pub(crate) style: PageStyle,
    /// The argument that selects the page. Empty if only a URL leads to the next page.
    pub(crate) position: &'a str,
    pub(crate) first: u64,
    pub(crate) in_address: &'a [(&'a str, &'a str)],
    pub(crate) size: &'a str,
    pub(crate) next: &'a str,
    pub(crate) items: Option<&'a str>,
    pub(crate) total: Option<&'a str>,
    pub(crate) pages: Option<&'a str>,
    pub(crate) more: Option<&'a str>,
    pub(crate) last: Option<&'a str>,
}

impl<'a> Paging<'a> {
    const fn new(style: PageStyle, position: &'a str, next: &'a str) -> Self {
        Self {
            style,
            position,
            first: 0,
            in_address: &[],
            size: "",
            next,
            items: None,
            total: None,
            pages: None,
            more: None,
            last: None,
        }
    }

    /// Creates the row of a tool whose argument takes the number of the page.
    pub const fn page(position: &'a str) -> Self {
        Self::new(PageStyle::Page, position, "").first(1)
    }

    /// Creates the row of a tool whose argument takes the number of items before the page.
    pub const fn offset(position: &'a str) -> Self {
        Self::new(PageStyle::Offset, position, "")
    }

    /// Creates the row of a tool whose argument takes a value of the previous reply. `next` points to the value.
    pub const fn token(position: &'a str, next: &'a str) -> Self {
        Self::new(PageStyle::Token, position, next)
    }

    /// Creates the row of a tool whose argument takes a value of the last item in the previous reply. `next` points to the value.
    pub const fn last_item(position: &'a str, next: &'a str) -> Self {
        Self::new(PageStyle::LastItem, position, next)
    }

    /// Creates the row of a tool whose reply has the URL of the next page. `next` points to it.
    pub const fn address(next: &'a str) -> Self {
        Self::new(PageStyle::Address, "", next)
    }

    /// Creates the row of a tool whose reply has the URL of the next page in its `Link` header.
    pub const fn link() -> Self {
        Self::new(PageStyle::Link, "", "")
    }

    /// Sets the argument's value for the first page.
    pub const fn first(self, first: u64) -> Self {
        Self { first, ..self }
    }

    /// Sets the arguments that the URL of the next page sets, each after its name in the query.
    pub const fn in_address(self, in_address: &'a [(&'a str, &'a str)]) -> Self {
        Self { in_address, ..self }
    }

    /// Sets the argument that is the number of items on a page.
    pub const fn size(self, size: &'a str) -> Self {
        Self { size, ..self }
    }

    /// Sets the pointer to the list.
    pub const fn items(self, items: &'a str) -> Self {
        Self { items: Some(items), ..self }
    }

    /// Sets the pointer to the total number of items.
    pub const fn total(self, total: &'a str) -> Self {
        Self { total: Some(total), ..self }
    }

    /// Sets the pointer to the total number of pages.
    pub const fn pages(self, pages: &'a str) -> Self {
        Self { pages: Some(pages), ..self }
    }

    /// Sets the pointer to the value that is true if another page follows.
    pub const fn more(self, more: &'a str) -> Self {
        Self { more: Some(more), ..self }
    }

    /// Sets the pointer to the value that is true if no other page follows.
    pub const fn last(self, last: &'a str) -> Self {
        Self { last: Some(last), ..self }
    }
}
