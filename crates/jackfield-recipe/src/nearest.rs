//! Finds the known name that a misspelled name was probably meant to be.

/// The maximum length of a name that is compared.
const LONGEST: usize = 128;
/// The maximum number of cells of edit-distance tables that one search computes. Further names are not compared.
const STEPS: usize = 500_000;

/// Returns the known name that `wanted` was probably meant to be: a name that differs only in case and punctuation, or else the name
/// with the smallest edit distance, if this distance is small.
///
/// The search takes bounded time, however many and long the names are.
pub fn nearest<'n>(wanted: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    search(wanted, &mut known.into_iter())
}

/// Searches for the nearest name. The iterator is a trait object, so that the function is compiled only once.
fn search<'n>(wanted: &str, known: &mut dyn Iterator<Item = &'n str>) -> Option<&'n str> {
    let plain = fold(wanted)?;
    let limit = 2.max(plain.len() / 3);
    let mut best: Option<(usize, &'n str)> = None;
    let mut steps = STEPS;
    for name in known {
        let Some(other) = fold(name) else { continue };
        if other == plain {
            return Some(name);
        }
        if plain.len().abs_diff(other.len()) > limit {
            continue;
        }
        let Some(left) = steps.checked_sub(plain.len() * other.len()) else { continue };
        steps = left;
        let distance = distance(&plain, &other);
        if distance <= limit && distance < plain.len() && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name)
}

/// Returns the letters and digits in lower case. `None` if the name has no letters or digits, or too many.
fn fold(text: &str) -> Option<Vec<char>> {
    let folded: Vec<char> =
        text.chars().take(LONGEST + 1).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    (!folded.is_empty() && text.chars().nth(LONGEST).is_none()).then_some(folded)
}

/// Returns the edit distance. Swapping two adjacent letters counts as one edit.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut least = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 5] = ["createIncident", "listIncidents", "listIncidentNotes", "tools", "--dry-run"];

    #[test]
    fn misspelled_name_is_nearest_to_the_intended_name() {
        for (wanted, meant) in [
            ("list_incidents", "listIncidents"),
            ("LISTINCIDENTS", "listIncidents"),
            ("list-incident", "listIncidents"),
            ("tolos", "tools"),
            ("--dryrun", "--dry-run"),
        ] {
            assert_eq!(nearest(wanted, KNOWN), Some(meant), "{wanted}");
        }
    }

    #[test]
    fn name_that_resembles_no_known_name_has_no_nearest_name() {
        assert_eq!(["burn", "", "--"].map(|wanted| nearest(wanted, KNOWN)), [None; 3]);
    }

    #[test]
    fn name_with_other_separators_is_nearer_than_a_name_that_lacks_a_letter() {
        assert_eq!(nearest("list_books", ["list_book", "listBooks"]), Some("listBooks"));
    }

    #[test]
    fn nearest_name_search_is_bounded_for_long_and_many_names() {
        let long = "a".repeat(1 << 20);
        assert_eq!(nearest(&long, [long.as_str()]), None);
        let many: Vec<String> = (0..20_000).map(|at| format!("{at:0>100}")).collect();
        nearest(&"b".repeat(100), many.iter().map(String::as_str));
    }
}
