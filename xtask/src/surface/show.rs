//! Prints tools for people who compare two runs.

use std::fmt::Write as _;

use serde_json::json;

use super::document::{Document, Tool};
use crate::sample;

/// The width to which texts are truncated.
const WIDTH: usize = 300;

/// Selects tools by their operations, so that two runs with one seed show the same operations.
pub(super) fn sample(documents: &[Document], seed: u64, count: usize) -> String {
    let mut all: Vec<(&str, &Tool)> = documents
        .iter()
        .flat_map(|document| document.tools.iter().map(|tool| (document.path.as_str(), tool)))
        .collect();
    all.sort_by_key(|(document, tool)| (*document, &tool.path, &tool.method));
    let chosen = sample::sample(all, seed, count);
    chosen.into_iter().map(|(document, tool)| one(document, tool)).collect::<Vec<_>>().join("\n")
}

fn one(document: &str, tool: &Tool) -> String {
    let mut out = format!("{document}: {} {} ({})\n", tool.method, tool.path, tool.id);
    // Writing to a string cannot fail.
    let _ = writeln!(out, "  name         {}", tool.name);
    let _ = writeln!(out, "  title        {}", cut(&tool.title));
    let _ = writeln!(out, "  description  {}", cut(&tool.description));
    let _ = writeln!(out, "  effect       {} ({})", tool.effect(), tool.because);
    for argument in &tool.arguments {
        let required = if argument.required { " (required)" } else { "" };
        let _ = writeln!(out, "  argument     {}{required}: {}", argument.name, cut(&argument.text));
    }
    out
}

fn cut(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= WIDTH { line } else { line.chars().take(WIDTH - 1).chain(['…']).collect() }
}

/// Returns every tool as one line of JSON.
pub(super) fn tools(documents: &[Document]) -> String {
    let mut out = String::new();
    for document in documents {
        for tool in &document.tools {
            let arguments = tool.arguments.iter().map(|it| {
                json!({ "name": it.name, "required": it.required, "text": it.text, "documented": it.documented })
            });
            let line = json!({
                "document": document.path, "route": format!("{} {}", tool.method, tool.path), "operationId": tool.id,
                "name": tool.name, "title": tool.title, "description": tool.description, "effect": tool.effect(),
                "because": tool.because, "arguments": arguments.collect::<Vec<_>>(),
                "summary": tool.summary, "text": tool.text,
            });
            out.push_str(&line.to_string());
            out.push('\n');
        }
    }
    out
}
