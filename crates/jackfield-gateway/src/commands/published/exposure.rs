//! The effects that a person gives to the tools of a published server. A tool without an effect counts as destructive.

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use jackfield_recipe::{Effect, fits_glob, visible_line};
use serde_json::{Map, Value};
use toml_edit::{InlineTable, Item, Table};

use super::answers::ask;
use crate::commands::add::pairs;
use crate::config::ConnectorEntry;
use crate::failure::Failure;

/// The maximum number of characters of a description in the list.
const LONGEST: usize = 70;

/// Effects of tools, by name or pattern.
#[derive(Clone, Debug, Default)]
pub(super) struct Exposure(InlineTable);

impl Exposure {
    /// Parses the values of `--effect TOOLS=EFFECT`. If there are none, a person at the terminal is asked, unless `yes`.
    ///
    /// # Errors
    /// Returns an error if a pattern matches no tool, or if an effect does not exist.
    pub(super) fn of(words: &[String], tools: &[Map<String, Value>], yes: bool) -> Result<Self, Failure> {
        let mut effects = pairs(words, "--effect 'get_*=read'")?;
        if words.is_empty() && !yes && !tools.is_empty() && std::io::stdin().is_terminal() {
            for (effect, question) in [
                (Effect::Read, "tools that only read (names or patterns such as get_*, empty for none)"),
                (Effect::Write, "tools that change something but destroy nothing (empty for none)"),
            ] {
                for pattern in ask(question)?.split([' ', ',']).filter(|it| !it.is_empty()) {
                    effects.insert(pattern, effect.as_str().into());
                }
            }
        }
        let names: Vec<&str> = tools.iter().map(name_of).collect();
        for (pattern, effect) in &effects {
            let is_effect = |it: &Effect| Some(it.as_str()) == effect.as_str();
            if ![Effect::Read, Effect::Write, Effect::Destroy].iter().any(is_effect) {
                return Err(Failure(format!(
                    "`{pattern}` has no effect `{}`: write read, write or destroy",
                    effect.as_str().unwrap_or_default()
                )));
            }
            if !names.iter().any(|name| *name == pattern || fits_glob(pattern, name)) {
                return Err(Failure(format!("`{pattern}` matches no tool of the server")));
            }
        }
        Ok(Self(effects))
    }

    /// Returns the effect that a person has chosen for a tool.
    pub(super) fn chosen(&self, tool: &str) -> Option<Effect> {
        let fitting = || self.0.iter().map(|(pattern, _)| pattern).find(|pattern| fits_glob(pattern, tool));
        let pattern = if self.0.contains_key(tool) { Some(tool) } else { fitting() };
        let text = pattern.and_then(|pattern| self.0.get(pattern)).and_then(toml_edit::Value::as_str);
        [Effect::Read, Effect::Write, Effect::Destroy]
            .into_iter()
            .find(|effect| Some(effect.as_str()) == text)
    }

    /// Returns the effects that gateway.toml has for a connector.
    pub(super) fn of_connector(connector: &ConnectorEntry) -> Self {
        let rules = connector.effects.rules().map(|(pattern, effect)| (pattern, effect.as_str()));
        Self(rules.collect())
    }

    /// Returns the table for gateway.toml. `None` if every tool counts as destructive.
    pub(super) fn item(self) -> Option<Item> {
        (!self.0.is_empty()).then(|| Item::Table(self.0.into_table()))
    }

    /// Adds the effects to the table of a connector.
    pub(super) fn write(self, connector: &mut Table) {
        if let Some(item) = self.item() {
            connector.insert("effects", item);
        }
    }
}

/// Returns the name of a tool.
pub(super) fn name_of(tool: &Map<String, Value>) -> &str {
    tool.get("name").and_then(Value::as_str).unwrap_or_default()
}

/// Lists tools with what the server says of them, which nobody has checked.
pub(super) fn listed(tools: &[Map<String, Value>]) -> String {
    let shown: Vec<String> = tools.iter().map(|tool| visible_line(name_of(tool)).into_owned()).collect();
    let width = shown.iter().map(|name| name.chars().count()).max().unwrap_or(0).min(40);
    let mut text = String::new();
    for (tool, name) in tools.iter().zip(shown) {
        let description = tool.get("description").and_then(Value::as_str).unwrap_or_default();
        let line = description.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let line: String = visible_line(line.trim()).chars().take(LONGEST).collect();
        let hint = tool.get("annotations").and_then(|it| it.get("readOnlyHint")).and_then(Value::as_bool);
        let hint = if hint == Some(true) { "says it reads" } else { "" };
        let _ = writeln!(text, "{}", format!("  {name:width$}  {hint:13}  {line}").trim_end());
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tools() -> Vec<Map<String, Value>> {
        let tools = json!([
            { "name": "get_time", "description": "\n Says the time.\nMore.", "annotations": { "readOnlyHint": true } },
            { "name": "get_\u{202e}x" },
            { "name": "delete" },
        ]);
        serde_json::from_value(tools).unwrap()
    }

    fn exposure(words: &[&str]) -> Result<Exposure, Failure> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        Exposure::of(&words, &tools(), true)
    }

    #[test]
    fn exact_name_of_a_tool_takes_precedence_over_a_pattern() {
        let effects = exposure(&["get_*=read", "get_time=write"]).unwrap();
        assert_eq!(effects.chosen("get_time"), Some(Effect::Write));
        assert_eq!(effects.chosen("get_other"), Some(Effect::Read));
        assert_eq!(effects.chosen("delete"), None);
    }

    #[test]
    fn pattern_without_a_tool_is_refused() {
        assert!(exposure(&["set_*=read"]).unwrap_err().0.contains("matches no tool"));
        assert!(exposure(&["get_*=reads"]).unwrap_err().0.contains("no effect `reads`"));
    }

    #[test]
    fn listed_tools_contain_no_control_characters() {
        let text = listed(&tools());
        assert!(text.contains("get_time") && text.contains("says it reads  Says the time."), "{text}");
        assert!(!text.contains('\u{202e}') && !text.contains("More."), "{text}");
    }
}
