//! Shortens a sentence to a label, without words that the label's position implies.

use jackfield_model::text::shorten;

use super::kinds::kinds;

/// The number of characters by which a label may exceed its limit to keep the format of a value. It is
/// doubled if that keeps the whole format.
const FURTHER: usize = 40;

/// Openings of descriptions that refer to the description itself and not to the value.
const SAYING: [&str; 10] = [
    "specifies ",
    "indicates ",
    "determines ",
    "describes ",
    "boolean indicating ",
    "boolean value indicating ",
    "boolean flag indicating ",
    "boolean flag to indicate ",
    "flag indicating ",
    "flag to indicate ",
];

/// Words that follow such an opening.
const SAID: [&str; 8] = ["whether ", "which ", "if ", "how ", "what ", "the ", "a ", "an "];

/// Returns the sentence without articles at its beginning and without its period.
pub(super) fn label(sentence: &str, limit: usize) -> String {
    let text = opened(sentence.trim_end_matches(['.', ':', ' ']));
    if text.chars().count() <= limit {
        return text;
    }
    let short = without_asides(&text);
    let told = kinds(&short);
    let mut cuts = [0, FURTHER, 2 * FURTHER].into_iter().map(|further| shorten(&short, limit + further));
    cuts.find(|cut| told.is_within(kinds(cut))).unwrap_or_else(|| shorten(&short, limit + FURTHER))
}

/// Removes articles and verbs at the beginning that any label could have.
fn opened(sentence: &str) -> String {
    let bare = without_article(sentence);
    let said = SAYING.iter().find_map(|saying| {
        let rest = after(&bare, saying)?;
        SAID.iter().any(|word| after(rest, word).is_some()).then_some(rest)
    });
    match said {
        Some(rest) => without_article(&match after(rest, "if ") {
            Some(rest) => format!("Whether {rest}"),
            None => capital(rest),
        }),
        None => bare,
    }
}

fn without_article(sentence: &str) -> String {
    let rest = ["The ", "A ", "An "].into_iter().find_map(|article| sentence.strip_prefix(article));
    let rest = rest.filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
    rest.map_or_else(|| sentence.to_owned(), capital)
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + chars.as_str())
}

/// Returns the rest of a text after these words, ignoring case.
fn after<'t>(text: &'t str, words: &str) -> Option<&'t str> {
    let (begin, rest) = text.split_at_checked(words.len())?;
    begin.eq_ignore_ascii_case(words).then_some(rest)
}

/// Removes parentheses, unless they contain the format of a value.
fn without_asides(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(begin) = rest.find(" (")
        && let Some(length) = rest[begin..].find(')')
    {
        let end = begin + length + 1;
        let keep = if kinds(&rest[begin..end]).is_empty() { begin } else { end };
        out.push_str(&rest[..keep]);
        rest = &rest[end..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_have_no_articles() {
        assert_eq!(label("The name of the book.", 80), "Name of the book");
        assert_eq!(label("A URL.", 80), "URL");
    }

    #[test]
    fn label_omits_opening_phrases_such_as_description_of() {
        for (sentence, expected) in [
            ("Specifies which fields are expanded.", "Which fields are expanded"),
            ("Indicates if a book is lent", "Whether a book is lent"),
            ("A flag indicating whether it is lent", "Whether it is lent"),
            ("Determines the order", "Order"),
            ("Specifies books", "Specifies books"),
        ] {
            assert_eq!(label(sentence, 80), expected);
        }
    }

    #[test]
    fn parentheses_are_removed_unless_they_contain_a_unit() {
        assert_eq!(label("Width (of the front) of the cover", 80), "Width (of the front) of the cover");
        assert_eq!(label("Width (of the front) of the cover", 20), "Width of the cover");
        assert_eq!(
            label("Width (in pixels) of the cover (which is the front)", 40),
            "Width (in pixels) of the cover"
        );
    }

    #[test]
    fn shortened_label_keeps_a_date_format_as_written() {
        let sentence = "The day of the loan of the book that was lent, as YYYY-MM-DD, by whoever came";
        assert_eq!(
            label(sentence, 30),
            "Day of the loan of the book that was lent, as YYYY-MM-DD, by whoever…"
        );
    }
}
