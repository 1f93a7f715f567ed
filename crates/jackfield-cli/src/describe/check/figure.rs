//! Finds the numbers in a text, each with its unit and its meaning, such as a limit or a default.

use super::token::Token;
use super::unit::Unit;

/// The number of words around a number that can give it a meaning.
const NEAR: usize = 5;

/// The meaning of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sense {
    /// The number is the largest value, as in `at most 100`.
    Most,
    /// The number is the smallest value, as in `at least 1`.
    Least,
    /// The number is the default of an argument.
    Default,
}

/// A number in a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Figure {
    pub(super) value: String,
    pub(super) unit: Option<&'static str>,
    pub(super) sense: Option<Sense>,
}

impl Figure {
    /// Returns the number with its unit, for messages.
    pub(super) fn shown(&self) -> String {
        match self.unit {
            Some(unit) => format!("{} {unit}", self.value),
            None => self.value.clone(),
        }
    }
}

/// Returns the numbers in a text.
pub(super) fn figures(tokens: &[Token]) -> Vec<Figure> {
    let numbers = tokens.iter().enumerate().filter_map(|(at, token)| match token {
        Token::Number(value) => Some((at, value)),
        _ => None,
    });
    numbers
        .map(|(at, value)| {
            let (unit, end) = unit(tokens, at);
            Figure { value: value.clone(), unit, sense: sense(tokens, at, end) }
        })
        .collect()
}

/// Returns the unit of a number, and the position after the number and the unit.
fn unit(tokens: &[Token], at: usize) -> (Option<&'static str>, usize) {
    let of = |token: Option<&Token>| match token? {
        Token::Word(word) => Unit::of(word),
        Token::Symbol(symbol) => Unit::of_symbol(*symbol),
        _ => None,
    };
    if let Some(unit) = of(tokens.get(at + 1)) {
        return (Some(unit.name), at + 2);
    }
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    let currency = of(before).filter(|_| matches!(before, Some(Token::Symbol(c)) if *c != '%'));
    (currency.map(|unit| unit.name), at + 1)
}

fn sense(tokens: &[Token], at: usize, end: usize) -> Option<Sense> {
    let before: Vec<&Token> =
        tokens[..at].iter().rev().take(NEAR).take_while(|token| !is_boundary(token)).collect();
    let is_behind_number = matches!(tokens[..at].iter().rev().nth(before.len()), Some(Token::Number(_)));
    let before: Vec<&str> = before.iter().rev().filter_map(|token| text(token)).collect();
    // In `20 by default, 100 books`, the words `by default` belong to the first number.
    let before = match before.as_slice() {
        ["by", "default", rest @ ..] if is_behind_number => rest,
        before => before,
    };
    let after: Vec<&Token> =
        tokens[end..].iter().take(2).take_while(|token| !matches!(token, Token::End)).collect();
    let after: Vec<&str> = after.iter().filter_map(|token| text(token)).collect();
    of_words(before)
        .or_else(|| of_following(&after, tokens.get(end + 1)))
        .or_else(|| of_range(tokens, at, end))
}

const fn is_boundary(token: &Token) -> bool {
    matches!(token, Token::Number(_) | Token::End)
}

fn text(token: &Token) -> Option<&str> {
    match token {
        Token::Word(word) => Some(word),
        Token::Symbol('≤') => Some("≤"),
        Token::Symbol('≥') => Some("≥"),
        Token::Symbol('<') => Some("<"),
        Token::Symbol('>') => Some(">"),
        _ => None,
    }
}

/// Returns the meaning that the words before a number give to it. The nearest words take precedence.
fn of_words(words: &[&str]) -> Option<Sense> {
    (0..words.len()).rev().find_map(|at| {
        let pair = |first: &str| at.checked_sub(1).is_some_and(|before| words[before] == first);
        let is_negated = at.checked_sub(2).is_some_and(|before| matches!(words[before], "no" | "not"))
            || at
                .checked_sub(1)
                .is_some_and(|before| matches!(words[before], "no" | "not" | "cannot" | "never"));
        let flipped = |sense: Sense| match (is_negated, sense) {
            (true, Sense::Most) => Sense::Least,
            (true, Sense::Least) => Sense::Most,
            (_, sense) => sense,
        };
        match words[at] {
            "most" if pair("at") => Some(Sense::Most),
            "least" if pair("at") => Some(Sense::Least),
            "to" if pair("up") || pair("limited") => Some(Sense::Most),
            "than" if pair("more") || pair("greater") || pair("longer") || pair("larger") => {
                Some(flipped(Sense::Least))
            }
            "than" if pair("less") || pair("fewer") || pair("shorter") || pair("smaller") => {
                Some(flipped(Sense::Most))
            }
            "exceed" | "exceeds" | "exceeding" => Some(flipped(Sense::Least)),
            "maximum" | "max" | "maximal" | "limit" | "within" | "under" | "below" | "≤" | "<" => {
                Some(Sense::Most)
            }
            "minimum" | "min" | "minimal" | "over" | "above" | "≥" | ">" => Some(Sense::Least),
            "default" | "defaults" => Some(Sense::Default),
            _ => None,
        }
    })
}

/// Returns the meaning that the words after a number give to it, as in `100 or fewer`.
fn of_following(words: &[&str], second: Option<&Token>) -> Option<Sense> {
    match words {
        ["or", "more" | "greater" | "longer" | "above"] => Some(Sense::Least),
        ["or", "less" | "fewer" | "shorter" | "below"] => Some(Sense::Most),
        ["by", "default"] => Some(Sense::Default),
        // In `20, maximum 100`, the word `maximum` belongs to the second number.
        ["maximum" | "max", ..] if !matches!(second, Some(Token::Number(_))) => Some(Sense::Most),
        ["minimum" | "min", ..] if !matches!(second, Some(Token::Number(_))) => Some(Sense::Least),
        _ => None,
    }
}

/// Returns the meaning of a number in a range, such as `1 to 100` or `1-100`.
fn of_range(tokens: &[Token], at: usize, end: usize) -> Option<Sense> {
    let joins = |token: Option<&Token>, start: Option<&Token>| match token {
        Some(Token::Symbol('-')) => true,
        Some(Token::Word(word)) => {
            matches!(word.as_str(), "to" | "through")
                || (word == "and" && matches!(start, Some(Token::Word(word)) if word == "between"))
        }
        _ => false,
    };
    let back = |count: usize| at.checked_sub(count).and_then(|at| tokens.get(at));
    let is_number = |token: Option<&Token>| matches!(token, Some(Token::Number(_)));
    if joins(tokens.get(end), back(1)) && is_number(tokens.get(end + 1)) {
        return Some(Sense::Least);
    }
    (is_number(back(2)) && joins(back(1), back(3))).then_some(Sense::Most)
}

#[cfg(test)]
mod tests {
    use super::super::token::tokens;
    use super::*;

    fn shown(text: &str) -> String {
        let figures = figures(&tokens(text)).into_iter().map(|figure| match figure.sense {
            Some(sense) => format!("{} {sense:?}", figure.shown()),
            None => figure.shown(),
        });
        figures.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn number_in_a_text_is_found_with_its_unit_and_its_meaning() {
        for (text, expected) in [
            ("At most 100 books", "100 Most"),
            ("Up to 100 books, at least 1", "100 Most, 1 Least"),
            ("No more than 5 and not less than 2", "5 Most, 2 Least"),
            ("More than 5", "5 Least"),
            ("Must not exceed 30 seconds", "30 seconds Most"),
            ("A limit of 10MB", "10 megabytes Most"),
            ("The default is 20, the maximum 100", "20 Default, 100 Most"),
            ("20 by default, 100 maximum", "20 Default, 100 Most"),
            ("20 by default, 100 books", "20 Default, 100"),
            ("20, maximum 100", "20, 100 Most"),
            ("100 or fewer, 3 or more", "100 Most, 3 Least"),
            ("From 1 to 100", "1 Least, 100 Most"),
            ("Between 1 and 100 books", "1 Least, 100 Most"),
            ("1-100 books", "1 Least, 100 Most"),
            ("≤ 5, > 2", "5 Most, 2 Least"),
            ("$10 or 5%", "10 dollars, 5 percent"),
            ("Version 3. It has 4", "3, 4"),
            ("Ten books", "10"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
