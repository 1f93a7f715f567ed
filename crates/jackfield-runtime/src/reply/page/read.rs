//! Reads the pagination of a reply.

use jackfield_recipe::{PageStyle, ReplyPath};
use serde_json::{Map, Number, Value};

use super::address::{Resolved, has_page_links, next_link, resolve_next};
use super::values::PageValues;
use crate::call::rows::{Paging, Tool};
use crate::reply::scalar::Scalar;
use crate::transport::media::BodyKind;
use crate::transport::reply::Reply;

/// The call of a tool with pagination.
#[derive(Clone, Debug)]
pub(crate) struct PagedCall {
    /// The arguments, as the caller gave them.
    pub(crate) arguments: Map<String, Value>,
    /// The URL of the request, without credentials.
    pub(crate) url: String,
}

/// The way to get the next page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NextPage {
    /// Call the tool with these arguments. If `is_certain` is false, there may be no next page.
    Call {
        arguments: Map<String, Value>,
        is_certain: bool,
    },
    /// Request this URL of the same origin. No argument of the tool leads to it.
    Address(String),
    /// The next page is at another origin.
    OtherOrigin,
    /// Another page follows, but the reply does not say how to get it.
    Unknown,
    /// The next page was already read.
    Repeated,
    Last,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Page {
    /// The number of items.
    pub(crate) count: Option<usize>,
    /// The number of items that the result shows, if the page has more items.
    pub(crate) shown: Option<usize>,
    /// The total number of items on all pages.
    pub(crate) total: Option<u64>,
    pub(crate) next: NextPage,
}

impl Page {
    /// Reads the pagination of a successful reply. `None` if the reply contains nothing about it.
    pub(crate) fn read(
        reply: &Reply,
        tool: &Tool<'_>,
        call: &PagedCall,
        redact: &[ReplyPath],
    ) -> Option<Self> {
        let paging = tool.paging.as_ref()?;
        if !reply.is_success() || !reply.is_whole {
            return None;
        }
        let text = page_text(reply);
        let values = text.and_then(|text| {
            // The tape of the values takes about as much memory as the text.
            reply.can_hold(text.len()).then(|| PageValues::of(text, paging, redact)).flatten()
        });
        let is_linked = has_page_links(reply);
        if values.is_none() && !is_linked {
            return None;
        }
        let values = values.unwrap_or_default();
        let total = values.total.or_else(|| total_of_headers(reply));
        let reader = Reader { reply, tool, paging, call, values: &values, total };
        Some(Self { count: values.count, shown: None, total, next: reader.next(is_linked) })
    }

    /// Compares the page with the result, which may show fewer items. If the tool's position is an offset, the next call then begins after
    /// the last item that is shown.
    pub(crate) fn compare(&mut self, result: &str, tool: &Tool<'_>, call: &PagedCall) {
        let Some(paging) = &tool.paging else { return };
        let shown = PageValues::of(result, paging, &[]).and_then(|values| values.count);
        let (Some(count), Some(shown)) = (self.count, shown.filter(|shown| Some(*shown) < self.count)) else {
            return;
        };
        self.shown = Some(shown);
        let begin = match call.arguments.get(paging.position) {
            None | Some(Value::Null) => Some(paging.first),
            Some(value) => whole_number(value),
        };
        let rest = begin.and_then(|begin| begin.checked_add(u64::try_from(shown).ok()?));
        if let Some(rest) = rest.filter(|_| paging.style == PageStyle::Offset && shown > 0 && shown < count) {
            let mut arguments = call.arguments.clone();
            arguments.insert(paging.position.to_owned(), argument(tool, paging.position, rest.into()));
            self.next = NextPage::Call { arguments, is_certain: true };
        }
    }
}

/// Returns the text of a reply that may be JSON.
pub(in crate::reply) fn page_text(reply: &Reply) -> Option<&str> {
    match reply.media_type().kind() {
        BodyKind::Json | BodyKind::Unnamed if reply.coding().is_none() => {
            std::str::from_utf8(&reply.body).ok()
        }
        _ => None,
    }
}

struct Reader<'r> {
    reply: &'r Reply,
    tool: &'r Tool<'r>,
    paging: &'r Paging<'r>,
    call: &'r PagedCall,
    values: &'r PageValues,
    total: Option<u64>,
}

impl Reader<'_> {
    fn next(&self, is_linked: bool) -> NextPage {
        let Self { paging, values, .. } = self;
        let is_addressed = matches!(paging.style, PageStyle::Address | PageStyle::Link);
        match is_linked.then(|| next_link(self.reply)) {
            Some(Some(address)) if is_addressed => return self.resolved(&address),
            Some(None) if is_addressed || self.is_counted() => return NextPage::Last,
            Some(Some(_)) if self.is_counted() => {
                return match self.counted() {
                    NextPage::Call { arguments, .. } => NextPage::Call { arguments, is_certain: true },
                    other => other,
                };
            }
            // A cursor in the body takes precedence over a link.
            _ => {}
        }
        match paging.style {
            // Some services send links only if the call requests a page by its number.
            PageStyle::Link if self.lacks_items() => NextPage::Unknown,
            PageStyle::Link => NextPage::Last,
            PageStyle::Address => match &values.next {
                Some(Scalar::Text(address)) if !address.is_empty() => self.resolved(address),
                Some(Scalar::Hidden) => NextPage::Unknown,
                _ => NextPage::Last,
            },
            PageStyle::Token => match &values.next {
                _ if values.more == Some(false) => NextPage::Last,
                Some(Scalar::Hidden) => NextPage::Unknown,
                // Some services send 0 or -1 at the end of the list. These values do not select a page.
                Some(Scalar::Text(text) | Scalar::Number(text)) if text == "0" || text == "-1" => {
                    NextPage::Last
                }
                Some(Scalar::Text(text)) if !text.is_empty() => self.with(Value::String(text.clone()), true),
                Some(Scalar::Number(number)) => self.with(number_of(number), true),
                _ if values.more == Some(true) => NextPage::Unknown,
                _ => NextPage::Last,
            },
            PageStyle::LastItem => match &values.next {
                _ if values.more == Some(false) || values.count == Some(0) => NextPage::Last,
                Some(Scalar::Text(text)) => self.with(Value::String(text.clone()), values.more == Some(true)),
                Some(Scalar::Number(number)) => self.with(number_of(number), values.more == Some(true)),
                _ => NextPage::Unknown,
            },
            PageStyle::Page | PageStyle::Offset => self.counted(),
        }
    }

    /// Whether this is the first page, and has fewer items than the total number.
    fn lacks_items(&self) -> bool {
        let given = self.call.arguments.get(self.paging.position).filter(|value| !value.is_null());
        let count = self.values.count.and_then(|count| u64::try_from(count).ok());
        given.is_none() && count.zip(self.total).is_some_and(|(count, total)| count < total)
    }

    /// Whether the position is a page number or an offset.
    const fn is_counted(&self) -> bool {
        matches!(self.paging.style, PageStyle::Page | PageStyle::Offset)
    }

    /// Returns the next page, if the position is a number.
    fn counted(&self) -> NextPage {
        let Self { paging, values, total, call, .. } = self;
        let given = call.arguments.get(paging.position);
        let current = match given {
            None | Some(Value::Null) => paging.first,
            Some(value) => match whole_number(value) {
                Some(number) => number,
                None => return NextPage::Unknown,
            },
        };
        if paging.style == PageStyle::Page
            && let Some(next) = self.reply.header("x-next-page")
        {
            return match next.trim().parse::<u64>() {
                Ok(next) => self.with(next.into(), true),
                Err(_) => NextPage::Last,
            };
        }
        let count = values.count.and_then(|count| u64::try_from(count).ok());
        let step = if paging.style == PageStyle::Page { 1 } else { count.unwrap_or_default() };
        let passed = current.saturating_sub(paging.first);
        let is_more = match (values.more, values.pages, *total, count) {
            (Some(more), ..) => Some(more),
            (_, _, _, Some(0)) => Some(false),
            (_, Some(pages), ..) if paging.style == PageStyle::Page => Some(passed.saturating_add(1) < pages),
            (_, _, Some(total), Some(count)) if paging.style == PageStyle::Offset => {
                Some(passed.saturating_add(count) < total)
            }
            (_, _, Some(total), Some(count)) => self.is_more_by_total(passed, count, total),
            _ => None,
        };
        if is_more == Some(false) {
            return NextPage::Last;
        }
        if step == 0 {
            return NextPage::Unknown;
        }
        self.with(current.saturating_add(step).into(), is_more == Some(true))
    }

    /// Whether another page follows, after `passed` pages and a page with `count` items. A service may return fewer items than the call
    /// requests, so a short page is not always the last page.
    fn is_more_by_total(&self, passed: u64, count: u64, total: u64) -> Option<bool> {
        let size = self.call.arguments.get(self.paging.size).and_then(whole_number);
        let by_size = size.map(|size| passed.saturating_mul(size).saturating_add(count));
        // Each previous page is assumed to have at least as many items as this page.
        if passed.saturating_add(1).saturating_mul(count) >= total || by_size == Some(total) {
            return Some(false);
        }
        (passed == 0 || size == Some(count)).then_some(true)
    }

    /// Returns the call with the given position, unless this position is the current one.
    fn with(&self, position: Value, is_certain: bool) -> NextPage {
        let name = self.paging.position;
        let value = argument(self.tool, name, position);
        if self.call.arguments.get(name) == Some(&value) {
            return NextPage::Repeated;
        }
        if names_file(&value) {
            return NextPage::Unknown;
        }
        let mut arguments = self.call.arguments.clone();
        arguments.insert(name.to_owned(), value);
        NextPage::Call { arguments, is_certain }
    }

    fn resolved(&self, address: &str) -> NextPage {
        match resolve_next(address, &self.call.url, self.paging) {
            Resolved::Arguments(set) => {
                let mut arguments = self.call.arguments.clone();
                for (name, text) in set {
                    let value = argument(self.tool, &name, Value::String(text));
                    if names_file(&value) {
                        return NextPage::Unknown;
                    }
                    arguments.insert(name, value);
                }
                if arguments == self.call.arguments {
                    return NextPage::Repeated;
                }
                NextPage::Call { arguments, is_certain: true }
            }
            // A `POST` to another path may have any effect, even if the reply to a search names its URL.
            Resolved::Address(address)
                if self.tool.method != "GET" && !is_same_path(&address, &self.call.url) =>
            {
                NextPage::Unknown
            }
            Resolved::Address(address) => NextPage::Address(address),
            Resolved::Same => NextPage::Repeated,
            Resolved::OtherOrigin => NextPage::OtherOrigin,
            Resolved::Invalid => NextPage::Unknown,
        }
    }
}

fn is_same_path(address: &str, other: &str) -> bool {
    address.split('?').next() == other.split('?').next()
}

fn whole_number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Parses a number in a reply. If it would lose digits, returns its text as a string.
pub(crate) fn number_of(text: &str) -> Value {
    match text.parse::<Number>() {
        Ok(number) if number.to_string() == text => Value::Number(number),
        _ => Value::String(text.to_owned()),
    }
}

/// Whether a value in a reply is a `file:` URL. If it became an argument, the call would send that local file to the service.
pub(crate) fn names_file(value: &Value) -> bool {
    let scheme = value.as_str().and_then(|text| text.trim_start().get(..5));
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("file:"))
}

/// Converts a value to the type of an argument, because services send some numbers as strings and some strings as numbers.
pub(crate) fn argument(tool: &Tool<'_>, name: &str, value: Value) -> Value {
    let input: Value = serde_json::from_str(tool.input).unwrap_or_default();
    let schema = input.get("properties").and_then(|properties| properties.get(name));
    let types: Vec<&str> = schema.map(types_of).unwrap_or_default();
    let allows = |word: &str| types.is_empty() || types.contains(&word);
    match &value {
        Value::String(text) if !allows("string") => text.parse::<u64>().map_or(value, Into::into),
        Value::Number(number) if !allows("integer") && !allows("number") => Value::String(number.to_string()),
        _ => value,
    }
}

/// Returns the types that a schema allows, including the types of its alternatives.
fn types_of(schema: &Value) -> Vec<&str> {
    let parts = ["anyOf", "oneOf"].iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
    std::iter::once(schema)
        .chain(parts)
        .flat_map(|part| match part.get("type") {
            Some(Value::Array(types)) => types.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(one)) => vec![one.as_str()],
            _ => Vec::new(),
        })
        .collect()
}

/// Returns the total number of items in the headers.
fn total_of_headers(reply: &Reply) -> Option<u64> {
    let counts = ["x-total-count", "x-total", "total-count"].iter();
    let counted = counts.filter_map(|name| reply.header(name)?.trim().parse().ok()).next();
    counted.or_else(|| {
        let (range, total) = reply.header("content-range")?.rsplit_once('/')?;
        // A byte range does not count items.
        if range.starts_with("bytes") { None } else { total.trim().parse().ok() }
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, StatusCode};

    use super::*;

    #[test]
    fn cursor_that_is_a_file_url_is_not_passed_on() {
        let next = |position: &str| {
            let input = r#"{"type":"object","properties":{"cursor":{"type":"string"}}}"#;
            let tool = Tool::new("search", "POST", "/search", |_, _| Ok(()))
                .input(input)
                .paging(Paging::token("cursor", "/next"));
            let json = HeaderValue::from_static("application/json");
            let headers = HeaderMap::from_iter([(http::header::CONTENT_TYPE, json)]);
            let body = Bytes::from(serde_json::json!({ "next": position, "items": [1] }).to_string());
            let reply = Reply::new(StatusCode::OK, headers, body, true, String::new());
            let url = "https://api.example.com/search".to_owned();
            Page::read(&reply, &tool, &PagedCall { arguments: Map::new(), url }, &[]).unwrap().next
        };
        assert!(matches!(next("b2"), NextPage::Call { .. }));
        for position in ["file:///books/secret.txt", " FILE:/etc/passwd"] {
            assert_eq!(next(position), NextPage::Unknown, "{position}");
        }
    }

    #[test]
    fn next_page_url_with_another_path_is_followed_only_for_get() {
        let next = |method: &'static str, address: &str| {
            let tool = Tool::new("search", method, "/search", |_, _| Ok(())).paging(Paging::address("/next"));
            let json = HeaderValue::from_static("application/json");
            let headers = HeaderMap::from_iter([(http::header::CONTENT_TYPE, json)]);
            let body = Bytes::from(serde_json::json!({ "next": address, "items": [1] }).to_string());
            let reply = Reply::new(StatusCode::OK, headers, body, true, String::new());
            let url = "https://api.example.com/search".to_owned();
            let call = PagedCall { arguments: Map::new(), url };
            Page::read(&reply, &tool, &call, &[]).unwrap().next
        };
        let page = "https://api.example.com/search?page=2";
        assert_eq!(next("POST", "?page=2"), NextPage::Address(page.to_owned()));
        assert_eq!(next("POST", "/orders/7/cancel"), NextPage::Unknown);
        let other = "https://api.example.com/more";
        assert_eq!(next("GET", "/more"), NextPage::Address(other.to_owned()));
    }
}
