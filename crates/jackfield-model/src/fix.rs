//! Lines that correct a finding and can be pasted into a file.

use std::fmt::Write as _;

use crate::Pointer;

/// Lines that correct a finding and can be pasted into a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fix {
    /// A line of connector.toml.
    Manifest {
        /// The table that contains the line. Empty for the lines before the first table.
        table: String,
        /// The line.
        line: String,
    },
    /// A line of connector.toml that has to be removed.
    ManifestRemoval {
        /// The table that contains the line.
        table: String,
        /// The key of the line, spelled as in the file.
        key: String,
    },
    /// An action of an OpenAPI Overlay.
    Overlay {
        /// The action in YAML, as an item of the overlay's `actions` array.
        action: String,
    },
}

impl Fix {
    /// Creates a fix that adds a line to a table of connector.toml.
    pub fn line(table: impl Into<String>, line: impl Into<String>) -> Self {
        Self::Manifest { table: table.into(), line: line.into() }
    }

    /// Creates a fix with an overlay action that removes a value of the document.
    pub fn removal(pointer: &Pointer) -> Self {
        let target = pointer.json_path().replace('\\', "\\\\").replace('"', "\\\"");
        Self::Overlay { action: format!("- target: \"{target}\"\n  remove: true") }
    }

    /// Returns the file to which the lines belong.
    pub const fn file(&self) -> &'static str {
        match self {
            Self::Manifest { .. } | Self::ManifestRemoval { .. } => "connector.toml",
            Self::Overlay { .. } => "an overlay",
        }
    }

    /// Joins the lines of several fixes. Each table header is written once, and the lines before the first table come first.
    pub fn text<'f>(fixes: impl IntoIterator<Item = &'f Self>) -> String {
        let mut tables: Vec<(&str, Vec<String>)> = vec![("", Vec::new())];
        let mut actions = Vec::new();
        let mut add = |table: &'f str, line: &str| match tables.iter_mut().find(|(known, _)| *known == table)
        {
            Some((_, lines)) => add_line(lines, line),
            None => tables.push((table, vec![line.to_owned()])),
        };
        for fix in fixes {
            match fix {
                Self::Manifest { table, line } => add(table, line),
                Self::ManifestRemoval { table, key } => add(table, &format!("# without {key}")),
                Self::Overlay { action } => actions.push(action.as_str()),
            }
        }
        let mut text = String::new();
        for (table, lines) in tables.iter().filter(|(_, lines)| !lines.is_empty()) {
            if !table.is_empty() {
                let _ = writeln!(text, "[{table}]");
            }
            lines.iter().for_each(|line| {
                let _ = writeln!(text, "{line}");
            });
        }
        actions.iter().for_each(|action| {
            let _ = writeln!(text, "{action}");
        });
        text
    }
}

/// Adds a line to the lines of a table. If a line with the same key is there, the items of its array are extended instead.
fn add_line(lines: &mut Vec<String>, line: &str) {
    let key = |line: &str| line.split_once(" = ").map(|(key, _)| key.to_owned());
    if let Some(known) = lines.iter_mut().find(|known| key(known) == key(line)) {
        let items = line.split_once(" = [").and_then(|(_, rest)| rest.strip_suffix(']'));
        let start = known.strip_suffix(']').filter(|start| start.contains(" = ["));
        if let (Some(items), Some(start)) = (items, start)
            && !known.contains(items)
        {
            *known = format!("{start}, {items}]");
        }
        return;
    }
    lines.push(line.to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removal_action_of_an_overlay_has_the_pointer_as_a_jsonpath() {
        let pointer = Pointer::root().child("paths").child("/it's").child("get").child("tags").index(3);
        let Fix::Overlay { action } = Fix::removal(&pointer) else { panic!("not an overlay") };
        assert_eq!(action, "- target: \"$['paths']['/it\\\\'s']['get']['tags'][3,'3']\"\n  remove: true");
    }

    #[test]
    fn fixes_of_the_same_key_are_joined_to_one_array() {
        let fixes = ["a", "b", "a"].map(|id| Fix::line("", format!("exclude = [\"{id}\"]")));
        assert_eq!(Fix::text(&fixes), "exclude = [\"a\", \"b\"]\n");
    }

    #[test]
    fn fixes_of_the_same_table_are_written_under_one_header() {
        let fixes = [
            Fix::line("ask", "a = \"always\""),
            Fix::line("", "surface = \"search\""),
            Fix::line("ask", "b = \"always\""),
            Fix::line("ask", "a = \"always\""),
        ];
        assert_eq!(Fix::text(&fixes), "surface = \"search\"\n[ask]\na = \"always\"\nb = \"always\"\n");
    }
}
