//! Extensions that describe pagination, such as `x-ms-pageable`. They have no common form, so the rules look at the
//! keys, and at whether a string names an argument or a value of the reply.

use jackfield_model::json_pointer;

use super::arguments::Arguments;
use super::names::PositionKind;
use super::replied::Replied;
use crate::lean::page_length::{is_length, ordered};

/// The statements in the extensions of an operation.
#[derive(Default)]
pub(super) struct Said {
    /// The argument that selects the page, by its index.
    pub(super) position: Option<(usize, PositionKind)>,
    /// An argument whose kind cannot be inferred from its name or from the key of the extension.
    pub(super) other: Option<usize>,
    pub(super) size: Option<usize>,
    /// The value or URL that leads to the next page, and whether it is a URL.
    pub(super) next: Option<(String, bool)>,
    pub(super) items: Option<String>,
    pub(super) total: Option<String>,
    pub(super) pages: Option<String>,
    pub(super) more: Option<String>,
}

/// Keys whose values are keywords of the extension and not names in the document.
const OTHER_KEYS: [&str; 6] = ["type", "style", "strategy", "in", "description", "operation"];

pub(super) fn said(values: &[(String, String)], arguments: &Arguments<'_>, replied: &Replied<'_>) -> Said {
    let mut said = Said::default();
    for (key, text) in values {
        let words = ordered(key);
        let has = |some: &[&str]| words.iter().any(|word| some.contains(&&**word));
        if words.last().is_some_and(|last| OTHER_KEYS.contains(&&**last)) {
            continue;
        }
        let (of_reply, names) = parts(text);
        let Some(leaf) = names.last() else { continue };
        if of_reply != Some(true)
            && let Some(at) = arguments.find(leaf)
        {
            match kind(key, leaf, arguments, at) {
                Some(kind) => said.position = said.position.or(Some((at, kind))),
                None if is_length(leaf) || has(&["size", "limit"]) => said.size = said.size.or(Some(at)),
                None => said.other = said.other.or(Some(at)),
            }
            continue;
        }
        let pointer = json_pointer(names.iter().map(String::as_str));
        let known = replied.properties.iter().find(|it| it.pointer() == pointer);
        let is_known = known.is_some()
            || replied.flags.iter().any(|it| it.pointer() == pointer)
            || replied.lists.iter().any(|it| json_pointer(it.path.iter().copied()) == pointer);
        if of_reply == Some(false) || replied.is_described() && !is_known {
            continue;
        }
        let slot = if has(&["items", "item", "results", "result", "data", "records", "list"]) {
            &mut said.items
        } else if has(&["pages"]) {
            &mut said.pages
        } else if has(&["total", "count"]) {
            &mut said.total
        } else if has(&["more"]) {
            &mut said.more
        } else if has(&["next", "cursor", "token", "link", "continuation"]) {
            let is_address = known.is_some_and(|it| it.is_address)
                || [&words, &ordered(leaf)]
                    .iter()
                    .any(|words| words.iter().any(|it| matches!(&**it, "link" | "url" | "uri" | "href")));
            said.next = said.next.or(Some((pointer, is_address)));
            continue;
        } else {
            continue;
        };
        *slot = slot.take().or(Some(pointer));
    }
    said
}

fn kind(key: &str, leaf: &str, arguments: &Arguments<'_>, at: usize) -> Option<PositionKind> {
    let by_name = || super::names::position_kind(leaf, arguments.schema(at));
    by_name().or_else(|| {
        let words = ordered(key);
        let has = |word: &str| words.iter().any(|it| it == word);
        match () {
            () if has("size") || has("limit") => None,
            () if has("cursor") || has("token") => Some(PositionKind::Token),
            () if has("offset") => Some(PositionKind::Offset),
            () if words.len() == 1 && has("page") => Some(PositionKind::Page),
            () => None,
        }
    })
}

/// Splits a reference such as `$response.meta.next` or `$.items` into names. Also returns whether it refers to
/// the reply (true) or to the request (false); None for a plain name.
fn parts(text: &str) -> (Option<bool>, Vec<String>) {
    let (of_reply, rest) = if let Some(rest) = text.strip_prefix("$request") {
        (Some(false), rest)
    } else if let Some(rest) = text.strip_prefix("$response") {
        (Some(true), rest)
    } else if let Some(rest) = text.strip_prefix('$') {
        (Some(true), rest)
    } else {
        // A name such as `@odata.nextLink` has a dot of its own.
        return (None, vec![text.to_owned()]);
    };
    let rest = rest.strip_prefix(".body#").or_else(|| rest.strip_prefix(".body")).unwrap_or(rest);
    let rest = rest.strip_prefix(".query").or_else(|| rest.strip_prefix(".path")).unwrap_or(rest);
    let names = rest.split(['.', '/']).filter(|name| !name.is_empty()).map(str::to_owned);
    (of_reply, names.collect())
}
