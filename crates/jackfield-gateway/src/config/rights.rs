//! The rights of agents, as a document in the format of `rights apply`.

/// A document of rights, with the line of gateway.toml from which each of its lines comes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentRights {
    text: String,
    lines: Vec<usize>,
}

impl AgentRights {
    /// Creates the rights of a gateway without agents: only the OS user that runs the gateway may make calls.
    pub(super) fn new() -> Self {
        let mut rights = Self::default();
        // This user can change gateway.toml, so refusing this user's calls would not protect anything.
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

    /// Appends TOML that comes from this line of gateway.toml.
    pub(super) fn push(&mut self, toml: &str, line: usize) {
        for (at, text) in toml.split('\n').enumerate() {
            self.text.push_str(text);
            self.text.push('\n');
            self.lines.push(line + at);
        }
    }

    /// Returns the text of the document.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the line of gateway.toml from which a line of the document comes.
    pub(super) fn source_line(&self, line: usize) -> usize {
        self.lines.get(line.saturating_sub(1)).copied().unwrap_or(1)
    }
}
