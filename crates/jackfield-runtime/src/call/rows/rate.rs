//! The table entry of a rate limit.

use jackfield_recipe::CallRate;

/// A limit on the calls of each caller, either for some tools or for all tools without a limit of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit<'a> {
    /// The key in connector.toml, for messages. Empty for the limit of all other tools.
    pub(crate) key: &'a str,
    pub(crate) tools: &'a [&'a str],
    pub(crate) calls: Option<CallRate>,
    pub(crate) concurrent: Option<usize>,
    pub(crate) queue: Option<usize>,
}

impl<'a> RateLimit<'a> {
    /// Creates the limit for all tools without a limit of their own. Concurrent calls are counted over all of these tools
    /// together.
    pub const fn all() -> Self {
        Self { key: "", tools: &[], calls: None, concurrent: None, queue: None }
    }

    /// Creates the limit for the tools that connector.toml selects with `key`.
    pub const fn of(key: &'a str, tools: &'a [&'a str]) -> Self {
        Self { key, tools, ..Self::all() }
    }

    /// Sets how many calls of a tool a caller may make within a number of seconds.
    pub const fn calls(self, calls: u32, seconds: u32) -> Self {
        Self { calls: Some(CallRate { calls, seconds }), ..self }
    }

    /// Sets how many calls of a caller may run concurrently.
    pub const fn concurrent(self, concurrent: usize) -> Self {
        Self { concurrent: Some(concurrent), ..self }
    }

    /// Sets how many further calls of a caller may wait for a free slot.
    pub const fn queue(self, queue: usize) -> Self {
        Self { queue: Some(queue), ..self }
    }
}
