//! Tools that a model cannot tell apart.

use std::collections::BTreeMap;

use jackfield_build::model::text::toml_text;
use jackfield_build::model::{Code, Diagnostic};

use super::subject::{Subject, Tool};

/// The maximum number of tools that a finding names.
const NAMED: usize = 3;

/// Reports tools that look the same: their texts and arguments are equal, or their names differ only in a number.
pub(super) fn tools(subject: &Subject, found: &mut Vec<Diagnostic>) {
    let mut alike: BTreeMap<(String, Vec<&str>), Vec<&Tool>> = BTreeMap::new();
    let mut named: BTreeMap<String, Vec<&Tool>> = BTreeMap::new();
    for tool in &subject.tools {
        let text = words(&format!("{} {}", tool.text("title"), without_path(tool.text("description"))));
        if !text.is_empty() {
            let mut arguments: Vec<&str> = tool.properties().map(|(name, _)| name.as_str()).collect();
            arguments.sort_unstable();
            alike.entry((text, arguments)).or_default().push(tool);
        }
        named.entry(without_number(&tool.name)).or_default().push(tool);
    }
    let mut told: Vec<&str> = Vec::new();
    for group in alike.values().filter(|group| group.len() > 1) {
        // Names that say different things tell tools apart, as in `list_books` and `list_authors`.
        let (Some(first), Some(second)) = (group.first(), group.get(1)) else { continue };
        told.push(&first.name);
        let problem =
            format!("the document gives {} the same description and the same arguments", listed(group));
        let text = format!("{} This one is {}.", sentence(second), second.route);
        found.push(
            Diagnostic::warning(Code::ShadowedTool, second.place.clone(), problem)
                .so("a model can only guess which of them to call")
                .help("describe each by its difference, or exclude all but one")
                .help_many("describe each by its difference, or exclude all but one")
                .fix(second.line("describe", &toml_text(&text))),
        );
    }
    for group in named.values().filter(|group| group.len() > 1) {
        let (Some(first), Some(second)) = (group.first(), group.get(1)) else { continue };
        if told.contains(&first.name.as_str()) || first.effect != second.effect {
            continue;
        }
        let problem = format!("the names of {} differ only in a number", listed(group));
        found.push(
            Diagnostic::warning(Code::ShadowedTool, second.place.clone(), problem)
                .so("a model can only guess which of them to call")
                .help("name each by its difference, or exclude all but one")
                .fix(second.exclusion()),
        );
    }
}

fn sentence(tool: &Tool) -> String {
    let text =
        [tool.text("description"), tool.text("title"), &tool.title].into_iter().find(|text| !text.is_empty());
    let text = without_path(text.unwrap_or_default()).trim_end_matches('.');
    format!("{text}.")
}

fn listed(group: &[&Tool]) -> String {
    let mut names: Vec<String> = group.iter().take(NAMED).map(|tool| format!("`{}`", tool.name)).collect();
    if group.len() > NAMED {
        names.push(format!("{} more", group.len() - NAMED));
    }
    names.join(", ")
}

/// The description without the path that Jackfield adds to equal descriptions, as in `Finds books (/archive)`.
fn without_path(text: &str) -> &str {
    let path = text.rfind(" (").filter(|_| text.ends_with(')'));
    path.map_or(text, |at| &text[..at])
}

/// The words of a text in lower case.
fn words(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// The name without a number or version at its end, such as `_2` or `_v2`.
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
    fn number_at_the_end_of_a_name_does_not_count() {
        assert_eq!(without_number("get_book_2"), "get_book");
        assert_eq!(without_number("get_book_v2"), "get_book");
        assert_eq!(without_number("get_book"), "get_book");
        assert_eq!(without_number("list_2024"), "list_2024");
    }
}
