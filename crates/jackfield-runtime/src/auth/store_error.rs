//! The errors of looking up a credential field.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::Arc;

use jackfield_recipe::shell_quoted;

use super::audience::Audience;
use super::credential::Missing;
use super::records::RecordsError;
use super::slot::CredentialField;
use crate::common::secret_text::SecretTextError;

/// The reason why a credential source cannot be used, as text that follows "the user has to".
#[derive(Debug)]
pub(crate) enum StoreError {
    /// The variable is set, but variables are disabled because the connector is not named.
    NotNamed {
        command: Arc<str>,
        variable: String,
    },
    File {
        variable: String,
        path: PathBuf,
        why: SecretTextError,
    },
    Command {
        /// The record that the command replaces.
        record: String,
        why: CommandError,
    },
    /// The records cannot be read. The user can set the variable instead, because it takes precedence over the
    /// records.
    Unreadable {
        variable: String,
        why: RecordsError,
    },
    Records(RecordsError),
    /// The vault contains the field, but for other origins.
    OtherOrigins {
        again: SetAgain,
        known: Audience,
    },
    /// The vault contains the credential, but its record does not list the origins that may receive it.
    NoOrigins {
        again: SetAgain,
    },
}

/// The command that stores the secret again with an additional origin.
#[derive(Debug)]
pub(crate) struct SetAgain {
    pub(super) set_command: Arc<str>,
    pub(super) scheme: Arc<str>,
    pub(super) word: CredentialField,
    pub(super) origin: Option<String>,
}

/// The reason why the output of a command in connector.toml cannot be used.
#[derive(Debug)]
pub(crate) enum CommandError {
    NoProgram,
    NotStarted { program: String, error: io::Error },
    Late { program: String, seconds: u64 },
    NotRun { program: String, error: io::Error },
    Failed { program: String, status: ExitStatus },
    Output { program: String, why: SecretTextError },
}

impl From<RecordsError> for StoreError {
    fn from(error: RecordsError) -> Self {
        Self::Records(error)
    }
}

impl From<StoreError> for Missing {
    fn from(error: StoreError) -> Self {
        Self { remedy: error.to_string() }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotNamed { command, variable } => write!(
                f,
                "start the connector as `{command}`, followed by the rest of the command, so that {variable} is read: without --name \
                 the connector is named after its file, and other files may have the same name"
            ),
            Self::File { variable, path, why } => {
                write!(f, "correct {variable}: {} {why}", path.display())
            }
            Self::Command { record, why } => write!(f, "correct the command of {record}: {why}"),
            Self::Unreadable { variable, why } => write!(f, "set {variable}, or repair the vault: {why}"),
            Self::Records(error) => error.fmt(f),
            Self::OtherOrigins { again, known } => write!(f, "{again} (the vault has it only for {known})"),
            Self::NoOrigins { again } => {
                write!(f, "{again} (the vault has it without origins)")
            }
        }
    }
}

impl std::error::Error for StoreError {}

impl fmt::Display for SetAgain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, word) = (shell_quoted(&self.scheme), self.word.as_str());
        write!(f, "run `{} {scheme} {word}", self.set_command)?;
        if let Some(origin) = &self.origin {
            write!(f, " --origin {}", shell_quoted(origin))?;
        }
        f.write_str("`")
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoProgram => f.write_str("the command is empty"),
            Self::NotStarted { program, error } => write!(f, "`{program}` cannot be started: {error}"),
            Self::Late { program, seconds } => {
                write!(f, "`{program}` did not end within {seconds} seconds")
            }
            Self::NotRun { program, error } => write!(f, "`{program}` cannot be run: {error}"),
            Self::Failed { program, status } => write!(f, "`{program}` failed: {status}"),
            Self::Output { program, why } => write!(f, "the output of `{program}` {why}"),
        }
    }
}

impl std::error::Error for CommandError {}
