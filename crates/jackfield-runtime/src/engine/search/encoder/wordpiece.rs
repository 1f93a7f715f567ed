//! The WordPiece tokenizer of BERT, from `tokenizer.json`.

use std::collections::HashMap;

use serde_json::Value;

use super::error::Invalid;

/// The maximum number of bytes of a text that are tokenized: more than any encoded text needs.
const LONGEST_TEXT: usize = 4_096;
/// The maximum length of a word. Longer words become the unknown token.
const LONGEST_WORD: usize = 100;

pub(super) struct WordPiece {
    tokens: HashMap<String, usize>,
    /// The number of token vectors that the model must have.
    size: usize,
    is_lower_case: bool,
    prefix: String,
    unknown: usize,
    first: usize,
    last: usize,
}

impl WordPiece {
    pub(super) fn new(file: &Value) -> Result<Self, Invalid> {
        let model = &file["model"];
        // Old `tokenizer.json` files of WordPiece models do not contain the type.
        let kind = model["type"].as_str().unwrap_or("WordPiece");
        if kind != "WordPiece" {
            return Err(format!("the tokenizer is of the type `{kind}`; only WordPiece is supported").into());
        }
        let vocabulary = model["vocab"].as_object().ok_or("the file has no `model.vocab`")?;
        let mut tokens = HashMap::with_capacity(vocabulary.len());
        let mut size = 0;
        for (token, number) in vocabulary {
            let number = number.as_u64().and_then(|number| usize::try_from(number).ok());
            let number = number.filter(|number| *number < 1 << 24);
            let number = number
                .ok_or_else(|| format!("the number of the token `{}` is not usable", token.escape_debug()))?;
            size = size.max(number + 1);
            tokens.insert(token.clone(), number);
        }
        let known = |token: &str| {
            tokens.get(token).copied().ok_or_else(|| format!("the vocabulary has no token `{token}`"))
        };
        let text = |key: &str, default: &str| model[key].as_str().unwrap_or(default).to_owned();
        let (unknown, first, last) = (known(&text("unk_token", "[UNK]"))?, known("[CLS]")?, known("[SEP]")?);
        let is_lower_case = file["normalizer"]["lowercase"].as_bool().unwrap_or(true);
        Ok(Self {
            size,
            is_lower_case,
            prefix: text("continuing_subword_prefix", "##"),
            unknown,
            first,
            last,
            tokens,
        })
    }

    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Returns the tokens of a text, at most `most`. The first and the last token mark the beginning and the end of the text.
    pub(super) fn tokens(&self, text: &str, most: usize) -> Vec<usize> {
        let mut tokens = vec![self.first];
        let text = super::super::document::truncated(text, LONGEST_TEXT);
        for word in self.words(text) {
            self.pieces(&word, &mut tokens);
            if tokens.len() >= most {
                break;
            }
        }
        tokens.truncate(most.saturating_sub(1));
        tokens.push(self.last);
        tokens
    }

    /// Splits a text into words, punctuation marks and ideographs.
    fn words(&self, text: &str) -> Vec<String> {
        let mut words = vec![String::new()];
        for c in text.chars().filter(|c| !is_removed(*c)) {
            if c.is_whitespace() {
                words.push(String::new());
            } else if is_punctuation(c) || is_ideograph(c) {
                words.push(c.to_string());
                words.push(String::new());
            } else if let Some(word) = words.last_mut() {
                if self.is_lower_case {
                    word.extend(c.to_lowercase().filter_map(without_accent));
                } else {
                    word.push(c);
                }
            }
        }
        words.retain(|word| !word.is_empty());
        words
    }

    /// Splits a word from its beginning into the longest pieces that the vocabulary contains.
    fn pieces(&self, word: &str, tokens: &mut Vec<usize>) {
        let begin = tokens.len();
        if word.chars().count() > LONGEST_WORD {
            tokens.push(self.unknown);
            return;
        }
        let mut rest = word;
        let mut candidate = String::new();
        while !rest.is_empty() {
            let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8());
            let found = ends.rev().find_map(|end| {
                candidate.clear();
                if rest.len() < word.len() {
                    candidate.push_str(&self.prefix);
                }
                candidate.push_str(&rest[..end]);
                self.tokens.get(&candidate).map(|token| (*token, end))
            });
            let Some((token, end)) = found else {
                tokens.truncate(begin);
                tokens.push(self.unknown);
                return;
            };
            tokens.push(token);
            rest = &rest[end..];
        }
    }
}

fn is_removed(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c, '\u{fffd}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation()
        || matches!(c, '¡' | '§' | '«' | '¶' | '·' | '»' | '¿' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}'
            | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301f}' | '・'
            | '\u{ff01}'..='\u{ff03}' | '\u{ff05}'..='\u{ff0a}' | '\u{ff0c}'..='\u{ff0f}' | '：' | '；' | '？')
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2fa1f}')
}

/// Returns a letter of a European alphabet without its accent, or `None` for a combining accent.
fn without_accent(c: char) -> Option<char> {
    const LETTERS: [(char, &str); 22] = [
        ('a', "àáâãäåāăąǎ"),
        ('c', "çćĉċč"),
        ('d', "ď"),
        ('e', "èéêëēĕėęě"),
        ('g', "ĝğġģ"),
        ('h', "ĥ"),
        ('i', "ìíîïĩīĭįǐ"),
        ('j', "ĵ"),
        ('k', "ķ"),
        ('l', "ĺļľ"),
        ('n', "ñńņň"),
        ('o', "òóôõöōŏőǒ"),
        ('r', "ŕŗř"),
        ('s', "śŝşšș"),
        ('t', "ţťț"),
        ('u', "ùúûüũūŭůűųǔ"),
        ('w', "ŵ"),
        ('y', "ýÿŷ"),
        ('z', "źżž"),
        ('и', "й"),
        ('е', "ё"),
        ('і', "ї"),
    ];
    match c {
        '\u{300}'..='\u{36f}' => None,
        c if c.is_ascii() => Some(c),
        c => Some(LETTERS.iter().find(|(_, accented)| accented.contains(c)).map_or(c, |(letter, _)| *letter)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tokenizer() -> WordPiece {
        let words = ["[UNK]", "[CLS]", "[SEP]", "book", "##s", "##keep", "##ing", "cafe", "!", "本", "book2"];
        let vocab: serde_json::Map<String, Value> =
            words.iter().enumerate().map(|(at, word)| ((*word).to_owned(), at.into())).collect();
        WordPiece::new(&json!({ "model": { "type": "WordPiece", "vocab": vocab } })).unwrap()
    }

    #[test]
    fn words_are_split_into_the_longest_known_word_pieces() {
        let tokenizer = tokenizer();
        assert_eq!(tokenizer.tokens("Books!", 16), [1, 3, 4, 8, 2]);
        assert_eq!(tokenizer.tokens("bookkeeping", 16), [1, 3, 5, 6, 2]);
        assert_eq!(tokenizer.tokens("Café\u{301} 本本 zoo\u{0}", 16), [1, 7, 9, 9, 0, 2]);
        assert_eq!(tokenizer.tokens("", 16), [1, 2]);
    }

    #[test]
    fn long_texts_and_words_are_truncated() {
        let tokenizer = tokenizer();
        assert_eq!(tokenizer.tokens(&"book ".repeat(1_000_000), 8), [1, 3, 3, 3, 3, 3, 3, 2]);
        assert_eq!(tokenizer.tokens(&"x".repeat(1_000_000), 8), [1, 0, 2]);
    }

    #[test]
    fn unusable_tokenizers_are_refused_with_the_reason() {
        let refused =
            |file: Value| WordPiece::new(&file).err().map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(
            refused(json!({ "model": { "type": "BPE" } })),
            "the tokenizer is of the type `BPE`; only WordPiece is supported"
        );
        assert_eq!(refused(json!([])), "the file has no `model.vocab`");
        assert_eq!(
            refused(json!({ "model": { "vocab": { "[UNK]": 0 } } })),
            "the vocabulary has no token `[CLS]`"
        );
        assert_eq!(
            refused(json!({ "model": { "vocab": { "a": u64::MAX } } })),
            "the number of the token `a` is not usable"
        );
    }
}
