//! Converts Markdown and HTML to plain text without markup.

use std::borrow::Cow;
use std::str::Lines;

use jackfield_model::text::one_line;

use self::marks::{Cursor, Marks};

mod marks;

/// The maximum number of lines that a link may span.
const LINK: usize = 2;

/// The maximum nesting of links whose text is cleaned. Deeper links are kept unchanged.
const NESTING: usize = 8;

/// A block of text that ends at a significant line break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) kind: Kind,
    /// The text of the block, joined to one line.
    pub(super) text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Paragraph,
    Heading,
    /// An item of a list, or a row of a table.
    Item,
}

/// Returns the blocks of a text, which are parsed on demand. Fenced code, images and tags are removed; links are
/// replaced by their text.
pub(super) fn blocks(text: &str) -> Blocks<'_> {
    Blocks { lines: text.lines(), begun: None, fenced: false }
}

pub(super) struct Blocks<'t> {
    lines: Lines<'t>,
    /// The block whose first line ended the previous block.
    begun: Option<Block>,
    fenced: bool,
}

impl Iterator for Blocks<'_> {
    type Item = Block;

    fn next(&mut self) -> Option<Block> {
        let mut found = self.begun.take();
        while let Some(line) = self.line() {
            let line = line.trim().trim_start_matches('>').trim_start();
            let fence = line.starts_with("```") || line.starts_with("~~~");
            self.fenced ^= fence;
            let (kind, text) = if fence || self.fenced || is_rule(line) || is_callout(line) {
                (Kind::Paragraph, String::new())
            } else {
                let (kind, rest) = marker(line);
                (kind, one_line(&inline(rest)))
            };
            match &mut found {
                Some(_) if text.is_empty() => break,
                None if text.is_empty() => {}
                None => found = Some(Block { kind, text }),
                Some(last) if kind == Kind::Paragraph && last.kind != Kind::Heading => {
                    last.text.push(' ');
                    last.text.push_str(&text);
                }
                Some(_) => {
                    self.begun = Some(Block { kind, text });
                    break;
                }
            }
        }
        found
    }
}

impl<'t> Blocks<'t> {
    /// Returns the next line, joined with the lines after it if a link spans them.
    fn line(&mut self) -> Option<Cow<'t, str>> {
        let mut line = Cow::Borrowed(self.lines.next()?);
        for _ in 0..LINK {
            let next = self.lines.clone().next().filter(|next| next.contains([']', ')']) && !self.fenced);
            let Some(next) = next.filter(|_| has_open_link(&line)) else { break };
            line = Cow::Owned(format!("{line} {}", next.trim_start()));
            self.lines.next();
        }
        Some(line)
    }
}

/// Whether a link begins in the line and does not end in it.
fn has_open_link(line: &str) -> bool {
    let words = line.rfind('[').is_some_and(|at| !line[at..].contains(']'));
    words || line.rfind("](").is_some_and(|at| !line[at..].contains(')'))
}

/// Whether the line consists of dashes. Such a line underlines a heading, separates parts, or belongs to a table.
fn is_rule(line: &str) -> bool {
    line.len() >= 3 && line.bytes().all(|b| matches!(b, b'-' | b'=' | b'*' | b'_' | b'|' | b':' | b' '))
}

/// Whether the line is a mark such as `[!NOTE]`, which precedes a remark in some documents.
fn is_callout(line: &str) -> bool {
    line.strip_prefix("[!").is_some_and(|rest| {
        rest.trim_end().strip_suffix(']').is_some_and(|word| word.bytes().all(|b| b.is_ascii_alphabetic()))
    })
}

/// Returns the kind of a line, and the line without its marker.
fn marker(line: &str) -> (Kind, &str) {
    let hashes = line.len() - line.trim_start_matches('#').len();
    if (1..=6).contains(&hashes) && line[hashes..].starts_with(' ') {
        return (Kind::Heading, line[hashes..].trim().trim_end_matches('#'));
    }
    if let Some(row) = line.strip_prefix('|') {
        return (Kind::Item, row.trim_end_matches('|'));
    }
    for bullet in ["- ", "* ", "+ ", "• "] {
        if let Some(rest) = line.strip_prefix(bullet) {
            return (Kind::Item, rest);
        }
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=3).contains(&digits) && (line[digits..].starts_with(". ") || line[digits..].starts_with(") ")) {
        return (Kind::Item, &line[digits + 2..]);
    }
    (Kind::Paragraph, line)
}

/// Returns a line without emphasis, tags, images and the URLs of links. The text of code is kept.
fn inline(line: &str) -> String {
    words(&mut Cursor::new(line), &mut Marks::new(line), 0)
}

/// Returns the text up to the end of `rest`, which is inside `nesting` links.
fn words(rest: &mut Cursor<'_>, marks: &mut Marks<'_>, nesting: usize) -> String {
    let text = rest.as_str();
    // Links in links are copied once per level of nesting.
    if nesting > NESTING || !text.contains(['`', '*', '_', '[', '<', '&', '\\', '|', '~']) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    while let Some(c) = rest.next() {
        match c {
            '`' => code(rest, &mut out),
            '\\' => out.push(rest.next_if(|c| c.is_ascii_punctuation()).unwrap_or('\\')),
            '!' if rest.peek() == Some('[') => {
                rest.next();
                link(rest, marks);
            }
            '[' => match link(rest, marks) {
                Some(mut label) => out.push_str(&words(&mut label, marks, nesting + 1)),
                None => out.push('['),
            },
            '<' => tag(rest, marks, &mut out),
            '&' => entity(rest, &mut out),
            '*' | '_' | '~' => emphasis(c, rest, &mut out),
            '|' => out.push(','),
            c => out.push(c),
        }
    }
    out
}

/// Copies the text between backticks unchanged.
fn code(rest: &mut Cursor<'_>, out: &mut String) {
    let ticks = 1 + rest.skip_run('`');
    let mut run = 0;
    while let Some(c) = rest.next() {
        if c == '`' {
            run += 1;
            if run == ticks {
                return;
            }
        } else {
            out.extend(std::iter::repeat_n('`', run));
            run = 0;
            out.push(c);
        }
    }
}

/// Returns the text of a link whose `[` was consumed, or `None` if the bracket does not begin a link. Consumes the
/// whole link, including its URL.
fn link<'l>(rest: &mut Cursor<'l>, marks: &Marks<'_>) -> Option<Cursor<'l>> {
    let words_end = marks.partner(rest.at - 1)?;
    let address = words_end + 1;
    // Both the brackets and the URL after them may end outside of the enclosing link.
    if address >= rest.end || !matches!(rest.line.as_bytes()[address], b'(' | b'[') {
        return None;
    }
    let address_end = marks.partner(address).filter(|&end| end < rest.end)?;
    let label = Cursor { end: words_end, ..*rest };
    rest.at = address_end + 1;
    Some(label)
}

/// Removes an HTML tag or a URL in angle brackets. A tag that breaks the line becomes a space.
fn tag(rest: &mut Cursor<'_>, marks: &mut Marks<'_>, out: &mut String) {
    let begins = |c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!');
    // If `<` has no end or is followed by an unusual character, it means "less than". A word between blanks
    // is a placeholder.
    let end = marks.tag_end(rest.at).filter(|&end| end < rest.end);
    let Some(end) = end.filter(|_| rest.peek().is_some_and(begins)) else {
        out.push('<');
        return;
    };
    let name = rest.line[rest.at..end].trim_start_matches('/');
    let length = name.bytes().take_while(u8::is_ascii_alphanumeric).take(LONGEST_TAG + 1).count();
    let name = name[..length].to_ascii_lowercase();
    let is_address = |marks: &mut Marks<'_>| marks.address(rest.at).is_some_and(|at| at < end);
    if TAGS.contains(&name.as_str()) || rest.peek() == Some('!') || is_address(marks) {
        rest.at = end + 1;
        if matches!(name.as_str(), "br" | "p" | "li" | "div" | "tr" | "td" | "th") {
            out.push(' ');
        }
    } else {
        out.push('<');
    }
}

/// The maximum length of a name in [`TAGS`].
const LONGEST_TAG: usize = 10;

/// The HTML tags that documents use for formatting.
const TAGS: [&str; 35] = [
    "a",
    "b",
    "blockquote",
    "br",
    "code",
    "dd",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "hr",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];

/// Decodes the HTML entities that occur in prose.
fn entity(rest: &mut Cursor<'_>, out: &mut String) {
    let name: String = rest.as_str().chars().take(8).take_while(|c| *c != ';').collect();
    let meant = match name.as_str() {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" | "#39" | "#x27" => '\'',
        "nbsp" | "#160" => ' ',
        _ => {
            out.push('&');
            return;
        }
    };
    for _ in 0..=name.chars().count() {
        rest.next();
    }
    out.push(meant);
}

/// Removes asterisks and underscores at the edge of a word, which are emphasis. Inside a word, or alone, they are text and are kept.
fn emphasis(mark: char, rest: &mut Cursor<'_>, out: &mut String) {
    let run = 1 + rest.skip_run(mark);
    let before = out.chars().next_back();
    let after = rest.peek();
    let word = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace());
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let within = if mark == '_' { letter(before) && letter(after) } else { false };
    let alone = !word(before) && !word(after);
    // A single `~` means "about"; the first character of `_id` and `*.example.com` is text.
    let opens_a_name = mark == '_' && !letter(before) && letter(after) && !rest.contains('_');
    let glob = mark == '*'
        && run == 1
        && !rest.contains('*')
        && !out.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | ')' | ':' | '!'));
    if within || alone || opens_a_name || glob || (mark == '~' && run == 1) {
        out.extend(std::iter::repeat_n(mark, run));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        blocks(text).map(|block| block.text).collect::<Vec<_>>().join(" / ")
    }

    #[test]
    fn markup_is_removed_and_text_is_kept() {
        for (text, words) in [
            ("The **name** of _the_ `repo_name`.", "The name of the repo_name."),
            ("See [the docs](https://example.com/a_(b)) now", "See the docs now"),
            ("![badge](https://example.com/b.svg) Text", "Text"),
            ("[![ci](https://a/b.svg)](https://a) Text", "Text"),
            ("<p>One <code>two</code><br/>three</p>", "One two three"),
            ("a &lt;b&gt; &amp; c", "a <b> & c"),
            ("`<id>` and <id> stay, x < y too", "<id> and <id> stay, x < y too"),
            ("snake_case and 2 * 3 and *.example.com", "snake_case and 2 * 3 and *.example.com"),
            ("# Title\n\nText\nmore\n\n- one\n- two", "Title / Text more / one / two"),
            ("| a | b |\n|---|---|\n| 1 | 2 |", "a , b / 1 , 2"),
            ("Before\n```\ncode\n```\nafter", "Before / after"),
            ("> [!NOTE]\n> Careful", "Careful"),
            ("a[0] and [ref][1]", "a[0] and ref"),
            (
                "See [the\ndocs](https://example.com) and [those](\nhttps://example.com)",
                "See the docs and those",
            ),
            ("One [open\nand two", "One [open and two"),
        ] {
            assert_eq!(plain(text), words, "{text}");
        }
    }

    #[test]
    fn link_labels_nested_beyond_the_limit_stay_as_written() {
        let nested = |depth: usize| format!("{}*a*{}", "[".repeat(depth), "](x)".repeat(depth));
        assert_eq!(plain(&nested(NESTING)), "a");
        assert_eq!(plain(&nested(NESTING + 2)), nested(1));
    }

    #[test]
    fn markup_left_open_in_a_link_label_is_kept_as_text() {
        for (text, words) in [
            ("[a <b](x) c>", "a <b c>"),
            ("[a <z](x) ://c>", "a <z ://c>"),
            ("[[a](b](c) d)", "[a](b d)"),
            ("[[a]](c)", "[a]"),
            ("[![a](b](c) d)", "a](b d)"),
        ] {
            assert_eq!(plain(text), words, "{text}");
        }
    }

    #[test]
    fn adversarial_markup_is_parsed_in_linear_steps() {
        let count = 20_000;
        let mut texts = Vec::from(
            [
                "<", "[", "<b>", "<b", "<zz", "<//", "[a](", "![a](", "[a][", "<!--", "*a", "_a", "`a``",
                "&", "[_", "[<",
            ]
            .map(|part| part.repeat(count)),
        );
        texts.extend(["<", "<zz", "[<zz", "*_"].map(|part| format!("{}>", part.repeat(count))));
        texts.push(format!("{}a{}", "[".repeat(50_000), "](x)".repeat(50_000)));
        texts.push(format!("{}a{}", "[_<*".repeat(count), "](x)".repeat(count)));
        texts.push(format!("{}a{}", "[".repeat(count), "]".repeat(count)));
        for text in texts {
            marks::STEPS.set(0);
            inline(&text);
            let steps = marks::STEPS.get();
            assert!(steps <= 32 * text.len(), "{steps} steps for {} of {:.12}", text.len(), text);
        }
    }
}
