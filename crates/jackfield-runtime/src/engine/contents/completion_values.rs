//! Selects the values that complete what a user has typed.

/// Returns the values that begin with `typed`, ignoring case, in their original order.
pub(crate) fn beginning_with<'v>(typed: &str, values: impl IntoIterator<Item = &'v str>) -> Vec<String> {
    let begins = |value: &&str| {
        value.get(..typed.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(typed))
    };
    values.into_iter().filter(begins).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn completions_begin_with_the_typed_text() {
        let values = ["get_book", "Get_shelf", "list_books", "größe"];
        for (typed, expected) in [
            ("", &values[..]),
            ("GET_", &["get_book", "Get_shelf"]),
            ("gr\u{f6}", &["größe"]),
            ("gr\u{c3}", &[]),
            ("get_bookshelf", &[]),
        ] {
            assert_eq!(beginning_with(typed, values), expected, "{typed}");
        }
    }
}
