//! The table entry of a rule for replies.

/// A rule for the replies of one tool, or of all tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplyRow<'a> {
    /// The name of the tool. Empty for the rule for all tools.
    pub(crate) tool: &'a str,
    pub(crate) redact: &'a [&'a str],
    pub(crate) keep: &'a [&'a str],
    pub(crate) drop: &'a [&'a str],
    pub(crate) items: Option<usize>,
    pub(crate) bytes: Option<usize>,
    pub(crate) all_pages: Option<u32>,
    pub(crate) jq: &'a str,
}

impl<'a> ReplyRow<'a> {
    /// Creates a rule for all tools.
    pub const fn all() -> Self {
        Self {
            tool: "",
            redact: &[],
            keep: &[],
            drop: &[],
            items: None,
            bytes: None,
            all_pages: None,
            jq: "",
        }
    }

    /// Creates a rule for the tool with the given name.
    pub const fn of(tool: &'a str) -> Self {
        Self { tool, ..Self::all() }
    }

    /// Sets the paths of the values that are redacted.
    pub const fn redact(self, redact: &'a [&'a str]) -> Self {
        Self { redact, ..self }
    }

    /// Sets the paths of the values that are kept. All other values are left out.
    pub const fn keep(self, keep: &'a [&'a str]) -> Self {
        Self { keep, ..self }
    }

    /// Sets the paths of the values that are left out.
    pub const fn drop(self, drop: &'a [&'a str]) -> Self {
        Self { drop, ..self }
    }

    /// Sets the number of items to which arrays are shortened.
    pub const fn items(self, items: usize) -> Self {
        Self { items: Some(items), ..self }
    }

    /// Sets the maximum number of pages that a call joins.
    pub const fn all_pages(self, pages: u32) -> Self {
        Self { all_pages: Some(pages), ..self }
    }

    /// Sets the jq program that computes the result from a reply. This needs the feature `jq`.
    pub const fn jq(self, jq: &'a str) -> Self {
        Self { jq, ..self }
    }

    /// Sets the number of bytes to which replies are shortened.
    pub const fn bytes(self, bytes: usize) -> Self {
        Self { bytes: Some(bytes), ..self }
    }
}
