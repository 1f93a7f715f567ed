use std::collections::BTreeMap;

/// Lines of one kind, by the word after the kind.
pub(super) type Entries<'t> = BTreeMap<&'t str, &'t str>;

/// Finds the lines of a kind. Each has the word after the kind as its key, and the rest of the line as its value.
pub(super) fn entries<'t>(text: &'t str, kind: &str) -> Entries<'t> {
    let lines = text.lines().filter_map(|line| line.strip_prefix(kind)?.strip_prefix(' '));
    lines.map(|line| line.split_once(' ').unwrap_or((line, ""))).collect()
}
