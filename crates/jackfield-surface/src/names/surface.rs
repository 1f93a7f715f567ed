//! The identifiers of generated code, made from the names of tools.

use std::collections::BTreeSet;

use jackfield_model::{Connector, Group, Operation, RustIdent, ToolName};

use super::choose::{ChosenName, LONGEST, Names, tool_names};
use super::snake::snake;
use crate::digest::Digest;

/// The tools of a connector with all their names.
#[derive(Clone, Debug)]
pub struct Surface<'m> {
    /// The tools in the order of the model.
    pub groups: Vec<ToolGroup<'m>>,
}

/// The tools of one tag.
#[derive(Clone, Debug)]
pub struct ToolGroup<'m> {
    /// The name of the module and of its file.
    pub module: RustIdent,
    /// The description of the tag.
    pub group: &'m Group,
    /// The tools, in the order of the document.
    pub tools: Vec<NamedTool<'m>>,
}

/// An operation as a tool.
#[derive(Clone, Debug)]
pub struct NamedTool<'m> {
    /// The name that clients call.
    pub name: ToolName,
    /// Whether the user chose the name.
    pub is_renamed: bool,
    /// The identifier of the mapping function.
    pub function: RustIdent,
    /// The identifier of the table entry.
    pub row: RustIdent,
    /// The operation.
    pub operation: &'m Operation,
}

impl NamedTool<'_> {
    /// Returns the name with which clients call the tool: its own name, or the name of the tool into which it is
    /// merged.
    pub fn called(&self) -> &ToolName {
        self.operation.merged.as_ref().map_or(&self.name, |merged| &merged.tool)
    }
}

impl<'m> Surface<'m> {
    /// Chooses the tool names of a connector.
    pub fn new(connector: &'m Connector, names: &Names) -> Self {
        Self::named(connector, tool_names(connector, names, LONGEST))
    }

    /// Chooses the identifiers of a connector whose tools already have names.
    pub fn named(connector: &'m Connector, names: Vec<ChosenName>) -> Self {
        let mut tools = names.into_iter();
        let mut modules = Taken::of(["mod", "schemas"]);
        let groups = connector
            .groups
            .iter()
            .map(|group| {
                let mut functions = Taken::default();
                // The generated module of each group has a constant `TOOLS`, so no table entry may have that name.
                let mut rows = Taken::of(["TOOLS"]);
                let named = group.operations.iter().zip(&mut tools).map(
                    |(operation, ChosenName { name, is_renamed, merged: _ })| {
                        let function = functions.take(&identifier(name.as_str()));
                        let row = rows.take(&function.as_str().to_uppercase());
                        NamedTool { name, is_renamed, function, row, operation }
                    },
                );
                let named = named.collect();
                ToolGroup { module: modules.take(&module(group.tag.as_str())), group, tools: named }
            })
            .collect();
        Self { groups }
    }

    /// Returns every tool, group by group.
    pub fn tools(&self) -> impl Iterator<Item = &NamedTool<'m>> {
        self.groups.iter().flat_map(|group| &group.tools)
    }
}

/// Chooses identifiers in one namespace. Each identifier is used once.
#[derive(Default)]
struct Taken(BTreeSet<String>);

impl Taken {
    fn of<const N: usize>(words: [&str; N]) -> Self {
        Self(words.into_iter().map(str::to_owned).collect())
    }

    fn take(&mut self, wanted: &str) -> RustIdent {
        let numbered = (2..).map(|n| format!("{wanted}_{n}"));
        let candidates = [wanted.to_owned(), format!("{wanted}_")].into_iter().chain(numbered);
        let mut usable = candidates.filter_map(|name| RustIdent::new(name).ok());
        let free = usable.find(|name| !self.0.contains(name.as_str())).expect("the numbers are unlimited");
        self.0.insert(free.to_string());
        free
    }
}

/// Converts a tool's name to an identifier.
fn identifier(name: &str) -> String {
    let snake = snake(name);
    match snake.chars().next() {
        None => "tool".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("n{snake}"),
        Some(_) => snake,
    }
}

/// Converts a tag's name to a module name, which is also a valid file name on every system.
fn module(tag: &str) -> String {
    const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
    let mut name = snake(tag);
    if name.len() > 60 {
        let digest = Digest::of([tag.as_bytes()]);
        name = format!("{}_{}", name[..50].trim_end_matches('_'), digest.short(6));
    }
    let numbered_device = ["com", "lpt"].iter().any(|device| {
        name.strip_prefix(device)
            .is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_digit()))
    });
    match name.chars().next() {
        None => "group".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("n{name}"),
        Some(_) if DEVICES.contains(&name.as_str()) || numbered_device => format!("{name}_group"),
        Some(_) => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_identifiers_are_unique_and_not_keywords() {
        let mut taken = Taken::of(["TOOLS"]);
        assert_eq!(taken.take("type").as_str(), "type_");
        assert_eq!(taken.take("TOOLS").as_str(), "TOOLS_");
        assert_eq!(taken.take("TOOLS").as_str(), "TOOLS_2");
        assert_eq!(identifier("3d"), "n3d");
    }

    #[test]
    fn module_name_is_a_valid_file_name_everywhere() {
        for (tag, name) in [
            ("../../etc/passwd", "etc_passwd"),
            ("con", "con_group"),
            ("COM1", "com1_group"),
            ("", "group"),
            ("📚", "group"),
            ("3D", "n3d"),
        ] {
            assert_eq!(module(tag), name, "{tag}");
        }
    }
}
