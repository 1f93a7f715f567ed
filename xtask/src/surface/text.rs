//! Splits texts into words and sentences for the detectors.

/// Returns the words of a name or a text, in lower case: `getHTTPServer_v2` has the words `get`, `http`, `server` and `v2`.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let chars: Vec<char> = text.chars().collect();
    for (at, c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            continue;
        }
        let before = at.checked_sub(1).map_or(' ', |at| chars[at]);
        // The plural of an acronym is one word, as in `IDs`.
        let is_plural =
            chars.get(at + 1) == Some(&'s') && chars.get(at + 2).is_none_or(|next| !next.is_lowercase());
        let next_is_lower = chars.get(at + 1).is_some_and(|next| next.is_lowercase()) && !is_plural;
        let starts = !before.is_alphanumeric()
            || c.is_uppercase() && (before.is_lowercase() || before.is_uppercase() && next_is_lower);
        if starts {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words
}

/// Returns the stem of a word: `replaces`, `replaced` and `replacing` have the same stem.
pub(super) fn stem(word: &str) -> &str {
    for end in ["ing", "ies", "ied", "es", "ed", "s", "e", "y"] {
        if let Some(stem) = word.strip_suffix(end).filter(|stem| stem.len() > 2) {
            return stem;
        }
    }
    word
}

/// Whether `word` is `verb` or its third person.
pub(super) fn is_form(word: &str, verb: &str) -> bool {
    word == verb
        || word.strip_prefix(verb).is_some_and(|end| matches!(end, "s" | "es"))
        || word.strip_suffix("ies").is_some_and(|stem| verb.strip_suffix('y') == Some(stem))
}

/// Returns the text without HTML tags, emphasis and the URLs of links.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', ']', '`', '*', '[']) {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let mark = after.chars().next().unwrap_or_default();
        rest = &after[mark.len_utf8()..];
        let starts_tag = rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
        if mark == '<'
            && starts_tag
            && let Some(end) = rest.find('>')
        {
            // A paragraph or a line break ends a sentence.
            let tag = rest[..end].trim_start_matches('/');
            let breaks = ["p", "br", "li", "ul", "div", "h"].iter().any(|it| tag.starts_with(it));
            out.push_str(if breaks { "\n\n" } else { "" });
            rest = &rest[end + 1..];
        } else if mark == ']'
            && rest.starts_with('(')
            && let Some(end) = rest.find(')')
        {
            rest = &rest[end + 1..];
        } else if mark == '<' {
            out.push(mark);
        }
    }
    out.push_str(rest);
    out
}

/// Returns the sentences of a text. A sentence ends at `.`, `!` or `?` before white space, at an empty line, or before a list item.
pub(super) fn sentences(text: &str) -> Vec<String> {
    const ABBREVIATIONS: [&str; 5] = ["e.g", "i.e", "etc", "vs", "approx"];
    let text = plain(text);
    let mut found = Vec::new();
    for block in
        text.split("\n\n").flat_map(|block| block.split("\n- ")).flat_map(|block| block.split("\n• "))
    {
        let mut start = 0;
        for (at, c) in block.char_indices().filter(|(_, c)| matches!(c, '.' | '!' | '?')) {
            let ends = block[at + 1..].starts_with(char::is_whitespace) || at + 1 == block.len();
            let short = ABBREVIATIONS.iter().any(|it| block[start..at].to_lowercase().ends_with(it));
            if ends && !(c == '.' && short) {
                found.push(block[start..=at].to_owned());
                start = at + 1;
            }
        }
        found.push(block[start..].to_owned());
    }
    let joined = found.into_iter().map(|it| it.split_whitespace().collect::<Vec<_>>().join(" "));
    joined.filter(|it| !it.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_at_case_changes_and_punctuation() {
        assert_eq!(words("getHTTPServer_v2"), ["get", "http", "server", "v2"]);
        assert_eq!(words("/books/{bookId}:lookup"), ["books", "book", "id", "lookup"]);
        assert_eq!(words("IDs of a URLSet"), ["ids", "of", "a", "url", "set"]);
    }

    #[test]
    fn sentences_end_at_paragraphs_but_not_at_abbreviations() {
        let text = "<p>Adds a <b>book</b>, e.g. one.\nIt must\nhave a title</p><p>See [the docs](https://example.com).";
        assert_eq!(sentences(text), ["Adds a book, e.g. one.", "It must have a title", "See the docs."]);
    }
}
