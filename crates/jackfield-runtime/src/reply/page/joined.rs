//! Joins the pages that one call reads to one reply.

use std::collections::HashSet;
use std::ops::Range;

use serde_json::{Map, Value};

use super::read::{NextPage, Page, PagedCall, page_text};
use super::values::items_range;
use crate::call::rows::Tool;
use crate::reply::shape::Shaping;
use crate::transport::reply::Reply;

/// The maximum number of bytes of joined pages, which is also the maximum of one reply.
pub(crate) const MOST_BYTES: usize = 16 * 1024 * 1024;

/// A page after the reply rule was applied to it.
#[derive(Debug)]
pub(crate) struct ShownPage {
    pub(crate) page: Page,
    text: String,
    /// The range of the items in `text`. `None` if the page has no array of items.
    items: Option<Range<usize>>,
}

impl ShownPage {
    /// Applies the reply rule to a page. `None` if the page is not complete JSON, or is too large to be searched.
    pub(crate) fn read(reply: &Reply, shaping: Shaping<'_>, call: &PagedCall) -> Option<Self> {
        let page = Page::read(reply, shaping.tool, call, shaping.rule.redacted())?;
        let text = page_text(reply).filter(|text| reply.can_hold(text.len()))?;
        let text = shaping.strip(text)?;
        let items = items_range(&text, shaping.tool.paging.as_ref()?);
        Some(Self { page, text, items })
    }

    fn count(&self) -> usize {
        self.page.count.unwrap_or_default()
    }
}

/// The facts about joined pages that the result mentions.
#[derive(Debug)]
pub(crate) struct JoinedPages {
    pub(crate) pages: usize,
    pub(crate) page: Page,
    /// The size of all replies that were read, including one that was not joined.
    pub(crate) bytes: usize,
    /// The reason why no further page was joined.
    pub(crate) ended: Option<String>,
}

impl JoinedPages {
    pub(crate) fn line(&self, tool: &Tool<'_>, called: &str) -> String {
        self.page.line(tool, called, self.pages, self.ended.as_deref())
    }
}

/// Joins pages, within limits of items and bytes.
#[derive(Debug)]
pub(crate) struct Joiner {
    most_items: usize,
    most_bytes: usize,
    items: String,
    count: usize,
    pages: usize,
    /// The last page. Its members other than the array of items become members of the joined reply.
    last: ShownPage,
    /// The positions of the pages that were read, to detect endless pagination.
    seen: HashSet<String>,
}

/// The reason why a page is not joined.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotJoined {
    NoList,
    Items,
    Bytes,
}

impl Joiner {
    /// Creates a joiner with the first page. `None` if this page has no array of items.
    pub(crate) fn start(first: ShownPage, (most_items, most_bytes): (usize, usize)) -> Option<Self> {
        let items = first.text.get(first.items.clone()?)?.to_owned();
        let (count, seen) = (first.count(), HashSet::new());
        Some(Self { most_items, most_bytes, items, count, pages: 1, last: first, seen })
    }

    /// Records the position of a page. Returns true if it was recorded before, because then the pagination would never end.
    pub(crate) fn repeats(&mut self, next: &NextPage) -> bool {
        let position = match next {
            NextPage::Call { arguments, .. } => position_of(arguments),
            NextPage::Address(address) => address.clone(),
            _ => return false,
        };
        !self.seen.insert(position)
    }

    /// Adds a page.
    pub(crate) fn add(&mut self, page: ShownPage) -> Result<(), NotJoined> {
        let items = page.items.clone().and_then(|items| page.text.get(items)).ok_or(NotJoined::NoList)?;
        let count = self.count.saturating_add(page.count());
        if count > self.most_items {
            return Err(NotJoined::Items);
        }
        // One byte is for the comma. The other members of this page replace the members of the previous page.
        if self.items.len() + 1 + page.text.len() > self.most_bytes {
            return Err(NotJoined::Bytes);
        }
        if !self.items.is_empty() && !items.is_empty() {
            self.items.push(',');
        }
        self.items.push_str(items);
        (self.count, self.pages, self.last) = (count, self.pages + 1, page);
        Ok(())
    }

    pub(crate) const fn pages(&self) -> usize {
        self.pages
    }

    /// Returns the last page that was joined.
    pub(crate) const fn last(&mut self) -> &mut Page {
        &mut self.last.page
    }

    /// Returns the joined reply, which is the last page with the items of all pages, and the facts about the joined pages.
    pub(crate) fn finish(self, bytes: usize, ended: Option<String>) -> (String, JoinedPages) {
        let ShownPage { mut page, text, items } = self.last;
        let items = items.unwrap_or(text.len()..text.len());
        let joined = [&text[..items.start], &self.items, &text[items.end..]].concat();
        page.count = page.count.map(|_| self.count);
        (joined, JoinedPages { pages: self.pages, page, bytes, ended })
    }
}

/// Returns the arguments as sorted text, because the order of the map depends on the client.
fn position_of(arguments: &Map<String, Value>) -> String {
    let mut pairs: Vec<String> = arguments.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.sort();
    pairs.join("\n")
}
