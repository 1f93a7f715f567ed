//! Splits JSON into its items without parsing all of it, so that memory is bounded and a damaged item affects no other.
//!
//! The text is a page (`{"servers": […]}`), an array of items, a single item, or several of these one after the other, such as one per
//! line.

use std::io::{self, BufRead};

/// The member of a page that contains its items.
const ITEMS: &[u8] = b"\"servers\"";

/// A part of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The text of an item.
    Item(Vec<u8>),
    /// An item that is longer than the limit. Its text was skipped.
    LongItem,
    /// The text of a page without its items.
    Page(Vec<u8>),
}

/// The reason why a text cannot be split.
#[derive(Debug)]
pub(crate) enum SplitError {
    /// It cannot be read.
    Io(io::Error),
    /// It is not JSON.
    NotJson(&'static str),
}

impl From<io::Error> for SplitError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Splits a text into parts.
pub(crate) struct Splitter<R> {
    from: R,
    /// The maximum number of bytes of an item, and of a page without its items.
    most: usize,
    state: State,
    /// The page whose items are being read.
    page: Option<Vec<u8>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between values at the outermost level.
    Outside,
    /// Within an array of items, before an item or the end.
    Items,
    /// Within a page, after its items.
    AfterItems,
}

impl<R: BufRead> Splitter<R> {
    /// Splits a text into items of at most `most` bytes.
    pub(crate) const fn new(from: R, most: usize) -> Self {
        Self { from, most, state: State::Outside, page: None }
    }

    /// Returns the next part. `None` at the end of the text.
    pub(crate) fn next(&mut self) -> Result<Option<Part>, SplitError> {
        loop {
            match self.state {
                State::Outside => match self.peek()? {
                    None => return Ok(None),
                    Some(b'[') => {
                        self.skip()?;
                        self.state = State::Items;
                    }
                    Some(b'{') => {
                        if let Some(part) = self.object()? {
                            return Ok(Some(part));
                        }
                    }
                    Some(b',') => return Err(SplitError::NotJson("a comma is outside of an array")),
                    Some(_) => return Err(SplitError::NotJson("it is neither an object nor an array")),
                },
                State::Items => match self.peek()? {
                    None => return Err(SplitError::NotJson("it ends within an array")),
                    Some(b',') => self.skip()?,
                    Some(b']') => {
                        self.skip()?;
                        self.state = if self.page.is_some() { State::AfterItems } else { State::Outside };
                    }
                    Some(_) => {
                        let mut item = Vec::new();
                        let fits = self.value(&mut item)?;
                        return Ok(Some(if fits { Part::Item(item) } else { Part::LongItem }));
                    }
                },
                State::AfterItems => {
                    self.state = State::Outside;
                    let mut page = self.page.take().unwrap_or_default();
                    if !self.rest_of_object(&mut page, 1)? {
                        return Err(SplitError::NotJson("a page has too many other members"));
                    }
                    return Ok(Some(Part::Page(page)));
                }
            }
        }
    }

    /// Reads an object at the outermost level. `None` if it is a page, whose items come next.
    fn object(&mut self) -> Result<Option<Part>, SplitError> {
        let mut text = Vec::new();
        self.take(&mut text)?;
        // Whether the next text is the name of a member, and whether it was the name of the items.
        let (mut is_name, mut is_items, mut fits) = (true, false, true);
        loop {
            match self.peek()? {
                None => return Err(SplitError::NotJson("it ends within an object")),
                Some(b'}') => {
                    self.take(&mut text)?;
                    fits &= text.len() <= self.most;
                    return Ok(Some(if fits { Part::Item(text) } else { Part::LongItem }));
                }
                Some(b',') => {
                    self.keep(&mut text, &mut fits)?;
                    (is_name, is_items) = (true, false);
                }
                Some(b':') => {
                    self.keep(&mut text, &mut fits)?;
                    is_name = false;
                }
                Some(b'[') if is_items && !is_name && self.page.is_none() => {
                    self.skip()?;
                    text.extend_from_slice(b"[]");
                    self.page = Some(text);
                    self.state = State::Items;
                    return Ok(None);
                }
                Some(_) => {
                    let begin = text.len();
                    let mut value = Vec::new();
                    fits &= self.value(&mut value)?;
                    is_items = is_name && value == ITEMS;
                    if begin + value.len() <= self.most {
                        text.extend_from_slice(&value);
                    } else {
                        fits = false;
                    }
                }
            }
        }
    }

    fn keep(&mut self, text: &mut Vec<u8>, fits: &mut bool) -> Result<(), SplitError> {
        if text.len() < self.most {
            return self.take(text);
        }
        *fits = false;
        self.skip()
    }

    /// Reads a value of any kind. Returns whether it is at most as long as the limit; of a longer value, only the beginning is kept.
    fn value(&mut self, text: &mut Vec<u8>) -> Result<bool, SplitError> {
        match self.peek()? {
            None => Err(SplitError::NotJson("a value is missing")),
            Some(b'{' | b'[') => {
                self.take(text)?;
                self.rest_of_object(text, 1)
            }
            Some(b'"') => self.string(text),
            Some(_) => self.word(text),
        }
    }

    /// Reads up to the bracket that closes the given number of open brackets. The parser of the item checks that brackets match.
    fn rest_of_object(&mut self, text: &mut Vec<u8>, mut open: usize) -> Result<bool, SplitError> {
        let mut fits = true;
        while open > 0 {
            let (mut used, mut is_string) = (0, false);
            let buffer = self.from.fill_buf()?;
            if buffer.is_empty() {
                return Err(SplitError::NotJson("it ends within a value"));
            }
            for byte in buffer {
                if *byte == b'"' {
                    is_string = true;
                    break;
                }
                used += 1;
                match byte {
                    b'{' | b'[' => open += 1,
                    b'}' | b']' => open -= 1,
                    _ => {}
                }
                if open == 0 {
                    break;
                }
            }
            fits &= append(text, buffer.get(..used).unwrap_or_default(), self.most);
            self.from.consume(used);
            if is_string {
                fits &= self.string(text)?;
            }
        }
        Ok(fits)
    }

    /// Reads a string with its quotes.
    fn string(&mut self, text: &mut Vec<u8>) -> Result<bool, SplitError> {
        let (mut fits, mut is_open, mut is_escaped) = (true, false, false);
        loop {
            let buffer = self.from.fill_buf()?;
            if buffer.is_empty() {
                return Err(SplitError::NotJson("it ends within a string"));
            }
            let mut used = 0;
            let mut is_done = false;
            for byte in buffer {
                used += 1;
                match byte {
                    _ if is_escaped => is_escaped = false,
                    b'\\' => is_escaped = true,
                    b'"' if is_open => {
                        is_done = true;
                        break;
                    }
                    b'"' => is_open = true,
                    _ => {}
                }
            }
            fits &= append(text, buffer.get(..used).unwrap_or_default(), self.most);
            self.from.consume(used);
            if is_done {
                return Ok(fits);
            }
        }
    }

    /// Reads a number, `true`, `false`, `null`, or text that is not JSON, up to the next separator.
    fn word(&mut self, text: &mut Vec<u8>) -> Result<bool, SplitError> {
        let mut fits = true;
        loop {
            let buffer = self.from.fill_buf()?;
            let ends = |byte: &u8| byte.is_ascii_whitespace() || b",:]}[{\"".contains(byte);
            let used = buffer.iter().position(ends).unwrap_or(buffer.len());
            let is_done = used < buffer.len() || buffer.is_empty();
            fits &= append(text, buffer.get(..used).unwrap_or_default(), self.most);
            self.from.consume(used);
            if is_done {
                return if text.is_empty() {
                    Err(SplitError::NotJson("a value is missing"))
                } else {
                    Ok(fits)
                };
            }
        }
    }

    /// Returns the next byte that is not white space, without taking it. A byte order mark at the beginning is skipped too.
    fn peek(&mut self) -> Result<Option<u8>, SplitError> {
        loop {
            let buffer = self.from.fill_buf()?;
            let Some(first) = buffer.first() else { return Ok(None) };
            if !first.is_ascii_whitespace() && !b"\xef\xbb\xbf".contains(first) {
                return Ok(Some(*first));
            }
            self.from.consume(1);
        }
    }

    fn skip(&mut self) -> Result<(), SplitError> {
        self.from.fill_buf()?;
        self.from.consume(1);
        Ok(())
    }

    fn take(&mut self, text: &mut Vec<u8>) -> Result<(), SplitError> {
        text.extend(self.from.fill_buf()?.first());
        self.skip()
    }
}

/// Appends bytes up to the limit. Returns whether all of them fit.
fn append(text: &mut Vec<u8>, bytes: &[u8], most: usize) -> bool {
    let left = most.saturating_sub(text.len());
    text.extend_from_slice(bytes.get(..left).unwrap_or(bytes));
    bytes.len() <= left
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn parts(text: &str) -> Result<Vec<String>, SplitError> {
        let mut splitter = Splitter::new(BufReader::with_capacity(3, text.as_bytes()), 40);
        let mut parts = Vec::new();
        while let Some(part) = splitter.next()? {
            parts.push(match part {
                Part::Item(item) => String::from_utf8(item).unwrap(),
                Part::LongItem => "long".to_owned(),
                Part::Page(page) => format!("page {}", String::from_utf8(page).unwrap()),
            });
        }
        Ok(parts)
    }

    #[test]
    fn items_of_each_form_are_found() {
        let [one, two] = [r#"{"name":"a]}\"","b":[ {} ]}"#, r#"{"name":"{["}"#];
        let long = format!("{{\"name\":\"{}\"}}", "x".repeat(50));
        for (text, expected) in [
            (format!("[{one}, {two}]"), vec![one, two]),
            (format!("\u{feff}{one}\n{two}\n"), vec![one, two]),
            (format!("[{one},{long},{two}]"), vec![one, "long", two]),
            (format!("{long}\n{two}"), vec!["long", two]),
            (
                format!(r#"{{"a":1,"servers":[{one},{two}],"m":{{"n":2}}}}"#),
                vec![one, two, r#"page {"a":1,"servers":[],"m":{"n":2}}"#],
            ),
            (
                format!("{{\"servers\":[{one}]}}\n{two}\n[{two}]"),
                vec![one, r#"page {"servers":[]}"#, two, two],
            ),
            (r#"{"servers":[]}"#.to_owned(), vec![r#"page {"servers":[]}"#]),
            (r#"{"x":"servers","y":[1]}"#.to_owned(), vec![r#"{"x":"servers","y":[1]}"#]),
            (r#"{"servers":null}"#.to_owned(), vec![r#"{"servers":null}"#]),
            ("[1, nonsense, null]".to_owned(), vec!["1", "nonsense", "null"]),
            (" \n".to_owned(), vec![]),
            ("[]".to_owned(), vec![]),
        ] {
            assert_eq!(parts(&text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn text_that_is_not_json_is_an_error() {
        for text in [
            "<html>",
            "not json",
            "\"text\"",
            "[",
            "[{\"a\": 1}",
            "[{\"a\": \"",
            "{\"servers\":[{}]",
            "{\"servers\":[{}],",
            "{\"a\"",
            "{} , {}",
            "{\"servers\":[}",
        ] {
            assert!(parts(text).is_err(), "{text}: {:?}", parts(text));
        }
    }

    #[test]
    fn every_beginning_of_a_text_is_split_or_refused() {
        let text =
            r#"{"servers":[{"name":"a\"b","x":[1,{"y":null}]},"s",2.5,[[]]],"metadata":{"nextCursor":"c"}}"#;
        for end in 0..text.len() {
            let _ = parts(&text[..end]);
            let _ = parts(&text[end..]);
        }
    }
}
