//! Matches patterns in which `*` matches any characters.

/// Whether the text matches the pattern, in which `*` matches any number of any characters. Takes linear time.
pub fn fits_glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let Some(last) = pattern.contains('*').then(|| parts.next_back()).flatten() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn star_in_a_pattern_matches_any_characters() {
        for (pattern, text, fits) in [
            ("listBooks", "listBooks", true),
            ("listBooks", "listBooksNow", false),
            ("list*", "listBooks", true),
            ("*Books", "listBooks", true),
            ("l*B*s", "listBooks", true),
            ("a*a", "a", false),
            ("*", "", true),
            ("/books/*", "/books/{id}", true),
            ("/books/*", "/books", false),
        ] {
            assert_eq!(fits_glob(pattern, text), fits, "{pattern} {text}");
        }
    }
}
