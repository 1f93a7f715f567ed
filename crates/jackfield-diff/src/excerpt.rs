//! Shortens two texts to the parts around their first difference.

/// The number of characters of an excerpt before the difference.
const BEFORE: usize = 12;
/// The maximum number of characters of an excerpt.
const LENGTH: usize = 60;

/// Shortens two texts to the part that differs.
pub(crate) fn excerpts(before: &str, after: &str) -> (String, String) {
    let same = before.chars().zip(after.chars()).take_while(|(a, b)| a == b).count();
    (excerpt(before, same), excerpt(after, same))
}

fn excerpt(text: &str, differs_at: usize) -> String {
    let length = text.chars().count();
    if length <= LENGTH {
        return text.to_owned();
    }
    let start = differs_at.saturating_sub(BEFORE).min(length.saturating_sub(LENGTH));
    let part: String = text.chars().skip(start).take(LENGTH).collect();
    let (head, tail) = (if start > 0 { "…" } else { "" }, if start + LENGTH < length { "…" } else { "" });
    format!("{head}{part}{tail}")
}

#[cfg(test)]
mod tests {
    use super::excerpts;

    #[test]
    fn long_texts_are_shortened_to_the_part_that_differs() {
        let text = |middle: &str| format!("{}{middle}{}", "a".repeat(100), "b".repeat(100));
        let (before, after) = excerpts(&text("old"), &text("new"));
        assert_eq!(before, format!("…{}old{}…", "a".repeat(12), "b".repeat(45)));
        assert_eq!(after, format!("…{}new{}…", "a".repeat(12), "b".repeat(45)));
    }

    #[test]
    fn short_texts_are_kept_whole() {
        assert_eq!(excerpts("a", "äb"), ("a".to_owned(), "äb".to_owned()));
    }
}
