//! The row of how a tool divides its list into pages.

use jackfield_recipe::PageStyle;

/// How a tool divides its list into pages. Values of replies are named by JSON Pointers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging<'a> {
    pub(crate) style: PageStyle,
    /// The argument that selects the page. Empty if only an address leads to the next page.
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

    /// The argument is the number of the page.
    pub const fn page(position: &'a str) -> Self {
        Self::new(PageStyle::Page, position, "").first(1)
    }

    /// The argument is the number of items before the page.
    pub const fn offset(position: &'a str) -> Self {
        Self::new(PageStyle::Offset, position, "")
    }

    /// The argument takes the value at a place of the previous reply.
    pub const fn token(position: &'a str, next: &'a str) -> Self {
        Self::new(PageStyle::Token, position, next)
    }

    /// The argument takes the value at a place in the last item of the previous reply.
    pub const fn last_item(position: &'a str, next: &'a str) -> Self {
        Self::new(PageStyle::LastItem, position, next)
    }

    /// The reply has the address of the next page at that place.
    pub const fn address(next: &'a str) -> Self {
        Self::new(PageStyle::Address, "", next)
    }

    /// The header `Link` has the address of the next page.
    pub const fn link() -> Self {
        Self::new(PageStyle::Link, "", "")
    }

    /// Sets the position of the first page.
    pub const fn first(self, first: u64) -> Self {
        Self { first, ..self }
    }

    /// Sets the arguments that an address sets, each after its name in the query.
    pub const fn in_address(self, in_address: &'a [(&'a str, &'a str)]) -> Self {
        Self { in_address, ..self }
    }

    /// Sets the argument that is the length of a page.
    pub const fn size(self, size: &'a str) -> Self {
        Self { size, ..self }
    }

    /// Sets the place of the list.
    pub const fn items(self, items: &'a str) -> Self {
        Self { items: Some(items), ..self }
    }

    /// Sets the place of the number of all items.
    pub const fn total(self, total: &'a str) -> Self {
        Self { total: Some(total), ..self }
    }

    /// Sets the place of the number of all pages.
    pub const fn pages(self, pages: &'a str) -> Self {
        Self { pages: Some(pages), ..self }
    }

    /// Sets the place of the value that is true if another page follows.
    pub const fn more(self, more: &'a str) -> Self {
        Self { more: Some(more), ..self }
    }

    /// Sets the place of the value that is true if no other page follows.
    pub const fn last(self, last: &'a str) -> Self {
        Self { last: Some(last), ..self }
    }
}
