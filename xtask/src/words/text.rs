//! Extracts the texts that people read in a file: comments, test names, messages and paragraphs.

use std::path::Path;

/// The kind of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Comment,
    TestName,
    Message,
    Paragraph,
}

/// A text and its line number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) kind: Kind,
    pub(super) line: usize,
    pub(super) text: String,
}

/// The minimum number of words of a message. A string with fewer words is a key or a name.
const FEWEST_WORDS: usize = 3;

impl Kind {
    pub(super) const ALL: [Self; 4] = [Self::Comment, Self::TestName, Self::Message, Self::Paragraph];

    pub(super) const fn plural(self) -> &'static str {
        match self {
            Self::Comment => "comments",
            Self::TestName => "test names",
            Self::Message => "messages",
            Self::Paragraph => "paragraphs",
        }
    }
}

/// Returns the comments, test names, messages and paragraphs of a file. The extension determines how the file is parsed.
pub(super) fn of(path: &Path, content: &str) -> Vec<Text> {
    let is_test_file = path.components().any(|part| part.as_os_str() == "tests")
        || path.file_name().is_some_and(|name| name == "tests.rs");
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("rs") => of_rust(content, is_test_file),
        Some("md") => of_markdown(content),
        _ => Vec::new(),
    }
}

fn of_markdown(content: &str) -> Vec<Text> {
    let mut texts: Vec<Text> = Vec::new();
    let (mut is_code, mut goes_on) = (false, false);
    for (at, line) in content.lines().enumerate() {
        let line = line.trim();
        if line.starts_with("```") {
            is_code = !is_code;
            goes_on = false;
            continue;
        }
        let begins =
            line.starts_with(['#', '|', '-', '*', '>']) || line.starts_with(|c: char| c.is_ascii_digit());
        if is_code || line.is_empty() || line.starts_with("|-") {
            goes_on = false;
        } else {
            let text = Text { kind: Kind::Paragraph, line: at + 1, text: line.to_owned() };
            add(&mut texts, goes_on && !begins, text);
            goes_on = true;
        }
    }
    texts
}

fn of_rust(content: &str, is_test_file: bool) -> Vec<Text> {
    let mut texts = comments(content);
    let mut is_test = is_test_file;
    let mut awaits_name = false;
    let mut message: Option<Text> = None;
    for (at, line) in content.lines().enumerate() {
        let trimmed = line.trim();
        // In this repository, test modules are at the end of their files.
        is_test |= trimmed == "#[cfg(test)]";
        if trimmed.starts_with("//") {
            continue;
        }
        awaits_name |= trimmed == "#[test]" || trimmed.starts_with("#[tokio::test");
        if awaits_name && let Some((_, rest)) = trimmed.split_once("fn ") {
            let name = rest.split(['(', '<']).next().unwrap_or_default();
            texts.push(Text { kind: Kind::TestName, line: at + 1, text: name.to_owned() });
            awaits_name = false;
        }
        if is_test {
            continue;
        }
        if let Some(begun) = &mut message {
            let (part, is_open) = literal(trimmed);
            begun.text.push_str(&part);
            if !is_open {
                texts.extend(message.take().filter(is_said));
            }
            continue;
        }
        let mut rest = trimmed;
        while let Some(at_quote) = rest.find('"') {
            let is_char = rest[..at_quote].ends_with('\'') && rest[at_quote + 1..].starts_with('\'');
            rest = &rest[at_quote + 1..];
            if is_char {
                continue;
            }
            let (text, is_open) = literal(rest);
            let found = Text { kind: Kind::Message, line: at + 1, text };
            if is_open {
                message = Some(found);
                break;
            }
            rest = rest.get(raw_length(rest)..).unwrap_or_default();
            texts.extend(Some(found).filter(is_said));
        }
    }
    texts
}

/// Returns the blocks of comment lines. Empty comment lines separate the blocks.
fn comments(content: &str) -> Vec<Text> {
    let mut texts: Vec<Text> = Vec::new();
    let (mut is_code, mut goes_on) = (false, false);
    for (at, line) in content.lines().enumerate() {
        let Some(comment) = line.trim().strip_prefix("//") else {
            (is_code, goes_on) = (false, false);
            continue;
        };
        let comment = comment.trim_start_matches(['/', '!']).trim();
        if comment.starts_with("```") {
            is_code = !is_code;
        } else if is_code || comment.is_empty() || comment.starts_with('#') {
            goes_on = false;
        } else {
            let text = Text { kind: Kind::Comment, line: at + 1, text: comment.to_owned() };
            add(&mut texts, goes_on, text);
            goes_on = true;
        }
    }
    texts
}

/// Appends a line to the last text if `goes_on` is set, or else adds the line as a new text.
fn add(texts: &mut Vec<Text>, goes_on: bool, line: Text) {
    match texts.last_mut().filter(|_| goes_on) {
        Some(last) => {
            last.text.push(' ');
            last.text.push_str(&line.text);
        }
        None => texts.push(line),
    }
}

/// Returns the text of a literal up to the closing quote, and whether the literal continues on the next line.
fn literal(line: &str) -> (String, bool) {
    let length = raw_length(line);
    let is_open = length > line.len();
    let raw = if is_open { line } else { &line[..length - 1] };
    let text = raw.strip_suffix('\\').unwrap_or(raw);
    (text.replace("\\n", " ").replace("\\\"", "\"").replace("\\t", " "), is_open)
}

/// Returns the number of bytes up to and including the closing quote. If the quote is missing, the number is larger
/// than the length of the line.
fn raw_length(line: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in line.char_indices() {
        match c {
            '"' if !is_escaped => return at + 1,
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    line.len() + 1
}

fn is_said(text: &Text) -> bool {
    let words =
        text.text.split_whitespace().filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 1);
    words.count() >= FEWEST_WORDS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(path: &str, content: &str) -> Vec<(Kind, usize, String)> {
        of(Path::new(path), content).into_iter().map(|it| (it.kind, it.line, it.text)).collect()
    }

    #[test]
    fn comments_are_joined_and_split_at_empty_lines() {
        let found = texts("a.rs", "//! One\n//! two.\n//!\n//! Three.\nfn a() {}\n    // Four.\n");
        let wanted = [(1, "One two."), (4, "Three."), (6, "Four.")];
        assert_eq!(found, wanted.map(|(line, text)| (Kind::Comment, line, text.to_owned())));
    }

    #[test]
    fn strings_of_several_words_are_messages_and_may_span_lines() {
        let code = "let a = \"key\";\nfail(\"there is no \\\"a\\\" here; \\\n    name another\");\nlet c = '\"';\n#[cfg(test)]\n\"a text of a test\"\n";
        let found = texts("a.rs", code);
        assert_eq!(found, [(Kind::Message, 2, "there is no \"a\" here; name another".to_owned())]);
    }

    #[test]
    fn test_names_are_found_for_every_test_attribute() {
        let found = texts(
            "a.rs",
            "#[test]\nfn one_is_one() {}\n#[tokio::test]\nasync fn two_is_two() {}\nfn three() {}\n",
        );
        let names: Vec<&str> = found.iter().map(|(_, _, text)| text.as_str()).collect();
        assert_eq!(names, ["one_is_one", "two_is_two"]);
    }

    #[test]
    fn code_blocks_are_not_paragraphs() {
        let found = texts("a.md", "# Title\n\nOne\ntwo.\n\n```sh\ncargo run\n```\n- three\n- four\n  five\n");
        let paragraphs: Vec<&str> = found.iter().map(|(_, _, text)| text.as_str()).collect();
        assert_eq!(paragraphs, ["# Title", "One two.", "- three", "- four five"]);
    }
}
