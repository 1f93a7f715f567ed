//! Tools of which clients repeat arguments in headers, since revision 2026-07-28.

use serde_json::{Map, Value};

use super::Service;
use crate::common::caller::{Caller, Channel};
use crate::engine::header_arguments::repeats_in_headers;
use crate::engine::listing::Listed;

impl Service {
    /// The input schema of another source's tool as a caller gets it, if clients have to repeat arguments of it in headers.
    pub(crate) fn repeated_in_headers(&self, name: &str, caller: &Caller) -> Option<Map<String, Value>> {
        match &self.surface {
            // The search surface lists no tool of another source.
            Some(_) => None,
            None => self.sources.iter().find_map(|source| source.repeated_in_headers(name, caller)),
        }
    }

    /// The generated and hand-written tools of which clients have to repeat arguments in headers.
    pub(crate) fn own_header_tools(&self) -> impl Iterator<Item = Listed> {
        let caller = Caller::local(Channel::CommandLine);
        let tools = self.by_name.keys().filter_map(move |name| self.own_tool(name, &caller));
        tools.filter(|tool| repeats_in_headers(&tool.input))
    }
}
