//! The report as Markdown for a pull request. Every text that may come from a document becomes a code span, so that
//! it cannot contain markup, links or mentions.

use jackfield_model::visible_line;

use crate::{Change, Class, Part, Phrase, Report};

/// The maximum number of changes of a class that are shown without folding.
const SHOWN: usize = 30;
/// The maximum number of changes of a class that are listed, because hosts refuse comments that are too long.
const MOST: usize = 200;

impl Report {
    /// Returns the report as Markdown.
    pub fn markdown(&self, old: &str, new: &str) -> String {
        let mut text = String::from("### Connector changes\n\n");
        let names = Phrase::of(["", old, " → ", new, ""]);
        text.push_str(&format!("{}: **{}** ({})\n", spans(&names), self.class(), self.counts()));
        text.push_str(&format!("\n{}\n", self.sizes()));
        for limit in &self.limits {
            text.push_str(&format!("\nNote: {}\n", spans(&Phrase::of([limit]))));
        }
        for class in Class::CHANGES {
            let changes: Vec<&Change> = self.of(class).collect();
            if changes.is_empty() {
                continue;
            }
            text.push_str(&format!("\n#### {} ({})\n\n", capitalised(class.as_str()), changes.len()));
            let (shown, folded) = changes.split_at(changes.len().min(SHOWN));
            shown.iter().for_each(|change| text.push_str(&item(change)));
            if !folded.is_empty() {
                text.push_str(&format!(
                    "\n<details><summary>{} more</summary>\n\n",
                    changes.len() - shown.len()
                ));
                folded.iter().take(MOST - SHOWN).for_each(|change| text.push_str(&item(change)));
                if changes.len() > MOST {
                    text.push_str(&format!("- and {} that are not listed here\n", changes.len() - MOST));
                }
                text.push_str("\n</details>\n");
            }
        }
        text
    }
}

fn item(change: &Change) -> String {
    format!("- {}\n", spans(&change.line()))
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Converts a line to Markdown, with quoted parts as code spans.
fn spans(phrase: &Phrase) -> String {
    let mut text = String::new();
    for part in phrase.parts() {
        match part {
            Part::Plain(words) => text.push_str(words),
            Part::Quoted(value) => text.push_str(&span(value)),
        }
    }
    text
}

/// Converts a text to a code span. Its fence is longer than every run of backticks in the text.
fn span(text: &str) -> String {
    let text = visible_line(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // Markdown parsers remove one space from each end if both ends have one, unless the text consists only of spaces.
    let needs_space = text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']);
    if needs_space { format!("{fence} {text} {fence}") } else { format!("{fence}{text}{fence}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    #[test]
    fn text_of_a_document_stays_within_a_code_span() {
        for (text, shown) in [
            ("<img src=x onerror=alert(1)>", "`<img src=x onerror=alert(1)>`"),
            ("a`</code>`b", "``a`</code>`b``"),
            ("``", "``` `` ```"),
            ("@team #1\n\n# heading", "`@team #1\\n\\n# heading`"),
            (" | cell", "`  | cell `"),
            ("\u{202e}evil", "`\\u{202e}evil`"),
        ] {
            assert_eq!(span(text), shown);
        }
    }

    #[test]
    fn class_with_many_changes_is_folded_and_changes_beyond_the_limit_are_counted() {
        let change = Change::new(Class::Wording, Kind::Text, Phrase::of(["title"]));
        let report = Report { changes: vec![change; MOST + 5], ..Report::default() };
        let text = report.markdown("a", "b");
        assert!(text.contains("<details><summary>175 more</summary>"), "{text}");
        assert!(text.contains("- and 5 that are not listed here"), "{text}");
        assert_eq!(text.matches("- title\n").count(), MOST);
    }
}
