//! A tool in the catalog.

use jackfield_recipe::Effect;
use serde_json::{Map, Value};

use crate::call::rows::{Group, Tool};
use crate::engine::custom::CustomTool;
use crate::engine::first_sentence::first_sentence;
use crate::engine::listing::Listed;
use crate::engine::merged::MergedTool;
use crate::engine::search::{SearchArgument, SearchDocument};
use crate::engine::shape::required;

/// The maximum number of arguments in a signature.
const MOST_ARGUMENTS: usize = 12;
/// The maximum number of characters in a summary.
const LONGEST_SUMMARY: usize = 120;

/// A tool in the catalog.
#[derive(Clone, Debug)]
pub(crate) struct CatalogEntry {
    /// The name of the tool in the service. Policies use this name.
    pub(crate) name: String,
    /// The name of the tool in search hits and calls.
    pub(crate) shown_name: String,
    pub(crate) effect: Effect,
    pub(crate) summary: String,
    /// The arguments in one line: `id, page?`.
    pub(crate) arguments: String,
}

impl CatalogEntry {
    pub(crate) fn of_row(group: &Group<'_>, tool: &Tool<'_>) -> (Self, SearchDocument) {
        let input = serde_json::from_str(tool.input).unwrap_or_default();
        let mut document = document(tool.name, tool.title, tool.description, tool.effect, &input);
        document.path = tool.path.to_owned();
        document.group = group.tag.to_owned();
        document.tags = vec![group.tag.to_owned()];
        (Self::new(tool.name, tool.title, tool.description, tool.effect, &input), document)
    }

    /// Creates the entry of a merged tool, in the group of its first operation.
    pub(crate) fn of_merge(group: &Group<'_>, tool: &MergedTool) -> (Self, SearchDocument) {
        let merge = tool.get();
        let input = serde_json::from_str(merge.input).unwrap_or_default();
        let mut document = document(merge.name, merge.title, merge.description, merge.effect, &input);
        let paths: Vec<&str> = tool.operations().map(|operation| operation.get().path).collect();
        document.path = paths.join(" ");
        document.group = group.tag.to_owned();
        document.tags = vec![group.tag.to_owned()];
        (Self::new(merge.name, &tool.summary(), "", merge.effect, &input), document)
    }

    pub(crate) fn of_custom(tool: &CustomTool) -> (Self, SearchDocument) {
        let input = serde_json::from_str(&tool.input).unwrap_or_default();
        let document = document(&tool.name, &tool.title, &tool.description, tool.effect, &input);
        (Self::new(&tool.name, &tool.title, &tool.description, tool.effect, &input), document)
    }

    pub(crate) fn of_listed(tool: &Listed) -> (Self, SearchDocument) {
        let document = document(&tool.name, &tool.title, &tool.description, tool.effect, &tool.input);
        (Self::new(&tool.name, &tool.title, &tool.description, tool.effect, &tool.input), document)
    }

    fn new(name: &str, title: &str, description: &str, effect: Effect, input: &Map<String, Value>) -> Self {
        let said = if title.is_empty() { first_sentence(description) } else { title };
        Self {
            name: name.to_owned(),
            shown_name: name.to_owned(),
            effect,
            summary: shortened(said, LONGEST_SUMMARY),
            arguments: arguments(input),
        }
    }

    /// Returns the signature of the tool in one line: `get_book(id, fields?)`.
    pub(crate) fn signature(&self) -> String {
        format!("{}({})", self.shown_name, self.arguments)
    }
}

/// Returns the arguments in one line, required ones first.
fn arguments(input: &Map<String, Value>) -> String {
    let properties = input.get("properties").and_then(Value::as_object);
    let names: Vec<&str> = properties.into_iter().flat_map(Map::keys).map(String::as_str).collect();
    let (first, others): (Vec<&str>, Vec<&str>) =
        names.iter().partition(|name| required(input).any(|required| required == **name));
    let all = first.iter().map(|name| (*name).to_owned()).chain(others.iter().map(|name| format!("{name}?")));
    // Required arguments are always included, because a call without them is invalid.
    let most = MOST_ARGUMENTS.max(first.len());
    let mut shown: Vec<String> = all.take(most).collect();
    if names.len() > most {
        shown.push(format!("{} more?", names.len() - most));
    }
    shown.join(", ")
}

fn document(
    name: &str,
    title: &str,
    description: &str,
    effect: Effect,
    input: &Map<String, Value>,
) -> SearchDocument {
    let properties = input.get("properties").and_then(Value::as_object);
    let argument = |(name, schema): (&String, &Value)| SearchArgument {
        name: name.clone(),
        description: schema.get("description").and_then(Value::as_str).unwrap_or_default().to_owned(),
    };
    SearchDocument {
        name: name.to_owned(),
        summary: title.to_owned(),
        description: description.to_owned(),
        arguments: properties.into_iter().flatten().map(argument).collect(),
        effect: Some(effect),
        ..SearchDocument::default()
    }
}

/// Returns at most `most` characters of a text, followed by `…` if it was truncated.
pub(super) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn signature_lists_required_arguments_before_optional_arguments() {
        let many: Map<String, Value> = (0..20).map(|at| (format!("a{at}"), json!({}))).collect();
        let input = json!({ "properties": many, "required": ["a19"] });
        let text = arguments(input.as_object().unwrap());
        assert!(text.starts_with("a19, a0?, a1?") && text.ends_with("a10?, 8 more?"), "{text}");
        assert_eq!(arguments(&Map::new()), "");
    }

    #[test]
    fn summary_of_a_catalog_entry_is_the_first_sentence_of_the_description() {
        for (text, sentence) in
            [("Lists books. Paged.", "Lists books."), ("Lists books\n\nMore.", "Lists books"), ("", "")]
        {
            assert_eq!(first_sentence(text), sentence);
        }
        assert_eq!(shortened("größer", 3), "grö…");
    }
}
