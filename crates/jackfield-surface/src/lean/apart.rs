//! Distinguishes tools of one document that have the same description.

use std::collections::{BTreeMap, BTreeSet};

use super::clause::finished;
use super::sentence;

/// The properties by which tools with the same description can be distinguished.
#[derive(Clone, Copy, Debug)]
pub(super) struct Identity<'t> {
    /// The name, which is unique within the document.
    pub(super) name: &'t str,
    /// The unchanged summary.
    pub(super) title: &'t str,
    pub(super) method: &'t str,
    pub(super) path: &'t str,
}

/// The maximum length of the added difference, in characters.
const LONGEST: usize = 60;
/// The maximum number of path segments that are tried.
const SEGMENTS: usize = 4;

/// If several tools have the same description, adds to each description something that only its tool has: its
/// title, segments of its path, its method, or its name.
pub(super) fn tell_apart(descriptions: &mut [String], tools: &[Identity<'_>]) {
    // With the added difference, a description may equal the description of a tool in another group. Then the tool's name is added instead.
    for by_name_only in [false, true] {
        let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, text) in descriptions.iter().enumerate() {
            groups.entry(normal(text)).or_default().push(at);
        }
        for (text, group) in groups.into_iter().filter(|(_, group)| group.len() > 1) {
            let members: Vec<Identity<'_>> = group.iter().filter_map(|at| tools.get(*at).copied()).collect();
            let found = if by_name_only { names(&members) } else { differences(&members, &text) };
            for (at, difference) in group.into_iter().zip(found) {
                let Some(text) = descriptions.get_mut(at) else { continue };
                match difference {
                    Difference::None => {}
                    Difference::Title(title) => *text = format!("{title}. {text}"),
                    Difference::Behind(words) => *text = format!("{text} ({words})"),
                }
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Difference {
    None,
    Title(String),
    Behind(String),
}

fn normal(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn names(members: &[Identity<'_>]) -> Vec<Difference> {
    members.iter().map(|tool| Difference::Behind(tool.name.to_owned())).collect()
}

/// Returns the shortest kind of difference that distinguishes all tools of the group.
fn differences(members: &[Identity<'_>], text: &str) -> Vec<Difference> {
    let titles: Vec<String> = members.iter().map(|tool| finished(&sentence::joined(tool.title))).collect();
    if is_telling(&titles) && titles.iter().all(|title| !title.is_empty() && !text.contains(&normal(title))) {
        return titles.into_iter().map(Difference::Title).collect();
    }
    let segments: Vec<Vec<String>> = members.iter().map(|tool| segments(tool.path)).collect();
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    for own in &segments {
        for segment in own.iter().map(String::as_str).collect::<BTreeSet<_>>() {
            *uses.entry(segment).or_default() += 1;
        }
    }
    let is_own = |segment: &&String| uses.get(segment.as_str()).is_some_and(|count| *count < members.len());
    let literals = |own: &[String], most: usize, from_end: bool| {
        let found: Vec<&str> =
            own.iter().filter(is_own).filter(|it| !it.starts_with('{')).map(String::as_str).collect();
        let begin = if from_end { found.len().saturating_sub(most) } else { 0 };
        found.into_iter().skip(begin).take(most).collect::<Vec<_>>().join("/")
    };
    let variables = |own: &[String]| {
        let found = own.iter().filter(is_own).filter_map(|it| it.strip_prefix('{')?.strip_suffix('}'));
        let found = found.collect::<Vec<_>>().join(", ");
        if found.is_empty() { found } else { format!("by {found}") }
    };
    let each = |of: &dyn Fn(usize) -> String| {
        let found: Vec<String> = (0..members.len()).map(of).collect();
        is_telling(&found).then_some(found)
    };
    let mut found = None;
    for most in 1..=SEGMENTS {
        found = found
            .or_else(|| each(&|at| literals(&segments[at], most, true)))
            .or_else(|| each(&|at| literals(&segments[at], most, false)));
    }
    let found = found
        .or_else(|| each(&|at| variables(&segments[at])))
        .or_else(|| each(&|at| members[at].method.to_owned()))
        .or_else(|| each(&|at| join(&literals(&segments[at], SEGMENTS, true), &variables(&segments[at]))))
        .or_else(|| {
            each(&|at| {
                let path = join(&literals(&segments[at], SEGMENTS, true), &variables(&segments[at]));
                format!("{} {path}", members[at].method).trim().to_owned()
            })
        });
    match found {
        Some(found) => found
            .into_iter()
            .map(|words| if words.is_empty() { Difference::None } else { Difference::Behind(words) })
            .collect(),
        None => names(members),
    }
}

fn join(one: &str, other: &str) -> String {
    [one, other].into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Whether all differences are distinct and short. One of them may be empty.
fn is_telling(found: &[String]) -> bool {
    let distinct: BTreeSet<String> = found.iter().map(|it| normal(it)).collect();
    distinct.len() == found.len() && found.iter().all(|it| it.chars().count() <= LONGEST)
}

/// Returns the segments of a path, and the pairs of its query.
fn segments(path: &str) -> Vec<String> {
    path.split(['/', '.', '?', '&', '#', ':', '(', ')', ','])
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apart(text: &str, tools: &[(&str, &str, &str, &str)]) -> Vec<String> {
        let mut descriptions = vec![text.to_owned(); tools.len()];
        let tools: Vec<Identity<'_>> =
            tools.iter().map(|&(name, title, method, path)| Identity { name, title, method, path }).collect();
        tell_apart(&mut descriptions, &tools);
        descriptions
    }

    #[test]
    fn equal_descriptions_get_a_distinguishing_text() {
        for (case, tools, expected) in [
            (
                "version",
                [("a", "", "GET", "/v1/books"), ("b", "", "GET", "/v2/books")],
                ["Text (v1)", "Text (v2)"],
            ),
            (
                "resource, which one of them has not",
                [("a", "", "GET", "/books"), ("b", "", "GET", "/shops/{shop}/books")],
                ["Text", "Text (shops)"],
            ),
            (
                "variable",
                [("a", "", "GET", "/books/{id}"), ("b", "", "GET", "/books/{isbn}")],
                ["Text (by id)", "Text (by isbn)"],
            ),
            (
                "method",
                [("a", "", "PUT", "/books/{id}"), ("b", "", "PATCH", "/books/{id}")],
                ["Text (PUT)", "Text (PATCH)"],
            ),
            (
                "order of the same segments",
                [("a", "", "GET", "/books/shops"), ("b", "", "GET", "/shops/books")],
                ["Text (a)", "Text (b)"],
            ),
        ] {
            assert_eq!(apart("Text", &tools), expected, "{case}");
        }
    }

    #[test]
    fn equal_descriptions_get_the_titles_of_their_tools_if_the_titles_differ() {
        let tools = [("a", "Lend", "GET", "/v1"), ("b", "Return", "GET", "/v2")];
        assert_eq!(apart("Text", &tools), ["Lend. Text", "Return. Text"]);
    }

    #[test]
    fn unique_description_is_unchanged() {
        assert_eq!(apart("Text", &[("a", "", "GET", "/v1/books")]), ["Text"]);
    }

    #[test]
    fn distinguishing_text_equal_to_another_description_is_replaced_by_the_name() {
        let mut descriptions = ["Text", "text", "Text (v2)"].map(str::to_owned);
        let tool = |name, path| Identity { name, title: "", method: "GET", path };
        tell_apart(&mut descriptions, &[tool("a", "/v1"), tool("b", "/v2"), tool("c", "/v3")]);
        let distinct: BTreeSet<String> = descriptions.iter().map(|it| normal(it)).collect();
        assert_eq!(distinct.len(), 3, "{descriptions:?}");
    }
}
