//! The catalog of all tools that a search can find.

use std::collections::{HashMap, HashSet};

use super::catalog_entry::CatalogEntry;
use super::surface_tool::SurfaceTool;
use crate::engine::search::{SearchDocument, SearchIndex};

/// All tools that a search can find, and the index over their texts.
#[derive(Debug)]
pub(crate) struct Catalog {
    pub(crate) entries: Vec<CatalogEntry>,
    /// The positions of the entries by their shown names.
    by_name: HashMap<String, usize>,
    pub(crate) index: SearchIndex,
}

impl Catalog {
    /// Builds the catalog. A tool is renamed if a tool of the search surface has the same name.
    pub(crate) fn new(tools: impl IntoIterator<Item = (CatalogEntry, SearchDocument)>) -> Self {
        let (mut entries, documents): (Vec<CatalogEntry>, Vec<SearchDocument>) = tools.into_iter().unzip();
        let names: HashSet<String> = entries.iter().map(|entry| entry.name.clone()).collect();
        for entry in entries.iter_mut().filter(|entry| SurfaceTool::of(&entry.name).is_some()) {
            let free =
                (2..).map(|number| format!("{}_{number}", entry.name)).find(|name| !names.contains(name));
            entry.shown_name = free.unwrap_or_default();
        }
        let by_name = entries.iter().enumerate().map(|(at, entry)| (entry.shown_name.clone(), at)).collect();
        Self { entries, by_name, index: SearchIndex::new(documents) }
    }

    /// Returns the tool that search hits show as `shown_name`.
    pub(crate) fn get(&self, shown_name: &str) -> Option<&CatalogEntry> {
        self.entries.get(*self.by_name.get(shown_name)?)
    }

    /// Returns the tools that were renamed.
    pub(crate) fn renamed(&self) -> impl Iterator<Item = &CatalogEntry> {
        self.entries.iter().filter(|entry| entry.shown_name != entry.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::custom::CustomTool;
    use crate::reply::tool_result::ToolResult;

    #[test]
    fn tool_with_the_name_of_a_surface_tool_gets_an_unused_suffix() {
        let tools = ["search_tools", "search_tools_2", "get_book"]
            .map(|name| CustomTool::new(name, |_| async { Ok(ToolResult::text("")) }));
        let catalog = Catalog::new(tools.iter().map(CatalogEntry::of_custom));
        let names: Vec<_> = catalog.entries.iter().map(|entry| entry.shown_name.as_str()).collect();
        assert_eq!(names, ["search_tools_3", "search_tools_2", "get_book"]);
        assert_eq!(catalog.get("search_tools_3").map(|entry| entry.name.as_str()), Some("search_tools"));
        assert!(catalog.get("search_tools").is_none());
        assert_eq!(catalog.renamed().count(), 1);
    }
}
