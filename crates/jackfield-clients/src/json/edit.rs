//! Changes one member or element of a JSON text, and keeps all other bytes.

use std::ops::Range;

use serde_json::Value;

use super::scan::Node;

/// Prints a value over several lines. `unit` is one step of indentation, and `outer` the indentation of the line on
/// which the value begins.
pub(crate) fn pretty(value: &Value, unit: &str, outer: &str, newline: &str) -> String {
    // JSON escapes line breaks in strings, so every line break is formatting.
    let text = format!("{value:#}");
    let mut lines = text.lines();
    let mut out = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        let rest = line.trim_start_matches(' ');
        out.push_str(newline);
        out.push_str(outer);
        out.push_str(&unit.repeat((line.len() - rest.len()) / 2));
        out.push_str(rest);
    }
    out
}

/// The formatting of a file.
struct Style<'t> {
    newline: &'static str,
    unit: &'t str,
    /// Whether the file has no line break between its first and last character.
    is_compact: bool,
}

impl<'t> Style<'t> {
    fn of(text: &'t str, root: &Node) -> Self {
        let newline = match text.find('\n') {
            Some(at) if text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        };
        let first = root
            .members()
            .and_then(|members| members.first())
            .and_then(|first| indentation(text, first.start));
        Self {
            newline,
            unit: first.filter(|indentation| !indentation.is_empty()).unwrap_or("  "),
            is_compact: !text[root.span.clone()].contains('\n')
                && root.members().is_some_and(|it| !it.is_empty()),
        }
    }
}

/// Returns the white space before a position, if its line contains nothing else before the position.
fn indentation(text: &str, at: usize) -> Option<&str> {
    let start = text[..at].rfind('\n')? + 1;
    Some(&text[start..at]).filter(|before| before.trim_matches([' ', '\t']).is_empty())
}

/// Returns the indentation of the line that contains a position.
fn indentation_of_line(text: &str, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = &text[start..at];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// Adds a member at the end of an object.
pub(crate) fn insert(text: &str, root: &Node, object: &Node, name: &str, value: &Value) -> String {
    let members = object.members().unwrap_or_default();
    let spans: Vec<Range<usize>> = members.iter().map(|it| it.start..it.value.span.end).collect();
    let name = Value::from(name).to_string();
    add(text, root, object, &spans, |style, indent| match style {
        None => format!("{name}: {value}"),
        Some(style) => format!("{name}: {}", pretty(value, style.unit, indent, style.newline)),
    })
}

/// Adds an element at the end of an array.
pub(crate) fn append(text: &str, root: &Node, array: &Node, value: &Value) -> String {
    let spans: Vec<Range<usize>> =
        array.elements().unwrap_or_default().iter().map(|it| it.span.clone()).collect();
    add(text, root, array, &spans, |style, indent| match style {
        None => value.to_string(),
        Some(style) => pretty(value, style.unit, indent, style.newline),
    })
}

fn add(
    text: &str,
    root: &Node,
    container: &Node,
    items: &[Range<usize>],
    print: impl Fn(Option<&Style<'_>>, &str) -> String,
) -> String {
    let style = Style::of(text, root);
    let end = container.span.end - 1;
    let outer = indentation_of_line(text, container.span.start);
    let Some(last) = items.last() else {
        let inner = &text[container.span.start + 1..end];
        if style.is_compact {
            // A line comment would comment out the entry, but a compact file has no line comments.
            return spliced(text, end..end, &print(None, ""));
        }
        let kept = container.span.start + 1 + inner.trim_end().len();
        let indent = format!("{outer}{}", style.unit);
        let added =
            format!("{}{indent}{}{}{outer}", style.newline, print(Some(&style), &indent), style.newline);
        return spliced(text, kept..end, &added);
    };
    let (comma, after) = after_item(text, last.end, end);
    let is_single_line = !text[container.span.clone()].contains('\n');
    if is_single_line {
        let space = if text[container.span.clone()].contains(", ") || !style.is_compact { " " } else { "" };
        let before = if comma.is_some() { space.to_owned() } else { format!(",{space}") };
        let added = format!("{before}{}", print(None, ""));
        let at = comma.map_or(last.end, |comma| comma + 1);
        let tail = if comma.is_some() { "," } else { "" };
        return spliced(text, at..at, &format!("{added}{tail}"));
    }
    let first = &items[0];
    let indent = match indentation(text, first.start) {
        Some(indentation) => indentation.to_owned(),
        None => format!("{outer}{}", style.unit),
    };
    let mut added = format!("{}{indent}{}", style.newline, print(Some(&style), &indent));
    if comma.is_some() {
        added.push(',');
    }
    // The last item may be on the same line as the closing brace.
    if !text[after..end].contains('\n') {
        added.push_str(style.newline);
        added.push_str(outer);
    }
    let text = spliced(text, after..after, &added);
    match comma {
        Some(_) => text,
        None => spliced(&text, last.end..last.end, ","),
    }
}

/// Returns the position of the comma after an item, and the position after the comma and the comments on the same line.
fn after_item(text: &str, item: usize, end: usize) -> (Option<usize>, usize) {
    let (mut at, mut comma, mut after) = (item, None, item);
    while at < end {
        let rest = &text[at..end];
        if rest.starts_with("//") {
            at += rest.find(['\r', '\n']).unwrap_or(rest.len());
            after = if comma.is_some() || !text[after..at].contains('\n') { at } else { after };
            break;
        } else if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |close| close + 2);
        } else if rest.starts_with(',') {
            comma = Some(at);
            at += 1;
        } else if rest.starts_with([' ', '\t']) {
            at += 1;
            continue;
        } else if rest.starts_with(['\r', '\n']) {
            match comma {
                // The comma may be on a later line.
                None if next_is_comma(text, at, end) => {
                    at += 1;
                    continue;
                }
                _ => break,
            }
        } else {
            break;
        }
        after = at;
    }
    (comma, after)
}

/// Whether the next character other than white space and comments is a comma.
fn next_is_comma(text: &str, mut at: usize, end: usize) -> bool {
    while at < end {
        let rest = &text[at..end];
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |close| close + 2);
        } else if rest.starts_with([' ', '\t', '\r', '\n']) {
            at += 1;
        } else {
            return rest.starts_with(',');
        }
    }
    false
}

/// Replaces a value. The new value is printed with the indentation of the line.
pub(crate) fn replace(text: &str, root: &Node, node: &Node, value: &Value) -> String {
    let style = Style::of(text, root);
    let printed = match text[node.span.clone()].contains('\n') || !style.is_compact {
        true => pretty(value, style.unit, indentation_of_line(text, node.span.start), style.newline),
        false => value.to_string(),
    };
    spliced(text, node.span.clone(), &printed)
}

/// Removes the member at `index`.
pub(crate) fn remove_member(text: &str, object: &Node, index: usize) -> String {
    let members = object.members().unwrap_or_default();
    let spans: Vec<Range<usize>> = members.iter().map(|it| it.start..it.value.span.end).collect();
    remove(text, object, &spans, index)
}

/// Removes the element at `index`.
pub(crate) fn remove_element(text: &str, array: &Node, index: usize) -> String {
    let spans: Vec<Range<usize>> =
        array.elements().unwrap_or_default().iter().map(|it| it.span.clone()).collect();
    remove(text, array, &spans, index)
}

fn remove(text: &str, container: &Node, items: &[Range<usize>], index: usize) -> String {
    let Some(item) = items.get(index) else { return text.to_owned() };
    let end = container.span.end - 1;
    let next = items.get(index + 1).map_or(end, |next| next.start);
    let own_comma = comma_between(text, item.end, next);
    // If the last item has no comma, the comma of the previous item is removed too.
    let earlier_comma = match (own_comma, index.checked_sub(1)) {
        (None, Some(previous)) => comma_between(text, items[previous].end, item.start),
        _ => None,
    };
    let cut = own_comma
        .filter(|&comma| text[item.end..comma].trim().is_empty())
        .map_or(item.end, |comma| comma + 1);
    let begin = text[..item.start].trim_end_matches([' ', '\t']).len();
    // If the line contains nothing else, the whole line is removed. Otherwise a line comment on the line before could comment out the
    // following text.
    let ends_line = text[cut..].trim_start_matches([' ', '\t']).starts_with(['\r', '\n']);
    let begin = match text[..begin].strip_suffix('\n').filter(|_| ends_line) {
        Some(rest) => rest.strip_suffix('\r').unwrap_or(rest).len(),
        None => begin,
    };
    let mut removed: Vec<Range<usize>> = std::iter::once(begin..cut).collect();
    removed.extend(own_comma.filter(|&comma| comma >= cut).map(|comma| comma..comma + 1));
    if items.len() == 1 && text[removed[removed.len() - 1].end..end].trim().is_empty() {
        let is_empty = text[container.span.start + 1..begin].trim().is_empty();
        if is_empty {
            removed = std::iter::once(container.span.start + 1..end).collect();
        }
    }
    removed.extend(earlier_comma.map(|comma| comma..comma + 1));
    removed.sort_by_key(|range| range.start);
    let mut out = text.to_owned();
    for range in removed.into_iter().rev() {
        out.replace_range(range, "");
    }
    out
}

/// Returns the position of the comma between two positions, if only white space and comments are beside it.
fn comma_between(text: &str, mut at: usize, end: usize) -> Option<usize> {
    while at < end {
        let rest = &text[at..end];
        if rest.starts_with(',') {
            return Some(at);
        }
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |close| close + 2);
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    None
}

fn spliced(text: &str, range: Range<usize>, added: &str) -> String {
    let mut out = text.to_owned();
    out.replace_range(range, added);
    out
}
