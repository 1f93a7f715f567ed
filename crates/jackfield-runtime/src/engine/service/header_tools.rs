//! Tools whose arguments clients repeat in headers, since revision 2026-07-28.

use serde_json::{Map, Value};

use super::Service;
use crate::common::caller::{Caller, Channel};
use crate::engine::header_arguments::repeats_in_headers;
use crate::engine::listing::Listed;

impl Service {
    /// Returns the input schema of the tool `name` of another source, as a caller gets it. Returns `None` if clients do not have to repeat
    /// arguments of the tool in headers.
    pub(crate) fn repeated_in_headers(&self, name: &str, caller: &Caller) -> Option<Map<String, Value>> {
        match &self.surface {
            // The search surface lists no tool of another source.
            Some(_) => None,
            None => self.sources.iter().find_map(|source| source.repeated_in_headers(name, caller)),
        }
    }

    /// Returns the generated and hand-written tools whose arguments clients have to repeat in headers.
    pub(crate) fn own_header_tools(&self) -> impl Iterator<Item = Listed> {
        let caller = Caller::local(Channel::CommandLine);
        let tools = self.by_name.keys().filter_map(move |name| self.own_tool(name, &caller));
        tools.filter(|tool| repeats_in_headers(&tool.input))
    }
}
