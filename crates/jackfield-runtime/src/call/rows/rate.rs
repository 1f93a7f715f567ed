//! The table entry of a limit on calls.

use jackfield_recipe::CallRate;

/// A limit on the calls of each caller: for some tools, or for those without a limit of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit<'a> {
    /// The key in connector.toml, for messages. Empty for the general limit.
    pub(crate) key: &'a str,
    pub(crate) tools: &'a [&'a str],
    pub(crate) calls: Option<CallRate>,
    pub(crate) concurrent: Option<usize>,
    pub(crate) queue: Option<usize>,
}

impl<'a> RateLimit<'a> {
    /// Creates the limit of tools without a limit of their own. Its concurrent calls are counted over all
    /// tools together.
    pub const fn all() -> Self {
        Self { key: "", tools: &[], calls: None, concurrent: None, queue: None }
    }

    /// Creates the limit of the tools that connector.toml selects with that key.
    pub const fn of(key: &'a str, tools: &'a [&'a str]) -> Self {
        Self { key, tools, ..Self::all() }
    }

    /// Sets how many calls of a tool a caller may make in a number of seconds.
    pub const fn calls(self, calls: u32, seconds: u32) -> Self {
        Self { calls: Some(CallRate { calls, seconds }), ..self }
    }

    /// Sets how many calls a caller may have in flight.
    pub const fn concurrent(self, concurrent: usize) -> Self {
        Self { concurrent: Some(concurrent), ..self }
    }

    /// Sets how many further calls of a caller may wait.
    pub const fn queue(self, queue: usize) -> Self {
        Self { queue: Some(queue), ..self }
    }
}
