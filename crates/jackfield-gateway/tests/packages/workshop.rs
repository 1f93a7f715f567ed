//! A gateway's state in which packages are fetched and quarantined.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use jackfield_gateway::package::fault::PackageFault;
use jackfield_gateway::package::fetch::fetch;
use jackfield_gateway::package::installed::Installed;
use jackfield_gateway::package::manager_settings::ManagerSettings;
use jackfield_gateway::package::quarantine::{QuarantineFault, QuarantineSettings, Quarantined, quarantine};
use jackfield_gateway::package::record::PackageRecord;
use jackfield_gateway::package::source::{Manager, PackageSource};
use jackfield_gateway::package::store::{Fetching, KeptPackage, PackageStore};
use jackfield_runtime::Environment;

use crate::support::Site;

/// The gateway that has the hidden command.
fn launcher() -> Option<PathBuf> {
    Some(PathBuf::from(env!("CARGO_BIN_EXE_jackfield-gateway")))
}

/// A gateway's state in which packages are fetched and quarantined.
pub(crate) struct Workshop {
    pub(crate) site: Site,
    pub(crate) store: PackageStore,
    pub(crate) settings: ManagerSettings,
    runtime: tokio::runtime::Runtime,
}

/// A package that was fetched and not kept yet.
pub(crate) struct Fetched {
    pub(crate) source: PackageSource,
    pub(crate) fetching: Fetching,
    pub(crate) installed: Installed,
}

impl Workshop {
    pub(crate) fn new() -> Self {
        let site = Site::of("[connectors.none]\ncommand = [\"none\"]\n");
        let state = site.path().join("state").canonicalize().unwrap().join("gateway");
        let protected = vec![state.clone()];
        let environment = Environment::of_process();
        Self {
            site,
            store: PackageStore::of(&state),
            settings: ManagerSettings { environment, protected, launcher: launcher() },
            runtime: tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap(),
        }
    }

    pub(crate) fn fetch(&self, source: PackageSource) -> Result<Fetched, PackageFault> {
        let fetching = self.store.begin()?;
        let installed = self.runtime.block_on(fetch(&source, &fetching, &self.settings))?;
        Ok(Fetched { source, fetching, installed })
    }

    /// Makes a package of a shell script, as if a manager had fetched it.
    pub(crate) fn script(&self, text: &str) -> Fetched {
        let fetching = self.store.begin().unwrap();
        std::fs::write(fetching.tree().join("server.sh"), text).unwrap();
        self.own(fetching, "/bin/sh", &["${tree}/server.sh"])
    }

    /// Describes the files in the folder of `fetching` as a package that this program starts.
    pub(crate) fn own(&self, fetching: Fetching, program: &str, arguments: &[&str]) -> Fetched {
        use jackfield_gateway::package::digest::{package_digest, tree_digest};
        use jackfield_gateway::package::installed::PackageStart;

        let found = tree_digest(&fetching.tree()).unwrap();
        let arguments = arguments.iter().map(|word| (*word).to_owned()).collect();
        let start = PackageStart { program: program.to_owned(), arguments, variables: Vec::new() };
        let installed = Installed {
            tree: fetching.tree(),
            digest: package_digest(&found, &start),
            start,
            entries: found.entries,
            bytes: found.bytes,
            scripts: Vec::new(),
            notes: Vec::new(),
            asked: Vec::new(),
            runtime: Vec::new(),
        };
        Fetched { source: source(Manager::Npm, "own", "1.0.0"), fetching, installed }
    }

    pub(crate) fn quarantine(&self, fetched: &Fetched, seconds: u64) -> Result<Quarantined, QuarantineFault> {
        self.quarantine_with(fetched, seconds, &[], &[])
    }

    pub(crate) fn quarantine_with(
        &self,
        fetched: &Fetched,
        seconds: u64,
        arguments: &[&str],
        placeholders: &[&str],
    ) -> Result<Quarantined, QuarantineFault> {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let settings = QuarantineSettings {
            arguments: owned(arguments),
            variables: Vec::new(),
            placeholders: owned(placeholders),
            timeout: Duration::from_secs(seconds),
            launcher: launcher(),
        };
        self.runtime.block_on(quarantine(&fetched.installed, &fetched.fetching, &settings))
    }

    /// Keeps a package for the connector `own`, and writes that connector into gateway.toml.
    pub(crate) fn attach(&self, fetched: Fetched, more: &str) -> KeptPackage {
        let record = PackageRecord::new(&fetched.source, &fetched.installed);
        let kept = self.store.keep(fetched.fetching, "own", &record).unwrap();
        self.site.configure(&format!(
            "[connectors.own]\nregistry = \"io.github.x/own@1.0.0\"\ndigest = \"{}\"\n{more}",
            record.digest
        ));
        kept
    }
}

pub(crate) fn source(manager: Manager, identifier: &str, version: &str) -> PackageSource {
    let (identifier, version) = (identifier.to_owned(), version.to_owned());
    PackageSource { manager, identifier, version, sha256: None, program: None }
}

/// Returns the names of the tools.
pub(crate) fn tools(seen: &Quarantined) -> Vec<&str> {
    seen.tools().iter().map(|tool| tool["name"].as_str().unwrap()).collect()
}

/// Whether a program is installed. Reports a skipped test if it is not.
pub(crate) fn has(program: &str, word: &str) -> bool {
    let has = Command::new(program).arg(word).output().is_ok_and(|it| it.status.success());
    if !has {
        jackfield_testkit::skipped(&format!("there is no {program}, whose packages this test fetches"));
    }
    has
}

/// Whether this kernel can confine programs. Reports a skipped test if it cannot.
pub(crate) fn can_confine() -> bool {
    let words = ["start-child", "--confined", "--", "/bin/true"];
    let started = Command::new(env!("CARGO_BIN_EXE_jackfield-gateway")).args(words).status().unwrap();
    if !started.success() {
        jackfield_testkit::skipped("this kernel has no Landlock, so nothing is quarantined in this test");
    }
    started.success()
}

/// Returns the SHA-256 of bytes.
pub(crate) fn sum(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    jackfield_recipe::hex_encode(&sha2::Sha256::digest(bytes))
}

/// Returns the files below a folder, as relative paths.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path.display().to_string()),
        }
    }
    found
}
