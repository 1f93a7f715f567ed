//! The clients, and the properties in which their file formats differ.

use std::fmt;
use std::str::FromStr;

/// An MCP client whose configuration file this crate can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Client {
    /// Claude Code.
    ClaudeCode,
    /// Claude Desktop.
    ClaudeDesktop,
    /// Cursor.
    Cursor,
    /// Visual Studio Code.
    VsCode,
    /// Zed.
    Zed,
    /// Windsurf.
    Windsurf,
    /// Codex.
    Codex,
    /// Gemini CLI.
    GeminiCli,
}

/// The syntax with which a client's configuration refers to an environment variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    /// `${NAME:-}`, which is empty if the variable is not set. Without `:-`, the server would get the text `${NAME}` itself.
    DollarOrEmpty,
    /// `${NAME}`.
    Dollar,
    /// `${env:NAME}`.
    DollarEnv,
    /// `${input:ID}`. A description of the input stands next to the key `servers` in the file. The client asks its user once.
    Input,
    /// An array of variable names. The client passes the values of these variables on.
    Names,
    /// The client takes every value literally.
    None,
}

/// The syntax of a client's file, and the key that contains the servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json { servers: &'static str },
    Toml { servers: &'static str },
}

impl Client {
    /// All clients, in the order in which help texts list them.
    pub const ALL: [Self; 8] = [
        Self::ClaudeCode,
        Self::ClaudeDesktop,
        Self::Cursor,
        Self::VsCode,
        Self::Zed,
        Self::Windsurf,
        Self::Codex,
        Self::GeminiCli,
    ];

    /// Returns the name on the command line, such as `claude-code`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude-code",
            Self::ClaudeDesktop => "claude-desktop",
            Self::Cursor => "cursor",
            Self::VsCode => "vscode",
            Self::Zed => "zed",
            Self::Windsurf => "windsurf",
            Self::Codex => "codex",
            Self::GeminiCli => "gemini",
        }
    }

    /// Returns the name for people, such as `Claude Code`.
    pub const fn title(self) -> &'static str {
        match self {
            Self::ClaudeCode => "Claude Code",
            Self::ClaudeDesktop => "Claude Desktop",
            Self::Cursor => "Cursor",
            Self::VsCode => "VS Code",
            Self::Zed => "Zed",
            Self::Windsurf => "Windsurf",
            Self::Codex => "Codex",
            Self::GeminiCli => "Gemini CLI",
        }
    }

    /// Returns the extension of the client's files, `json` or `toml`.
    pub const fn extension(self) -> &'static str {
        match self.format() {
            Format::Json { .. } => "json",
            Format::Toml { .. } => "toml",
        }
    }

    pub(crate) const fn format(self) -> Format {
        match self {
            Self::VsCode => Format::Json { servers: "servers" },
            Self::Zed => Format::Json { servers: "context_servers" },
            Self::Codex => Format::Toml { servers: "mcp_servers" },
            Self::ClaudeCode | Self::ClaudeDesktop | Self::Cursor | Self::Windsurf | Self::GeminiCli => {
                Format::Json { servers: "mcpServers" }
            }
        }
    }

    pub(crate) const fn reference(self) -> Reference {
        match self {
            Self::ClaudeCode => Reference::DollarOrEmpty,
            Self::GeminiCli => Reference::Dollar,
            Self::Cursor | Self::Windsurf => Reference::DollarEnv,
            Self::VsCode => Reference::Input,
            Self::Codex => Reference::Names,
            Self::ClaudeDesktop | Self::Zed => Reference::None,
        }
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

/// The error for a word that is not the name of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownClient;

impl FromStr for Client {
    type Err = UnknownClient;

    fn from_str(word: &str) -> Result<Self, UnknownClient> {
        Self::ALL.into_iter().find(|client| client.word() == word).ok_or(UnknownClient)
    }
}
