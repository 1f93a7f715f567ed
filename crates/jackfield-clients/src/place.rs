//! The paths of the clients' files on each operating system.

use std::path::PathBuf;

use crate::client::Client;
use crate::error::ClientError;

/// The operating system, which decides where files of a user are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// Linux and other Unix systems.
    Linux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

/// The projects for which a client uses a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All projects of the user.
    User,
    /// One project folder.
    Project,
}

/// The facts that locate a client's files: the operating system, the environment variables, and the folder of a project.
pub struct Surroundings<'a> {
    /// The system.
    pub system: System,
    /// Looks up an environment variable.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// The folder of the project, as an absolute path.
    pub project: &'a str,
}

/// The file of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The folder in which the file has to be after links are resolved. None if any folder is allowed.
    pub within: Option<PathBuf>,
}

impl System {
    /// Returns the system of this process.
    pub const fn of_process() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::MacOs
        } else {
            Self::Linux
        }
    }
}

impl std::fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Surroundings({:?}, {})", self.system, self.project)
    }
}

impl Surroundings<'_> {
    fn absolute(&self, name: &str) -> Option<String> {
        let is_absolute = |path: &String| match self.system {
            System::Windows => {
                path.get(1..3).is_some_and(|rest| matches!(rest, ":\\" | ":/")) || path.starts_with("\\\\")
            }
            System::Linux | System::MacOs => path.starts_with('/'),
        };
        (self.variable)(name).filter(is_absolute)
    }

    fn join(&self, folder: &str, parts: &[&str]) -> String {
        let separator = if self.system == System::Windows { '\\' } else { '/' };
        let mut path = folder.trim_end_matches(['/', separator]).to_owned();
        for part in parts {
            path.push(separator);
            path.push_str(part);
        }
        path
    }

    fn home(&self) -> Result<String, ClientError> {
        let name = if self.system == System::Windows { "USERPROFILE" } else { "HOME" };
        self.absolute(name).ok_or_else(|| self.unknown(name))
    }

    /// Returns the folder in which desktop programs keep their settings.
    fn settings(&self) -> Result<String, ClientError> {
        match self.system {
            System::Windows => self.absolute("APPDATA").ok_or_else(|| self.unknown("APPDATA")),
            System::MacOs => Ok(self.join(&self.home()?, &["Library", "Application Support"])),
            System::Linux => match self.absolute("XDG_CONFIG_HOME") {
                Some(folder) => Ok(folder),
                None => Ok(self.join(&self.home()?, &[".config"])),
            },
        }
    }

    fn unknown(&self, variable: &str) -> ClientError {
        ClientError::NoPlace {
            text: format!(
                "the folder of this user is unknown, because {variable} is not an absolute path: name the file with --file PATH"
            ),
        }
    }
}

impl Place {
    /// Returns the file that the client reads. `docs/clients.md` cites the documentation of each client.
    ///
    /// # Errors
    /// Returns an error if the client has no file of that scope, or if the user's folder is unknown.
    pub fn of(client: Client, scope: Scope, surroundings: &Surroundings<'_>) -> Result<Self, ClientError> {
        let on = surroundings;
        if scope == Scope::Project {
            let parts: &[&str] = match client {
                Client::ClaudeCode => &[".mcp.json"],
                Client::Cursor => &[".cursor", "mcp.json"],
                Client::VsCode => &[".vscode", "mcp.json"],
                Client::Zed => &[".zed", "settings.json"],
                Client::Codex => &[".codex", "config.toml"],
                Client::GeminiCli => &[".gemini", "settings.json"],
                Client::ClaudeDesktop | Client::Windsurf => {
                    let text = format!("{client} has no file for a project: leave out --project");
                    return Err(ClientError::NoPlace { text });
                }
            };
            let file = on.join(on.project, parts).into();
            return Ok(Self { file, within: Some(on.project.into()) });
        }
        let file = match client {
            // If CLAUDE_CONFIG_DIR is set, the file is in that folder; otherwise it is in the home folder itself.
            Client::ClaudeCode => match on.absolute("CLAUDE_CONFIG_DIR") {
                Some(folder) => on.join(&folder, &[".claude.json"]),
                None => on.join(&on.home()?, &[".claude.json"]),
            },
            Client::ClaudeDesktop => on.join(&on.settings()?, &["Claude", "claude_desktop_config.json"]),
            Client::Cursor => on.join(&on.home()?, &[".cursor", "mcp.json"]),
            Client::VsCode => on.join(&on.settings()?, &["Code", "User", "mcp.json"]),
            // On macOS, the path is the same as on Linux if XDG_CONFIG_HOME is not set.
            Client::Zed => match on.system {
                System::MacOs => on.join(&on.home()?, &[".config", "zed", "settings.json"]),
                System::Linux => on.join(&on.settings()?, &["zed", "settings.json"]),
                System::Windows => on.join(&on.settings()?, &["Zed", "settings.json"]),
            },
            Client::Windsurf => on.join(&on.home()?, &[".codeium", "windsurf", "mcp_config.json"]),
            Client::Codex => match on.absolute("CODEX_HOME") {
                Some(folder) => on.join(&folder, &["config.toml"]),
                None => on.join(&on.home()?, &[".codex", "config.toml"]),
            },
            Client::GeminiCli => on.join(&on.home()?, &[".gemini", "settings.json"]),
        };
        Ok(Self { file: file.into(), within: None })
    }

    /// Returns the place of a file that the user named.
    pub fn named(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into(), within: None }
    }
}

/// Returns the folder in which [`ClientFile`](crate::ClientFile) keeps backups.
///
/// # Errors
/// Returns an error if no folder is known, or if `JACKFIELD_STATE` is a relative path.
pub fn state_folder(surroundings: &Surroundings<'_>) -> Result<PathBuf, ClientError> {
    let on = surroundings;
    // Connector names have no underscores, so this is not the folder of a connector.
    const FOLDER: &str = "client_files";
    if (on.variable)("JACKFIELD_STATE").is_some() {
        let Some(folder) = on.absolute("JACKFIELD_STATE") else {
            let text = "JACKFIELD_STATE is a relative path: set it to an absolute one".to_owned();
            return Err(ClientError::NoPlace { text });
        };
        return Ok(on.join(&folder, &[FOLDER]).into());
    }
    if let Some(folder) = on.absolute("XDG_STATE_HOME") {
        return Ok(on.join(&folder, &["jackfield", FOLDER]).into());
    }
    if let Some(home) = on.absolute("HOME") {
        return Ok(on.join(&home, &[".local", "state", "jackfield", FOLDER]).into());
    }
    match on.absolute("LOCALAPPDATA") {
        Some(folder) => Ok(on.join(&folder, &["jackfield", FOLDER]).into()),
        None => Err(ClientError::NoPlace {
            text: "no folder is known for backups: set JACKFIELD_STATE to an absolute path".to_owned(),
        }),
    }
}
