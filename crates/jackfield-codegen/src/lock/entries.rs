use std::collections::BTreeMap;

/// Lines of one kind, by the word after the kind.
pub(super) type Entries<'t> = BTreeMap<&'t str, &'t str>;

/// The lines of a kind, as the word after the kind and the rest of the line.
pub(super) fn entries<'t>(text: &'t str, kind: &str) -> Entries<'t> {
    let lines = text.lines().filter_map(|line| line.strip_prefix(kind)?.strip_prefix(' '));
    lines.map(|line| line.split_once(' ').unwrap_or((line, ""))).collect()
}
