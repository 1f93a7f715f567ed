//! The overlay that `describe` writes. It has one action for each text, and records for each tool the digest of the
//! material from which the texts were written.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jackfield_build::model::is_invisible;
use jackfield_build::parse_data;
use serde_json::Value;

use super::digest;
use super::weakness::Weakness;

/// The name of the file. It is in the folder of connector.toml.
pub(super) const FILE: &str = "descriptions.overlay.yaml";
/// The key with the digests of the material from which the texts were written.
const KEY: &str = "x-jackfield-describe";
/// The version of the format of that key's value.
const VERSION: u64 = 1;

const HEAD: &str = "\
# Texts of tools, written by `jackfield describe` with the answers of a command. Review them like code.
# Edited texts and removed actions stay as they are, until `jackfield describe --again` replaces them.
overlay: 1.0.0
info:
  title: Texts of tools
  version: 1.0.0
";

/// The texts of a file, with the digests of the material from which they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OverlayFile {
    /// The tools, by path and method of the operation.
    tools: BTreeMap<(String, String), DescribedTool>,
}

/// A tool with its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DescribedTool {
    /// The method and path of the operation.
    pub(super) route: String,
    pub(super) weakness: Weakness,
    /// The digest of the material.
    pub(super) material: String,
    /// The digest of the command.
    pub(super) command: String,
    /// The number of texts that were refused.
    pub(super) refused: u64,
    /// The targets that several operations share, if their texts were requested for this tool.
    pub(super) shared: Vec<String>,
    /// The digest of the texts as the command wrote them.
    written: String,
    pub(super) texts: Vec<DescribedText>,
}

/// A text, which is an action of the overlay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DescribedText {
    /// The target of the action.
    pub(super) target: String,
    /// The name of the described thing, for people.
    pub(super) label: String,
    /// `summary` or `description`.
    pub(super) key: String,
    pub(super) text: String,
}

impl DescribedTool {
    pub(super) fn new(
        route: String,
        weakness: Weakness,
        material: String,
        command: String,
        refused: u64,
        shared: Vec<String>,
        texts: Vec<DescribedText>,
    ) -> Self {
        let written = digest_of(&texts);
        Self { route, weakness, material, command, refused, shared, written, texts }
    }

    /// Returns whether a person changed or removed a text.
    pub(super) fn is_edited(&self) -> bool {
        digest_of(&self.texts) != self.written
    }

    /// Removes all texts, and counts them as refused.
    pub(super) fn refuse_all(&mut self) {
        self.refused += self.texts.len() as u64;
        self.texts.clear();
        self.written = digest_of(&self.texts);
    }
}

fn digest_of(texts: &[DescribedText]) -> String {
    digest::of(texts.iter().flat_map(|it| [&it.target, &it.key, &it.text]).map(String::as_bytes))
}

impl OverlayFile {
    /// Parses the text of a file.
    ///
    /// # Errors
    /// Returns an error if `describe` did not write the file, or if its records are invalid.
    pub(super) fn parse(name: &str, text: &str) -> Result<Self, String> {
        let root = parse_data(name, text).map_err(|error| error.to_string())?;
        let Some(about) = root.get(KEY) else {
            return Err(format!(
                "{name} was not written by `jackfield describe`: it has no `{KEY}`. Rename the file"
            ));
        };
        let damaged = |what: &str| {
            format!("{name}: {what}; restore it, or remove the file to describe all tools again")
        };
        if about.get("version").and_then(Value::as_u64) != Some(VERSION) {
            return Err(damaged(&format!("the version of `{KEY}` is not {VERSION}")));
        }
        let mut file = Self::default();
        for entry in about.get("tools").and_then(Value::as_array).into_iter().flatten() {
            let tool = tool(entry).ok_or_else(|| damaged(&format!("an entry of `{KEY}` is not valid")))?;
            file.insert(tool);
        }
        for action in root.get("actions").and_then(Value::as_array).into_iter().flatten() {
            // A file without texts has one action that changes nothing. It has no `x-operation`.
            let Some(route) = action.get("x-operation").and_then(Value::as_str) else { continue };
            let added = text_of(action).and_then(|text| Some((file.get_mut(route)?, text)));
            let (tool, text) = added.ok_or_else(|| damaged(&format!("an action of {route} is not valid")))?;
            tool.texts.push(text);
        }
        Ok(file)
    }

    pub(super) fn get(&self, route: &str) -> Option<&DescribedTool> {
        self.tools.get(&key(route))
    }

    fn get_mut(&mut self, route: &str) -> Option<&mut DescribedTool> {
        self.tools.get_mut(&key(route))
    }

    /// Adds a tool, or replaces the tool of the same operation.
    pub(super) fn insert(&mut self, tool: DescribedTool) {
        self.tools.insert(key(&tool.route), tool);
    }

    pub(super) fn remove(&mut self, route: &str) {
        self.tools.remove(&key(route));
    }

    /// Records that the edited texts of a tool belong to newer material. Removes the texts of targets that are no longer requested.
    pub(super) fn follow(&mut self, route: &str, material: &str, is_wanted: impl Fn(&str, &str) -> bool) {
        if let Some(tool) = self.get_mut(route) {
            material.clone_into(&mut tool.material);
            tool.texts.retain(|text| is_wanted(&text.target, &text.key));
        }
    }

    pub(super) fn tools(&self) -> impl Iterator<Item = &DescribedTool> {
        self.tools.values()
    }

    pub(super) fn tools_mut(&mut self) -> impl Iterator<Item = &mut DescribedTool> {
        self.tools.values_mut()
    }

    /// Returns the number of texts.
    pub(super) fn count(&self) -> usize {
        self.tools().map(|tool| tool.texts.len()).sum()
    }

    /// Formats the file.
    pub(super) fn print(&self) -> String {
        let mut text = format!("{HEAD}{KEY}:\n  version: {VERSION}\n  tools:");
        if self.tools.is_empty() {
            text.push_str(" []");
        }
        text.push('\n');
        for tool in self.tools() {
            let _ = write!(
                text,
                "    - operation: {}\n      why: {}\n      material: {}\n      command: {}\n      texts: {}\n",
                yaml_text(&tool.route),
                tool.weakness.as_str(),
                yaml_text(&tool.material),
                yaml_text(&tool.command),
                yaml_text(&tool.written),
            );
            if tool.refused > 0 {
                let _ = writeln!(text, "      refused: {}", tool.refused);
            }
            if !tool.shared.is_empty() {
                text.push_str("      shared:\n");
                for target in &tool.shared {
                    let _ = writeln!(text, "        - {}", yaml_text(target));
                }
            }
        }
        text.push_str("actions:\n");
        for tool in self.tools() {
            for DescribedText { target, label, key, text: described } in &tool.texts {
                let _ = write!(
                    text,
                    "  - target: {}\n    description: {}\n    x-operation: {}\n    update:\n      {key}: {}\n",
                    yaml_text(target),
                    yaml_text(label),
                    yaml_text(&tool.route),
                    yaml_text(described),
                );
            }
        }
        if self.count() == 0 {
            text.push_str(
                "  # No text was accepted. An overlay needs an action; this one changes nothing.\n",
            );
            text.push_str("  - target: \"$['info']\"\n    update: {}\n");
        }
        text
    }
}

/// Returns the sort key of a tool: the path, then the method.
fn key(route: &str) -> (String, String) {
    let (method, path) = route.split_once(' ').unwrap_or(("", route));
    (path.to_owned(), method.to_owned())
}

fn tool(entry: &Value) -> Option<DescribedTool> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
    Some(DescribedTool {
        route: text("operation")?,
        weakness: Weakness::parse(&text("why")?)?,
        material: text("material")?,
        command: text("command")?,
        refused: entry.get("refused").map_or(Some(0), Value::as_u64)?,
        shared: match entry.get("shared") {
            Some(list) => {
                list.as_array()?.iter().map(|it| it.as_str().map(str::to_owned)).collect::<Option<_>>()?
            }
            None => Vec::new(),
        },
        written: text("texts")?,
        texts: Vec::new(),
    })
}

/// Parses an action that changes one text.
fn text_of(action: &Value) -> Option<DescribedText> {
    let text = |key: &str| action.get(key).and_then(Value::as_str).map(str::to_owned);
    let mut update = action.get("update")?.as_object()?.iter();
    let (key, value) = update.next()?;
    let is_known = matches!(key.as_str(), "summary" | "description") && update.next().is_none();
    is_known.then_some(DescribedText {
        target: text("target")?,
        label: text("description")?,
        key: key.clone(),
        text: value.as_str()?.to_owned(),
    })
}

/// Quotes a text with double quotes, in a form that is valid in both YAML and JSON.
fn yaml_text(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if is_invisible(c) || u32::from(c) > 0xFFFF => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    let _ = write!(quoted, "\\u{unit:04x}");
                }
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(route: &str, text: &str) -> DescribedTool {
        let text = DescribedText {
            target: format!("$['paths']['{route}\\u2028\u{2028}']"),
            label: "description of list_books".to_owned(),
            key: "description".to_owned(),
            text: text.to_owned(),
        };
        let digest = || "sha256:00".to_owned();
        DescribedTool::new(
            route.to_owned(),
            Weakness::MissingText,
            digest(),
            digest(),
            1,
            vec!["$['x']".to_owned()],
            vec![text],
        )
    }

    #[test]
    fn printed_overlay_file_parses_to_the_same_texts() {
        let mut file = OverlayFile::default();
        for (route, text) in
            [("POST /books", "Adds \"a\" book: # \\"), ("GET /books", "Lists 本"), ("GET /a", "It's")]
        {
            file.insert(described(route, text));
        }
        let text = file.print();
        assert_eq!(OverlayFile::parse("x", &text).unwrap(), file);
        assert_eq!(
            file.tools().map(|tool| tool.route.as_str()).collect::<Vec<_>>(),
            ["GET /a", "GET /books", "POST /books"]
        );
        let empty = OverlayFile::default();
        assert_eq!(OverlayFile::parse("x", &empty.print()).unwrap(), empty);
    }

    #[test]
    fn overlay_text_that_a_person_edited_is_detected() {
        let mut file = OverlayFile::default();
        file.insert(described("GET /books", "Lists books"));
        let text = file.print().replace("\"Lists books\"", "Lists the books");
        let edited = OverlayFile::parse("x", &text).unwrap();
        assert!(edited.get("GET /books").unwrap().is_edited());
        assert!(!file.get("GET /books").unwrap().is_edited());
        assert_eq!(edited.get("GET /books").unwrap().texts[0].text, "Lists the books");
    }

    #[test]
    fn overlay_that_was_not_written_by_describe_is_refused() {
        for (text, why) in [
            ("overlay: 1.0.0\nactions: []\n", "has no `x-jackfield-describe`"),
            ("x-jackfield-describe: { version: 2 }\n", "the version of `x-jackfield-describe` is not"),
            ("x-jackfield-describe: { version: 1, tools: [{}] }\n", "an entry of"),
            (
                "x-jackfield-describe: { version: 1 }\nactions: [{ x-operation: GET /a, update: {} }]\n",
                "an action of GET /a",
            ),
            ("a: [", ""),
        ] {
            let refused = OverlayFile::parse("x", text).unwrap_err();
            assert!(refused.contains(why), "{text}: {refused}");
        }
    }
}
