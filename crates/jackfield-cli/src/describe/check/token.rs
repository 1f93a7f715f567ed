//! Splits a text into words, numbers, and symbols that give numbers a meaning.

use super::unit::Unit;

/// A token of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A word in lower case. It may contain digits and underscores.
    Word(String),
    /// A number in normalized spelling: `1,000` and `1000` are equal.
    Number(String),
    /// A symbol, such as `%` or `≤`.
    Symbol(char),
    /// The end of a sentence.
    End,
}

/// Words that mean a number. `one` is left out, because it rarely means the number 1.
const NUMBER_WORDS: [(&str, &str); 30] = [
    ("zero", "0"),
    ("two", "2"),
    ("three", "3"),
    ("four", "4"),
    ("five", "5"),
    ("six", "6"),
    ("seven", "7"),
    ("eight", "8"),
    ("nine", "9"),
    ("ten", "10"),
    ("eleven", "11"),
    ("twelve", "12"),
    ("thirteen", "13"),
    ("fourteen", "14"),
    ("fifteen", "15"),
    ("sixteen", "16"),
    ("seventeen", "17"),
    ("eighteen", "18"),
    ("nineteen", "19"),
    ("twenty", "20"),
    ("thirty", "30"),
    ("forty", "40"),
    ("fifty", "50"),
    ("sixty", "60"),
    ("seventy", "70"),
    ("eighty", "80"),
    ("ninety", "90"),
    ("hundred", "100"),
    ("thousand", "1000"),
    ("million", "1000000"),
];

/// Splits a text into tokens.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let before = at.checked_sub(1).map(|before| chars[before]);
        let next = chars.get(at + 1).copied();
        if c.is_ascii_digit() {
            at = number(&chars, at, before, &mut found);
        } else if c.is_alphabetic() || c == '_' {
            let end = end_of_word(&chars, at);
            found.push(word(&chars[at..end]));
            at = end;
        } else {
            match c {
                c if c.is_numeric() => found.push(Token::Number(c.to_string())),
                '<' | '>' => {
                    let or_equal = next == Some('=');
                    found.push(Token::Symbol(match (c, or_equal) {
                        ('<', true) => '≤',
                        ('>', true) => '≥',
                        _ => c,
                    }));
                    at += usize::from(or_equal);
                }
                '%' | '$' | '€' | '≤' | '≥' | '+' => found.push(Token::Symbol(c)),
                '-' | '–' | '—' if next.is_some_and(|next| next.is_ascii_digit()) => {
                    found.push(Token::Symbol('-'));
                }
                '.' | '!' | '?' if next.is_none_or(char::is_whitespace) => found.push(Token::End),
                ';' | '\n' => found.push(Token::End),
                _ => {}
            }
            at += 1;
        }
    }
    found
}

/// Adds the number at a position, and the unit that follows without a space. Returns the position after them.
fn number(chars: &[char], start: usize, before: Option<char>, found: &mut Vec<Token>) -> usize {
    if let Some(end) = end_of_date(chars, start) {
        found.push(Token::Number(chars[start..end].iter().collect()));
        return end;
    }
    let is_digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    let mut digits = String::new();
    let mut at = start;
    while let Some(&c) = chars.get(at) {
        let is_group = c == ',' && (1..=3).all(|next| is_digit(at + next)) && !is_digit(at + 4);
        match c {
            c if c.is_ascii_digit() => digits.push(c),
            '.' if is_digit(at + 1) => digits.push('.'),
            ',' if is_group && !digits.contains('.') => {}
            _ => break,
        }
        at += 1;
    }
    let end = end_of_word(chars, at);
    let ending: String = chars[at..end].iter().flat_map(|c| c.to_lowercase()).collect();
    // A minus sign belongs to the number only at the beginning of a word, as in `from -1`.
    let is_negative =
        before == Some('-') && start.checked_sub(2).is_none_or(|at| !chars[at].is_alphanumeric());
    let value = format!("{}{}", if is_negative { "-" } else { "" }, plain(&digits));
    match ending.as_str() {
        "" | "st" | "nd" | "rd" | "th" => found.push(Token::Number(value)),
        ending if Unit::of(ending).is_some() => {
            found.extend([Token::Number(value), Token::Word(ending.to_owned())]);
        }
        _ => found.push(word(&chars[start..end])),
    }
    end
}

/// Returns a number without leading zeros, and without trailing zeros after the decimal point.
fn plain(digits: &str) -> String {
    let digits = match digits.split_once('.') {
        Some((_, fraction)) if !fraction.contains('.') => digits.trim_end_matches('0').trim_end_matches('.'),
        _ => digits,
    };
    let trimmed = digits.trim_start_matches('0');
    if trimmed.is_empty() || trimmed.starts_with('.') { format!("0{trimmed}") } else { trimmed.to_owned() }
}

/// Returns the end of a date such as `2026-01-31`.
fn end_of_date(chars: &[char], start: usize) -> Option<usize> {
    let text: String = chars[start..].iter().take(11).collect();
    let is_date = text.char_indices().take(10).all(|(at, c)| match at {
        4 | 7 => c == '-',
        _ => c.is_ascii_digit(),
    });
    let ends = text.chars().nth(10).is_none_or(|c| !c.is_ascii_digit());
    (is_date && text.len() >= 10 && ends).then_some(start + 10)
}

/// Returns the end of a word, which may contain an apostrophe.
fn end_of_word(chars: &[char], start: usize) -> usize {
    let mut at = start;
    while let Some(&c) = chars.get(at) {
        let joins = matches!(c, '\'' | '’')
            && at > start
            && chars.get(at + 1).is_some_and(|next| next.is_alphabetic());
        if !(c.is_alphanumeric() || c == '_' || joins) {
            break;
        }
        at += 1;
    }
    at
}

fn word(chars: &[char]) -> Token {
    let word: String =
        chars.iter().flat_map(|c| c.to_lowercase()).map(|c| if c == '’' { '\'' } else { c }).collect();
    match NUMBER_WORDS.iter().find(|(known, _)| *known == word) {
        Some((_, value)) => Token::Number((*value).to_owned()),
        None => Token::Word(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let parts = tokens(text).into_iter().map(|token| match token {
            Token::Word(word) => word,
            Token::Number(value) => format!("#{value}"),
            Token::Symbol(symbol) => symbol.to_string(),
            Token::End => "|".to_owned(),
        });
        parts.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn text_is_split_into_words_and_numbers() {
        for (text, expected) in [
            ("At most 1,000 books.", "at most #1000 books |"),
            ("1.50 or 007 or 1,2", "#1.5 or #7 or #1 #2"),
            ("10MB and 30s, 5th, 2fa", "#10 mb and #30 s #5 2fa"),
            ("since 2026-01-31", "since #2026-01-31"),
            ("from -1 to 1-100", "from - #-1 to #1 - #100"),
            ("twelve, 10% <= 5 ≤ 6 < 7", "#12 #10 % ≤ #5 ≤ #6 < #7"),
            ("don’t use sort_by2. v1.2", "don't use sort_by2 | v1 #2"),
            ("x² and ٣", "x² and #٣"),
            ("", ""),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
