//! Matches regular expressions of ECMAScript in a bounded number of steps.
//!
//! `regress` decides which patterns are valid and which characters a class contains. But its matcher backtracks without a
//! limit, so this module matches itself: it compiles the pattern to a nondeterministic automaton, and matching a string of n
//! characters takes at most n steps for each state. Such an automaton cannot express backreferences and lookbehind. A
//! pattern that contains either, or that is not ECMAScript, accepts every string here, and the service decides.

mod automaton;
mod parse;
mod syntax;

use super::budget::{Budget, Exhausted};
use automaton::Program;

/// The maximum length of a pattern in bytes. Longer patterns are left to the service.
const LONGEST: usize = 8 * 1024;

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Pattern(Program);

impl Pattern {
    /// Compiles a pattern. `None` if it is invalid, or cannot be matched in bounded steps.
    pub(super) fn compile(pattern: &str) -> Option<Self> {
        if pattern.len() > LONGEST {
            return None;
        }
        let is_valid = |unicode| syntax::compile(pattern, unicode).is_some();
        let unicode = is_valid(true);
        if !unicode && !is_valid(false) {
            return None;
        }
        Program::compile(&parse::parse(pattern, unicode)?).map(Self)
    }

    /// Whether the pattern matches anywhere in the text.
    pub(super) fn is_found(&self, text: &str, budget: &mut Budget) -> Result<bool, Exhausted> {
        self.0.is_found(text, budget)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(pattern: &str, text: &str) -> Option<bool> {
        let pattern = Pattern::compile(pattern)?;
        Some(pattern.is_found(text, &mut Budget::of(100_000)).unwrap())
    }

    #[test]
    fn exponential_pattern_takes_linear_steps() {
        for pattern in
            ["^(a+)+$", "^(a|a)*$", "^(?:a?){60}a{60}$", "(x+x+)+y", r"^(([a-z])+.)+[A-Z]([a-z])+$"]
        {
            let pattern = Pattern::compile(pattern).unwrap();
            let steps = |length: usize| {
                let mut budget = Budget::of(10_000_000);
                assert_eq!(pattern.is_found(&("a".repeat(length) + "!"), &mut budget), Ok(false));
                10_000_000 - budget.left()
            };
            assert!(steps(20_000) <= 22 * steps(1_000), "{}, {}", steps(1_000), steps(20_000));
        }
    }

    #[test]
    fn matching_a_long_string_exhausts_the_step_budget() {
        let pattern = Pattern::compile("^[a-z]*$").unwrap();
        assert_eq!(pattern.is_found(&"a".repeat(100_000), &mut Budget::of(1_000)), Err(Exhausted));
    }

    #[test]
    fn pattern_that_needs_backtracking_is_not_compiled() {
        for pattern in [r"(a)\1", r"(?<n>a)\k<n>", "(?<=a)b", "(?<!a)b", "(", "[", "a{9999}{9999}", "(?i:a)"]
        {
            assert!(Pattern::compile(pattern).is_none(), "{pattern}");
        }
        for part in ["(", "(?:", "(?=", "(a|", "(?:a*", "[", "\\", "a{2}"] {
            let _ = Pattern::compile(&part.repeat(LONGEST / part.len()));
        }
        let _ = Pattern::compile(&format!("{}{}", "(?:".repeat(2_000), ")*".repeat(2_000)));
    }

    #[test]
    fn common_patterns_match_valid_text() {
        for (pattern, text) in [
            ("^[a-z0-9]+(?:-[a-z0-9]+)*$", "a-slug-9"),
            (r"^(?!\s*$).+", "  x"),
            (r"^(?=.*\d)(?=.*[a-z]).{4,8}$", "abc1"),
            (r"^\p{Letter}+$", "école"),
            (r"^\W+$", "é"),
            (r"^\d{3}-\d{4}$", "555-0199"),
            (r"\bfoo\b", "a foo b"),
            (r"^\cC$", "\u{3}"),
            (r"^\u{1F600}$", "😀"),
            (r"^\uD83D\uDE00$", "😀"),
            ("^.$", "😀"),
            ("^[^]$", "\n"),
            ("^a{0}$", ""),
            ("^(?:a|b|)$", ""),
            (r"^\-\_$", "-_"),
            ("", "anything"),
        ] {
            assert_eq!(found(pattern, text), Some(true), "{pattern} in {text:?}");
        }
    }

    #[test]
    fn common_patterns_do_not_match_other_text() {
        for (pattern, text) in [
            ("^[a-z0-9]+(?:-[a-z0-9]+)*$", "a--slug"),
            (r"^(?!\s*$).+", "   "),
            (r"^(?=.*\d)(?=.*[a-z]).{4,8}$", "abcd"),
            (r"^\d$", "৩"),
            (r"\bfoo\b", "afoo"),
            ("^.$", "\n"),
            ("[]", "a"),
        ] {
            assert_eq!(found(pattern, text), Some(false), "{pattern} in {text:?}");
        }
    }

    /// Generates patterns. About half of them match one of the strings below.
    fn patterns() -> impl Strategy<Value = String> {
        let atom = prop::sample::select(vec![
            "a", "b", "c", ".", "[ab]", "[^a]", r"\w", r"\W", r"\d", r"\s", "^", "$", r"\b", r"\B", "é",
            r"\u0061", r"\p{L}", "[^]", "[]",
        ]);
        atom.prop_map(str::to_owned).prop_recursive(5, 24, 4, |inner| {
            let many =
                prop::sample::select(vec!["*", "+", "?", "{2}", "{0,2}", "{1,}", "*?", "+?", "??", "{0}"]);
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
                prop::collection::vec(inner.clone(), 1..4)
                    .prop_map(|parts| format!("(?:{})", parts.join("|"))),
                (inner.clone(), many).prop_map(|(inner, many)| format!("(?:{inner}){many}")),
                inner.clone().prop_map(|inner| format!("({inner})")),
                inner.clone().prop_map(|inner| format!("(?={inner})")),
                inner.prop_map(|inner| format!("(?!{inner})")),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn matcher_agrees_with_regress_on_random_patterns(pattern in patterns(), text in "[abcé1 \n]{0,6}") {
            let theirs = syntax::compile(&pattern, true).unwrap().find(&text).is_some();
            prop_assert_eq!(found(&pattern, &text), Some(theirs), "{} in {:?}", pattern, text);
        }
    }
}
