use crate::{ArgName, PageStyle, WireName};

/// The pagination of an operation. JSON Pointers select the values in replies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging {
    /// The way in which a client requests the next page.
    pub style: PageStyle,
    /// The argument that selects the page. None if only a URL leads to the next page.
    pub position: Option<ArgName>,
    /// The position of the first page, if positions are numbers.
    pub first: u64,
    /// The query parameters of the next page's URL, each with the argument that takes its value.
    pub in_address: Vec<(WireName, ArgName)>,
    /// The argument that sets the number of items on a page.
    pub size: Option<ArgName>,
    /// The pointer to the value or URL that leads to the next page. For [`PageStyle::LastItem`], the pointer within an item.
    pub next: Option<String>,
    /// The pointer to the array of items.
    pub items: Option<String>,
    /// The pointer to the total number of items.
    pub total: Option<String>,
    /// The pointer to the total number of pages.
    pub pages: Option<String>,
    /// The pointer to the value that is true if another page follows.
    pub more: Option<String>,
    /// The pointer to the value that is true if no other page follows.
    pub last: Option<String>,
}

impl Paging {
    /// Creates a pagination of this style, without any other facts.
    pub const fn new(style: PageStyle) -> Self {
        Self {
            style,
            position: None,
            first: 0,
            in_address: Vec::new(),
            size: None,
            next: None,
            items: None,
            total: None,
            pages: None,
            more: None,
            last: None,
        }
    }

    /// Whether the position is a number that a client can compute itself.
    pub const fn is_numbered(&self) -> bool {
        matches!(self.style, PageStyle::Page | PageStyle::Offset)
    }
}

/// Returns the JSON Pointer that leads through members with these names.
pub fn json_pointer<'n>(path: impl IntoIterator<Item = &'n str>) -> String {
    path.into_iter().map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1"))).collect()
}
