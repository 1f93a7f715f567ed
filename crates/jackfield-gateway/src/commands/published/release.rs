//! The newer version of a published server, compared with the version in gateway.toml.

use jackfield_registry::{
    Class, Difference, Entry, ExactVersion, PackageKind, ServerName, ServerReference, Status, differences,
};

use super::local_copy::Registry;
use super::way::{CheckedWay, Way, ways};
use crate::config::{ConnectorEntry, ConnectorKind, PublishedServer};
use crate::failure::Failure;

/// A connector's published server: its entry in gateway.toml's version, and the latest entry.
pub(super) struct Release {
    pub(super) pinned: PublishedServer,
    /// The entry of the version in gateway.toml, if the registry still has it.
    pub(super) current: Option<Entry>,
    /// The latest entry. `None` if the registry has no such server any more.
    pub(super) latest: Option<Entry>,
}

impl Release {
    /// Looks up a connector's published server, and the version that is wanted instead. Without `wanted`, this is the latest active version.
    ///
    /// # Errors
    /// Returns an error if the copy of the registry cannot be read, or if it has no such version.
    pub(super) fn of(
        registry: &Registry,
        pinned: &PublishedServer,
        wanted: Option<&ExactVersion>,
    ) -> Result<Self, Failure> {
        let name = ServerName::parse(&pinned.name).map_err(Failure::of)?;
        let version = ExactVersion::parse(&pinned.version).map_err(Failure::of)?;
        let current = registry.version(&name, &version)?;
        let latest = match wanted {
            Some(wanted) => {
                let reference = ServerReference { name, version: Some(wanted.clone()) };
                Some(registry.entry(&reference)?)
            }
            None => {
                let all = registry.versions(&name)?;
                let active = all.iter().position(|entry| entry.official.status == Status::Active);
                all.into_iter().nth(active.unwrap_or(0))
            }
        };
        Ok(Self { pinned: pinned.clone(), current, latest })
    }

    /// Returns the latest entry, if its version is not the one in gateway.toml.
    pub(super) fn newer(&self) -> Option<&Entry> {
        self.latest.as_ref().filter(|entry| entry.version.as_str() != self.pinned.version)
    }

    /// Returns what the registry says against the version in gateway.toml. `None` if it is active.
    pub(super) fn warning(&self) -> Option<String> {
        let Some(current) = &self.current else {
            return Some("the registry does not have this version any more".to_owned());
        };
        let message = current.official.status_message.as_deref();
        let message = message.map_or_else(String::new, |message| format!(": {message}"));
        match current.official.status {
            Status::Active => None,
            status => Some(format!("this version is {status}{message}")),
        }
    }

    /// Returns the differences between the two entries, the most important ones first.
    pub(super) fn differences(&self) -> Vec<Difference> {
        match (&self.current, self.newer()) {
            (Some(current), Some(newer)) => differences(current, newer),
            _ => Vec::new(),
        }
    }
}

/// Returns the way of an entry that a connector uses: a package of the same kind and name, or the same URL. Otherwise it is the first way of
/// the same kind.
pub(super) fn way_of<'e>(
    entry: &'e Entry,
    connector: &ConnectorEntry,
    former: Option<&Way<'_>>,
) -> Option<CheckedWay<'e>> {
    let is_package = matches!(connector.kind, ConnectorKind::Child(_));
    let mut fitting: Vec<CheckedWay<'e>> = ways(entry)
        .into_iter()
        .filter(|checked| matches!(checked.way, Way::Package(_)) == is_package)
        .collect();
    let is_same = |way: &Way<'_>| match (way, former, &connector.kind) {
        (Way::Package(new), Some(Way::Package(old)), _) => {
            new.kind == old.kind && (new.identifier == old.identifier || new.kind == PackageKind::Mcpb)
        }
        (Way::Remote(remote), _, ConnectorKind::Http(upstream)) => remote.url() == upstream.url,
        _ => false,
    };
    let at = fitting.iter().position(|checked| is_same(&checked.way));
    let at = at.or_else(|| fitting.iter().position(|checked| !checked.is_refused()))?;
    Some(fitting.swap_remove(at))
}

/// Returns a difference as a line, which begins with its class.
pub(super) fn line(class: Class, text: &str) -> String {
    format!("  {:9} {text}", class.as_str())
}
