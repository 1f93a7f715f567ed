use crate::{ArgName, PageStyle, WireName};

/// How the list of an operation is divided into pages. Values in replies are named by JSON Pointers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging {
    /// How the next page is requested.
    pub style: PageStyle,
    /// The argument that selects the page. None if only a URL leads to the next page.
    pub position: Option<ArgName>,
    /// The position of the first page, if it is a number.
    pub first: u64,
    /// The arguments that the URL of the next page sets, by their names in its query.
    pub in_address: Vec<(WireName, ArgName)>,
    /// The argument that sets the number of items on a page.
    pub size: Option<ArgName>,
    /// The pointer to the value or URL that leads to the next page. For [`PageStyle::LastItem`], the pointer within an item.
    pub next: Option<String>,
    /// The pointer to the list.
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
    /// Creates the paging of that style, without any other facts.
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

    /// Whether the position is a number that a client can count itself.
    pub const fn is_numbered(&self) -> bool {
        matches!(self.style, PageStyle::Page | PageStyle::Offset)
    }
}

/// The JSON Pointer of a path of members.
pub fn json_pointer<'n>(path: impl IntoIterator<Item = &'n str>) -> String {
    path.into_iter().map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1"))).collect()
}
