//! URLs of the next page, in the `Link` header or in the body of a reply.

use jackfield_recipe::percent_decode_lenient;

use crate::call::origin::Origin;
use crate::call::rows::Paging;
use crate::common::secret::REDACTED;
use crate::transport::redirect::resolve;
use crate::transport::reply::Reply;

/// The maximum length of a URL.
const LONGEST: usize = 8192;

/// The way in which a call gets the page at a URL.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Resolved {
    /// The URL sets these arguments of the tool.
    Arguments(Vec<(String, String)>),
    /// The URL differs in a parameter that is not an argument of the tool, so the URL itself has to be requested.
    Address(String),
    /// The URL is the URL of the current page.
    Same,
    OtherOrigin,
    Invalid,
}

/// Compares the URL of the next page with the URL of the current page. Only values from the query become arguments. So the next call
/// goes to the same origin as the current call, whatever the URL contains.
pub(super) fn resolve_next(address: &str, current: &str, paging: &Paging<'_>) -> Resolved {
    if address.len() > LONGEST {
        return Resolved::Invalid;
    }
    let Some(next) = resolve(current, address.as_bytes()) else { return Resolved::Invalid };
    let own = pairs(current);
    // The service has repeated the API key in the URL, where it was redacted. Every request gets the key again.
    let is_credential = |(_, value): &(String, String)| value.as_bytes() == REDACTED;
    let changed: Vec<(String, String)> =
        pairs(&next).into_iter().filter(|pair| !own.contains(pair) && !is_credential(pair)).collect();
    let argument = |wire: &str| paging.in_address.iter().find(|(name, _)| *name == wire).map(|(_, arg)| *arg);
    let set: Vec<(String, String)> = changed
        .iter()
        .filter_map(|(wire, value)| Some((argument(wire)?.to_owned(), value.clone())))
        .collect();
    // The page size in the URL is ignored.
    let is_other = |(wire, _): &&(String, String)| argument(wire).is_none() && wire != paging.size;
    if !set.is_empty() && changed.iter().find(is_other).is_none() {
        return Resolved::Arguments(set);
    }
    if Origin::of(&next).is_none() || Origin::of(&next) != Origin::of(current) {
        return Resolved::OtherOrigin;
    }
    if changed.is_empty() && without_query(&next) == without_query(current) {
        return Resolved::Same;
    }
    Resolved::Address(next)
}

fn without_query(url: &str) -> &str {
    url.split('?').next().unwrap_or(url)
}

/// Returns the decoded pairs of a query.
fn pairs(url: &str) -> Vec<(String, String)> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    let decoded =
        |text: &str| String::from_utf8_lossy(&percent_decode_lenient(&text.replace('+', " "))).into_owned();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}

/// Returns the URLs in the `Link` headers of a reply, each with its relation types.
fn links(reply: &Reply) -> Vec<(String, String)> {
    let fields = reply.headers.get_all("link").iter().filter_map(|value| value.to_str().ok());
    fields.filter(|field| field.len() <= LONGEST).flat_map(parse_links).collect()
}

/// Parses a `Link` header (RFC 8288) to URLs with their relation types.
fn parse_links(field: &str) -> Vec<(String, String)> {
    let mut links = Vec::new();
    let mut rest = field;
    while let Some(start) = rest.find('<') {
        let Some((address, after)) = rest[start + 1..].split_once('>') else { break };
        // The parameters of a link end at the next comma outside of quotes.
        let mut is_quoted = false;
        let end = after.find(|c| {
            is_quoted ^= c == '"';
            c == ',' && !is_quoted
        });
        let (parameters, following) = after.split_at(end.unwrap_or(after.len()));
        let relation = parameters.split(';').find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            let is_relation = name.trim().eq_ignore_ascii_case("rel");
            is_relation.then(|| value.trim().trim_matches('"').to_ascii_lowercase())
        });
        links.push((address.trim().to_owned(), relation.unwrap_or_default()));
        rest = following;
    }
    links
}

/// Whether a `Link` header has relation types of pagination, such as `next`.
pub(super) fn has_page_links(reply: &Reply) -> bool {
    let is_page = |word: &str| matches!(word, "next" | "prev" | "previous" | "first" | "last");
    links(reply).iter().any(|(_, relation)| relation.split_ascii_whitespace().any(is_page))
}

/// Returns the URL of the next page in a `Link` header.
pub(super) fn next_link(reply: &Reply) -> Option<String> {
    let is_next = |relation: &str| relation.split_ascii_whitespace().any(|word| word == "next");
    links(reply).into_iter().find(|(_, relation)| is_next(relation)).map(|(address, _)| address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_header_with_commas_in_urls_and_quotes_is_parsed() {
        let field =
            r#"<https://api.example.com/b?ids=1,2&page=2>; title="a, b"; rel="next last", </c>;rel=prev"#;
        let expected = [
            ("https://api.example.com/b?ids=1,2&page=2".to_owned(), "next last".to_owned()),
            ("/c".to_owned(), "prev".to_owned()),
        ];
        assert_eq!(parse_links(field), expected);
        for hostile in ["<", "<>", "<a", ">;rel=next", "<a>;rel=\"next", "a,b;<"] {
            assert!(parse_links(hostile).len() <= 1, "{hostile}");
        }
    }

    #[test]
    fn next_page_url_sets_only_arguments_of_the_tool() {
        let paging =
            Paging::link().in_address(&[("page[number]", "page"), ("cursor", "cursor")]).size("limit");
        let current = "https://api.example.com/books?genre=moss&limit=2";
        let set = |name: &str, value: &str| Resolved::Arguments(vec![(name.to_owned(), value.to_owned())]);
        for (address, expected) in [
            ("?genre=moss&limit=2&cursor=a%2Fb", set("cursor", "a/b")),
            ("/books?limit=5&page%5Bnumber%5D=3&genre=moss", set("page", "3")),
            // The query of a URL at another origin becomes arguments, but nothing is sent to that origin.
            ("http://10.0.0.1/books?genre=moss&cursor=x", set("cursor", "x")),
            ("https://api.example.com/books?genre=moss&limit=2", Resolved::Same),
            ("/books?skip=9", Resolved::Address("https://api.example.com/books?skip=9".to_owned())),
            ("https://evil.example.com/books?skip=9", Resolved::OtherOrigin),
            ("//evil.example.com/books?skip=9", Resolved::OtherOrigin),
            ("file:///etc/passwd", Resolved::OtherOrigin),
            ("a\nb", Resolved::Invalid),
            // The service has repeated the API key of the request, and it was redacted in the reply.
            ("?genre=moss&api_key=[credential removed]&cursor=c", set("cursor", "c")),
            ("?genre=moss&limit=2&api_key=%5Bcredential%20removed%5D", Resolved::Same),
        ] {
            assert_eq!(resolve_next(address, current, &paging), expected, "{address}");
        }
    }
}
