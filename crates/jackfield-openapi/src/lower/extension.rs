//! The statements of a document about its tools in the extensions `x-jackfield`, `x-mcp` and `x-speakeasy-mcp`.
//!
//! A document may hide an operation, name or describe its tool, or raise its effect. Anything else is ignored.

use jackfield_model::{Effect, StatedTool, text::shorten, visible_line};
use serde_json::Value;

use crate::document::Node;

/// The extensions. The first one that has a value decides.
const KEYS: [&str; 3] = ["x-jackfield", "x-mcp", "x-speakeasy-mcp"];
/// Keys that hide an operation if they are true.
const HIDING: [&str; 3] = ["hide", "disabled", "ignore"];
/// The maximum length of a tool name. Longer names are ignored.
const LONGEST_NAME: usize = 64;
/// The maximum number of keys that are reported as ignored, and of characters of each.
const MOST_IGNORED: usize = 5;
const LONGEST_IGNORED: usize = 40;

/// Whether an extension hides the operation. One extension suffices, because hiding is the cautious choice.
pub(super) fn is_hidden(operation: &Node<'_>) -> bool {
    extensions(operation).any(|(_, value)| match value {
        Value::Bool(is_shown) => !is_shown,
        value => {
            let is = |key: &str, wanted: bool| value.get(key).and_then(Value::as_bool) == Some(wanted);
            HIDING.iter().any(|key| is(key, true)) || is("enabled", false)
        }
    })
}

/// Returns the statements of the extensions about the tool of an operation.
pub(super) fn stated_tool(operation: &Node<'_>) -> StatedTool {
    let mut stated = StatedTool::default();
    for (key, value) in extensions(operation) {
        let Value::Object(members) = value else { continue };
        let text = |member: &str| {
            let text = members.get(member).and_then(Value::as_str);
            text.filter(|text| !text.trim().is_empty()).map(str::to_owned)
        };
        let name = text("name").filter(|name| name.len() <= LONGEST_NAME);
        stated.name = stated.name.or(name);
        stated.title = stated.title.or(text("title"));
        stated.description = stated.description.or(text("description"));
        stated.effect = stated.effect.max(effect(value)).max(members.get("annotations").and_then(effect));
        let is_known = |member: &str| {
            HIDING.contains(&member)
                || ["enabled", "name", "title", "description", "effect", "annotations"].contains(&member)
                || member.ends_with("Hint")
        };
        for member in members.keys().filter(|member| !is_known(member)) {
            if stated.ignored.len() < MOST_IGNORED {
                stated.ignored.push(format!("{key}.{}", shorten(&visible_line(member), LONGEST_IGNORED)));
            }
        }
    }
    stated
}

/// Returns the effect that an extension states.
fn effect(value: &Value) -> Option<Effect> {
    let hint = |key: &str| value.get(key).and_then(Value::as_bool);
    let named = match value.get("effect").and_then(Value::as_str) {
        Some("read") => Some(Effect::Read),
        Some("write") => Some(Effect::Write),
        Some("destroy") => Some(Effect::Destroy),
        _ => None,
    };
    let destroys = (hint("destructiveHint") == Some(true)).then_some(Effect::Destroy);
    let reads = hint("readOnlyHint").map(|reads| if reads { Effect::Read } else { Effect::Write });
    named.max(destroys).max(reads)
}

fn extensions<'n>(operation: &'n Node<'_>) -> impl Iterator<Item = (&'static str, &'n Value)> {
    KEYS.into_iter().filter_map(|key| Some((key, operation.value().get(key)?)))
}
