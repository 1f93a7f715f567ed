//! The paths in a source file, in its `use` lines and its code, and the items that it defines.

/// A path in a file, relative to its module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) path: Vec<String>,
    /// The name that a `use` imports the path as; none for a path in the code.
    pub(super) alias: Option<String>,
    pub(super) line: usize,
}

/// A source file without its tests.
#[derive(Debug, Default)]
pub(super) struct Source {
    pub(super) named: Vec<Named>,
    /// The items that it defines.
    pub(super) items: Vec<String>,
    /// Modules that it declares only for tests.
    pub(super) test_modules: Vec<String>,
}

/// Returns the numbered lines of code outside comments and tests.
pub(crate) fn code_of(text: &str) -> Vec<(usize, String)> {
    Source::default().without_tests(text)
}

impl Source {
    pub(super) fn of(text: &str) -> Self {
        let mut source = Self::default();
        let lines = source.without_tests(text);
        let mut at = 0;
        while at < lines.len() {
            let (number, line) = &lines[at];
            let Some(rest) = used(line) else {
                source.read_code(*number, line);
                at += 1;
                continue;
            };
            let mut statement = rest.to_owned();
            while !statement.contains(';') && at + 1 < lines.len() {
                at += 1;
                statement.push_str(&lines[at].1);
            }
            let tree: String = statement
                .split(';')
                .next()
                .unwrap_or_default()
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            expand(&mut Vec::new(), &tree, *number, &mut source.named);
            at += 1;
        }
        source
    }

    /// Returns the numbered lines of code outside comments and tests.
    fn without_tests(&mut self, text: &str) -> Vec<(usize, String)> {
        let mut kept = Vec::new();
        let mut lines = text.lines().enumerate().peekable();
        while let Some((at, line)) = lines.next() {
            let trimmed = line.trim();
            if trimmed.starts_with("//") {
                continue;
            }
            if trimmed != "#[cfg(test)]" {
                kept.push((at + 1, line.split(" // ").next().unwrap_or(line).trim().to_owned()));
                continue;
            }
            let end = format!("{}}}", &line[..line.len() - line.trim_start().len()]);
            // Attributes may precede the item. An item without a body ends on its line, any other item ends at its
            // closing brace.
            let mut has_body = false;
            for (_, line) in lines.by_ref() {
                let declared = line.trim().strip_suffix(';').and_then(|it| it.rsplit("mod ").next());
                self.test_modules.extend(declared.filter(|_| !has_body).map(str::to_owned));
                let ends = if has_body { line == end } else { line.trim_end().ends_with([';', '}']) };
                has_body |= line.trim_end().ends_with('{');
                if ends {
                    break;
                }
            }
        }
        kept
    }

    fn read_code(&mut self, number: usize, line: &str) {
        // Visibility is not a dependency.
        let line = match line.split_once("pub(in ").and_then(|(_, rest)| rest.split_once(')')) {
            Some((_, rest)) => rest,
            None => line,
        };
        for word in ["fn ", "struct ", "enum ", "trait ", "type ", "const ", "static ", "union "] {
            for (at, _) in line.match_indices(word) {
                let is_word = at == 0 || line[..at].ends_with([' ', '(']);
                let name = identifier(&line[at + word.len()..]);
                if is_word && !name.is_empty() {
                    self.items.push(name.to_owned());
                }
            }
        }
        let mut rest = line;
        let mut before = ' ';
        while let Some(first) = rest.chars().next() {
            let word = identifier(rest);
            if word.is_empty() || before == '"' {
                before = first;
                rest = &rest[first.len_utf8()..];
                continue;
            }
            let mut path = vec![word.to_owned()];
            let follows = before == ':' || before == '.';
            rest = &rest[word.len()..];
            while let Some(next) = rest.strip_prefix("::").map(identifier).filter(|next| !next.is_empty()) {
                path.push(next.to_owned());
                rest = &rest[2 + next.len()..];
            }
            if path.len() > 1 && !follows {
                self.named.push(Named { path, alias: None, line: number });
            }
            before = 'a';
        }
    }
}

/// Returns the tree after `use`, with any visibility.
fn used(line: &str) -> Option<&str> {
    let rest = match line.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(") ")?.1,
        Some(rest) => rest.trim_start(),
        None => line,
    };
    rest.strip_prefix("use ")
}

fn identifier(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    if text.starts_with(|c: char| c.is_ascii_digit()) { "" } else { &text[..end] }
}

/// The paths of a tree such as `crate::{a::B, c::{self, D as E}}`.
fn expand(before: &mut Vec<String>, tree: &str, line: usize, found: &mut Vec<Named>) {
    let tree = tree.trim();
    if let Some(inner) = tree.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        for part in split(inner) {
            expand(before, part, line, found);
        }
        return;
    }
    if let Some((first, rest)) = tree.split_once("::") {
        before.push(first.trim().to_owned());
        expand(before, rest, line, found);
        before.pop();
        return;
    }
    let (name, alias) = tree.split_once(" as ").unwrap_or((tree, tree));
    let mut path = before.clone();
    if name != "self" {
        path.push(name.to_owned());
    }
    let alias = if alias == "self" { path.last().cloned() } else { Some(alias.to_owned()) };
    if !name.is_empty() {
        found.push(Named { path, alias, line });
    }
}

/// Returns the parts between commas outside braces.
fn split(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0_usize, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}
