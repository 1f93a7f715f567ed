//! Parses the text of a prompt, which contains placeholders.

use std::fmt;

/// A part of the text of a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptPart<'t> {
    /// Literal text.
    Text(&'t str),
    /// `{topic}`: the value of an argument.
    Argument(&'t str),
    /// `{tool:get_book}`: the name of a tool.
    Tool(&'t str),
}

/// The reason why the text of a prompt is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidPromptText(String);

impl fmt::Display for InvalidPromptText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidPromptText {}

/// Splits the text of a prompt into its parts. `{{` and `}}` stand for braces.
///
/// ```
/// use jackfield_recipe::{PromptPart, prompt_parts};
///
/// let parts = prompt_parts("Find {topic} with {tool:list_books}.").unwrap();
/// assert_eq!(parts[1], PromptPart::Argument("topic"));
/// assert_eq!(parts[3], PromptPart::Tool("list_books"));
/// ```
///
/// # Errors
/// Returns an error if a brace has no matching brace, or if a placeholder has no valid name.
pub fn prompt_parts(text: &str) -> Result<Vec<PromptPart<'_>>, InvalidPromptText> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, after) = rest.split_at(at);
        let (brace, inner) = after.split_at(1);
        if inner.starts_with(brace) {
            parts.push(PromptPart::Text(&rest[..=at]));
            rest = &inner[1..];
            continue;
        }
        if !before.is_empty() {
            parts.push(PromptPart::Text(before));
        }
        let placeholder = inner.split_once('}').filter(|_| brace == "{");
        let Some((name, after)) = placeholder else {
            let near: String = after.chars().take(20).collect();
            return Err(InvalidPromptText(format!("a brace has no matching brace at `{near}`")));
        };
        let (part, name) = match name.strip_prefix("tool:") {
            Some(tool) => (PromptPart::Tool(tool), tool),
            None => (PromptPart::Argument(name), name),
        };
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b)) {
            let near: String = first_line(name).chars().take(20).collect();
            return Err(InvalidPromptText(format!("`{{{near}}}` is not a placeholder")));
        }
        parts.push(part);
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(PromptPart::Text(rest));
    }
    Ok(parts)
}

/// Returns the first line of the name in a placeholder. If a brace is not meant as a placeholder, the closing brace may be many lines
/// later.
fn first_line(name: &str) -> &str {
    name.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompt_text_is_split_at_its_placeholders() {
        use PromptPart::{Argument, Text, Tool};
        for (text, expected) in [
            ("", vec![]),
            ("plain", vec![Text("plain")]),
            ("{a}{tool:b-c}", vec![Argument("a"), Tool("b-c")]),
            ("x {a} y", vec![Text("x "), Argument("a"), Text(" y")]),
            ("{{a}} {b}", vec![Text("{"), Text("a}"), Text(" "), Argument("b")]),
            ("{{{a}}}", vec![Text("{"), Argument("a"), Text("}")]),
        ] {
            assert_eq!(prompt_parts(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn prompt_text_with_an_invalid_placeholder_is_refused() {
        for (text, problem) in [
            ("a { b", "a brace has no matching brace at `{ b`"),
            ("a } b", "a brace has no matching brace at `} b`"),
            ("{}", "`{}` is not a placeholder"),
            ("{tool:}", "`{}` is not a placeholder"),
            ("{ a }", "`{ a }` is not a placeholder"),
            ("{\"a\": 1}", "`{\"a\": 1}` is not a placeholder"),
            ("{a b\nc}", "`{a b}` is not a placeholder"),
        ] {
            assert_eq!(prompt_parts(text).unwrap_err().to_string(), problem, "{text}");
        }
    }
}
