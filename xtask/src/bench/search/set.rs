//! Sets of tools and graded queries, with one JSON object on each line.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use jackfield_runtime::{SearchArgument, SearchDocument};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::failure::Failure;

/// A set of tools, with queries and the tools that answer each query.
pub(super) struct Set {
    pub(super) name: String,
    pub(super) tools: Vec<Tool>,
    pub(super) queries: Vec<Query>,
}

pub(super) struct Tool {
    pub(super) document: SearchDocument,
}

pub(super) struct Query {
    pub(super) text: String,
    /// The positions of the tools that answer the query.
    pub(super) relevant: Vec<usize>,
}

#[derive(Deserialize)]
struct ToolLine {
    id: String,
    name: String,
    #[serde(default)]
    group: Option<String>,
    #[serde(default)]
    category: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    arguments: Vec<ArgumentLine>,
}

#[derive(Deserialize)]
struct ArgumentLine {
    name: String,
    #[serde(default)]
    description: Option<String>,
}

#[derive(Deserialize)]
struct QueryLine {
    query: String,
    relevant: Vec<String>,
}

/// Reads the sets in a folder, sorted by name.
pub(super) fn read_all(folder: &Path) -> Result<Vec<Set>, Failure> {
    let entries =
        std::fs::read_dir(folder).map_err(Failure::while_(&format!("reading {}", folder.display())))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(".tools.jsonl").map(str::to_owned))
        .collect();
    names.sort();
    if names.is_empty() {
        return Err(Failure::new(format!("{} has no NAME.tools.jsonl", folder.display())));
    }
    names.into_iter().map(|name| read(folder, name)).collect()
}

fn read(folder: &Path, name: String) -> Result<Set, Failure> {
    let tools: Vec<ToolLine> = lines(folder.join(format!("{name}.tools.jsonl")))?;
    let positions: HashMap<String, usize> =
        tools.iter().enumerate().map(|(at, tool)| (tool.id.clone(), at)).collect();
    let path = folder.join(format!("{name}.queries.jsonl"));
    let mut queries = Vec::new();
    for line in lines::<QueryLine>(path.clone())? {
        let of = |id: &String| {
            let unknown = || Failure::new(format!("{}: there is no tool {id}", path.display()));
            positions.get(id).copied().ok_or_else(unknown)
        };
        let relevant = line.relevant.iter().map(of).collect::<Result<Vec<_>, _>>()?;
        if relevant.is_empty() {
            return Err(Failure::new(format!(
                "{}: no tool is marked as relevant for {:?}",
                path.display(),
                line.query
            )));
        }
        queries.push(Query { text: line.query, relevant });
    }
    Ok(Set { name, tools: tools.into_iter().map(Tool::from).collect(), queries })
}

fn lines<T: DeserializeOwned>(path: PathBuf) -> Result<Vec<T>, Failure> {
    let text =
        std::fs::read_to_string(&path).map_err(Failure::while_(&format!("reading {}", path.display())))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(at, line)| {
            serde_json::from_str(line).map_err(Failure::while_(&format!("{}:{}", path.display(), at + 1)))
        })
        .collect()
}

impl From<ToolLine> for Tool {
    fn from(line: ToolLine) -> Self {
        let argument = |argument: ArgumentLine| SearchArgument {
            name: argument.name,
            description: argument.description.unwrap_or_default(),
        };
        let document = SearchDocument {
            name: line.name,
            group: line.group.unwrap_or_default(),
            tags: line.category.into_iter().collect(),
            arguments: line.arguments.into_iter().map(argument).collect(),
            description: line.description.unwrap_or_default(),
            ..SearchDocument::default()
        };
        Self { document }
    }
}
