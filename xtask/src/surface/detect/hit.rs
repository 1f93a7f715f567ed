use crate::surface::document::{Document, Tool};

/// A tool with a weakness.
#[derive(Debug)]
pub(in crate::surface) struct Hit {
    /// The tool's position in its document.
    pub(in crate::surface) tool: usize,
    /// The word, the sentence or the argument that shows the weakness.
    pub(in crate::surface) detail: String,
}

/// Returns the tools for which `find` returns a detail.
pub(super) fn each(document: &Document, find: impl Fn(&Tool) -> Option<String>) -> Vec<Hit> {
    let tools = document.tools.iter().enumerate();
    tools.filter_map(|(at, tool)| Some(Hit { tool: at, detail: find(tool)? })).collect()
}
