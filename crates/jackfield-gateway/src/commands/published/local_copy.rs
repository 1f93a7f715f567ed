//! The local copy of the registry that a command reads.

use std::path::PathBuf;

use jackfield_recipe::visible_line;
use jackfield_registry::{
    Client, Entry, ExactVersion, LocalCopy, Poll, RegistryAddress, ServerName, ServerReference, SyncOptions,
    SyncOutcome, Synced,
};

use crate::failure::{Failure, note};
use crate::gateway::OpenGateway;

/// The number of read entries after which the progress is told.
const STEP: u64 = 10_000;

/// The options that name a registry.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct RegistryOptions {
    /// The address of the registry [default: `registry` in gateway.toml, or else https://registry.modelcontextprotocol.io]
    #[arg(long, value_name = "URL", conflicts_with = "mirror")]
    pub(crate) registry: Option<String>,
    /// Read the servers from a file instead, as `mirror FILE` writes it; nothing is requested from a registry
    #[arg(long, value_name = "FILE")]
    pub(crate) mirror: Option<PathBuf>,
    /// Ask the registry for changes now, instead of once an hour
    #[arg(long, conflicts_with = "mirror")]
    pub(crate) refresh: bool,
}

/// The local copy of a registry, up to date or as recent as possible.
pub(super) struct Registry {
    pub(super) copy: LocalCopy,
    /// The address or the file, for messages.
    pub(super) source: String,
}

impl Registry {
    /// Opens the copy, and asks the registry for changes if an hour has passed. If the registry cannot be reached, the copy is used as it is.
    ///
    /// # Errors
    /// Returns an error if there is no copy yet and none can be made.
    pub(super) fn open(gateway: &OpenGateway, options: &RegistryOptions) -> Result<Self, Failure> {
        let folder = gateway.state().join("registry");
        if let Some(file) = &options.mirror {
            let (copy, imported) = LocalCopy::open_mirror(&folder, file).map_err(Failure::of)?;
            if let Some(imported) = imported {
                note(&format!("read {} entries from {}", imported.entries, file.display()));
                told_malformed(imported.malformed, imported.described.first());
            }
            return Ok(Self { copy, source: file.display().to_string() });
        }
        let configured = gateway.config().registry.as_deref();
        let address = match options.registry.as_deref().or(configured) {
            Some(text) => RegistryAddress::parse(text).map_err(Failure::of)?,
            None => RegistryAddress::official(),
        };
        let mut copy = LocalCopy::open(&folder, &address).map_err(Failure::of)?;
        let poll = if options.refresh { Poll::Now } else { Poll::IfDue };
        let mut client = Client::new(&address, gateway.environment()).map_err(Failure::of)?;
        let options = SyncOptions { poll, ..SyncOptions::default() };
        let mut told = STEP;
        let synced = copy.sync(&mut client, &options, &mut |entries| {
            if entries >= told {
                told = entries + STEP;
                note(&format!("read {entries} entries of {}", address.as_str()));
            }
        });
        let has_entries = || Ok::<_, Failure>(copy.state().map_err(Failure::of)?.entries > 0);
        match synced {
            Ok(Synced { outcome: SyncOutcome::ByAnotherProcess, .. }) if !has_entries()? => {
                return Err(Failure(
                    "another command is reading the registry for the first time: try it again when that command has ended"
                        .to_owned(),
                ));
            }
            Ok(synced) => told_malformed(synced.malformed, synced.described.first()),
            // The copy is useful although it is older than an hour.
            Err(error) if has_entries()? => note(&format!("{error}; the servers are those of the last time")),
            Err(error) => {
                return Err(Failure(format!(
                    "{error}; without network, copy a file that `jackfield-gateway mirror FILE` has written on another machine, and add --mirror FILE"
                )));
            }
        }
        Ok(Self { copy, source: address.as_str().to_owned() })
    }

    /// Returns the entry that a person has named: this version, or else the latest one.
    ///
    /// # Errors
    /// Returns an error if there is no such server or version.
    pub(super) fn entry(&self, reference: &ServerReference) -> Result<Entry, Failure> {
        let ServerReference { name, version } = reference;
        if let Some(entry) = self.copy.entry(name, version.as_ref()).map_err(Failure::of)? {
            return Ok(entry);
        }
        let versions = self.versions(name)?;
        if let (Some(newest), Some(version)) = (versions.first(), version) {
            return Err(Failure(format!(
                "{name} has no version {version}; its newest is {}",
                newest.version
            )));
        }
        let near = self.copy.nearest_name(name.as_str()).map_err(Failure::of)?;
        let near = near.map_or_else(String::new, |near| format!("; did you mean `{}`?", visible_line(&near)));
        Err(Failure(format!("{} has no server `{name}`{near}", self.source)))
    }

    /// Returns a version of a server, if the copy still has it.
    pub(super) fn version(
        &self,
        name: &ServerName,
        version: &ExactVersion,
    ) -> Result<Option<Entry>, Failure> {
        self.copy.entry(name, Some(version)).map_err(Failure::of)
    }

    /// Returns all versions of a server, the latest first.
    pub(super) fn versions(&self, name: &ServerName) -> Result<Vec<Entry>, Failure> {
        self.copy.versions(name).map_err(Failure::of)
    }
}

/// Tells how many entries were left out because they are malformed.
fn told_malformed(count: u64, first: Option<&impl std::fmt::Display>) {
    if let Some(first) = first {
        note(&format!("left out {count} malformed entries, such as {first}"));
    }
}
