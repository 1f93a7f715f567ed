//! Decides which operation a call of a merged tool selects by its arguments.

use std::fmt::Write as _;

/// The line above the list of operations, in the description of a merged tool that selects by the arguments that are given.
pub const MERGED_BY_ARGUMENTS: &str = "Calls one of these operations, by the arguments that are given:";

/// The line above the list of operations, in the description of a merged tool with a selecting argument.
pub const MERGED_BY_SELECTOR: &str = "Calls one of these operations:";

/// The arguments of one operation of a merged tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alternative<'a> {
    /// The arguments that the operation requires.
    pub required: Vec<&'a str>,
    /// The optional arguments of the operation.
    pub optional: Vec<&'a str>,
}

impl Alternative<'_> {
    /// Whether the operation has this argument.
    pub fn takes(&self, argument: &str) -> bool {
        self.required.contains(&argument) || self.optional.contains(&argument)
    }

    fn requires_all_of(&self, other: &Self) -> bool {
        other.required.iter().all(|argument| self.required.contains(argument))
    }
}

/// Returns the alternatives that a call with the given arguments selects: one, none, or several that cannot be distinguished.
///
/// A call selects the alternatives that have every given argument and whose required arguments are all given. If two such alternatives
/// remain, and the second requires all arguments that the first requires and further arguments, only the second is selected. Unknown
/// arguments are ignored.
pub fn selected_alternatives(alternatives: &[Alternative<'_>], given: &[&str]) -> Vec<usize> {
    let is_known = |argument: &&str| alternatives.iter().any(|one| one.takes(argument));
    let given: Vec<&str> = given.iter().copied().filter(is_known).collect();
    let fits = |one: &Alternative<'_>| {
        given.iter().all(|argument| one.takes(argument))
            && one.required.iter().all(|argument| given.contains(argument))
    };
    let fitting: Vec<usize> = (0..alternatives.len()).filter(|at| fits(&alternatives[*at])).collect();
    let is_less = |at: usize| {
        fitting.iter().any(|other| {
            let (one, other) = (&alternatives[at], &alternatives[*other]);
            other.requires_all_of(one) && !one.requires_all_of(other)
        })
    };
    fitting.iter().copied().filter(|at| !is_less(*at)).collect()
}

/// Returns the first two alternatives that arguments cannot distinguish: a call with only the required arguments of one alternative
/// could also mean the other alternative.
pub fn indistinct_alternatives(alternatives: &[Alternative<'_>]) -> Option<(usize, usize)> {
    let others = |(at, one): (usize, &Alternative<'_>)| {
        let selected = selected_alternatives(alternatives, &one.required);
        Some((at, selected.into_iter().find(|other| *other != at)?))
    };
    alternatives.iter().enumerate().find_map(others)
}

/// Describes the arguments of each alternative, such as `` `name`, optional `shelf` ``. An argument is left out if all alternatives require
/// it, or if it is optional in all of them, because such an argument selects nothing.
pub fn alternatives_in_words(alternatives: &[Alternative<'_>]) -> Vec<String> {
    let is_shared = |argument: &str| {
        alternatives.iter().all(|one| one.required.contains(&argument))
            || alternatives.iter().all(|one| one.optional.contains(&argument))
    };
    let own = |arguments: &[&str]| -> Vec<String> {
        arguments.iter().filter(|it| !is_shared(it)).map(|argument| format!("`{argument}`")).collect()
    };
    let words = |one: &Alternative<'_>| {
        let mut text = joined(&own(&one.required));
        let optional = joined(&own(&one.optional));
        if !optional.is_empty() {
            let comma = if text.is_empty() { "" } else { ", " };
            let _ = write!(text, "{comma}optional {optional}");
        }
        text
    };
    alternatives.iter().map(words).collect()
}

/// Joins names, as in `a`, `b` and `c`.
fn joined(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alternative<'a>(required: &[&'a str], optional: &[&'a str]) -> Alternative<'a> {
        Alternative { required: required.to_vec(), optional: optional.to_vec() }
    }

    #[test]
    fn given_arguments_select_one_alternative() {
        let by_id_or_name = [alternative(&["id"], &["fields"]), alternative(&["name"], &["shelf", "fields"])];
        let upsert = [alternative(&["title"], &["price"]), alternative(&["id"], &["title", "price"])];
        let lists = [alternative(&[], &["sort", "author"]), alternative(&["author"], &["sort"])];
        let searches = [alternative(&["name"], &["isbn"]), alternative(&["isbn"], &["name"])];
        for (alternatives, given, expected) in [
            (&by_id_or_name, &["id"][..], &[0][..]),
            (&by_id_or_name, &["name", "shelf", "fields"], &[1]),
            (&by_id_or_name, &["id", "shelf"], &[]),
            (&by_id_or_name, &["id", "name"], &[]),
            (&by_id_or_name, &["fields"], &[]),
            (&by_id_or_name, &["id", "unknown"], &[0]),
            (&upsert, &["title"], &[0]),
            (&upsert, &["title", "id"], &[1]),
            (&upsert, &["price"], &[]),
            (&lists, &[], &[0]),
            (&lists, &["sort"], &[0]),
            (&lists, &["author"], &[1]),
            (&searches, &["isbn"], &[1]),
            (&searches, &["isbn", "name"], &[0, 1]),
        ] {
            assert_eq!(selected_alternatives(alternatives, given), expected, "{given:?} of {alternatives:?}");
        }
    }

    #[test]
    fn alternatives_with_equal_required_arguments_are_indistinct() {
        let pair = |one, other| indistinct_alternatives(&[one, other]);
        let of = alternative;
        assert_eq!(pair(of(&[], &["a"]), of(&[], &["b"])), Some((0, 1)));
        assert_eq!(pair(of(&["a", "b"], &[]), of(&["b", "a"], &["c"])), Some((0, 1)));
        assert_eq!(pair(of(&["a"], &[]), of(&["a", "b"], &[])), None);
        assert_eq!(pair(of(&["a"], &["b"]), of(&["b"], &["a"])), None);
    }

    #[test]
    fn alternatives_are_described_by_the_arguments_that_select_them() {
        let words = alternatives_in_words(&[
            alternative(&["shop", "id"], &["page"]),
            alternative(&["shop", "name", "year"], &["shelf", "page"]),
            alternative(&["shop"], &["page"]),
        ]);
        assert_eq!(words, ["`id`", "`name` and `year`, optional `shelf`", ""]);
    }
}
