//! The table entry for the pagination of a tool.

use jackfield_recipe::PageStyle;

/// Describes the pagination of a tool's list. JSON pointers name values in replies.
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

    /// Describes pagination by an argument that takes the page number.
    pub const fn page(position: &'a str) -> Self {
        Self::new(PageStyle::Page, position, "").first(1)
    }

    /// Describes pagination by an argument that takes an offset: the number of items before the page.
    pub const fn offset(position: &'a str) -> Self {
        Self::new(PageStyle::Offset, position, "")
    }

    /// Describes pagination by an argument that takes a cursor from the previous reply. `next` is the JSON pointer to the cursor.
    pub const fn token(position: &'a str, next: &'a str) -> Self {
        Self::new(PageStyle::Token, position, next)
    }

    /// Describes pagination by an argument that takes a value from the last item of the previous reply. `next` is the JSON pointer to
    /// this value within the item.
    pub const fn last_item(position: &'a str, next: &'a str) -> Self {
        Self::new(PageStyle::LastItem, position, next)
    }

    /// Describes pagination by the URL of the next page in the body of the reply. `next` is the JSON pointer to the URL.
    pub const fn address(next: &'a str) -> Self {
        Self::new(PageStyle::Address, "", next)
    }

    /// Describes pagination by the URL of the next page in the `Link` header of the reply.
    pub const fn link() -> Self {
        Self::new(PageStyle::Link, "", "")
    }

    /// Sets the argument's value for the first page.
    pub const fn first(self, first: u64) -> Self {
        Self { first, ..self }
    }

    /// Sets the arguments that the URL of the next page sets, each with the name of its query parameter.
    pub const fn in_address(self, in_address: &'a [(&'a str, &'a str)]) -> Self {
        Self { in_address, ..self }
    }

    /// Sets the argument for the number of items per page.
    pub const fn size(self, size: &'a str) -> Self {
        Self { size, ..self }
    }

    /// Sets the JSON pointer to the array of items.
    pub const fn items(self, items: &'a str) -> Self {
        Self { items: Some(items), ..self }
    }

    /// Sets the JSON pointer to the total number of items.
    pub const fn total(self, total: &'a str) -> Self {
        Self { total: Some(total), ..self }
    }

    /// Sets the JSON pointer to the total number of pages.
    pub const fn pages(self, pages: &'a str) -> Self {
        Self { pages: Some(pages), ..self }
    }

    /// Sets the JSON pointer to a boolean that is true if another page follows.
    pub const fn more(self, more: &'a str) -> Self {
        Self { more: Some(more), ..self }
    }

    /// Sets the JSON pointer to a boolean that is true on the last page.
    pub const fn last(self, last: &'a str) -> Self {
        Self { last: Some(last), ..self }
    }
}
