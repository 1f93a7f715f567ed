//! The rights of agents, as a document in the format of `rights apply`.

/// A document of rights, with the line of gateway.toml from which each of its lines comes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentRights {
    text: String,
    lines: Vec<usize>,
}

impl AgentRights {
    /// The rights of a gateway without agents: only the user of this account may call anything.
    pub(super) fn new() -> Self {
        let mut rights = Self::default();
        // The user of this account can change gateway.toml, so refusing this user's calls would protect nothing.
        for line in [
            "[[rule]]",
            "name = \"the user of this account\"",
            "principals = [\"local\"]",
            "effects = \"destroy\"",
        ] {
            rights.push(line, 1);
        }
        rights
    }

    /// Adds a piece of TOML that a line of gateway.toml contains.
    pub(super) fn push(&mut self, toml: &str, line: usize) {
        for (at, text) in toml.split('\n').enumerate() {
            self.text.push_str(text);
            self.text.push('\n');
            self.lines.push(line + at);
        }
    }

    /// The document.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line of gateway.toml from which a line of the document comes.
    pub(super) fn source_line(&self, line: usize) -> usize {
        self.lines.get(line.saturating_sub(1)).copied().unwrap_or(1)
    }
}
