//! Reports tools that a model cannot distinguish.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_build::model::text::toml_text;
use jackfield_build::model::{Code, Diagnostic};

use super::list_entry::ListEntry;
use super::subject::{Subject, Tool};

/// The maximum number of tools that a finding names.
const NAMED: usize = 3;
/// The maximum length of a name that a fix suggests.
const LONGEST_NAME: usize = 40;

/// Tools that a model cannot distinguish.
pub(crate) struct Alike<'s, T = Tool> {
    /// The tools, in the order of the list. There are at least two.
    pub(crate) tools: Vec<&'s T>,
    /// Whether only the names of the tools are similar. Such names differ only in a number.
    pub(super) by_name: bool,
}

/// Returns the groups of tools that look the same. In a group, the texts and arguments are equal, or the names differ only in a number.
pub(crate) fn groups(subject: &Subject) -> Vec<Alike<'_>> {
    groups_of(&subject.tools)
}

/// Returns the groups of tools in a list that look the same.
pub(super) fn groups_of<T: ListEntry>(tools: &[T]) -> Vec<Alike<'_, T>> {
    let mut alike: BTreeMap<(String, Vec<&str>), Vec<&T>> = BTreeMap::new();
    let mut named: BTreeMap<String, Vec<&T>> = BTreeMap::new();
    for tool in tools {
        let text = words(&format!("{} {}", tool.text("title"), without_path(tool.text("description"))));
        if !text.is_empty() {
            let mut arguments: Vec<&str> = tool.properties().map(|(name, _)| name.as_str()).collect();
            arguments.sort_unstable();
            alike.entry((text, arguments)).or_default().push(tool);
        }
        named.entry(without_number(tool.name())).or_default().push(tool);
    }
    // Names with different words distinguish tools, as in `list_books` and `list_authors`.
    let mut groups: Vec<Alike<'_, T>> = Vec::new();
    for tools in alike.into_values().filter(|tools| tools.len() > 1) {
        groups.push(Alike { tools, by_name: false });
    }
    for tools in named.into_values().filter(|tools| tools.len() > 1) {
        let is_told = groups.iter().any(|group| !group.by_name && group.tools[0].name() == tools[0].name());
        if !is_told && tools[0].effect() == tools[1].effect() {
            groups.push(Alike { tools, by_name: true });
        }
    }
    groups
}

/// Reports tools that look the same: all tools of a group except the first.
pub(super) fn tools(subject: &Subject, found: &mut Vec<Diagnostic>) {
    const CONSEQUENCE: &str = "a model can only guess which of these tools to call";
    let mut taken: BTreeSet<String> = subject.tools.iter().map(|tool| tool.name.clone()).collect();
    for Alike { tools, by_name } in groups(subject) {
        let problem = match by_name {
            true => format!("the names of {} differ only in a number", listed(&tools)),
            false => {
                format!("the document gives {} the same description and the same arguments", listed(&tools))
            }
        };
        let [first, others @ ..] = tools.as_slice() else { continue };
        for tool in others {
            let finding =
                Diagnostic::warning(Code::ShadowedTool, tool.place.clone(), problem.clone()).so(CONSEQUENCE);
            found.push(match by_name {
                true => {
                    let name = telling_name(tool, first, &mut taken);
                    finding
                        .help("give the tools names that show the difference, or exclude all of them but one")
                        .fix(name.and_then(|name| tool.renaming(&name)))
                }
                false => {
                    let text = format!("{} This one is {}.", sentence(tool), tool.route);
                    finding
                        .help(
                            "describe how each tool differs from the others, or exclude all of them but one",
                        )
                        .fix((!tool.is_merged()).then(|| tool.line("describe", &toml_text(&text))))
                }
            });
        }
    }
}

/// Returns a name that distinguishes `tool` from `first`, with a word of the path or the method.
fn telling_name(tool: &Tool, first: &Tool, taken: &mut BTreeSet<String>) -> Option<String> {
    let path = |route: &str| -> Vec<String> {
        let path = route.split_once(' ').map_or("", |(_, path)| path);
        let segments =
            path.split(['/', '?', '.']).filter(|segment| !segment.is_empty() && !segment.contains('{'));
        segments.map(|segment| words(segment).replace(' ', "_")).collect()
    };
    let others = path(&first.route);
    let own = path(&tool.route).into_iter().rev().filter(|segment| !others.contains(segment));
    let method = Some(tool.method.to_lowercase()).filter(|_| tool.method != first.method);
    let stem = without_number(&tool.name);
    let names = own.chain(method).map(|word| format!("{stem}_{word}"));
    let is_good = |name: &String| {
        let is_plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        is_plain && name.len() <= LONGEST_NAME && without_number(name) == *name && !taken.contains(name)
    };
    let name = names.into_iter().find(is_good)?;
    taken.insert(name.clone());
    Some(name)
}

fn sentence(tool: &Tool) -> String {
    let text =
        [tool.text("description"), tool.text("title"), &tool.title].into_iter().find(|text| !text.is_empty());
    let text = without_path(text.unwrap_or_default()).trim_end_matches('.');
    format!("{text}.")
}

pub(super) fn listed<T: ListEntry>(group: &[&T]) -> String {
    let mut names: Vec<String> = group.iter().take(NAMED).map(|tool| format!("`{}`", tool.name())).collect();
    if group.len() > NAMED {
        names.push(format!("{} more", group.len() - NAMED));
    }
    names.join(", ")
}

/// Returns the description without the path in parentheses that Jackfield appends to equal descriptions, as in `Finds books (/archive)`.
fn without_path(text: &str) -> &str {
    let path = text.rfind(" (").filter(|_| text.ends_with(')'));
    path.map_or(text, |at| &text[..at])
}

/// Returns the words of a text in lower case.
fn words(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// Returns the name without a number or version at the end, such as `_2` or `_v2`.
fn without_number(name: &str) -> String {
    let parts: Vec<&str> = name.split(['_', '-']).collect();
    let is_number = |part: &str| {
        let digits = part.strip_prefix('v').unwrap_or(part);
        !digits.is_empty() && digits.len() < 4 && digits.bytes().all(|b| b.is_ascii_digit())
    };
    match parts.split_last() {
        Some((last, rest)) if !rest.is_empty() && is_number(last) => rest.join("_"),
        _ => parts.join("_"),
    }
}

#[cfg(test)]
mod tests {
    use super::without_number;

    #[test]
    fn counter_at_the_end_of_a_tool_name_is_ignored() {
        assert_eq!(without_number("get_book_2"), "get_book");
        assert_eq!(without_number("get_book_v2"), "get_book");
        assert_eq!(without_number("get_book"), "get_book");
        assert_eq!(without_number("list_2024"), "list_2024");
    }
}
