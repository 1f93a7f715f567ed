//! Markdown and HTML as plain text: what is said, without how it looks.

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::{Chars, Lines};

use crate::lower::text::one_line;

/// How many times a link may be broken into lines.
const LINK: usize = 2;

/// A piece of text between line breaks that count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) kind: Kind,
    /// On one line.
    pub(super) text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Paragraph,
    Heading,
    /// Of a list, or a row of a table.
    Item,
}

/// The blocks of a text, found as they are asked for. Fenced code, images and tags are gone; links are their words.
pub(super) fn blocks(text: &str) -> Blocks<'_> {
    Blocks { lines: text.lines(), begun: None, fenced: false }
}

pub(super) struct Blocks<'t> {
    lines: Lines<'t>,
    /// What ended the last block by beginning another.
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
    /// The next line, with those behind it over which a link goes on.
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

/// Whether a link begins in the line that does not end in it.
fn has_open_link(line: &str) -> bool {
    let words = line.rfind('[').is_some_and(|at| !line[at..].contains(']'));
    words || line.rfind("](").is_some_and(|at| !line[at..].contains(')'))
}

/// A line of dashes: under a heading, between parts, or in a table.
fn is_rule(line: &str) -> bool {
    line.len() >= 3 && line.bytes().all(|b| matches!(b, b'-' | b'=' | b'*' | b'_' | b'|' | b':' | b' '))
}

/// `[!NOTE]`, as some write above a remark.
fn is_callout(line: &str) -> bool {
    line.strip_prefix("[!").is_some_and(|rest| {
        rest.trim_end().strip_suffix(']').is_some_and(|word| word.bytes().all(|b| b.is_ascii_alphabetic()))
    })
}

/// What kind of line it is, and the line without what says so.
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

/// A line without emphasis, tags, images and the addresses of links; code keeps its words.
fn inline(line: &str) -> String {
    if !line.contains(['`', '*', '_', '[', '<', '&', '\\', '|', '~']) {
        return line.to_owned();
    }
    let mut out = String::with_capacity(line.len());
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '`' => code(&mut rest, &mut out),
            '\\' => out.extend(rest.next_if(char::is_ascii_punctuation).or(Some('\\'))),
            '!' if rest.peek() == Some(&'[') => {
                rest.next();
                link(&mut rest);
            }
            '[' => match link(&mut rest) {
                Some(words) => out.push_str(&inline(&words)),
                None => out.push('['),
            },
            '<' => tag(&mut rest, &mut out),
            '&' => entity(&mut rest, &mut out),
            '*' | '_' | '~' => emphasis(c, &mut rest, &mut out),
            '|' => out.push(','),
            c => out.push(c),
        }
    }
    out
}

/// What stands between backticks, as it is.
fn code(rest: &mut Peekable<Chars<'_>>, out: &mut String) {
    let mut ticks = 1;
    while rest.next_if_eq(&'`').is_some() {
        ticks += 1;
    }
    let mut run = 0;
    for c in rest.by_ref() {
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

/// The words of a link whose `[` was read; none where it is only a bracket. Reads to its end, the address included.
fn link(rest: &mut Peekable<Chars<'_>>) -> Option<String> {
    let mut look = rest.clone();
    let mut words = String::new();
    let mut depth = 1;
    for c in look.by_ref() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        words.push(c);
    }
    let close = match look.peek() {
        Some('(') if depth == 0 => ')',
        Some('[') if depth == 0 => ']',
        _ => return None,
    };
    let open = look.next()?;
    let mut depth = 1;
    for c in look.by_ref() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
        }
        if depth == 0 {
            *rest = look;
            return Some(words);
        }
    }
    None
}

/// A tag falls away, a break is a space, and `<https://…>` is an address for people.
fn tag(rest: &mut Peekable<Chars<'_>>, out: &mut String) {
    let begins = |c: &char| c.is_ascii_alphabetic() || matches!(c, '/' | '!');
    let mut look = rest.clone();
    let words: String = look.by_ref().take_while(|c| *c != '>').collect();
    // What has no end, or an odd beginning, is "less than"; a word with blanks around it is a placeholder.
    let closed = words.len() < rest.clone().map(char::len_utf8).sum();
    let name: String =
        words.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
    let known = TAGS.contains(&name.to_ascii_lowercase().as_str());
    if !closed || !words.chars().next().is_some_and(|c| begins(&c)) {
        out.push('<');
    } else if known || words.starts_with('!') || words.contains("://") {
        *rest = look;
        if matches!(name.to_ascii_lowercase().as_str(), "br" | "p" | "li" | "div" | "tr" | "td" | "th") {
            out.push(' ');
        }
    } else {
        out.push('<');
    }
}

/// The tags that documents use for looks.
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

/// The few entities that are written in prose.
fn entity(rest: &mut Peekable<Chars<'_>>, out: &mut String) {
    let mut look = rest.clone();
    let name: String = look.by_ref().take(8).take_while(|c| *c != ';').collect();
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

/// Asterisks and underscores at the edge of a word are emphasis; within or alone they are meant.
fn emphasis(mark: char, rest: &mut Peekable<Chars<'_>>, out: &mut String) {
    let mut run = 1;
    while rest.next_if_eq(&mark).is_some() {
        run += 1;
    }
    let before = out.chars().next_back();
    let after = rest.peek().copied();
    let word = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace());
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let within = if mark == '_' { letter(before) && letter(after) } else { false };
    let alone = !word(before) && !word(after);
    // One `~` is "about"; `_id` and `*.example.com` begin with what they need.
    let opens_a_name = mark == '_' && !letter(before) && letter(after) && !rest.clone().any(|c| c == '_');
    let glob = mark == '*'
        && run == 1
        && !rest.clone().any(|c| c == '*')
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
    fn looks_fall_away_and_words_stay() {
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
}
