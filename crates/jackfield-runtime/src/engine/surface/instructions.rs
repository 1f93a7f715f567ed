//! The instructions of a server with a search surface.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::catalog_entry::shortened;
use crate::call::rows::Connector;

/// The maximum number of bytes of the document's description. With this limit, the instructions and the list fit into 1,500 tokens.
const LONGEST_DESCRIPTION: usize = 1_200;
/// The maximum number of characters of the title and of a group.
const LONGEST_NAME: usize = 60;
const LONGEST_GROUP: usize = 30;
/// The maximum number of groups that are named.
const MOST_GROUPS: usize = 12;

/// Returns the instructions: how to find and call the tools, which groups exist, and what the service is.
pub(crate) fn instructions(connector: &Connector<'_>, tools: usize) -> String {
    let title = if connector.title.is_empty() { connector.name } else { connector.title };
    let mut text = format!(
        "{}: {tools} tools. Find them with search_tools, read their arguments with describe_tool, and call them: \
         call_read if the search shows the effect read, otherwise call_write.",
        shortened(title, LONGEST_NAME)
    );
    let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
    // The operations of a merged tool count as one tool.
    let mut merged: BTreeSet<&str> = BTreeSet::new();
    for group in connector.groups {
        let listed = group.tools.iter().filter(|tool| match tool.merged {
            Some(it) => merged.insert(it.tool),
            None => tool.is_tool(),
        });
        *groups.entry(group.tag).or_default() += listed.count();
    }
    groups.retain(|_, tools| *tools > 0);
    let mut groups: Vec<(&str, usize)> = groups.into_iter().collect();
    groups.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(other.0)));
    if groups.len() > 1 {
        let named: Vec<String> = groups
            .iter()
            .take(MOST_GROUPS)
            .map(|(tag, count)| format!("{} ({count})", shortened(tag, LONGEST_GROUP)))
            .collect();
        let _ = write!(text, " Groups: {}", named.join(", "));
        match groups.len().checked_sub(MOST_GROUPS) {
            Some(more) if more > 0 => {
                let _ = write!(text, ", and {more} more.");
            }
            _ => text.push('.'),
        }
    }
    let description = match connector.instructions {
        "" => beginning(connector.description),
        written => written,
    };
    if !description.is_empty() {
        let _ = write!(text, "\n\n{description}");
    }
    text
}

/// Returns the description up to the last sentence or line that fits into the limit.
fn beginning(text: &str) -> &str {
    let text = text.trim();
    if text.len() <= LONGEST_DESCRIPTION {
        return text;
    }
    let end = (0..=LONGEST_DESCRIPTION).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    let whole = &text[..end];
    let sentence = whole.rfind(". ").map(|at| at + 1);
    sentence.into_iter().chain(whole.rfind('\n')).max().map_or(whole, |end| whole[..end].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_description_is_truncated_after_a_sentence() {
        let long = "A sentence of the shop. ".repeat(200);
        let text = beginning(&long);
        assert!(text.len() <= LONGEST_DESCRIPTION && text.ends_with("shop."), "{text}");
        assert_eq!(beginning(" Short. "), "Short.");
        assert!(beginning(&"ü".repeat(5_000)).len() <= LONGEST_DESCRIPTION);
    }
}
