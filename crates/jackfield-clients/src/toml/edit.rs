//! Adds and removes the table of a server.

use std::fmt::Write as _;
use std::ops::Range;

use serde_json::Value;

use super::scan::{Form, Statement};
use crate::scanner::Fault;

/// Returns the TOML table of a server. The values are strings and arrays of strings.
pub(crate) fn block(servers: &str, name: &str, value: &Value, newline: &str) -> String {
    let mut out = format!("[{servers}.{name}]{newline}");
    for (key, value) in value.as_object().into_iter().flatten() {
        // JSON's escapes are valid in TOML, but TOML also requires U+007F to be escaped.
        let text = match value {
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(Value::to_string).collect();
                format!("[{}]", items.join(", "))
            }
            value => value.to_string(),
        };
        let _ = write!(out, "{key} = {}{newline}", text.replace('\u{7f}', "\\u007F"));
    }
    out
}

/// The lines of a file that describe a server.
#[derive(Debug, PartialEq)]
pub(crate) enum Table {
    Absent,
    /// The byte ranges of table headers and the lines below them, including line breaks.
    Lines(Vec<Range<usize>>),
}

/// Finds the table of a server.
///
/// # Errors
/// Returns an error if the TOML form of the servers, or of this server, cannot be edited.
pub(crate) fn table(text: &str, statements: &[Statement], servers: &str, name: &str) -> Result<Table, Fault> {
    let is_of = |path: &[String]| matches!(path, [first, second, ..] if first == servers && second == name);
    let mut lines: Vec<Range<usize>> = Vec::new();
    let mut own_header = false;
    for statement in statements {
        let fault = |text: &str| Fault { at: statement.span.start, text: text.to_owned() };
        match &statement.form {
            Form::Table | Form::ArrayOfTables => {
                if statement.form == Form::ArrayOfTables && statement.path == [servers] {
                    return Err(fault("servers are an array here, but have to be a table"));
                }
                own_header = is_of(&statement.path);
            }
            Form::Value(_) if statement.path == [servers] => {
                return Err(fault(
                    "servers are an inline table here, and no entry can be added to it: write a header for each \
                     server, such as [mcp_servers.NAME]",
                ));
            }
            Form::Value(_) if is_of(&statement.path) && !own_header => {
                return Err(fault(
                    "this server has no header of its own such as [mcp_servers.NAME], so its entry cannot be changed automatically: change or remove it by hand",
                ));
            }
            Form::Value(_) => {}
        }
        if own_header {
            let end =
                text[statement.span.end..].find('\n').map_or(text.len(), |at| statement.span.end + at + 1);
            match lines.last_mut() {
                // Comments inside the table belong to the table. Comments before the next header do not.
                Some(last) if matches!(statement.form, Form::Value(_)) => last.end = end,
                _ => lines.push(statement.span.start..end),
            }
        }
    }
    Ok(if lines.is_empty() { Table::Absent } else { Table::Lines(lines) })
}

/// Adds the table of a server at the end of the text.
pub(crate) fn insert(text: &str, servers: &str, name: &str, value: &Value) -> String {
    let newline = newline(text);
    let mut out = text.to_owned();
    if !out.trim_start_matches('\u{feff}').is_empty() {
        if !out.ends_with('\n') {
            out.push_str(newline);
        }
        out.push_str(newline);
    }
    out + &block(servers, name, value, newline)
}

/// Replaces the lines that describe a server by `block`.
pub(crate) fn replace(text: &str, lines: &[Range<usize>], block: &str) -> String {
    let mut out = text.to_owned();
    for (index, range) in lines.iter().enumerate().rev() {
        out.replace_range(range.clone(), if index == 0 { block } else { "" });
    }
    out
}

/// Removes the lines that describe a server, and the empty line before them.
pub(crate) fn remove(text: &str, lines: &[Range<usize>]) -> String {
    let mut out = text.to_owned();
    for range in lines.iter().rev() {
        let mut begin = range.start;
        for end in ["\r\n\r\n", "\n\n"] {
            if text[..range.start].ends_with(end) {
                begin -= end.len() / 2;
                break;
            }
        }
        out.replace_range(begin..range.end, "");
    }
    out
}

fn newline(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}
