//! Compares the output that a page shows with the output of a command. In a page, `…` stands for any text. A line
//! that consists only of `…` stands for any number of lines.

/// Compares the lines that the page shows with the printed lines.
pub(crate) fn compare(command: &str, shown: &str, printed: &str) {
    if shown.is_empty() {
        return;
    }
    let mut printed_lines = printed.lines();
    let mut may_skip = false;
    for line in shown.lines() {
        if line == "…" {
            may_skip = true;
            continue;
        }
        let found = match may_skip {
            true => printed_lines.any(|printed| fits(line, printed)),
            false => printed_lines.next().is_some_and(|printed| fits(line, printed)),
        };
        assert!(found, "{command}\nis shown with the line\n{line}\nbut prints\n{printed}");
        may_skip = false;
    }
    assert!(may_skip || printed_lines.next().is_none(), "{command}\nprints more:\n{printed}");
}

/// Whether a printed line matches a shown line, in which `…` stands for any text.
fn fits(shown: &str, printed: &str) -> bool {
    let mut parts = shown.split('…');
    let Some(mut rest) = parts.next().and_then(|first| printed.strip_prefix(first)) else { return false };
    let mut last = None;
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
        last = Some(part);
    }
    match last {
        None => rest.is_empty(),
        // The text after the last `…` has to be at the end of the line.
        Some(last) => last.is_empty() || printed.ends_with(last),
    }
}
