//! Pages of entries.

use serde_json::Value;

use super::error::ApiError;
use super::split::{Part, SplitError, Splitter};
use crate::entry::error::EntryError;
use crate::entry::item::{LONGEST_ITEM, PublishedItem, too_long};

/// The maximum number of items of a page. Pages of the API have at most 100.
const MOST_ITEMS: usize = 10_000;
/// The maximum number of bytes of a cursor.
const LONGEST_CURSOR: usize = 4_096;

/// A page of entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The entries.
    pub items: Vec<PublishedItem>,
    /// The malformed entries.
    pub malformed: Vec<EntryError>,
    /// The cursor of the next page. `None` on the last page.
    pub next_cursor: Option<String>,
}

impl Page {
    /// Parses the body of a reply. A malformed entry is reported, and affects no other.
    ///
    /// # Errors
    /// Returns an error if the body is not a page.
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut splitter = Splitter::new(body, LONGEST_ITEM);
        let (mut page, mut end) = (Self::default(), None);
        let malformed = |error: SplitError| match error {
            SplitError::Io(error) => ApiError::Malformed(error.to_string()),
            SplitError::NotJson(problem) => ApiError::Malformed(format!("it is not JSON: {problem}")),
        };
        while let Some(part) = splitter.next().map_err(malformed)? {
            match part {
                _ if end.is_some() => {
                    return Err(ApiError::Malformed("something follows after the page".to_owned()));
                }
                Part::Page(text) => end = Some(text),
                Part::Item(text) => match PublishedItem::parse(&text) {
                    Ok(item) => page.items.push(item),
                    Err(error) => page.malformed.push(error),
                },
                Part::LongItem => page.malformed.push(too_long()),
            }
            if page.items.len() + page.malformed.len() > MOST_ITEMS {
                return Err(ApiError::Malformed(format!("a page has more than {MOST_ITEMS} entries")));
            }
        }
        let end = end.ok_or_else(|| ApiError::Malformed("the member \"servers\" is missing".to_owned()))?;
        page.next_cursor = next_cursor(&end)?;
        Ok(page)
    }
}

fn next_cursor(page: &[u8]) -> Result<Option<String>, ApiError> {
    let page: Value = serde_json::from_slice(page)
        .map_err(|error| ApiError::Malformed(format!("it is not JSON: {error}")))?;
    let cursor = page.get("metadata").and_then(|metadata| metadata.get("nextCursor"));
    match cursor {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(cursor)) if cursor.is_empty() => Ok(None),
        Some(Value::String(cursor)) if cursor.len() <= LONGEST_CURSOR => Ok(Some(cursor.clone())),
        Some(_) => Err(ApiError::Malformed("its cursor is not a text of at most 4096 bytes".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_entry_affects_no_other() {
        let good = r#"{"server":{"name":"a.b/c","description":"d","version":"1.0.0"}}"#;
        let long = format!("{{\"x\":\"{}\"}}", "y".repeat(LONGEST_ITEM));
        let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
        let body = format!(
            r#"{{"servers":[{good},{{"server":{{}}}},{long},{deep},7,{{"a":}},{good}],"metadata":{{"nextCursor":"n"}}}}"#
        );
        let page = Page::parse(body.as_bytes()).unwrap();
        assert_eq!((page.items.len(), page.malformed.len()), (2, 5), "{:?}", page.malformed);
        assert_eq!(page.next_cursor.as_deref(), Some("n"));
        assert_eq!(page.items[0].text, good);
    }

    #[test]
    fn body_that_is_not_a_page_is_an_error() {
        let deep = format!(r#"{{"servers":[],"m":{}1{}}}"#, "[".repeat(5_000), "]".repeat(5_000));
        let cursor = format!(r#"{{"servers":[],"metadata":{{"nextCursor":"{}"}}}}"#, "c".repeat(5_000));
        for body in [
            "",
            "{}",
            "[]",
            "null",
            "<html>",
            r#"{"servers":{}}"#,
            r#"{"servers":[]}{}"#,
            r#"{"servers":[],"metadata":{"nextCursor":7}}"#,
            r#"{"servers":[],"metadata":"#,
            &deep,
            &cursor,
        ] {
            assert!(Page::parse(body.as_bytes()).is_err(), "{body:.60}");
        }
    }
}
