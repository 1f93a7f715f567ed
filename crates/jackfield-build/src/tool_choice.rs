//! Finds the tools that selectors of a command line name.

use jackfield_surface::{Known, Selector, select, tool_facts};

use crate::report::Modelled;

impl Modelled {
    /// Returns the indexes of the tools that selectors match, in the order of the surface. Without selectors, all tools match.
    ///
    /// # Errors
    /// Returns an error for the first selector that is invalid or matches no tool. The error suggests the most
    /// similar selector.
    pub fn matching(&self, selectors: &[String]) -> Result<Vec<usize>, String> {
        let parsed: Vec<Selector> =
            selectors.iter().map(|text| Selector::parse(text)).collect::<Result<_, _>>()?;
        let facts = tool_facts(&self.connector, &self.names);
        let selected = select(&facts, &parsed.iter().collect::<Vec<_>>(), &[]);
        if let Some(at) = selected.included.iter().position(|is_matched| !is_matched) {
            let text = &selectors[at];
            return Err(format!("`{text}` matches no tool; {}", Known::of(&facts).remedy(text)));
        }
        Ok((0..facts.len()).filter(|at| selected.chosen[*at]).collect())
    }
}
