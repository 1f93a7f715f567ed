//! Counts tokens as the models of OpenAI do since GPT-4o.

use tiktoken::CoreBpe;

/// The tokenizer of the vocabulary `o200k_base`, which is decompressed on first use.
pub(crate) fn o200k() -> &'static CoreBpe {
    tiktoken::get_encoding("o200k_base").expect("the root Cargo.toml enables this vocabulary")
}

#[cfg(test)]
mod tests {
    use super::o200k;

    /// The expected counts come from bpe-openai 0.3.2.
    #[test]
    fn token_counts_equal_those_of_bpe_openai() {
        let repeated = |text: &str, times: usize| text.repeat(times);
        for (text, tokens) in [
            (String::new(), 0),
            ("Adds a book to the shop's catalogue.".to_owned(), 9),
            (r#"{"name":"add_book","inputSchema":{"type":"object","properties":{"title":{"type":"string","maxLength":200}},"required":["title"],"additionalProperties":false}}"#.to_owned(), 37),
            (r#"{"$defs": {"Price": {"type": ["number", "null"], "pattern": "^\\d+(\\.\\d{2})?$"}}}"#.to_owned(), 32),
            ("GET /books/{bookId}/reviews?page=1&per_page=100".to_owned(), 16),
            ("line one\n  line two\r\n\tline three\n\n\n".to_owned(), 10),
            ("Größe, prix, цена, 価格, السعر, 🏷️ 👩‍👩‍👧‍👦".to_owned(), 27),
            ("I'LL don't WE'RE it's e\u{301}'S".to_owned(), 11),
            ("1234567890 3.14159 0x7f ٣٤".to_owned(), 17),
            (".\n/ {{}} [[ ]] !!?? ---- ____".to_owned(), 9),
            ("\u{0}\u{200b}\u{202e}<|endoftext|>".to_owned(), 10),
            (repeated("ü", 5_000), 2_500),
            (repeated(" ", 5_000), 40),
            (repeated("a \r\n  b\t\n", 500), 2_500),
        ] {
            assert_eq!(o200k().count(&text), tokens, "{}", text.chars().take(40).collect::<String>());
        }
    }

    /// A document can make one word of a million letters; a tokenizer that is quadratic in words would hang on it.
    #[test]
    fn tokens_of_a_word_of_a_million_letters_are_counted() {
        assert_eq!(o200k().count(&"a".repeat(1 << 20)), 131_072);
    }
}
