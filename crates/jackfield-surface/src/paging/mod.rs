//! Detects how operations paginate their lists (ADR 0053).
//!
//! Each pagination style needs evidence in the arguments and in the reply. An argument `page` is not enough if the
//! reply has no list.

mod arguments;
mod names;
pub(crate) mod replied;
mod stated;
#[cfg(test)]
mod tests;
mod totals;

use jackfield_model::{
    ArgName, Connector, Defs, Effect, Operation, PageStyle, Paging, WireName, json_pointer,
};
use serde_json::Value;

use crate::cores;
use crate::lean::page_length::ordered;
use arguments::{Arguments, queries};
use names::PositionKind;
use replied::{Beside, Property, Replied};

/// Sets `paging` of every operation that paginates its list.
pub(crate) fn recognise_pages(connector: &mut Connector) {
    let received = std::mem::take(&mut connector.pool.receive);
    cores::each(connector, |(): &mut (), _, operation| operation.paging = recognise(operation, &received));
    connector.pool.receive = received;
}

/// Whether an operation lists a collection: it reads, its path ends with a name, and its reply has a list.
pub fn is_list_operation(operation: &Operation, received: &Defs) -> bool {
    let last = operation.path.split('?').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    operation.effect == Effect::Read
        && !last.contains('{')
        && Replied::of(&operation.replies, received).is_some_and(|replied| !replied.lists.is_empty())
}

fn recognise(operation: &Operation, received: &Defs) -> Option<Paging> {
    if operation.effect != Effect::Read {
        return None;
    }
    let arguments = Arguments::of(operation);
    let stated = &operation.stated.paging;
    if arguments.positions.is_empty()
        && arguments.size.is_none()
        && stated.values.is_empty()
        && operation.replies.is_empty()
    {
        return None;
    }
    let replied = Replied::of(&operation.replies, received).unwrap_or_default();
    let said = stated::said(&stated.values, &arguments, &replied);
    let items = said.items.clone().or_else(|| list(operation, &replied));
    let mut paging = by_statement(&said, &arguments)
        .or_else(|| by_token(&arguments, &replied))
        .or_else(|| by_address(&arguments, &replied))
        .or_else(|| by_number(&arguments, &replied, items.is_some()))
        .or_else(|| by_last_item(&arguments, &replied))
        .or_else(|| by_link(&arguments, stated.has_link_header, &replied, items.is_some()))?;
    if paging.style == PageStyle::Page && stated.has_link_header {
        paging.style = PageStyle::Link;
    }
    paging.items = items;
    paging.size = said.size.or(arguments.size).map(|at| arguments.name(at).clone());
    paging.total = said.total;
    paging.pages = said.pages;
    paging.more = said.more;
    totals::add_counts(&mut paging, &replied);
    if matches!(paging.style, PageStyle::Address | PageStyle::Link) {
        paging.in_address = in_address(&arguments);
    }
    Some(paging)
}

/// Detects pagination that an extension describes.
fn by_statement(said: &stated::Said, arguments: &Arguments<'_>) -> Option<Paging> {
    let next = said.next.as_ref();
    if let Some((pointer, true)) = next {
        return Some(Paging { next: Some(pointer.clone()), ..Paging::new(PageStyle::Address) });
    }
    let other = said.other.filter(|_| next.is_some()).map(|at| (at, PositionKind::Token));
    let (at, kind) = said.position.or(other)?;
    let position = Some(arguments.name(at).clone());
    let paging = |style| Paging { position: position.clone(), ..Paging::new(style) };
    match (kind, next) {
        (_, Some((pointer, _))) => Some(Paging { next: Some(pointer.clone()), ..paging(PageStyle::Token) }),
        (PositionKind::Page, None) => {
            Some(Paging { first: arguments.first_page(at), ..paging(PageStyle::Page) })
        }
        (PositionKind::Offset, None) => Some(paging(PageStyle::Offset)),
        _ => None,
    }
}

/// Detects pagination by a token or cursor: an argument takes a value of the previous reply.
fn by_token(arguments: &Arguments<'_>, replied: &Replied<'_>) -> Option<Paging> {
    let beside = Beside { has_length: arguments.size.is_some(), has_after: false };
    let mut of_items = None;
    for (at, kind) in &arguments.positions {
        let (name, schema) = (arguments.name(*at), arguments.schema(*at));
        let Some(source) = replied.source(name.as_str(), schema, beside) else { continue };
        let style = if source.item.is_some() { PageStyle::LastItem } else { PageStyle::Token };
        if source.item == Some("first") || style == PageStyle::LastItem && *kind != PositionKind::After {
            continue;
        }
        let next = Some(source.pointer());
        let paging = Paging { position: Some(name.clone()), next, ..Paging::new(style) };
        if style == PageStyle::Token {
            return Some(paging);
        }
        of_items = of_items.or(Some(paging));
    }
    if let Some(paging) = by_same_text(arguments, replied) {
        return Some(paging);
    }
    // Argument and value may have different names, such as `cursor` and `next_page_token`.
    let is_next = |property: &&Property<'_>| !is_address(property) && leads_on(property);
    let mut sources = replied.properties.iter().filter(is_next);
    let token = arguments.of_kind(PositionKind::Token).or_else(|| arguments.of_kind(PositionKind::After));
    match (sources.next(), token) {
        (Some(source), Some(token)) => {
            let position = Some(arguments.name(token).clone());
            Some(Paging { position, next: Some(source.pointer()), ..Paging::new(PageStyle::Token) })
        }
        _ => of_items,
    }
}

/// Detects pagination by an opaque offset: the argument is a string, and the reply has a string of the same name, as
/// in the API of Airtable.
fn by_same_text(arguments: &Arguments<'_>, replied: &Replied<'_>) -> Option<Paging> {
    let is_text = |at: &usize| arguments.schema(*at).get("type").is_some_and(|kind| kind == "string");
    let at = arguments.of_kind(PositionKind::Offset).filter(is_text)?;
    let name = arguments.name(at);
    let is_same = |property: &&Property<'_>| {
        property.kind == Some("string") && property.path.as_slice() == [name.as_str()]
    };
    let source = replied.properties.iter().find(is_same)?;
    Some(Paging {
        position: Some(name.clone()),
        next: Some(source.pointer()),
        ..Paging::new(PageStyle::Token)
    })
}

/// Whether the name of a property says that its value leads to the next page.
fn leads_on(property: &Property<'_>) -> bool {
    let has = |some: &[&str]| property.leaf.iter().any(|word| some.contains(&&**word));
    let is_back = has(&["prev", "previous", "first", "last", "before", "start", "self"]);
    let is_after_next = property.before.iter().any(|word| word == "next")
        && has(&["cursor", "token", "after", "offset", "page", "key"]);
    let is_one_word = |word: &str| {
        ["nextcursor", "nexttoken", "nextpagetoken", "nextpage", "continuationtoken", "endcursor"]
            .contains(&word)
    };
    !is_back
        && (has(&["next"])
            && (property.leaf.len() == 1
                || has(&["cursor", "token", "key", "marker", "id", "page", "offset", "position", "start"]))
            || is_after_next
            || has(&["continuation", "continue"])
            || has(&["end"]) && has(&["cursor"])
            || property.leaf.len() == 1 && is_one_word(&property.leaf[0]))
}

/// Whether the format or the name of a property says that its value is a URL.
fn is_address(property: &Property<'_>) -> bool {
    let is_link = |word: &str| matches!(word, "link" | "url" | "uri" | "href");
    property.is_address || property.leaf.iter().any(|word| is_link(word))
}

/// Detects pagination by URL: each reply contains the URL of the next page.
fn by_address(arguments: &Arguments<'_>, replied: &Replied<'_>) -> Option<Paging> {
    let has_list = !replied.lists.is_empty();
    let is_next = |property: &&Property<'_>| {
        let is_next =
            |word: &str| matches!(word, "next" | "nextlink" | "nextpage" | "nexturl" | "nextpagelink");
        let [.., last] = property.leaf.as_slice() else { return false };
        let own = property.leaf.iter().any(|word| is_next(word));
        let around = property.before.last().is_some_and(|word| is_next(word));
        let is_alone = own && property.leaf.len() == 1;
        let is_page = own && last == "page";
        let in_links = property.before.iter().any(|word| matches!(&**word, "links" | "link"));
        let is_text = matches!(property.kind, None | Some("string"));
        is_text
            && (own && is_address(property)
                || around && is_address(property)
                || matches!(&**last, "nextlink" | "nexturl" | "nextpagelink")
                || is_alone && in_links
                || (is_alone || is_page)
                    && property.kind == Some("string")
                    && (!arguments.positions.is_empty() || arguments.size.is_some()))
    };
    let next = replied.properties.iter().find(is_next).filter(|_| has_list)?;
    Some(Paging { next: Some(next.pointer()), ..Paging::new(PageStyle::Address) })
}

/// Detects pagination by the number of the page, or by the number of items before the page.
fn by_number(arguments: &Arguments<'_>, replied: &Replied<'_>, has_list: bool) -> Option<Paging> {
    let offset = arguments.of_kind(PositionKind::Offset);
    let page = arguments.of_kind(PositionKind::Page);
    if replied.is_described() && !has_list && replied.lists.is_empty() {
        return None;
    }
    // If the reply is not described, a page size or an unambiguous name has to show that there are pages.
    let is_plain = |at: usize| matches!(arguments.name(at).as_str(), "offset" | "skip" | "page");
    let is_shown = |at: usize| replied.is_described() || arguments.size.is_some() || is_plain(at);
    if let Some(at) = page.filter(|at| is_shown(*at)) {
        let (position, first) = (Some(arguments.name(at).clone()), arguments.first_page(at));
        return Some(Paging { position, first, ..Paging::new(PageStyle::Page) });
    }
    // `start` may also be the beginning of a period.
    let is_start =
        |at: usize| ordered(arguments.name(at).as_str()).iter().all(|it| it != "offset" && it != "skip");
    let is_end = |name: &str| matches!(name.to_ascii_lowercase().as_str(), "end" | "to" | "until" | "stop");
    let has_end = || arguments.operation.args.iter().any(|arg| is_end(arg.name.as_str()));
    let is_first = |at: usize| !is_start(at) || arguments.size.is_some() && !has_end();
    let at = offset.filter(|at| is_shown(*at) && is_first(*at))?;
    let starts_at_one = arguments.schema(at).get("minimum").and_then(Value::as_u64) == Some(1)
        || arguments.schema(at).get("default").and_then(Value::as_u64) == Some(1);
    let position = Some(arguments.name(at).clone());
    Some(Paging { position, first: u64::from(starts_at_one), ..Paging::new(PageStyle::Offset) })
}

/// Detects pagination by the identifier of the last item: an argument takes it.
fn by_last_item(arguments: &Arguments<'_>, replied: &Replied<'_>) -> Option<Paging> {
    let at = arguments.of_kind(PositionKind::After).filter(|_| arguments.size.is_some())?;
    let says_id =
        ordered(arguments.name(at).as_str()).iter().any(|word| matches!(&**word, "id" | "starting"));
    let has_id = replied.lists.iter().any(|list| list.has_id);
    (says_id && has_id).then(|| Paging {
        position: Some(arguments.name(at).clone()),
        next: Some("/id".to_owned()),
        ..Paging::new(PageStyle::LastItem)
    })
}

/// Detects pagination by the header `Link` of the reply, if the document declares the header.
fn by_link(
    arguments: &Arguments<'_>,
    has_header: bool,
    replied: &Replied<'_>,
    has_list: bool,
) -> Option<Paging> {
    let is_list = has_list || !replied.is_described();
    let has_argument = !arguments.positions.is_empty() || arguments.size.is_some();
    (has_header && is_list && has_argument).then(|| Paging::new(PageStyle::Link))
}

/// Returns the arguments that the query of the next page's URL may set, with their names in the request.
fn in_address(arguments: &Arguments<'_>) -> Vec<(WireName, ArgName)> {
    let is_position =
        |name: &str| arguments.positions.iter().any(|(at, _)| arguments.name(*at).as_str() == name);
    let positions = queries(arguments.operation).filter(|(_, arg)| is_position(arg));
    positions.filter_map(|(wire, arg)| Some((WireName::from(wire), ArgName::new(arg).ok()?))).collect()
}

/// Returns the JSON pointer of a reply's list. The list nearest to the root is chosen, preferably a list of objects.
/// Among several such lists, a list with the name of the last path segment, or with a usual name such as `items`, is
/// preferred.
fn list(operation: &Operation, replied: &Replied<'_>) -> Option<String> {
    let nearest = replied.lists.iter().map(|list| list.path.len()).min()?;
    let near: Vec<_> = replied.lists.iter().filter(|list| list.path.len() == nearest).collect();
    let of_objects: Vec<_> = near.iter().filter(|list| list.is_of_objects).copied().collect();
    let candidates = if of_objects.is_empty() { near } else { of_objects };
    let segment = operation.path.rsplit('/').find(|it| !it.is_empty() && !it.starts_with('{'));
    let is_named = |name: &&str| segment.is_some_and(|segment| segment.eq_ignore_ascii_case(name));
    let found = match candidates.as_slice() {
        [only] => Some(*only),
        several => several.iter().copied().find(|list| {
            list.path
                .last()
                .is_some_and(|name| is_named(name) || matches!(*name, "data" | "items" | "results"))
        }),
    };
    found.map(|list| json_pointer(list.path.iter().copied()))
}
