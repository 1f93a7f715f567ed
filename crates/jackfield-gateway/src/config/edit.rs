//! Edits the text of gateway.toml and of agents. Comments and order are preserved.

use std::fmt;
use std::path::{Path, PathBuf};

use jackfield_clients::{ClientError, replace_file};
use toml_edit::{DocumentMut, Item, Table};

use super::file::{bytes, canonical};

/// A TOML document that is being edited.
pub(crate) struct TomlText {
    document: DocumentMut,
    /// Whether the lines end with CR LF.
    has_carriage_returns: bool,
}

/// The reason why a TOML document cannot be edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EditError {
    /// The text is not TOML.
    Invalid(String),
    /// The group with this name is not written as `[GROUP.NAME]`, so a table cannot be added to the group.
    Inline(&'static str),
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(why) => write!(f, "the file is not TOML: {why}"),
            Self::Inline(group) => write!(
                f,
                "`{group}` is written as one value, which this command does not change: write [{group}.NAME] for each, or change it by hand"
            ),
        }
    }
}

impl std::error::Error for EditError {}

impl TomlText {
    /// Parses a text.
    ///
    /// # Errors
    /// Returns an error if the text is not TOML.
    pub(crate) fn parse(text: &str) -> Result<Self, EditError> {
        let has_carriage_returns = text.contains("\r\n");
        let text = if has_carriage_returns { text.replace("\r\n", "\n") } else { text.to_owned() };
        let document = text.parse::<DocumentMut>();
        let document = document.map_err(|error| EditError::Invalid(error.message().to_owned()))?;
        Ok(Self { document, has_carriage_returns })
    }

    /// Returns the edited text.
    pub(crate) fn text(&self) -> String {
        let text = self.document.to_string();
        if self.has_carriage_returns { text.replace('\n', "\r\n") } else { text }
    }

    /// Adds `[GROUP.NAME]` after the other tables of the group.
    ///
    /// # Errors
    /// Returns an error if the group is not written as tables.
    pub(crate) fn add(&mut self, group: &'static str, name: &str, mut table: Table) -> Result<(), EditError> {
        let is_first =
            self.document.is_empty() && self.document.trailing().as_str().is_none_or(str::is_empty);
        let tables = self.document.entry(group).or_insert_with(|| {
            let mut tables = Table::new();
            tables.set_implicit(true);
            Item::Table(tables)
        });
        let tables =
            tables.as_table_mut().filter(|tables| !tables.is_dotted()).ok_or(EditError::Inline(group))?;
        // An empty table `[connectors]` needs no header any more once it contains a connector.
        tables.set_implicit(
            tables.is_implicit() || tables.get_values().is_empty() && tables.decor().prefix().is_none(),
        );
        table.decor_mut().set_prefix(if is_first { "" } else { "\n" });
        tables.insert(name, Item::Table(table));
        Ok(())
    }

    /// Returns the table `[GROUP.NAME]`.
    pub(crate) fn table(&mut self, group: &'static str, name: &str) -> Option<&mut Table> {
        self.document.get_mut(group)?.as_table_mut()?.get_mut(name)?.as_table_mut()
    }

    /// Whether the document has the group, even if the group is empty.
    pub(crate) fn has(&self, group: &str) -> bool {
        self.document.contains_key(group)
    }

    /// Whether a group has no tables.
    pub(crate) fn is_empty(&self, group: &str) -> bool {
        self.document.get(group).and_then(Item::as_table_like).is_none_or(toml_edit::TableLike::is_empty)
    }

    /// Removes everything except one group of tables and its comments.
    pub(crate) fn keep_only(&mut self, group: &str) {
        let others: Vec<String> =
            self.document.iter().map(|(key, _)| key.to_owned()).filter(|key| key != group).collect();
        for key in others {
            self.document.remove(&key);
        }
        self.document.set_trailing("");
    }

    /// Removes `[GROUP.NAME]` with the comment directly above it. Returns whether the table existed.
    pub(crate) fn remove(&mut self, group: &str, name: &str) -> bool {
        let Some(tables) = self.document.get_mut(group).and_then(Item::as_table_like_mut) else {
            return false;
        };
        let Some(removed) = tables.remove(name) else { return false };
        if let Item::Table(table) = &removed {
            let prefix = table.decor().prefix().and_then(|it| it.as_str()).unwrap_or_default();
            // A comment that an empty line separates from the table is about more than this table.
            let kept = prefix.rfind("\n\n").map_or("", |at| &prefix[..=at]);
            if kept.contains('#') {
                let kept = kept.to_owned();
                self.keep(&kept, last_position(&removed));
            }
        }
        if let Some(tables) = self.document.get_mut(group).and_then(Item::as_table_mut)
            && tables.is_empty()
        {
            tables.set_implicit(false);
        }
        true
    }

    /// Writes a comment before the first table after `position`, or at the end.
    fn keep(&mut self, comment: &str, position: isize) {
        let mut next = None;
        positions(self.document.as_item(), &mut |it| {
            if it > position && next.is_none_or(|next| it < next) {
                next = Some(it);
            }
        });
        match next.and_then(|next| at_position(self.document.as_item_mut(), next)) {
            Some(table) => {
                let own = table.decor().prefix().and_then(|it| it.as_str()).unwrap_or_default();
                let text = format!("{comment}{}{own}", if own.starts_with('\n') { "" } else { "\n" });
                table.decor_mut().set_prefix(text);
            }
            None => {
                let text = format!("{comment}{}", self.document.trailing().as_str().unwrap_or_default());
                self.document.set_trailing(text);
            }
        }
    }
}

/// Calls a function with the position of each table below an item.
fn positions(item: &Item, found: &mut impl FnMut(isize)) {
    match item {
        Item::Table(table) => {
            table.position().into_iter().for_each(&mut *found);
            table.iter().for_each(|(_, item)| positions(item, found));
        }
        Item::ArrayOfTables(tables) => {
            for table in tables {
                table.position().into_iter().for_each(&mut *found);
                table.iter().for_each(|(_, item)| positions(item, found));
            }
        }
        _ => {}
    }
}

fn last_position(item: &Item) -> isize {
    let mut last = isize::MIN;
    positions(item, &mut |it| last = last.max(it));
    last
}

/// Returns the table at a position.
fn at_position(item: &mut Item, position: isize) -> Option<&mut Table> {
    match item {
        Item::Table(table) => in_table(table, position),
        Item::ArrayOfTables(tables) => tables.iter_mut().find_map(|table| in_table(table, position)),
        _ => None,
    }
}

fn in_table(table: &mut Table, position: isize) -> Option<&mut Table> {
    if table.position() == Some(position) {
        return Some(table);
    }
    table.iter_mut().find_map(|(_, item)| at_position(item, position))
}

/// A TOML file that is being edited, and its original bytes.
pub(crate) struct EditedFile {
    path: PathBuf,
    before: Option<Vec<u8>>,
    pub(crate) text: TomlText,
}

impl EditedFile {
    /// Reads a file. A missing file counts as empty.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, or is not TOML.
    pub(crate) fn open(file: &Path) -> Result<Self, String> {
        let path = canonical(file).unwrap_or_else(|_| file.to_owned());
        let before = bytes(&path).map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
        let text = String::from_utf8(before.clone().unwrap_or_default())
            .map_err(|_| format!("{} is not UTF-8: save it as UTF-8 and try again", file.display()))?;
        let parsed = TomlText::parse(&text).map_err(|error| format!("{}: {error}", file.display()))?;
        // The only accepted difference is white space at the end of the file, such as a missing last line break.
        if parsed.text().trim_end() != text.trim_end() {
            return Err(format!(
                "{} cannot be changed without changing other lines: change it by hand",
                file.display()
            ));
        }
        Ok(Self { path, before, text: parsed })
    }

    /// Whether the file exists.
    pub(crate) const fn exists(&self) -> bool {
        self.before.is_some()
    }

    /// Writes the changed text.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written, or if another program has changed it.
    pub(crate) fn save(&self) -> Result<(), ClientError> {
        replace_file(&self.path, self.before.as_deref(), self.text.text().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use toml_edit::value;

    use super::*;

    const FILE: &str = "# All of ours.\nlisten = \"127.0.0.1:1\" # here\n\n# The clock.\n[connectors.time]\ncommand = [\"x\"]  # as is\n\n\
                        [connectors.time.effects]\n\"get_*\" = \"read\"\n\n# Who may.\n[agents.ci]\nconnectors = [\"time\"]\n# the end\n";

    fn docs() -> Table {
        let mut table = Table::new();
        table.insert("url", value("https://docs.example.com/mcp"));
        table
    }

    #[test]
    fn added_table_follows_its_siblings_and_leaves_the_other_text_unchanged() {
        let mut text = TomlText::parse(FILE).unwrap();
        text.add("connectors", "docs", docs()).unwrap();
        let expected = FILE.replace(
            "\n\n# Who may.",
            "\n\n[connectors.docs]\nurl = \"https://docs.example.com/mcp\"\n\n# Who may.",
        );
        assert_eq!(text.text(), expected);
        assert!(text.remove("connectors", "docs") && !text.remove("connectors", "docs"));
        assert_eq!(text.text(), FILE);
    }

    #[test]
    fn removing_a_table_removes_the_comment_above_it() {
        let mut text = TomlText::parse(FILE).unwrap();
        assert!(text.remove("connectors", "time"));
        let expected = "# All of ours.\nlisten = \"127.0.0.1:1\" # here\n\n[connectors]\n\n# Who may.\n[agents.ci]\nconnectors = [\"time\"]\n# the end\n";
        assert_eq!(text.text(), expected);
    }

    #[test]
    fn comment_about_the_whole_file_stays_when_the_first_table_is_removed() {
        let both = "# About all.\n\n# About a.\n[connectors.a]\nurl = \"a\"\n\n# About b.\n[connectors.b]\nurl = \"b\"\n";
        let mut text = TomlText::parse(both).unwrap();
        text.remove("connectors", "a");
        assert_eq!(text.text(), "# About all.\n\n# About b.\n[connectors.b]\nurl = \"b\"\n");
        text.remove("connectors", "b");
        let left = text.text();
        assert!(left.contains("# About all.") && left.contains("[connectors]"), "{left}");
    }

    #[test]
    fn edit_of_gateway_toml_keeps_crlf_line_ends_and_refuses_inline_tables() {
        let mut text = TomlText::parse("[connectors.a]\r\nurl = \"a\"\r\n").unwrap();
        text.add("connectors", "docs", docs()).unwrap();
        assert_eq!(
            text.text(),
            "[connectors.a]\r\nurl = \"a\"\r\n\r\n[connectors.docs]\r\nurl = \"https://docs.example.com/mcp\"\r\n"
        );
        let mut inline = TomlText::parse("connectors = { a = { url = \"a\" } }\n").unwrap();
        assert_eq!(inline.add("connectors", "docs", docs()), Err(EditError::Inline("connectors")));
        let mut empty = TomlText::parse("").unwrap();
        empty.add("connectors", "docs", docs()).unwrap();
        assert_eq!(empty.text(), "[connectors.docs]\nurl = \"https://docs.example.com/mcp\"\n");
    }
}
