//! Compares the origins that a connector reaches with its jackfield.lock.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use jackfield_codegen::{AddedOrigin, LOCK_FILE, Lock};
use jackfield_model::shell_quoted;
use jackfield_model::{Code, Connector, Destinations, Diagnostic, ToolName, origin_of};

use crate::error::Error;
use crate::manifest::Manifest;

/// The maximum number of origins in an error.
const MOST_LISTED: usize = 20;

/// The lock beside a connector.toml, and how origins that are missing from it are treated.
#[derive(Clone, Debug)]
pub(crate) struct LockCheck {
    /// The path of the lock, which might not exist. Without a path, the check is skipped.
    pub(crate) path: Option<PathBuf>,
    /// Origins that the user accepts, in the spelling of the command line.
    pub(crate) accepted: Vec<String>,
    /// The command that generates, without `--accept-origin`.
    pub(crate) command: String,
    /// Whether names are chosen again instead of kept.
    pub(crate) renews_names: bool,
    /// Whether an added origin is an error. Otherwise it is only reported.
    pub(crate) refuses: bool,
}

/// The result of comparing a connector with its lock.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    pub(crate) lock: Option<Lock>,
    pub(crate) added: Vec<AddedOrigin>,
    /// The command that accepts the current connector.
    pub(crate) command: String,
}

impl LockCheck {
    /// Returns the lock beside the connector.toml.
    pub(crate) fn of(manifest: &Manifest) -> Self {
        let command = match &manifest.folder {
            Some(folder) if !is_here(folder) => {
                format!("jackfield gen --out {}", shell_quoted(&folder.display().to_string()))
            }
            _ => "jackfield gen".to_owned(),
        };
        let path = manifest.folder.as_ref().map(|folder| folder.join(LOCK_FILE));
        Self { path, accepted: Vec::new(), command, renews_names: false, refuses: true }
    }

    /// Checks the origins of a connector, and adds to the connector those that the user accepted.
    ///
    /// # Errors
    /// Returns an error if the lock cannot be read, if an origin was added, or if the connector does not
    /// reach an accepted origin.
    pub(crate) fn check(&self, manifest: &Manifest, connector: &mut Connector) -> Result<Checked, Error> {
        let lock = self.read()?;
        let reached = Destinations::of(connector);
        let accepted = self.accepted(&reached)?;
        let mut allowed = manifest.named_origins();
        allowed.extend(accepted.iter().cloned());
        let added = lock.as_ref().map(|lock| lock.added(&reached, &allowed)).unwrap_or_default();
        if self.refuses && !added.is_empty() {
            return Err(Error::plain(self.refusal(&added)));
        }
        let is_accepted = |origin: &&String| {
            accepted.contains(*origin) || lock.as_ref().is_some_and(|it| it.has_accepted(origin))
        };
        let reasons = reached.reasons();
        // A server URL that still has variables cannot be called.
        let accepted = reasons.keys().filter(|origin| !origin.contains('{')).filter(is_accepted);
        connector.accepted = accepted.cloned().collect();
        for origin in &connector.accepted {
            // An OAuth endpoint is added to `origins` only if it is also a server, because no request sends credentials to other endpoints.
            let is_server = reached.requests.contains_key(origin);
            let list = if is_server { &mut connector.origins } else { &mut connector.named };
            if !list.contains(origin) {
                list.push(origin.clone());
            }
        }
        let flags = added.iter().map(|added| format!(" --accept-origin {}", shell_quoted(&added.origin)));
        let command = format!("{}{}", self.lock_command(), flags.collect::<String>());
        Ok(Checked { lock, added, command })
    }

    /// Origins that the user named: in connector.toml, with `--accept-origin`, or in an earlier run.
    ///
    /// # Errors
    /// Returns an error if the lock cannot be read.
    pub(crate) fn named(&self, manifest: &Manifest) -> Result<BTreeSet<String>, Error> {
        let mut named = manifest.named_origins();
        named.extend(self.accepted.iter().filter_map(|origin| origin_of(origin)));
        named.extend(self.read()?.iter().flat_map(Lock::accepted).cloned());
        Ok(named)
    }

    /// Returns the command that writes the lock. In a folder without a crate, the command writes only the lock.
    pub(crate) fn lock_command(&self) -> String {
        let is_folder = self.path.as_ref().is_some_and(|path| !path.with_file_name("Cargo.toml").is_file());
        match is_folder && !self.command.contains("--lock-only") {
            true => self.command.replacen("jackfield gen", "jackfield gen --lock-only", 1),
            false => self.command.clone(),
        }
    }

    /// Returns the names that the tools of a connector have in the lock.
    ///
    /// # Errors
    /// Returns an error if the lock cannot be read.
    pub(crate) fn names(&self, connector: &Connector) -> Result<BTreeMap<String, ToolName>, Error> {
        let Some(lock) = self.read()?.filter(|_| !self.renews_names) else { return Ok(BTreeMap::new()) };
        let kept = connector
            .operations()
            .filter_map(|operation| Some((operation.route(), lock.tool_name(operation)?.clone())));
        Ok(kept.collect())
    }

    fn read(&self) -> Result<Option<Lock>, Error> {
        let Some(path) = &self.path else { return Ok(None) };
        match fs::read_to_string(path) {
            Ok(text) => Ok(Some(Lock::parse(&text))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::file(path, "read", &error)),
        }
    }

    /// Returns the origins that the user accepts now, in the connector's spelling.
    ///
    /// # Errors
    /// Returns an error if the connector does not reach one of them.
    pub(crate) fn accepted(&self, reached: &Destinations) -> Result<BTreeSet<String>, Error> {
        let reasons = reached.reasons();
        let mut accepted = BTreeSet::new();
        for given in &self.accepted {
            let origin = origin_of(given).unwrap_or_else(|| given.clone());
            if !reasons.contains_key(&origin) {
                let mut known: Vec<&str> = reasons.keys().take(MOST_LISTED).map(String::as_str).collect();
                if reasons.len() > MOST_LISTED {
                    known.push("…");
                }
                let help = match known.as_slice() {
                    [] => {
                        "remove --accept-origin: the servers of the document are relative URLs, so no origin is known".to_owned()
                    }
                    known => format!("accept an origin that the document reaches: {}", known.join(", ")),
                };
                let problem = format!("the document does not reach the origin {given:?}");
                let finding = Diagnostic::error(Code::AddedOrigin, None, problem);
                return Err(Error::plain(finding.so("nothing was generated").help(help)));
            }
            accepted.insert(origin);
        }
        Ok(accepted)
    }

    /// Returns the error about origins that the lock does not list.
    pub(crate) fn refusal(&self, added: &[AddedOrigin]) -> Diagnostic {
        let listed: Vec<String> =
            added.iter().map(|added| format!("{} ({})", added.origin, added.because)).collect();
        let problem = match listed.as_slice() {
            [one] => format!("the document reaches an origin that {LOCK_FILE} does not list: {one}"),
            more => {
                format!(
                    "the document reaches {} origins that {LOCK_FILE} does not list: {}",
                    more.len(),
                    more.join(", ")
                )
            }
        };
        let flags = added.iter().map(|added| format!(" --accept-origin {}", shell_quoted(&added.origin)));
        Diagnostic::error(Code::AddedOrigin, None, problem)
            .so("nothing was generated, because requests or credentials would go to an origin that is not accepted")
            .help(format!("to allow it, run `{}{}`", self.command, flags.collect::<String>()))
    }
}

fn is_here(folder: &Path) -> bool {
    folder == Path::new("") || folder == Path::new(".")
}
