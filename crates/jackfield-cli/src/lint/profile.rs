//! The clients and model APIs whose rules can be checked.

/// A client or model API whose rules are checked.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Claude's directory: titles, effects, name lengths, separate tools for reads and writes, at most 25,000 tokens
    ClaudeDirectory,
    /// Strict function calling of OpenAI: schemas have to be convertible to its strict mode
    OpenaiStrict,
    /// Function calling of Gemini: the subset of schemas and the names that it accepts
    Gemini,
    /// Models with a small context: at most 4,000 tokens for the list of tools, and 500 for a tool
    SmallContext,
}

impl Profile {
    /// Returns the name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClaudeDirectory => "claude-directory",
            Self::OpenaiStrict => "openai-strict",
            Self::Gemini => "gemini",
            Self::SmallContext => "small-context",
        }
    }

    /// Returns the maximum number of tokens of the list of tools.
    pub(super) const fn list_tokens(self) -> Option<usize> {
        match self {
            Self::ClaudeDirectory => Some(25_000),
            Self::SmallContext => Some(4_000),
            Self::OpenaiStrict | Self::Gemini => None,
        }
    }
}
