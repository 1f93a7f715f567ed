//! Values of replies that count items or pages, or say whether another page follows.

use std::borrow::Cow;

use jackfield_model::{PageStyle, Paging};

use super::replied::{Property, Replied};
use crate::lean::page_length::ordered;

/// Words that may occur beside `total` in the name of a property that counts all items.
const COUNTING: [&str; 20] = [
    "total", "count", "counts", "size", "number", "num", "of", "item", "items", "result", "results",
    "record", "records", "element", "elements", "entries", "hits", "rows", "objects", "matching",
];
/// Words in the names of objects that contain pagination data.
const AROUND: [&str; 12] = [
    "meta",
    "metadata",
    "page",
    "paging",
    "pagination",
    "info",
    "pager",
    "data",
    "result",
    "response",
    "cursor",
    "links",
];

/// Adds the counts and flags of a reply.
pub(super) fn add_counts(paging: &mut Paging, replied: &Replied<'_>) {
    let list = paging.items.as_deref().and_then(|items| items.rsplit('/').next()).unwrap_or_default();
    let own = ordered(list);
    let is_near = |it: &&Property<'_>| it.before.iter().all(|word| AROUND.contains(&&**word));
    let is_number = |it: &&Property<'_>| matches!(it.kind, Some("integer" | "number"));
    let numbers = || replied.properties.iter().filter(is_near).filter(is_number);
    let first =
        |test: &dyn Fn(&[Cow<'_, str>]) -> bool| numbers().find(|it| test(&it.leaf)).map(Property::pointer);
    let counts_all = |words: &[Cow<'_, str>]| {
        let is_known = |word: &Cow<'_, str>| COUNTING.contains(&&**word) || own.contains(word);
        words.iter().any(|word| word == "total") && words.iter().all(is_known)
            || matches!(words, [odata, count] if odata == "odata" && count == "count")
            || matches!(words, [whole] if matches!(&**whole, "totalcount" | "totalresults" | "totalitems"))
    };
    // If the reply also has the URL of the next page, `count` is the total number of items. A service need not state the number of items on
    // the page, because clients can count these.
    let is_count = |words: &[Cow<'_, str>]| {
        paging.style == PageStyle::Address && matches!(words, [count] if count == "count")
    };
    let counts_pages = |words: &[Cow<'_, str>]| match words {
        [one] => one == "pages" || one == "totalpages",
        [one, other] => matches!(
            (&**one, &**other),
            ("total" | "num" | "last", "pages" | "page") | ("page" | "pages", "count" | "total")
        ),
        [one, of, other] => one == "number" && of == "of" && other == "pages",
        _ => false,
    };
    let total = first(&counts_all).or_else(|| first(&is_count));
    let pages = first(&counts_pages);
    paging.total = paging.total.take().or(total);
    paging.pages = paging.pages.take().or(pages);
    let flag = |test: &dyn Fn(&[Cow<'_, str>]) -> bool| {
        replied.flags.iter().filter(is_near).find(|it| test(&it.leaf)).map(Property::pointer)
    };
    let says_more = |words: &[Cow<'_, str>]| {
        let has = |word: &str| words.iter().any(|it| it == word);
        has("more")
            || has("next") && (has("has") || has("is"))
            || matches!(words, [one] if one == "truncated")
            || has("truncated") && has("is")
    };
    let says_last = |words: &[Cow<'_, str>]| match words {
        [one] => one == "last",
        [is, last] => is == "is" && (last == "last" || last == "end"),
        [is, last, page] => is == "is" && last == "last" && page == "page",
        _ => false,
    };
    let (more, last) = (flag(&says_more), flag(&says_last));
    paging.more = paging.more.take().or(more);
    if paging.more.is_none() {
        paging.last = last;
    }
}
