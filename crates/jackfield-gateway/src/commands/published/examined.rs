//! A published server whose lists were read before anybody may call it.

use std::sync::Arc;
use std::time::Duration;

use jackfield_recipe::visible;
use jackfield_registry::{Package, check_url};
use serde_json::{Map, Value};

use super::settings::Settings;
use super::way::Way;
use crate::commands::block_on::block_on;
use crate::config::{ConnectorEntry, ConnectorKind};
use crate::failure::{Failure, note};
use crate::gateway::OpenGateway;
use crate::package::fetch::fetch;
use crate::package::manager_settings::ManagerSettings;
use crate::package::quarantine::{QuarantineSettings, quarantine};
use crate::package::record::PackageRecord;
use crate::package::source::{Manager, PackageSource};
use crate::package::store::{Fetching, PackageStore};
use crate::remote::pinned::FetchedLists;
use crate::remote::upstream::Upstream;

/// The time limit of a session in quarantine.
const PATIENCE: Duration = Duration::from_secs(60);
/// The maximum number of observations of one kind that are told.
const MOST_TOLD: usize = 5;

/// A published server whose lists were read.
pub(super) struct Examined {
    pub(super) lists: FetchedLists,
    /// What a person should know about the package and its program, as sentences.
    pub(super) observations: Vec<String>,
    /// The fetched package. `None` for a server at a URL.
    pub(super) package: Option<FetchedPackage>,
}

/// A package that was fetched and is not kept yet. It is forgotten if this value is dropped.
pub(super) struct FetchedPackage {
    fetching: Fetching,
    pub(super) record: PackageRecord,
}

impl FetchedPackage {
    /// Keeps the package for a connector.
    ///
    /// # Errors
    /// Returns an error if its files have changed since it was fetched.
    pub(super) fn keep(self, gateway: &OpenGateway, connector: &str) -> Result<(), Failure> {
        let kept = PackageStore::of(gateway.state()).keep(self.fetching, connector, &self.record);
        kept.map(drop).map_err(Failure::of)
    }
}

impl Examined {
    /// Returns the tools of the server.
    pub(super) fn tools(&self) -> &[Map<String, Value>] {
        &self.lists.tools
    }
}

/// Checks the URL that the settings give. A variable could have led it elsewhere.
///
/// # Errors
/// Returns the findings because of which the URL is refused.
pub(super) fn checked_url(settings: &Settings) -> Result<(), Failure> {
    let findings = check_url(&settings.url);
    let refused: Vec<String> =
        findings.iter().filter(|finding| finding.is_refused()).map(ToString::to_string).collect();
    if refused.is_empty() { Ok(()) } else { Err(Failure(refused.join("\n"))) }
}

/// Fetches a package, and reads the lists of its program in quarantine.
///
/// # Errors
/// Returns an error if the package cannot be fetched, or if its program does not list its tools.
pub(super) fn examined_package(
    gateway: &OpenGateway,
    package: &Package,
    program: Option<&str>,
    settings: &Settings,
) -> Result<Examined, Failure> {
    let source = PackageSource {
        manager: Manager::parse(package.kind.as_str()).map_err(Failure::of)?,
        identifier: package.identifier.clone(),
        version: package.version.clone().unwrap_or_default(),
        sha256: package.file_sha256.clone(),
        program: program.map(str::to_owned),
    };
    note(&format!("fetching {} with {}", source.shown(), source.manager.as_str()));
    let fetching = PackageStore::of(gateway.state()).begin().map_err(Failure::of)?;
    let managers = ManagerSettings {
        environment: gateway.environment().clone(),
        protected: gateway.protected().to_vec(),
        launcher: None,
    };
    let installed = block_on(fetch(&source, &fetching, &managers))?.map_err(Failure::of)?;
    let record = PackageRecord::new(&source, &installed);
    note(&format!("fetched {} files, {} KB, {}", record.entries, record.bytes >> 10, record.digest));
    note("starting it in quarantine: without network, secrets and files of yours");
    let quarantined = QuarantineSettings {
        arguments: settings.arguments.clone(),
        variables: settings.variables.clone(),
        placeholders: settings.secrets.iter().map(|secret| secret.name.clone()).collect(),
        timeout: PATIENCE,
        launcher: None,
    };
    let seen = block_on(quarantine(&installed, &fetching, &quarantined))?.map_err(|fault| {
        let last = match fault.last_words.trim_end() {
            "" => String::new(),
            words => format!("; its stderr ends with\n{}", visible(words)),
        };
        Failure(format!("{} does not show its tools: {fault}{last}", source.shown()))
    })?;
    let mut observations =
        vec!["in quarantine, its program had no network, no secrets and no files of this account".to_owned()];
    if seen.differences.is_empty() {
        observations.push("it showed the same lists to two clients with different names".to_owned());
    }
    observations.extend(record.notes.iter().cloned());
    let scripts: Vec<String> =
        record.scripts.iter().map(|it| format!("{} ({}: {})", it.package, it.name, it.command)).collect();
    told(&mut observations, "scripts that run at the installation, and did not run", &scripts);
    told(&mut observations, "variables that its manifest asks for", &installed.asked);
    told(&mut observations, "it shows another client something else", &seen.differences);
    told(&mut observations, "files that it wrote at its start", &seen.written);
    Ok(Examined { lists: seen.lists, observations, package: Some(FetchedPackage { fetching, record }) })
}

/// Adds an observation that names its subjects, if there are any.
fn told(observations: &mut Vec<String>, what: &str, subjects: &[String]) {
    if subjects.is_empty() {
        return;
    }
    let more = subjects.len().saturating_sub(MOST_TOLD);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    observations.push(format!("{what}: {}{more}", subjects[..subjects.len().min(MOST_TOLD)].join(", ")));
}

/// Reads the lists of a server at a URL. If it asks for a login, it has no lists yet.
///
/// # Errors
/// Returns an error if the server does not answer.
pub(super) fn examined_remote(gateway: &OpenGateway, entry: &ConnectorEntry) -> Result<Examined, Failure> {
    let ConnectorKind::Http(upstream) = &entry.kind else {
        return Err(Failure("the server has no URL".to_owned()));
    };
    note(&format!("connecting to {}", upstream.url));
    let probe = Upstream::new(entry.clone(), gateway.environment().clone(), Arc::clone(gateway.pins()));
    match block_on(probe.probe())? {
        Ok(lists) => Ok(Examined { lists, observations: Vec::new(), package: None }),
        Err(unreachable) if unreachable.is_unauthorized => Ok(unknown_lists(gateway, entry.name.as_str())),
        Err(unreachable) => Err(Failure(format!("it does not answer: {}", visible(&unreachable.why)))),
    }
}

/// Returns a server whose lists are not known before a login. Its tools are withheld until a person accepts them.
pub(super) fn unknown_lists(gateway: &OpenGateway, name: &str) -> Examined {
    let called = gateway.called();
    Examined {
        lists: FetchedLists::default(),
        observations: vec![format!(
            "its tools are not known before a login: after it was added, run `{called} login {name}`, and then `{called} accept {name}`, which shows them"
        )],
        package: None,
    }
}

/// Returns the way's package. `None` for a server at a URL.
pub(super) const fn package_of<'e>(way: &Way<'e>) -> Option<&'e Package> {
    match way {
        Way::Package(package) => Some(package),
        Way::Remote(_) => None,
    }
}
