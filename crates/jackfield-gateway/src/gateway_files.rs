//! The connectors of a gateway, which are reloaded when gateway.toml or the folders that it names change.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jackfield_recipe::shell_quoted;
use jackfield_runtime::rows::ConnectorRows;
use jackfield_runtime::{Attached, AttachedFiles, CallerCredentials, ConnectorFiles, Source, UnfitFiles};

use crate::config::{ConnectorEntry, ConnectorKind, CredentialOwner, GatewayConfig, LinkedConnector};
use crate::failure::{Failure, note};
use crate::gateway_parts::GatewayParts;
use crate::package::store::PackageStore;
use crate::remote::RemoteSource;

/// A connector that is being served.
struct Served {
    entry: ConnectorEntry,
    parts: Parts,
}

enum Parts {
    Folder(ConnectorRows, Box<dyn ConnectorFiles>),
    Linked(LinkedConnector),
    /// Another MCP server. The connection and the child process are kept while the entry in gateway.toml is unchanged.
    Remote(Arc<dyn Source>),
}

/// The connectors of a gateway, and the files from which they are loaded.
pub(crate) struct GatewayFiles {
    parts: GatewayParts,
    served: BTreeMap<String, Served>,
    /// The last text of gateway.toml that was parsed, even if it is invalid.
    seen: Option<String>,
    /// A changed text that was read once. The file might not be fully written yet, so the text is used only if the next read returns the
    /// same text.
    newer: Option<String>,
}

impl GatewayFiles {
    /// Reads the folders of the connectors.
    ///
    /// # Errors
    /// Returns an error if a connector.toml cannot be served, or if the store cannot be read.
    pub(crate) fn open(parts: GatewayParts) -> Result<(Self, Vec<Attached>), Failure> {
        let config = Arc::clone(&parts.config);
        let mut files = Self { parts, served: BTreeMap::new(), seen: config.text.clone(), newer: None };
        files.served = files.parts_of(&config)?;
        let attached = files.attached();
        Ok((files, attached))
    }

    /// Loads each connector that is new or has changed, and keeps the unchanged connectors.
    fn parts_of(&mut self, config: &GatewayConfig) -> Result<BTreeMap<String, Served>, Failure> {
        let mut new = BTreeMap::new();
        for entry in &config.connectors {
            let name = entry.name.as_str();
            if self.served.get(name).is_some_and(|served| served.entry == *entry) {
                continue;
            }
            let parts = match &entry.kind {
                ConnectorKind::Served(path) => {
                    let (rows, files) = served(entry, path)?;
                    Parts::Folder(rows, files)
                }
                ConnectorKind::Linked(linked) => Parts::Linked(linked.clone()),
                ConnectorKind::Child(_) | ConnectorKind::Http(_) => {
                    self.parts.pins.load(name).map_err(Failure::of)?;
                    let (environment, pins) = (self.parts.environment.clone(), Arc::clone(&self.parts.pins));
                    let connect = Arc::clone(&self.parts.connect);
                    Parts::Remote(Arc::new(RemoteSource::new(entry.clone(), environment, pins, connect)))
                }
            };
            new.insert(name.to_owned(), Served { entry: entry.clone(), parts });
        }
        // The steps from here on cannot fail, so a change is applied as a whole or not at all.
        for entry in &config.connectors {
            let name = entry.name.as_str();
            if !new.contains_key(name)
                && let Some(kept) = self.served.remove(name)
            {
                new.insert(name.to_owned(), kept);
            }
        }
        Ok(new)
    }

    /// Returns the connectors for the endpoint, in the order of gateway.toml.
    fn attached(&self) -> Vec<Attached> {
        let in_order = self.parts.config.connectors.iter().filter_map(|it| self.served.get(it.name.as_str()));
        in_order
            .map(|Served { entry, parts }| {
                let name = entry.name.clone();
                match parts {
                    Parts::Folder(rows, _) => {
                        with_credentials(Attached::connector(name, rows, started(entry)), entry)
                    }
                    Parts::Linked(linked) => {
                        Attached::connector(name, linked.rows(), None).with_custom(linked.custom().clone())
                    }
                    Parts::Remote(source) => Attached::source(name, Arc::clone(source)),
                }
            })
            .collect()
    }

    /// Reads gateway.toml if it has changed. Returns whether the entries of its connectors have changed.
    fn read_config(&mut self, is_asked: bool) -> Result<bool, Failure> {
        let Some(text) = self.changed_text(is_asked) else { return Ok(false) };
        self.seen = Some(text.clone());
        let config = GatewayConfig::parse_with(&self.parts.config.file, &text, &self.parts.config.linked());
        let mut config = config.map_err(Failure::of)?;
        config.protect(&self.parts.protected);
        config.find_packages_in(PackageStore::of(&self.parts.state).folder());
        let keys = self.parts.config.fixed_keys_that_differ(&config);
        if !keys.is_empty() {
            note(&format!("`{}` has changed: start the gateway again to apply it", keys.join("`, `")));
        }
        let is_other = config.connectors != self.parts.config.connectors;
        let served = self.parts_of(&config)?;
        // The rights are applied before the new connectors are served, so that an agent never sees more than it may.
        let applied = crate::gateway_rights::apply_agents(&config, &self.parts.state);
        self.served = served;
        self.parts.config = Arc::new(config);
        let has_accounts = |entry: &ConnectorEntry| entry.has_own_accounts();
        let config = &self.parts.config;
        self.parts.connect.keep_servers(|name| config.connector(name).is_some_and(has_accounts));
        if applied? {
            note("applied the changed agents");
        }
        Ok(is_other)
    }

    /// Returns the text of gateway.toml if it has changed. The change counts if `is_asked` is set, or if two reads in a row returned the
    /// same text.
    fn changed_text(&mut self, is_asked: bool) -> Option<String> {
        self.seen.as_ref()?;
        let text = crate::config::file::text(&self.parts.config.file).ok()?;
        if self.seen.as_ref() == Some(&text) {
            self.newer = None;
            return None;
        }
        if is_asked || self.newer.as_ref() == Some(&text) {
            self.newer = None;
            return Some(text);
        }
        self.newer = Some(text);
        None
    }

    /// Reloads the folders that have changed. Returns whether a connector has changed.
    fn read_folders(&mut self, is_asked: bool) -> bool {
        let mut has_changed = false;
        for (name, served) in &mut self.served {
            let Parts::Folder(rows, files) = &mut served.parts else { continue };
            match files.read_changed(is_asked) {
                None => {}
                Some(Ok(changed)) => {
                    *rows = changed;
                    has_changed = true;
                }
                Some(Err(unfit)) => note(&format!(
                    "`{name}`: the changed files are not served; the earlier files still are\n{}",
                    unfit.to_string().trim_end()
                )),
            }
        }
        has_changed
    }
}

impl AttachedFiles for GatewayFiles {
    fn read_changed(&mut self, is_asked: bool) -> Option<Result<Vec<Attached>, UnfitFiles>> {
        let read = self.read_config(is_asked);
        let has_changed = self.read_folders(is_asked);
        match read {
            Ok(is_other) => (is_other || has_changed).then(|| Ok(self.attached())),
            Err(failure) => Some(Err(UnfitFiles::new(failure.0))),
        }
    }
}

/// Loads the connector in a folder. Returns the connector and its files.
pub(crate) fn served(
    entry: &ConnectorEntry,
    path: &Path,
) -> Result<(ConnectorRows, Box<dyn ConnectorFiles>), Failure> {
    if let Some(service) = entry.service.as_ref().filter(|_| !path.join("connector.toml").is_file()) {
        let (name, out) = (entry.name.as_str(), path.display().to_string());
        return Err(Failure(format!(
            "`{name}`: the document of `{service}` is served from the folder {out}, which has no connector.toml; make it with\n\n               jackfield new {service} --out {}\n",
            shell_quoted(&out)
        )));
    }
    jackfield_cli::served_files(path).map_err(|failure| match failure {
        jackfield_cli::Failure::Build(error) => Failure(error.to_string()),
        jackfield_cli::Failure::Other(text) => Failure(text),
    })
}

/// Sets whether the connector uses the credentials of the gateway or of each caller, as gateway.toml says.
fn with_credentials(attached: Attached, entry: &ConnectorEntry) -> Attached {
    match entry.credential {
        None => attached,
        Some(CredentialOwner::Service) => attached.with_credentials(CallerCredentials::Service),
        Some(CredentialOwner::Agent) => attached.with_credentials(CallerCredentials::PerPrincipal),
    }
}

/// Returns the command that serves the folder of a connector without the gateway.
fn started(entry: &ConnectorEntry) -> Option<String> {
    match &entry.kind {
        ConnectorKind::Served(path) => {
            Some(format!("jackfield serve {}", shell_quoted(&path.display().to_string())))
        }
        _ => None,
    }
}
