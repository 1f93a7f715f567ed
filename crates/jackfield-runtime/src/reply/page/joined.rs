//! Pages that one call joins to one reply.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::values::{items_text, spliced};
use super::{NextPage, Page};
use crate::call::rows::{Paging, Tool};

/// The most bytes of joined pages, which is also the most of one reply.
pub(crate) const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Joined pages: what the result says about them.
#[derive(Debug)]
pub(crate) struct JoinedPages {
    pub(crate) pages: usize,
    pub(crate) page: Page,
    /// Why no further page was joined.
    pub(crate) ended: Option<String>,
}

impl JoinedPages {
    pub(crate) fn line(&self, tool: &Tool<'_>) -> String {
        self.page.line(tool, self.pages, self.ended.as_deref())
    }
}

/// Joins pages, within limits of items and bytes.
#[derive(Debug)]
pub(crate) struct Joiner<'p> {
    paging: &'p Paging<'p>,
    most_items: usize,
    most_bytes: usize,
    items: String,
    /// The last page, whose other members the joined reply has.
    last: String,
    count: usize,
    pages: usize,
    seen: HashSet<String>,
}

/// Why a page is not joined.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotJoined {
    NoList,
    Items,
    Bytes,
}

impl<'p> Joiner<'p> {
    /// Starts with the first page, in the form in which it is shown. `None` if it has no list.
    pub(crate) fn start(
        paging: &'p Paging<'p>,
        text: String,
        count: usize,
        (most_items, most_bytes): (usize, usize),
    ) -> Option<Self> {
        let items = items_text(&text, paging)?.to_owned();
        Some(Self {
            paging,
            most_items,
            most_bytes,
            items,
            last: text,
            count,
            pages: 1,
            seen: HashSet::new(),
        })
    }

    /// Remembers where the next page is. Returns whether it was there before, so that the pages never end.
    pub(crate) fn repeats(&mut self, next: &NextPage) -> bool {
        let key = match next {
            NextPage::Call { arguments, .. } => key_of(arguments),
            NextPage::Address(address) => address.clone(),
            _ => return false,
        };
        !self.seen.insert(key)
    }

    /// Adds a page, in the form in which it is shown.
    pub(crate) fn add(&mut self, text: String, count: usize) -> Result<(), NotJoined> {
        let items = items_text(&text, self.paging).ok_or(NotJoined::NoList)?;
        if self.count.saturating_add(count) > self.most_items {
            return Err(NotJoined::Items);
        }
        let around = text.len() - items.len();
        if self.items.len() + items.len() + 1 + around > self.most_bytes {
            return Err(NotJoined::Bytes);
        }
        if !self.items.is_empty() && !items.is_empty() {
            self.items.push(',');
        }
        self.items.push_str(items);
        self.count += count;
        self.pages += 1;
        self.last = text;
        Ok(())
    }

    pub(crate) const fn pages(&self) -> usize {
        self.pages
    }

    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// The joined reply: the last page with the items of all.
    pub(crate) fn finish(self) -> Option<String> {
        spliced(&self.last, self.paging, &self.items)
    }
}

/// The arguments as text. A map of JSON has its keys in one order.
pub(crate) fn key_of(arguments: &Map<String, Value>) -> String {
    let mut pairs: Vec<String> = arguments.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.sort();
    pairs.join("\n")
}
