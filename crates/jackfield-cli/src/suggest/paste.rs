//! Adds lines to the text of a connector.toml, and keeps the rest of the text.

use jackfield_build::model::text::shorten;
use jackfield_build::model::visible_line;

use super::line::SuggestedLine;

/// The maximum length of a comment.
const LONGEST_COMMENT: usize = 120;

/// The text of a connector.toml with added lines.
pub(super) struct Pasted<'l> {
    pub(super) text: String,
    pub(super) added: usize,
    /// The lines that were not added, because the text already sets their keys.
    pub(super) left_out: Vec<&'l SuggestedLine>,
}

/// Returns the reason of a line as a comment.
pub(super) fn comment(reason: &str) -> String {
    shorten(&visible_line(reason), LONGEST_COMMENT)
}

/// Adds each line to its table, after a comment with its reason. An array extends or replaces the array with the same key.
pub(super) fn paste<'l>(text: &str, lines: &'l [SuggestedLine]) -> Pasted<'l> {
    let mut pasted = Pasted { text: text.to_owned(), added: 0, left_out: Vec::new() };
    for line in lines {
        match with_line(&pasted.text, line) {
            Some(text) => {
                pasted.text = text;
                pasted.added += 1;
            }
            None => pasted.left_out.push(line),
        }
    }
    pasted
}

fn key_of(line: &str) -> &str {
    line.split_once('=').map_or("", |(key, _)| key.trim())
}

/// Adds a line to the text. Returns None if the table already has the key.
fn with_line(text: &str, added: &SuggestedLine) -> Option<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let is_head = |line: &String| {
        line.trim_start().starts_with('[') && line.trim_end().ends_with(']') && !line.contains('=')
    };
    let (start, head) = match added.table.as_str() {
        "" => (0, None),
        table => {
            let head = format!("[{table}]");
            match lines.iter().position(|line| line.trim() == head) {
                Some(at) => (at + 1, None),
                None => (lines.len(), Some(head)),
            }
        }
    };
    let end = lines[start..].iter().position(is_head).map_or(lines.len(), |at| start + at);
    let key = key_of(&added.line);
    if let Some(known) = lines[start..end].iter_mut().find(|line| key_of(line) == key) {
        let items = added.line.split_once('[').and_then(|(_, rest)| rest.strip_suffix(']'))?;
        let first = known.strip_suffix(']').filter(|first| first.contains("= ["))?;
        // An array before the first table selects operations, so it is extended. Other arrays are replaced.
        *known = match (added.table.as_str(), first.trim_end_matches([' ', ','])) {
            ("", first) if first.ends_with('[') => format!("{first}{items}]"),
            ("", first) => format!("{first}, {items}]"),
            _ => added.line.clone(),
        };
        return Some(joined(&lines));
    }
    // Blank lines and comments before the next table header belong to that table, so the line is inserted before them.
    let mut at = end;
    while at > start
        && (lines[at - 1].trim().is_empty() || (end < lines.len() && lines[at - 1].starts_with('#')))
    {
        at -= 1;
    }
    let mut block = Vec::new();
    if let Some(head) = head {
        block.extend([String::new(), head]);
    }
    block.extend([format!("# {}", comment(&added.reason)), added.line.clone()]);
    lines.splice(at..at, block);
    Some(joined(&lines))
}

fn joined(lines: &[String]) -> String {
    format!("{}\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(table: &str, line: &str) -> SuggestedLine {
        SuggestedLine {
            table: table.to_owned(),
            line: line.to_owned(),
            reason: format!("because of {table}"),
        }
    }

    #[test]
    fn pasted_line_replaces_the_array_of_the_same_key() {
        let lines = [line("auth.schemes.a", "scopes = [\"x\"]")];
        let pasted = paste("[auth.schemes.a]\nscopes = [\"x\", \"y\"]\n", &lines);
        assert_eq!(pasted.text, "[auth.schemes.a]\nscopes = [\"x\"]\n");
    }

    #[test]
    fn pasted_lines_are_added_to_their_tables_and_the_rest_is_unchanged() {
        let text = "document = \"a.yaml\" # here\nexclude = [\"x\"]\n\n# About approval.\n[ask]\na = \"never\"\n\n[query]\nq = \"1\"\n";
        let lines = [
            line("ask", "b = \"always\""),
            line("ask", "a = \"always\""),
            line("", "surface = \"search\""),
            line("", "exclude = [\"y\"]"),
            line("headers", "X = \"1\""),
        ];
        let pasted = paste(text, &lines);
        assert_eq!(
            pasted.text,
            "document = \"a.yaml\" # here\nexclude = [\"x\", \"y\"]\n# because of \nsurface = \"search\"\n\n# About approval.\n\
             [ask]\na = \"never\"\n# because of ask\nb = \"always\"\n\n[query]\nq = \"1\"\n\n[headers]\n# because of headers\nX = \"1\"\n"
        );
        assert_eq!((pasted.added, pasted.left_out.len()), (4, 1));
    }
}
