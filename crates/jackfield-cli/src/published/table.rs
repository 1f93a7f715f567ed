//! The tools of a server as a table for a terminal.

use std::fmt::Write as _;

use jackfield_build::diff::ServerLists;
use jackfield_build::model::{Effect, visible_line};

/// The maximum width of the column of names.
const WIDEST: usize = 40;
/// The maximum number of characters of a sentence.
const LONGEST: usize = 100;

/// Returns one line for each tool: its name, its effect, and the first sentence of its description.
pub fn tool_table(lists: &ServerLists<'_>, effect: &dyn Fn(&str) -> Effect) -> String {
    let rows: Vec<(String, &str, String)> = lists
        .tools
        .iter()
        .filter_map(|tool| {
            let name = tool.get("name")?.as_str()?;
            let text = tool.get("description").and_then(|it| it.as_str()).unwrap_or_default();
            Some((visible_line(name).into_owned(), effect(name).as_str(), first_sentence(text)))
        })
        .collect();
    let width = rows.iter().map(|(name, ..)| name.chars().count()).max().unwrap_or(0).min(WIDEST);
    let mut text = String::new();
    for (name, effect, sentence) in rows {
        let line = format!("  {name:width$}  {effect:7}  {sentence}");
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// Returns the first sentence of a text, shortened.
fn first_sentence(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let end = line.find(". ").map_or(line.len(), |at| at + 1);
    let sentence: String = line[..end].chars().take(LONGEST).collect();
    let rest = if sentence.len() < end { "…" } else { "" };
    format!("{}{rest}", visible_line(&sentence))
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;

    #[test]
    fn table_shows_name_effect_and_first_sentence_of_each_tool() {
        let tools = json!([
            { "name": "get_time", "description": "\n  Returns the time. In any zone." },
            { "name": "burn\u{1b}[31m", "description": "x".repeat(120) },
            { "description": "without a name" },
            { "name": "a", "description": 5 },
        ]);
        let tools: Vec<Map<String, Value>> =
            tools.as_array().unwrap().iter().map(|it| it.as_object().unwrap().clone()).collect();
        let lists = ServerLists { tools: &tools, ..ServerLists::default() };
        let effect = |name: &str| if name.starts_with("get") { Effect::Read } else { Effect::Destroy };
        let expected = format!(
            "  get_time        read     Returns the time.\n  burn\\u{{1b}}[31m  destroy  {}…\n  a               destroy\n",
            "x".repeat(100)
        );
        assert_eq!(tool_table(&lists, &effect), expected);
    }
}
